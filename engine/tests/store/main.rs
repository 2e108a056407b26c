//! The store: what it promises, and the evidence for the database under it.

mod audit;
mod crash;
mod decisions;
mod filters;
mod group;
mod pages;
mod roundtrip;
mod speed;
mod support;
