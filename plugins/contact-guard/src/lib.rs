//! Finds ways to get in touch outside the marketplace: phone numbers, e-mail addresses, links, messenger names.
//!
//! A message is read once into tokens ([`rialto_filter_sdk::text`]); addresses are looked for first, then
//! phone numbers in what is left, then messenger names.

mod config;
mod findings;
mod handle;
mod number;
mod phone;
mod words;

use std::ops::Range;

use rialto_filter_sdk::text::{Address, AddressKind, Scan, addresses};
use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, SignalDescription,
    export_filter,
};

pub use config::{Config, Kind, Language};
use findings::{Finding, Findings};
use handle::Handle;
use phone::Phone;

/// The filter.
#[derive(Debug)]
pub struct ContactGuard {
    config: Config,
    languages: u32,
}

impl Filter for ContactGuard {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "contact-guard",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: SIGNALS,
        }
    }

    fn new(mut config: Config) -> Result<Self, Vec<ConfigProblem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        for host in &mut config.allowed_hosts {
            *host = host.trim_start_matches('.').to_lowercase();
        }
        Ok(Self { languages: config.language_bits(), config })
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        Ok(self.find(&message.text))
    }
}

const SIGNALS: &[SignalDescription] = &[
    SignalDescription {
        id: "contact.phone",
        description: "A phone number, also spelled out or disguised",
        default_weight: 1.0,
    },
    SignalDescription {
        id: "contact.email",
        description: "An e-mail address, also spelled out or disguised",
        default_weight: 1.0,
    },
    SignalDescription {
        id: "contact.link",
        description: "A link or host name outside the allowed hosts",
        default_weight: 0.7,
    },
    SignalDescription {
        id: "contact.handle",
        description: "A name on a messenger or network",
        default_weight: 0.8,
    },
    SignalDescription {
        id: "contact.move",
        description: "Asking to move to a messenger, without a name or number",
        default_weight: 0.4,
    },
];

impl ContactGuard {
    /// Everything there is to find in the text.
    pub fn find(&self, text: &str) -> Vec<Signal> {
        let scan = Scan::new(text);
        let mut findings = Findings::new(&self.config);
        self.find_in(&scan, &mut findings);
        if let Some(squeezed) = scan.squeezed() {
            findings.only_new();
            self.find_in(&squeezed, &mut findings);
        }
        findings.into_signals()
    }

    fn find_in(&self, scan: &Scan, findings: &mut Findings) {
        let mut taken: Vec<Range<usize>> = Vec::new();
        for address in addresses(scan) {
            self.address(&address, findings);
            taken.push(address.tokens);
        }
        let mut phones = Vec::new();
        number::runs(scan, self.languages, &taken, |run| {
            phones.extend(phone::find(scan, run, usize::from(self.config.min_digits)));
        });
        for Phone { tokens, digits, confidence, why } in phones {
            let range = scan.range(tokens.start, tokens.end);
            let finding = Finding { kind: Kind::Phone, confidence, range, why };
            findings.add(finding, || Some(("digits", digits)));
            taken.push(tokens);
        }
        taken.sort_unstable_by_key(|range| range.start);
        handle::find(scan, &taken, |Handle { tokens, kind, messenger, confidence, why }| {
            let range = scan.range(tokens.start, tokens.end);
            let finding = Finding { kind, confidence, range, why };
            findings.add(finding, || Some(("messenger", messenger?.name().to_owned())));
        });
    }

    fn address(&self, address: &Address, findings: &mut Findings) {
        if self.is_allowed(&address.host) {
            return;
        }
        let &Address { confidence, why, .. } = address;
        let range = address.range.clone();
        match (address.kind, handle::messenger_of(address)) {
            (AddressKind::Email, _) => {
                let finding = Finding { kind: Kind::Email, confidence, range, why };
                let user = address.user.as_deref().unwrap_or_default();
                findings.add(finding, || Some(("address", format!("{user}@{}", address.host))));
            }
            (AddressKind::Link, Some(messenger)) => {
                let why = "link to a messenger";
                let finding = Finding { kind: Kind::Handle, confidence: 0.95, range, why };
                findings.add(finding, || Some(("messenger", messenger.name().to_owned())));
            }
            (AddressKind::Link, None) => {
                // `cheaper at amazon.com` leads nowhere in particular.
                let shop = !address.has_path && !address.has_scheme && is_well_known(&address.host);
                let confidence = if shop { confidence * 0.5 } else { confidence };
                let finding = Finding { kind: Kind::Link, confidence, range, why };
                findings.add(finding, || Some(("host", address.host.clone())));
            }
        }
    }

    fn is_allowed(&self, host: &str) -> bool {
        self.config.allowed_hosts.iter().any(|allowed| {
            host.strip_suffix(allowed.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }
}

/// Houses everybody knows: their bare name is talked about more often than it is a way to make contact.
fn is_well_known(host: &str) -> bool {
    let host = host.strip_prefix("www.").unwrap_or(host);
    if matches!(host, "asp.net" | "socket.io" | "node.js") {
        return true;
    }
    // `paypal.me` is somebody's.
    let name = host.split_once('.').filter(|(_, tld)| *tld != "me").map(|(name, _)| name);
    matches!(
        name,
        Some(
            "amazon"
                | "ebay"
                | "booking"
                | "ikea"
                | "google"
                | "youtube"
                | "wikipedia"
                | "apple"
                | "paypal"
                | "aliexpress"
                | "alibaba"
                | "etsy"
                | "netflix"
                | "airbnb"
                | "zalando"
                | "dhl"
                | "ups"
                | "fedex"
                | "microsoft"
                | "samsung"
                | "nike"
                | "adidas"
                | "lego"
                | "zara"
                | "sony"
        )
    )
}

export_filter!(ContactGuard);
