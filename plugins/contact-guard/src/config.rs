//! What the operator can set.

use rialto_filter_sdk::ConfigProblem;
use serde::Deserialize;

use crate::words::language;

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
    /// Polish.
    Pl,
    /// Swedish.
    Sv,
    /// Danish and Norwegian.
    Da,
    /// Finnish.
    Fi,
    /// Estonian.
    Et,
    /// Latvian.
    Lv,
    /// Lithuanian.
    Lt,
    /// Russian.
    Ru,
    /// Ukrainian.
    Uk,
    /// Turkish.
    Tr,
    /// Romanian.
    Ro,
    /// Czech and Slovak.
    Cs,
    /// Croatian, Serbian and Bosnian.
    Hr,
    /// Hungarian.
    Hu,
    /// Greek.
    El,
    /// Indonesian and Malay.
    Id,
    /// Hindi in Latin letters.
    Hi,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::En,
        Self::De,
        Self::Es,
        Self::Fr,
        Self::It,
        Self::Pt,
        Self::Nl,
        Self::Pl,
        Self::Sv,
        Self::Da,
        Self::Fi,
        Self::Et,
        Self::Lv,
        Self::Lt,
        Self::Ru,
        Self::Uk,
        Self::Tr,
        Self::Ro,
        Self::Cs,
        Self::Hr,
        Self::Hu,
        Self::El,
        Self::Id,
        Self::Hi,
    ];

    /// Its bit in a set.
    fn bit(self) -> u32 {
        match self {
            Self::En => language::EN,
            Self::De => language::DE,
            Self::Es => language::ES,
            Self::Fr => language::FR,
            Self::It => language::IT,
            Self::Pt => language::PT,
            Self::Nl => language::NL,
            Self::Pl => language::PL,
            Self::Sv => language::SV,
            Self::Da => language::DA,
            Self::Fi => language::FI,
            Self::Et => language::ET,
            Self::Lv => language::LV,
            Self::Lt => language::LT,
            Self::Ru => language::RU,
            Self::Uk => language::UK,
            Self::Tr => language::TR,
            Self::Ro => language::RO,
            Self::Cs => language::CS,
            Self::Hr => language::HR,
            Self::Hu => language::HU,
            Self::El => language::EL,
            Self::Id => language::ID,
            Self::Hi => language::HI,
        }
    }
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
    /// Asking to move to a messenger.
    Move,
}

impl Kind {
    /// The id of its signal.
    pub fn signal(self) -> &'static str {
        match self {
            Self::Phone => "contact.phone",
            Self::Email => "contact.email",
            Self::Link => "contact.link",
            Self::Handle => "contact.handle",
            Self::Move => "contact.move",
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            allowed_hosts: Vec::new(),
            min_digits: 7,
            min_confidence: 0.5,
            languages: Language::ALL.to_vec(),
            find: vec![Kind::Phone, Kind::Email, Kind::Link, Kind::Handle, Kind::Move],
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
    pub fn language_bits(&self) -> u32 {
        self.languages.iter().fold(0, |all, language| all | language.bit())
    }
}
