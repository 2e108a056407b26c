//! The engine's tests: real sockets, real store, real Wasm. One program, so that it links once.

mod bounded;
mod cli;
mod contained;
mod durable;
mod explained;
mod journey;
mod layout;
mod model;
mod ordered;
mod private;
mod rooms;
mod support;
