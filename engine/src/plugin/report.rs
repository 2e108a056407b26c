//! What admission found out about a component.

use std::sync::Arc;

use crate::config::Filters;
use crate::filter::SignalDescription;

use super::admission::{Refusal, admitted};
use super::engine::Host;
use super::grants::Grants;

/// An admitted component.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmissionReport {
    /// BLAKE3 of its bytes, 64 hexadecimal digits.
    pub digest: Arc<str>,
    /// Its size, bytes.
    pub bytes: usize,
    /// What it calls itself.
    pub name: String,
    /// Its own version.
    pub semver: String,
    /// JSON Schema of its configuration, as text.
    pub config_schema: String,
    /// Every signal it can give.
    pub signals: Vec<SignalDescription>,
    /// Every interface it imports, such as `rialto:filter/log@1.0.0`.
    pub imports: Vec<String>,
    /// What of the imports can be granted. Filters in JavaScript and Python import all of it, used or not.
    pub wants: Grants,
    /// How long compiling took, or finding it compiled, milliseconds.
    pub compile_ms: u64,
    /// Linear memory of a new instance, bytes.
    pub memory: usize,
    /// What an operator should know before it goes live.
    pub warnings: Vec<String>,
}

/// Checks whether a component is a filter: compiles it (seconds; once per content and engine version), links it, and asks it
/// what it is. Blocks, so call it from a thread that may.
pub fn admit(host: &Host, bytes: &[u8], limits: &Filters) -> Result<Arc<AdmissionReport>, Refusal> {
    Ok(Arc::clone(&admitted(host, bytes, limits)?.report))
}
