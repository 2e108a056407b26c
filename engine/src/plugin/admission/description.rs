//! What a filter says of itself, checked.

use std::collections::HashSet;

use crate::filter::SignalDescription;
use crate::filter::policy::is_signal_id;

use super::super::bindings::rialto::filter::types;
use super::super::schema::Schema;
use super::Refusal;

const MAX_DECLARED: usize = 128;
const MAX_TEXT: usize = 1_024;
const MAX_SCHEMA: usize = 64 * 1024;
const MAX_WEIGHT: f32 = 100.0;

/// A description that was checked.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) signals: Vec<SignalDescription>,
    pub(super) schema: Schema,
}

/// Checks what a filter says of itself.
pub(super) fn check_description(description: types::Description) -> Result<Described, Refusal> {
    let types::Description { name, version, config_schema, signals } = description;
    let wrong = |problem: String| Err(Refusal::Description(problem));
    if name.contains('.') || !is_signal_id(&name) {
        return wrong(format!("the name {name:?}; use a-z, 0-9 and hyphens, at most 64 bytes"));
    }
    if !is_version(&version) {
        return wrong(format!("the version {version:?}; use a semantic version such as \"1.0.0\""));
    }
    if config_schema.len() > MAX_SCHEMA {
        return wrong("the configuration schema; it has more than 64 KiB".into());
    }
    let schema = match Schema::parse(&config_schema) {
        Ok(schema) => schema,
        Err(problem) => {
            let place = if problem.path.is_empty() { "" } else { " at " };
            let text =
                format!("the configuration schema{place}{}: {}", problem.path, problem.problem);
            return wrong(text);
        }
    };
    if signals.is_empty() || signals.len() > MAX_DECLARED {
        return wrong(format!(
            "it declares {} signals; 1 to {MAX_DECLARED} are allowed",
            signals.len()
        ));
    }
    let mut ids = HashSet::new();
    for signal in &signals {
        let id = &signal.id;
        if !is_signal_id(id) || !id.contains('.') {
            return wrong(format!("the signal id {id:?}; write it like \"contact.phone\""));
        }
        if id.starts_with("filter.") {
            return wrong(format!("the signal id {id:?}; `filter.` is the engine's own"));
        }
        if !ids.insert(id.as_str()) {
            return wrong(format!("the signal id {id:?}, declared twice"));
        }
        if !(0.0..=MAX_WEIGHT).contains(&signal.default_weight) {
            return wrong(format!("the weight of {id}; it must be 0 to {MAX_WEIGHT}"));
        }
        if signal.description.len() > MAX_TEXT {
            return wrong(format!("the description of {id}; it has more than {MAX_TEXT} bytes"));
        }
    }
    let signals = signals.into_iter().map(|signal| SignalDescription {
        id: signal.id,
        description: signal.description,
        default_weight: signal.default_weight,
    });
    Ok(Described { name, version, signals: signals.collect(), schema })
}

/// Three numbers, perhaps a pre-release; build metadata is ours.
fn is_version(version: &str) -> bool {
    let (core, pre) = match version.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (version, None),
    };
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let tag = |pre: &str| {
        !pre.is_empty() && pre.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
    };
    version.len() <= 64
        && core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(tag)
}

#[cfg(test)]
mod tests;
