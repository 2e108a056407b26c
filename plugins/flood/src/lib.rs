//! Finds senders who flood: copied text, too many new counterparts, bursts of links and of messages.
//!
//! It judges behaviour and not words, so its signals have no places.

mod config;
mod copies;
mod excess;
mod links;
mod standing;
mod turn;

use rialto_filter_sdk::{
    ConfigProblem, Context, ConversationKind, Description, Fault, Filter, Message, Signal,
    SignalDescription, Stage, counters, export_filter,
};

pub use config::{Config, Copies, Kind, Tier};
use excess::Excess;
use standing::Standing;
use turn::Turn;

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

/// Outside first messages, links are more often asked for.
const LINKS_FACTOR: f32 = 2.0;

/// The filter.
#[derive(Debug)]
pub struct Flood(Config);

impl Filter for Flood {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "flood",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: SIGNALS,
        }
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        let problems = config.problems();
        if problems.is_empty() { Ok(Self(config)) } else { Err(problems) }
    }

    fn inspect(&self, message: &Message, context: &Context) -> Result<Vec<Signal>, Fault> {
        let support = context.conversation.kind == ConversationKind::Support;
        if support || message.stage == Stage::Edit {
            return Ok(Vec::new());
        }
        let Some(standing) = Standing::of(&context.sender, &self.0) else { return Ok(Vec::new()) };
        let turn = Turn::of(&context.conversation);
        let wanted = |kind: Kind| self.0.find.contains(&kind);
        let mut signals = Vec::new();
        if wanted(Kind::Copies) {
            signals.extend(copies::find(message, context, turn, &standing, &self.0));
        }
        if wanted(Kind::Contacts) && turn == Turn::Opens {
            signals.extend(contacts(context, &standing));
        }
        if wanted(Kind::Links) {
            signals.extend(self.links(message, context, turn, &standing));
        }
        // Many first messages are many contacts, and no burst in any one conversation.
        if wanted(Kind::Rate) && turn != Turn::Opens {
            signals.extend(rate(context, &standing));
        }
        Ok(signals)
    }
}

const SIGNALS: &[SignalDescription] = &[
    SignalDescription {
        id: "flood.copies",
        description: "Nearly the same text to more conversations than is usual for such an account",
        default_weight: 0.9,
    },
    SignalDescription {
        id: "flood.contacts",
        description: "More new counterparts than is usual for such an account",
        default_weight: 0.8,
    },
    SignalDescription {
        id: "flood.links",
        description: "More links within an hour than is usual for such an account",
        default_weight: 0.7,
    },
    SignalDescription {
        id: "flood.rate",
        description: "More messages within a minute than is usual for such an account",
        default_weight: 0.4,
    },
];

/// New counterparts, by the hour and by the day; the worse of both.
fn contacts(context: &Context, standing: &Standing) -> Option<Signal> {
    let key = &context.sender.key;
    let count = |name: &str, limit: u32, window: u32| {
        let usual = standing.usual(limit, 1.0);
        let noted = (usual > 0)
            .then(|| counters::distinct(name, key, &context.conversation.key, window))?;
        Excess::of(noted, usual, window.into())
    };
    let tier = standing.tier;
    worse(
        count("contacts-hour", tier.contacts_per_hour, HOUR),
        count("contacts-day", tier.contacts_per_day, DAY),
    )
    .map(|excess| excess.signal("flood.contacts", ("wrote first to", "people"), standing))
}

/// Messages within a minute, in all conversations and in this one; the worse of both.
fn rate(context: &Context, standing: &Standing) -> Option<Signal> {
    let sender = &context.sender.key;
    let count = |name: &str, key: &str, limit: u32| {
        let usual = standing.usual(limit, 1.0);
        let sum = (usual > 0).then(|| counters::bump(name, key, 1, MINUTE))?;
        Excess::of(sum, usual, MINUTE.into())
    };
    let here = [sender.as_str(), " ", &context.conversation.key].concat();
    let tier = standing.tier;
    worse(
        count("rate", sender, tier.messages_per_minute),
        count("rate-here", &here, tier.conversation_per_minute),
    )
    .map(|excess| excess.signal("flood.rate", ("wrote", "messages"), standing))
}

fn worse(one: Option<Excess>, other: Option<Excess>) -> Option<Excess> {
    match (one, other) {
        (Some(one), Some(other)) if other.confidence() > one.confidence() => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

impl Flood {
    fn links(
        &self,
        message: &Message,
        context: &Context,
        turn: Turn,
        standing: &Standing,
    ) -> Option<Signal> {
        let laxer = if turn == Turn::Opens { 1.0 } else { LINKS_FACTOR };
        let usual = standing.usual(standing.tier.links_per_hour, laxer);
        let links = links::count(message, &self.0.own_hosts);
        if usual == 0 || links == 0 {
            return None;
        }
        let sum = counters::bump("links", &context.sender.key, links, HOUR);
        let excess = Excess::of(sum, usual, HOUR.into())?;
        Some(excess.signal("flood.links", ("sent", "links"), standing))
    }
}

export_filter!(Flood);
