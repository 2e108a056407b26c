//! The store: what it promises, and the evidence for the database under it.

mod audit;
mod crash;
mod decisions;
mod filters;
mod group;
mod journal;
mod pages;
mod roundtrip;
mod speed;
mod support;
