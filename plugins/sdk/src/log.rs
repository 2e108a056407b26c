//! The filter's own log, which the operator reads. Needs the grant `log`: without it a call ends the inspection.
//!
//! Outside WebAssembly the lines go to standard error.

use crate::bindings::rialto::filter::log::Level;

/// For whoever writes the filter.
pub fn debug(text: impl AsRef<str>) {
    write(Level::Debug, text.as_ref());
}

/// Worth knowing.
pub fn info(text: impl AsRef<str>) {
    write(Level::Info, text.as_ref());
}

/// Somebody should look at this some time.
pub fn warn(text: impl AsRef<str>) {
    write(Level::Warn, text.as_ref());
}

/// Somebody should look at this.
pub fn error(text: impl AsRef<str>) {
    write(Level::Error, text.as_ref());
}

#[cfg(target_family = "wasm")]
fn write(level: Level, text: &str) {
    crate::bindings::rialto::filter::log::write(level, text);
}

#[cfg(not(target_family = "wasm"))]
fn write(level: Level, text: &str) {
    eprintln!("{level:?}: {text}");
}
