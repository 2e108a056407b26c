//! Rust types of `schema/filter.wit`, generated; parameters are borrowed, so that calling a filter copies no text on our side.

wasmtime::component::bindgen!({
    path: "../schema/filter.wit",
    world: "filter",
    imports: { default: trappable },
    ownership: Borrowing { duplicate_if_necessary: true },
});
