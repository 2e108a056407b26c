//! The engine's tests: real sockets, real store, real Wasm. One program, so that it links once.

mod backtest;
mod bounded;
mod cli;
mod contained;
mod desk;
mod durable;
mod explained;
mod filter_cli;
mod index_server;
mod journey;
mod layout;
mod model;
mod moderation;
mod ordered;
mod outbox;
mod private;
mod queue;
mod reasons;
mod release;
mod release_rooms;
mod rooms;
mod search;
mod search_leaks;
mod seed;
mod staff;
mod support;
