//! Puts the model's reasons into words: which words of the text spoke for spam, and what about its form.

use rialto_filter_sdk::Signal;

use crate::features::{FORMS, Features};
use crate::model::{Model, divisor};

/// Words and facts that are named.
const MAX_WORDS: usize = 6;
const MAX_FACTS: usize = 3;
/// Characters of a word that are shown.
const MAX_SHOWN: usize = 30;
/// A word that adds less to the score is not worth naming.
const MIN_SHARE: f32 = 0.02;

/// Adds the evidence to a signal.
pub fn explain(model: &Model, features: &Features, score: f32, signal: Signal) -> Signal {
    let scan = features.scan();
    let mut of_token = vec![0.0; scan.tokens().len()];
    let grams = features.for_each(|gram| {
        // A pair's weight is shared by its words; a part of a word spans the tokens of the whole word.
        let half = model.in_score(gram.hash) / 2.0;
        of_token[gram.first] += half;
        of_token[gram.last] += half;
    });
    let divisor = divisor(grams);
    let words = features.chunks().map(|chunk| {
        let weight = of_token[chunk.clone()].iter().sum::<f32>() / divisor;
        (shown(scan.written(chunk.start, chunk.end)), weight)
    });
    let words = strongest(words, MAX_WORDS);
    let forms = features.form().facts();
    let forms = forms.map(|form| (FORMS[form].to_owned(), model.forms[form] / divisor));
    let forms = strongest(forms, MAX_FACTS);

    let mut signal = signal.evidence("why", "worded like known spam");
    if !words.is_empty() {
        signal = signal.evidence("words", listed(&words, "“", "”"));
    }
    if !forms.is_empty() {
        signal = signal.evidence("form", listed(&forms, "", ""));
    }
    let margin = score - model.header.threshold;
    signal.evidence("margin", format!("{margin:+.2}"))
}

/// What adds most, each once, with the sum of what it adds.
fn strongest(all: impl Iterator<Item = (String, f32)>, limit: usize) -> Vec<(String, f32)> {
    let mut all: Vec<(String, f32)> = all.collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    all.retain(|(_, weight)| *weight >= MIN_SHARE);
    all.sort_by(|one, other| other.1.total_cmp(&one.1));
    all.truncate(limit);
    all
}

fn listed(all: &[(String, f32)], open: &str, close: &str) -> String {
    let named = all.iter().map(|(name, weight)| format!("{open}{name}{close} +{weight:.2}"));
    named.collect::<Vec<_>>().join(", ")
}

/// A word as written, cut if it is long.
fn shown(word: &str) -> String {
    match word.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.to_owned(),
    }
}
