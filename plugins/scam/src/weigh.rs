//! Brings phrases and circumstances together to one confidence per signal.
//!
//! Phrases of different kinds are taken as independent: what remains of doubt is the product of their doubts.
//! Circumstances then move the log-odds, so that none of them makes a signal alone.

use std::ops::Range;

use rialto_filter_sdk::text::phrases::{Found, Group};
use rialto_filter_sdk::{Context, Message, Signal, span};

use crate::circumstances::{self, Circumstance};
use crate::{Config, SIGNALS};

/// Signals and phrases that only support them are told apart by the dot in a group's name.
const SUPPORT: &[(&str, &str, f32)] = &[
    ("urgency", "hurry", 0.25),
    ("secrecy", "secrecy", 0.6),
    ("manner", "the manner of known scams", 0.3),
];
/// No phrase and no circumstance makes certain.
const MOST: f32 = 0.98;
/// Signs of another scam in the same message.
const COMPANY: f32 = 0.4;
/// A phrase of this weight can be a signal alone.
const STRONG: f32 = 0.5;
/// Reasons shown to a moderator.
const MAX_REASONS: usize = 6;

/// What was found for one signal.
#[derive(Debug, Default)]
struct Suspicion<'g> {
    /// The strongest phrase of each kind.
    kinds: Vec<(&'g Group, f32)>,
    places: Vec<Range<usize>>,
}

impl Suspicion<'_> {
    /// One weak phrase is nothing, whatever the circumstances.
    fn is_enough(&self) -> bool {
        self.kinds.len() > 1 || self.kinds.iter().any(|(_, weight)| *weight >= STRONG)
    }

    fn confidence(&self) -> f32 {
        1.0 - self.kinds.iter().map(|(_, weight)| 1.0 - weight).product::<f32>()
    }
}

/// All that was found in a message.
#[derive(Debug)]
pub struct Case<'g> {
    suspicions: [Suspicion<'g>; SIGNALS.len()],
    support: [bool; SUPPORT.len()],
}

impl<'g> Case<'g> {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self { suspicions: Default::default(), support: [false; SUPPORT.len()] }
    }

    /// Takes a phrase.
    pub fn add(&mut self, group: &'g Group, found: &Found) {
        let Some((kind, _)) = group.name.split_once('.') else {
            let place = SUPPORT.iter().position(|(name, ..)| *name == group.name);
            place.into_iter().for_each(|place| self.support[place] = true);
            return;
        };
        let id = SIGNALS.iter().position(|signal| signal.id.strip_prefix("scam.") == Some(kind));
        let Some(suspicion) = id.map(|id| &mut self.suspicions[id]) else { return };
        suspicion.places.push(found.range.clone());
        match suspicion.kinds.iter_mut().find(|(known, _)| known.name == group.name) {
            Some(known) if known.1 < found.weight => *known = (group, found.weight),
            Some(_) => {}
            None => suspicion.kinds.push((group, found.weight)),
        }
    }

    /// The signals that reach the least confidence.
    pub fn into_signals(
        self,
        config: &Config,
        message: &Message,
        context: &Context,
    ) -> Vec<Signal> {
        let suspected = self.suspicions.iter().filter(|it| it.is_enough()).count();
        if !self.suspicions.iter().any(Suspicion::is_enough) {
            return Vec::new();
        }
        let common = circumstances::of_sender(context);
        let mut signals = Vec::new();
        for (place, suspicion) in self.suspicions.iter().enumerate() {
            let described = &SIGNALS[place];
            if !suspicion.is_enough() || config.is_disabled(described.id) {
                continue;
            }
            let mut all = common.clone();
            circumstances::of_signal(place, message, context, &mut all);
            let support = SUPPORT.iter().zip(self.support).filter(|(_, found)| *found);
            all.extend(support.map(|((_, words, odds), _)| Circumstance::new(*odds, *words)));
            if suspected > 1 {
                all.push(Circumstance::new(COMPANY, "signs of another scam beside it"));
            }
            let odds = all.iter().map(|circumstance| circumstance.odds).sum();
            let confidence = shifted(suspicion.confidence(), odds);
            if confidence >= config.min_confidence {
                signals.push(signal(described.id, confidence, suspicion, &all));
            }
        }
        signals
    }
}

/// The probability after its log-odds moved by `odds`.
fn shifted(probability: f32, odds: f32) -> f32 {
    let probability = probability.clamp(0.01, MOST);
    let before = (probability / (1.0 - probability)).ln();
    (1.0 / (1.0 + (-before - odds).exp())).min(MOST)
}

fn signal(id: &str, confidence: f32, suspicion: &Suspicion, all: &[Circumstance]) -> Signal {
    let reasons: Vec<&str> =
        suspicion.kinds.iter().take(MAX_REASONS).map(|(group, _)| &*group.reason).collect();
    let raised = words(all, |odds| odds > 0.0);
    let lowered = words(all, |odds| odds < 0.0);
    let places = suspicion.places.iter().map(|place| span(place.clone()));
    let mut signal = Signal::new(id)
        .confidence(confidence)
        .spans(places)
        .evidence("why", reasons.join("; "))
        .evidence("language", &*suspicion.kinds[0].0.language);
    if !raised.is_empty() {
        signal = signal.evidence("raised by", raised);
    }
    if !lowered.is_empty() {
        signal = signal.evidence("lowered by", lowered);
    }
    signal
}

fn words(all: &[Circumstance], wanted: impl Fn(f32) -> bool) -> String {
    let words: Vec<&str> = all.iter().filter(|it| wanted(it.odds)).map(|it| &*it.words).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_move_a_probability_but_never_to_certainty() {
        let close = |one: f32, other: f32| (one - other).abs() < 0.005;
        assert!(close(shifted(0.5, 0.0), 0.5));
        assert!(close(shifted(0.5, 1.0), 0.73));
        assert!(close(shifted(0.7, -1.0), 0.46));
        assert!(close(shifted(1.0, 9.0), MOST));
        assert!(shifted(0.0, 0.0) > 0.0);
    }
}
