//! What the operator can set.

use rialto_filter_sdk::ConfigProblem;
use serde::Deserialize;

use crate::words::{DE, EN, ES, FR, IT, NL, PT};

/// The configuration, as `config.schema.json` describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// Links to these hosts, their subdomains and mail addresses there are left alone.
    pub allowed_hosts: Vec<String>,
    /// Digits a phone number has at least.
    pub min_digits: u8,
    /// Findings below this confidence are not given.
    pub min_confidence: f32,
    /// Languages whose spelled-out numbers are read.
    pub languages: Vec<Language>,
    /// What is looked for.
    pub find: Vec<Kind>,
}

/// A language whose numbers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Italian.
    It,
    /// Portuguese.
    Pt,
    /// Dutch.
    Nl,
}

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Phone numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Links to elsewhere.
    Link,
    /// Names on messengers.
    Handle,
}

impl Kind {
    /// The id of its signal.
    pub fn signal(self) -> &'static str {
        match self {
            Self::Phone => "contact.phone",
            Self::Email => "contact.email",
            Self::Link => "contact.link",
            Self::Handle => "contact.handle",
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        use Language::{De, En, Es, Fr, It, Nl, Pt};
        Self {
            allowed_hosts: Vec::new(),
            min_digits: 7,
            min_confidence: 0.5,
            languages: vec![En, De, Es, Fr, It, Pt, Nl],
            find: vec![Kind::Phone, Kind::Email, Kind::Link, Kind::Handle],
        }
    }
}

impl Config {
    /// Everything that is wrong with it.
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if !(5..=15).contains(&self.min_digits) {
            problems.push(ConfigProblem::new("/minDigits", "must be from 5 to 15"));
        }
        if !(0.0..=1.0).contains(&self.min_confidence) {
            problems.push(ConfigProblem::new("/minConfidence", "must be from 0 to 1"));
        }
        for (index, host) in self.allowed_hosts.iter().enumerate() {
            if host.is_empty() || host.contains(['/', ':', '@', '*', ' ']) {
                let problem = "must be a host name such as `example.com`; it covers its subdomains";
                problems.push(ConfigProblem::new(format!("/allowedHosts/{index}"), problem));
            }
        }
        problems
    }

    /// The languages as a set of bits.
    pub fn language_bits(&self) -> u8 {
        let bit = |language: &Language| match language {
            Language::En => EN,
            Language::De => DE,
            Language::Es => ES,
            Language::Fr => FR,
            Language::It => IT,
            Language::Pt => PT,
            Language::Nl => NL,
        };
        self.languages.iter().map(bit).fold(0, |all, bit| all | bit)
    }
}
