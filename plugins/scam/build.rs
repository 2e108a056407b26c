//! Compiles the phrases into tables.

fn main() {
    rialto_filter_sdk::text::phrases::build("phrases");
}
