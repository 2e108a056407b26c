//! Admission: a component comes in only if it is a filter, and is refused with the reason otherwise.

use std::collections::HashSet;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};

use crate::filter::{FilterFault, SignalDescription, policy::is_signal_id};

use super::bindings::FilterPre;
use super::bindings::rialto::filter::types;
use super::engine::Host;
use super::instance::State;

/// Why a component is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Larger than allowed.
    #[error("it has {bytes} bytes; at most {limit} are allowed (`filters.max_component_mib`)")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// Some other file.
    #[error("it is not a WebAssembly component: {0}")]
    NotAComponent(String),
    /// It wants what no filter gets.
    #[error("it imports {import}, {reason}")]
    Import {
        /// Such as `wasi:sockets/tcp@0.2.6`.
        import: String,
        /// Why that is refused.
        reason: &'static str,
    },
    /// It is not a filter.
    #[error("it doesn't fit the world `rialto:filter/filter@1.0.0`: {0}")]
    World(String),
    /// It could not say what it is.
    #[error("its `describe` failed: {0}")]
    Describe(FilterFault),
    /// What it says of itself can't be right.
    #[error("its description is wrong: {0}")]
    Description(String),
}

const MAX_DECLARED: usize = 128;
const MAX_TEXT: usize = 1_024;
const MAX_SCHEMA: usize = 64 * 1024;
const MAX_WEIGHT: f32 = 100.0;

/// Compiles (once per content and engine version) and links, or refuses. Slow: not for a message's path.
pub(super) fn admit(
    host: &Host,
    linker: &Linker<State>,
    bytes: &[u8],
    limit: usize,
) -> Result<FilterPre<State>, Refusal> {
    if bytes.len() > limit {
        return Err(Refusal::TooLarge { bytes: bytes.len(), limit });
    }
    check_header(bytes)?;
    let component = Component::from_binary(host.engine(), bytes)
        .map_err(|error| Refusal::NotAComponent(format!("{error:#}")))?;
    check_imports(host, &component)?;
    check_exports(host, &component)?;
    let world = |error: wasmtime::Error| Refusal::World(format!("{error:#}"));
    FilterPre::new(linker.instantiate_pre(&component).map_err(world)?).map_err(world)
}

fn check_header(bytes: &[u8]) -> Result<(), Refusal> {
    let problem = match bytes.get(..8) {
        Some([0, b'a', b's', b'm', 0x0d, 0, 1, 0]) => return Ok(()),
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => {
            "it is a core module; build for `wasm32-wasip2`, or wrap it with `wasm-tools component new`"
        }
        Some([0, b'a', b's', b'm', ..]) => "its WebAssembly version is unknown",
        _ => "it doesn't start like WebAssembly",
    };
    Err(Refusal::NotAComponent(problem.to_owned()))
}

fn check_imports(host: &Host, component: &Component) -> Result<(), Refusal> {
    const KNOWN: [&str; 10] = [
        "rialto:filter/types@1.",
        "rialto:filter/log@1.",
        "rialto:filter/counters@1.",
        "rialto:filter/lists@1.",
        "rialto:filter/history@1.",
        "wasi:io/",
        "wasi:clocks/",
        "wasi:random/",
        "wasi:cli/",
        "wasi:filesystem/",
    ];
    for (import, _) in component.component_type().imports(host.engine()) {
        if KNOWN.iter().any(|known| import.starts_with(known)) {
            continue;
        }
        let reason = if import.starts_with("wasi:sockets/") || import.starts_with("wasi:http/") {
            "but filters get no network"
        } else {
            "which filters are not offered; see `schema/filter.wit` for what is"
        };
        return Err(Refusal::Import { import: import.to_owned(), reason });
    }
    Ok(())
}

fn check_exports(host: &Host, component: &Component) -> Result<(), Refusal> {
    for name in ["describe", "configure", "inspect"] {
        match component.component_type().get_export(host.engine(), name) {
            Some(export) if matches!(export.ty, ComponentItem::ComponentFunc(_)) => {}
            Some(_) => return Err(Refusal::World(format!("its export `{name}` is no function"))),
            None => return Err(Refusal::World(format!("it doesn't export `{name}`"))),
        }
    }
    Ok(())
}

/// A description that was checked.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) signals: Vec<SignalDescription>,
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
    match serde_json::from_str::<serde_json::Value>(&config_schema) {
        Ok(serde_json::Value::Object(_) | serde_json::Value::Bool(_)) => {}
        Ok(_) => return wrong("the configuration schema; a JSON Schema is an object".into()),
        Err(error) => return wrong(format!("the configuration schema is no JSON: {error}")),
    }
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
    Ok(Described { name, version, signals: signals.collect() })
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
