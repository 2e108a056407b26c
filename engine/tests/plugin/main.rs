//! The WebAssembly host with real components: promise 6, "contained".

mod admission;
mod bundled;
mod contained;
mod crowd;
mod fuzz;
mod languages;
mod misdeeds;
mod support;
