//! The Rialto messaging engine, modules in reading order: what things are, how one message travels, how clients speak.

pub mod config;
pub mod domain;
pub mod telemetry;

pub mod conversation;
pub mod fanout;
pub mod filter;
pub mod plugin;
pub mod store;

pub mod inbox;
pub mod outbox;
pub mod release;
pub mod search;
pub mod trust;

pub mod insight;

pub mod backtest;

pub mod graphql;
pub mod http;
pub mod identity;
pub mod staff;

pub mod app;
pub mod cli;
pub mod demo;
pub mod shutdown;
