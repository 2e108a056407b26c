//! Finds the phrases of common marketplace scams, and weighs them by who says them, where and about what.
//!
//! The phrases are data (`phrases/`, compiled by `build.rs`); `circumstances` holds what raises or lowers
//! suspicion, `weigh` brings both together.

mod circumstances;
mod weigh;

use rialto_filter_sdk::text::phrases::settings::Phrases;
use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, SignalDescription,
    export_filter,
};

/// What the operator can set, as `config.schema.json` describes it.
pub use rialto_filter_sdk::text::phrases::settings::Settings as Config;
pub use rialto_filter_sdk::text::phrases::settings::{Extra, Language};

use weigh::Case;

include!(concat!(env!("OUT_DIR"), "/book.rs"));

/// The filter.
#[derive(Debug)]
pub struct Scam {
    phrases: Phrases,
}

impl Filter for Scam {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "scam",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: SIGNALS,
        }
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        Ok(Self { phrases: Phrases::new(config, &BOOK, SIGNALS)? })
    }

    fn inspect(&self, message: &Message, context: &Context) -> Result<Vec<Signal>, Fault> {
        let mut case = Case::new();
        for (group, found) in self.phrases.find(&message.text) {
            case.add(group, &found);
        }
        Ok(case.into_signals(&self.phrases.settings, message, context))
    }
}

/// The signals; their order is that of `circumstances` and `weigh`.
pub(crate) const SIGNALS: &[SignalDescription] = &[
    SignalDescription {
        id: "scam.off-platform-payment",
        description: "Asks to pay around the marketplace or in a way that can't be taken back",
        default_weight: 1.5,
    },
    SignalDescription {
        id: "scam.advance-fee",
        description: "Asks for a fee, shipping or a deposit before anything was seen or sent",
        default_weight: 1.2,
    },
    SignalDescription {
        id: "scam.courier",
        description: "Pays unseen and sends somebody else to collect: the courier scam",
        default_weight: 1.5,
    },
    SignalDescription {
        id: "scam.overpayment",
        description: "Pays too much, often by cheque, and wants the difference back",
        default_weight: 2.0,
    },
    SignalDescription {
        id: "scam.verification-code",
        description: "Asks for a code the recipient gets by message, to take over an account",
        default_weight: 2.5,
    },
    SignalDescription {
        id: "scam.gift-card",
        description: "Asks to be paid in gift cards",
        default_weight: 2.0,
    },
    SignalDescription {
        id: "scam.crypto",
        description: "Asks to be paid in crypto currency, or promises gains from it",
        default_weight: 1.5,
    },
    SignalDescription {
        id: "scam.phishing",
        description: "Asks for card or bank details, or to open a link, to be paid or keep an account",
        default_weight: 2.0,
    },
    SignalDescription {
        id: "scam.rental-deposit",
        description: "Wants a deposit for a home nobody can view; keys come by post",
        default_weight: 1.5,
    },
];

export_filter!(Scam);
