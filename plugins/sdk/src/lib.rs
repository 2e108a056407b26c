//! Write Rialto filters in Rust: implement [`Filter`], name it to [`export_filter!`], build for `wasm32-wasip2`.
//!
//! A filter looks at one message at a time and returns [`Signal`]s; the operator's policy decides what
//! they lead to. The crate also compiles for the machine you work on, so that `cargo test` runs a
//! filter's logic without WebAssembly; see [`testing`].

mod config;
mod filter;
mod signal;

pub mod counters;
pub mod history;
pub mod lists;
pub mod log;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod text;

pub use config::parse_config;
pub use filter::{Description, Filter, SignalDescription};
pub use signal::{merge_spans, span};

#[doc(hidden)]
pub use filter::Instance;

pub use bindings::rialto::filter::types::{
    Attachment, ConfigProblem, Context, Conversation, ConversationKind, Fault, Link, Listing,
    Message, Sender, Signal, Span, Stage,
};

/// The example in `plugins/README.md`, so that it is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[doc(hidden)]
#[allow(missing_docs, clippy::pedantic, unsafe_code)]
pub mod bindings {
    //! What wit-bindgen makes of `schema/filter.wit`.
    wit_bindgen::generate!({
        path: "../../schema/filter.wit",
        world: "filter",
        pub_export_macro: true,
        export_macro_name: "export_component",
        additional_derives: [PartialEq],
    });
}

/// Makes a type that implements [`Filter`] the filter of this component; once per crate, at its root.
#[macro_export]
macro_rules! export_filter {
    ($filter:ty) => {
        const _: () = {
            ::std::thread_local! {
                static INSTANCE: $crate::Instance<$filter> =
                    const { $crate::Instance::unconfigured() };
            }

            struct Component;

            impl $crate::bindings::Guest for Component {
                fn describe() -> $crate::bindings::rialto::filter::types::Description {
                    $crate::Instance::<$filter>::describe()
                }

                fn configure(
                    config: ::std::string::String,
                ) -> ::std::result::Result<(), ::std::vec::Vec<$crate::ConfigProblem>> {
                    INSTANCE.with(|instance| instance.configure(&config))
                }

                fn inspect(
                    message: $crate::Message,
                    context: $crate::Context,
                ) -> ::std::result::Result<::std::vec::Vec<$crate::Signal>, $crate::Fault> {
                    INSTANCE.with(|instance| instance.inspect(&message, &context))
                }
            }

            #[cfg(target_family = "wasm")]
    $crate::bindings::export_component!(Component with_types_in $crate::bindings);
        };
    };
}
