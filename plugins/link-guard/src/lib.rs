//! Finds links that lead where they should not: denied, imitating, shortened or disguised hosts.

mod config;
mod host;
mod listed;
mod lookalike;
mod punycode;
mod shorteners;

use rialto_filter_sdk::text::{Scan, addresses};
use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Link, Message, Signal, SignalDescription,
    export_filter,
};

pub use config::Config;
use host::{Candidate, decoded, folded, is_below, is_ip_address, mixes_scripts};
use listed::Likeness;
use lookalike::Protected;

/// So many signals of a kind are told apart; the last one covers all that follow.
const MAX_SIGNALS: usize = 16;

/// The filter.
#[derive(Debug)]
pub struct LinkGuard {
    denied: Vec<String>,
    denied_list: Option<String>,
    protected: Vec<Protected>,
    allowed: Vec<String>,
    shorteners: Vec<String>,
}

impl Filter for LinkGuard {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "link-guard",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: SIGNALS,
        }
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let hosts = |hosts: &[String]| hosts.iter().map(|host| decoded(host)).collect();
        Ok(Self {
            denied: hosts(&config.denied_hosts),
            denied_list: config.denied_list,
            protected: config.protected_hosts.iter().map(|host| Protected::new(host)).collect(),
            allowed: hosts(&config.allowed_hosts),
            shorteners: hosts(&config.shorteners),
        })
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        Ok(self.find(&message.text, &message.links))
    }
}

const SIGNALS: &[SignalDescription] = &[
    SignalDescription {
        id: "link.denied",
        description: "A link to a host on the deny list, or to one that looks like it",
        default_weight: 1.0,
    },
    SignalDescription {
        id: "link.lookalike",
        description: "A link to a host that imitates a protected one",
        default_weight: 1.0,
    },
    SignalDescription {
        id: "link.shortened",
        description: "A link that hides where it leads",
        default_weight: 0.5,
    },
    SignalDescription {
        id: "link.disguised",
        description: "A link with an IP address, a false user name or mixed scripts for a host",
        default_weight: 0.8,
    },
];

impl LinkGuard {
    /// Everything there is to find in the text and in the links the host found in it.
    pub fn find(&self, text: &str, links: &[Link]) -> Vec<Signal> {
        let scan = Scan::new(text);
        let mut candidates: Vec<Candidate> =
            addresses(&scan).iter().map(Candidate::from_address).collect();
        let own = candidates.len();
        for link in links {
            let range = link.span.range();
            let known = candidates[..own]
                .iter()
                .any(|other| other.range.start < range.end && range.start < other.range.end);
            if !known && text.get(range).is_some_and(|written| !written.is_empty()) {
                candidates.push(Candidate::from_link(link));
            }
        }
        candidates.sort_by_key(|candidate| candidate.range.start);
        candidates.retain(|candidate| !self.is_allowed(candidate));
        let listed = self.denied_list.as_ref().map(|list| listed::find(list, &candidates));
        let mut signals = Vec::new();
        for (index, candidate) in candidates.iter().enumerate() {
            let listed = listed.as_ref().and_then(|listed| listed[index]);
            self.judge(candidate, listed, &mut signals);
        }
        signals
    }

    /// A false user name shows somebody else's host: that is never allowed.
    fn is_allowed(&self, candidate: &Candidate) -> bool {
        candidate.user.is_none()
            && self.allowed.iter().any(|parent| is_below(&candidate.host, parent))
    }

    fn judge(&self, candidate: &Candidate, listed: Option<Likeness>, signals: &mut Vec<Signal>) {
        let host = candidate.host.as_str();
        let below = |hosts: &[String]| hosts.iter().any(|parent| is_below(host, parent));
        let mut give = |id: &str, confidence: f32, why: &str, extra: Option<(&str, &str)>| {
            let signal = Signal::new(id)
                .confidence(confidence)
                .span(candidate.range.clone())
                .evidence("why", why)
                .evidence("host", host);
            let signal = extra
                .into_iter()
                .fold(signal, |signal, (name, value)| signal.evidence(name, value));
            add(signals, signal);
        };
        if let Some((confidence, why)) = self.denied(candidate) {
            give("link.denied", confidence, why, None);
        } else if let (Some(listed), Some(list)) = (listed, &self.denied_list) {
            let (confidence, why) = listed.verdict();
            give("link.denied", confidence, why, Some(("list", list)));
        }
        if let Some((confidence, why, protected)) = self.imitated(candidate) {
            give("link.lookalike", confidence, why, Some(("imitates", protected)));
        }
        if candidate.is_link && (shorteners::is_known(host) || below(&self.shorteners)) {
            let confidence = if candidate.has_path || candidate.has_scheme { 0.95 } else { 0.6 };
            give("link.shortened", confidence, "link shortener", None);
        }
        match &candidate.user {
            Some(user) => {
                let confidence = if user.contains('.') { 0.97 } else { 0.9 };
                give(
                    "link.disguised",
                    confidence,
                    "false user name before the host",
                    Some(("shows", user)),
                );
            }
            None if is_ip_address(host) => {
                give("link.disguised", 0.9, "IP address for a host", None);
            }
            None if mixes_scripts(host) => {
                give("link.disguised", 0.8, "letters of several scripts in one name", None);
            }
            None => {}
        }
    }

    fn denied(&self, candidate: &Candidate) -> Option<(f32, &'static str)> {
        if self.denied.iter().any(|parent| is_below(&candidate.host, parent)) {
            return Some((1.0, "on the deny list"));
        }
        let folded = folded(&candidate.host);
        let alike =
            folded != candidate.host && self.denied.iter().any(|parent| is_below(&folded, parent));
        alike.then_some((0.95, "looks like a host on the deny list"))
    }

    fn imitated(&self, candidate: &Candidate) -> Option<(f32, &'static str, &str)> {
        if self.protected.iter().any(|protected| is_below(&candidate.host, &protected.host)) {
            return None;
        }
        self.protected
            .iter()
            .filter_map(|protected| {
                let (confidence, why) = protected.imitated_by(candidate)?;
                Some((confidence, why, protected.host.as_str()))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

fn add(signals: &mut Vec<Signal>, signal: Signal) {
    let same = signals.iter_mut().filter(|known| known.id == signal.id);
    let (count, last) = same.fold((0, None), |(count, _), known| (count + 1, Some(known)));
    match last.and_then(|last| last.spans.first_mut()) {
        Some(span) if count >= MAX_SIGNALS => {
            // In order of place, so only the end moves.
            span.end = signal.spans.iter().map(|span| span.end).fold(span.end, u32::max);
        }
        _ => signals.push(signal),
    }
}

export_filter!(LinkGuard);
