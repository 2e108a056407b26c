//! The engine's tests: real sockets, real store, real Wasm. One program, so that it links once.

mod backtest;
mod bounded;
mod cli;
mod contained;
mod desk;
mod durable;
mod explained;
mod filter_cli;
mod journey;
mod layout;
mod model;
mod moderation;
mod ordered;
mod private;
mod queue;
mod reasons;
mod release;
mod release_rooms;
mod rooms;
mod seed;
mod staff;
mod support;
