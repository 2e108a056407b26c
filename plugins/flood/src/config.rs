//! What the operator can set.

use std::collections::BTreeMap;

use rialto_filter_sdk::ConfigProblem;
use serde::Deserialize;

/// The configuration, as `config.schema.json` describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// What is looked for.
    pub find: Vec<Kind>,
    /// What is usual, youngest accounts first; the last tier has no `under_days`.
    pub tiers: Vec<Tier>,
    /// Taken for the age of an account whose age is not known.
    pub unknown_age_days: u32,
    /// Limits are multiplied by this for each strike.
    pub strike_factor: f32,
    /// Limits are multiplied by these for senders with such labels.
    pub label_factors: BTreeMap<String, f32>,
    /// Senders with one of these roles are never looked at.
    pub exempt_roles: Vec<String>,
    /// Links to these hosts and their subdomains don't count.
    pub own_hosts: Vec<String>,
    /// What a copy is.
    pub copies: Copies,
}

/// A kind of flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One text to many conversations.
    Copies,
    /// Many new counterparts.
    Contacts,
    /// Many links.
    Links,
    /// Many messages.
    Rate,
}

/// What is usual for accounts of an age; more than that is a finding, and 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Tier {
    /// For accounts younger than so many days; null for all others.
    pub under_days: Option<u32>,
    /// New counterparts within an hour.
    pub contacts_per_hour: u32,
    /// New counterparts within a day.
    pub contacts_per_day: u32,
    /// Other conversations the same text was sent to.
    pub copies: u32,
    /// Links within an hour.
    pub links_per_hour: u32,
    /// Messages within a minute, first messages to somebody not counted.
    pub messages_per_minute: u32,
    /// Messages within a minute in one conversation.
    pub conversation_per_minute: u32,
}

/// What a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Copies {
    /// How far to look back, seconds.
    pub window_seconds: u32,
    /// How alike texts must be, 0 to 1.
    pub min_similarity: f32,
    /// Texts of fewer characters, white space not counted, are not looked at.
    pub min_characters: u32,
    /// Texts of fewer characters may be sent to more people.
    pub short_characters: u32,
    /// So many times more.
    pub short_factor: f32,
}

impl Default for Config {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            find: vec![Kind::Copies, Kind::Contacts, Kind::Links, Kind::Rate],
            tiers: TIERS.to_vec(),
            unknown_age_days: 7,
            strike_factor: 0.5,
            label_factors: [("trusted".to_owned(), 3.0), ("business".to_owned(), 5.0)].into(),
            exempt_roles: words(&["staff", "agent", "senior", "moderator", "admin", "service"]),
            own_hosts: Vec::new(),
            copies: Copies::default(),
        }
    }
}

impl Default for Copies {
    fn default() -> Self {
        Self {
            window_seconds: 86_400,
            min_similarity: 0.7,
            min_characters: 25,
            short_characters: 60,
            short_factor: 3.0,
        }
    }
}

impl Default for Tier {
    fn default() -> Self {
        TIERS[3]
    }
}

const TIERS: [Tier; 4] = [
    Tier {
        under_days: Some(1),
        contacts_per_hour: 6,
        contacts_per_day: 15,
        copies: 4,
        links_per_hour: 3,
        messages_per_minute: 20,
        conversation_per_minute: 12,
    },
    Tier {
        under_days: Some(7),
        contacts_per_hour: 10,
        contacts_per_day: 30,
        copies: 6,
        links_per_hour: 6,
        messages_per_minute: 25,
        conversation_per_minute: 15,
    },
    Tier {
        under_days: Some(30),
        contacts_per_hour: 15,
        contacts_per_day: 60,
        copies: 10,
        links_per_hour: 12,
        messages_per_minute: 30,
        conversation_per_minute: 20,
    },
    Tier {
        under_days: None,
        contacts_per_hour: 30,
        contacts_per_day: 120,
        copies: 15,
        links_per_hour: 30,
        messages_per_minute: 40,
        conversation_per_minute: 20,
    },
];

/// The host counts different items up to 256.
const MAX_CONTACTS: u32 = 250;

impl Config {
    /// Everything that is wrong with it.
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let mut must = |holds: bool, path: String, problem: &str| {
            if !holds {
                problems.push(ConfigProblem::new(path, problem));
            }
        };
        must(!self.tiers.is_empty(), "/tiers".into(), "must have at least one tier");
        for (at, tier) in self.tiers.iter().enumerate() {
            let place = |field: &str| format!("/tiers/{at}/{field}");
            let earlier = at.checked_sub(1).and_then(|before| self.tiers[before].under_days);
            let last = at + 1 == self.tiers.len();
            must(
                tier.under_days.is_none() == last,
                place("underDays"),
                "must be null in the last tier, and only there",
            );
            must(
                tier.under_days.is_none_or(|days| days > earlier.unwrap_or(0)),
                place("underDays"),
                "must be more days than in the tier before",
            );
            for (field, limit) in [
                ("contactsPerHour", tier.contacts_per_hour),
                ("contactsPerDay", tier.contacts_per_day),
            ] {
                must(limit <= MAX_CONTACTS, place(field), "must be at most 250");
            }
        }
        must(
            (0.05..=1.0).contains(&self.strike_factor),
            "/strikeFactor".into(),
            "must be 0.05 to 1",
        );
        for (label, factor) in &self.label_factors {
            let label = label.replace('~', "~0").replace('/', "~1");
            let fits = (0.05..=100.0).contains(factor);
            must(fits, format!("/labelFactors/{label}"), "must be 0.05 to 100");
        }
        for (at, host) in self.own_hosts.iter().enumerate() {
            let fits = host.contains('.')
                && host.split('.').all(|label| !label.is_empty())
                && !host.contains(['/', ':', '@', '*', ' ']);
            must(
                fits,
                format!("/ownHosts/{at}"),
                "must be a host name with a dot, such as `example.com`",
            );
        }
        let copies = &self.copies;
        let place = |field: &str| format!("/copies/{field}");
        let (window, similarity) = (copies.window_seconds, copies.min_similarity);
        must((1..=86_400).contains(&window), place("windowSeconds"), "must be 1 to 86,400");
        must((0.3..=1.0).contains(&similarity), place("minSimilarity"), "must be 0.3 to 1");
        must(copies.min_characters >= 1, place("minCharacters"), "must be at least 1");
        let fits = (1.0..=100.0).contains(&copies.short_factor);
        must(fits, place("shortFactor"), "must be 1 to 100");
        problems
    }
}
