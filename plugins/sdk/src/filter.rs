//! The trait a filter implements, and the instance that holds one.

use std::cell::RefCell;

use serde::de::DeserializeOwned;

use crate::bindings::rialto::filter::types as wit;
use crate::{ConfigProblem, Context, Fault, Message, Signal, parse_config};

/// A filter: made once per instance from its configuration, then asked about one message after another.
pub trait Filter: Sized + 'static {
    /// The configuration, read from JSON; its default stands for an empty text. Derive `Deserialize`
    /// with `#[serde(default, deny_unknown_fields)]`, so that a misspelt setting is refused by name.
    type Config: DeserializeOwned + Default;

    /// What this filter is. Must not depend on anything.
    fn describe() -> Description;

    /// The filter for this configuration, or everything that is wrong with it.
    fn new(config: Self::Config) -> Result<Self, Vec<ConfigProblem>>;

    /// What there is to find in this message; a [`Fault`] if it can't be judged.
    fn inspect(&self, message: &Message, context: &Context) -> Result<Vec<Signal>, Fault>;
}

/// What a filter says of itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Description {
    /// Short name, such as `contact-guard`.
    pub name: &'static str,
    /// Semantic version; `env!("CARGO_PKG_VERSION")` is a good one.
    pub version: &'static str,
    /// JSON Schema of the configuration, as text.
    pub config_schema: &'static str,
    /// Every signal the filter can give; the host drops others.
    pub signals: &'static [SignalDescription],
}

/// A signal the filter can give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalDescription {
    /// Such as `contact.phone`.
    pub id: &'static str,
    /// One line for the people who write the policy.
    pub description: &'static str,
    /// Weight in a policy's sums unless the policy says otherwise.
    pub default_weight: f32,
}

impl From<Description> for wit::Description {
    fn from(description: Description) -> Self {
        let signals = description.signals.iter().map(|signal| wit::SignalDescription {
            id: signal.id.to_owned(),
            description: signal.description.to_owned(),
            default_weight: signal.default_weight,
        });
        Self {
            name: description.name.to_owned(),
            version: description.version.to_owned(),
            config_schema: description.config_schema.to_owned(),
            signals: signals.collect(),
        }
    }
}

/// The one filter of a component; what [`export_filter!`](crate::export_filter) talks to.
#[doc(hidden)]
#[derive(Debug)]
pub struct Instance<F>(RefCell<Option<F>>);

impl<F: Filter> Instance<F> {
    /// An instance that has not been configured yet.
    pub const fn unconfigured() -> Self {
        Self(RefCell::new(None))
    }

    /// What the filter is, as the host wants to hear it.
    pub fn describe() -> wit::Description {
        F::describe().into()
    }

    /// Makes the filter; the instance keeps what it had if that fails.
    pub fn configure(&self, json: &str) -> Result<(), Vec<ConfigProblem>> {
        let filter = F::new(parse_config(json)?)?;
        *self.0.borrow_mut() = Some(filter);
        Ok(())
    }

    /// Asks the filter about a message; a fault if there was no configuration.
    pub fn inspect(&self, message: &Message, context: &Context) -> Result<Vec<Signal>, Fault> {
        match &*self.0.borrow() {
            Some(filter) => filter.inspect(message, context),
            None => Err(Fault::new("inspect was called before configure")),
        }
    }
}
