//! The configuration of a filter whose signals are signs of phrases: which it looks for, and the operator's own.

use serde::Deserialize;

use super::{Book, Builder, Found, Group};
use crate::text::Scan;
use crate::{ConfigProblem, SignalDescription};

/// What the operator can set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Settings {
    /// Languages whose phrases are looked for.
    pub languages: Vec<Language>,
    /// Signals below this confidence are not given.
    pub min_confidence: f32,
    /// Ids of signals that are not given.
    pub disabled: Vec<String>,
    /// Further phrases.
    pub phrases: Vec<Extra>,
}

/// A phrase of the operator's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Extra {
    /// The signal it is a sign of.
    pub signal: String,
    /// In the pattern language.
    pub phrase: String,
    /// 0 to 1.
    #[serde(default = "usual_weight")]
    pub weight: f32,
    /// For moderators.
    #[serde(default)]
    pub reason: String,
}

/// A language with phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Italian.
    It,
    /// Portuguese.
    Pt,
    /// Polish.
    Pl,
    /// Dutch.
    Nl,
    /// Russian.
    Ru,
    /// Estonian.
    Et,
}

use Language::{De, En, Es, Et, Fr, It, Nl, Pl, Pt, Ru};

impl Language {
    fn tag(self) -> &'static str {
        match self {
            En => "en",
            De => "de",
            Fr => "fr",
            Es => "es",
            It => "it",
            Pt => "pt",
            Pl => "pl",
            Nl => "nl",
            Ru => "ru",
            Et => "et",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            languages: vec![En, De, Fr, Es, It, Pt, Pl, Nl, Ru, Et],
            min_confidence: 0.5,
            disabled: Vec::new(),
            phrases: Vec::new(),
        }
    }
}

fn usual_weight() -> f32 {
    0.6
}

impl Settings {
    /// Whether phrases of this language are looked for.
    fn reads(&self, language: &str) -> bool {
        language == "*" || self.languages.iter().any(|one| one.tag() == language)
    }

    /// Whether a signal is not to be given, by its id.
    pub fn is_disabled(&self, id: &str) -> bool {
        self.disabled.iter().any(|one| one == id)
    }

    /// The operator's phrases as a book, if there are any, or everything that is wrong.
    fn check(&self, signals: &[SignalDescription]) -> Result<Option<Book>, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let known = |id: &str| signals.iter().any(|signal| signal.id == id);
        if !(0.0..=1.0).contains(&self.min_confidence) {
            problems.push(ConfigProblem::new("/minConfidence", "must be from 0 to 1"));
        }
        for (index, id) in self.disabled.iter().enumerate().filter(|(_, id)| !known(id)) {
            let problem = format!("`{id}` is no signal of this filter");
            problems.push(ConfigProblem::new(format!("/disabled/{index}"), problem));
        }
        let mut builder = Builder::default();
        for (index, extra) in self.phrases.iter().enumerate() {
            let mut object = |place: &str, problem: String| {
                problems.push(ConfigProblem::new(format!("/phrases/{index}/{place}"), problem));
            };
            if !known(&extra.signal) {
                object("signal", format!("`{}` is no signal of this filter", extra.signal));
            }
            if !(0.0..=1.0).contains(&extra.weight) {
                object("weight", "must be from 0 to 1".to_owned());
            }
            let reason = match extra.reason.trim() {
                "" => "a phrase the operator added",
                reason => reason,
            };
            // The place keeps phrases apart as reasons of their own.
            let kind = extra.signal.split_once('.').map_or("", |(_, kind)| kind);
            builder.group(&format!("{kind}.own{index}"), "*", extra.weight, reason);
            if let Err(problem) = builder.pattern(&extra.phrase, None) {
                object("phrase", problem);
            }
        }
        match problems.is_empty() {
            true => Ok((!self.phrases.is_empty()).then(|| builder.finish())),
            false => Err(problems),
        }
    }
}

/// A filter's phrases with what the operator made of them.
#[derive(Debug)]
pub struct Phrases {
    /// What the operator set; the filter heeds `min_confidence` and `disabled`.
    pub settings: Settings,
    built_in: &'static Book,
    own: Option<Book>,
}

impl Phrases {
    /// The filter's book and the operator's phrases, which may be signs of these signals; or everything
    /// that is wrong with the settings.
    pub fn new(
        settings: Settings,
        built_in: &'static Book,
        signals: &[SignalDescription],
    ) -> Result<Self, Vec<ConfigProblem>> {
        let own = settings.check(signals)?;
        Ok(Self { settings, built_in, own })
    }

    /// The phrases of the wanted languages in the text: the filter's, then the operator's. An operator's
    /// phrase of the signal `a.b` has a group named `b.own0`, `b.own1` and so on.
    pub fn find<'s>(&'s self, text: &str) -> impl Iterator<Item = (&'s Group, Found)> {
        let scan = Scan::new(text);
        let books = [Some(self.built_in), self.own.as_ref()].into_iter().flatten();
        books.flat_map(move |book| {
            let found = book.find(&scan, |group| self.settings.reads(&group.language));
            found.into_iter().map(|found| (&book.groups[found.group], found))
        })
    }
}

#[cfg(test)]
mod tests;
