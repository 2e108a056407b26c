//! Makes signals of phrases: one a kind, with all its places.

use rialto_filter_sdk::text::phrases::{Found, Group};
use rialto_filter_sdk::{Signal, Span, merge_spans, span};

use crate::{Config, SIGNALS};

/// Words say nothing certain.
const MOST: f32 = 0.98;
/// Said twice it is rather meant so.
const SAID_AGAIN: f32 = 0.03;

/// What was found, by signal.
#[derive(Debug, Default)]
pub struct Told<'g> {
    kinds: [Vec<(&'g Group, f32, Span)>; SIGNALS.len()],
}

impl<'g> Told<'g> {
    /// Takes a phrase.
    pub fn add(&mut self, group: &'g Group, found: &Found) {
        let kind = group.name.split('.').next().unwrap_or_default();
        let place = SIGNALS.iter().position(|it| it.id.strip_prefix("tone.") == Some(kind));
        if let Some(place) = place {
            self.kinds[place].push((group, found.weight, span(found.range.clone())));
        }
    }

    /// The signals that are wanted and sure enough, the gravest first.
    pub fn into_signals(self, config: &Config) -> Vec<Signal> {
        let mut signals = Vec::new();
        // Sorted and apart from each other.
        let mut told: Vec<Span> = Vec::new();
        for (mut phrases, described) in self.kinds.into_iter().zip(SIGNALS) {
            phrases.retain(|(_, weight, place)| {
                let before = told.partition_point(|it| it.end <= place.start);
                let is_news = told.get(before).is_none_or(|it| place.end <= it.start);
                is_news && *weight >= config.min_confidence
            });
            let strongest = phrases.iter().max_by(|one, other| one.1.total_cmp(&other.1));
            let Some(&(group, weight, _)) = strongest else { continue };
            if config.is_disabled(described.id) {
                continue;
            }
            let signal = Signal::new(described.id)
                .spans(phrases.iter().map(|(_, _, place)| *place))
                .evidence("why", &*group.reason)
                .evidence("language", &*group.language)
                .evidence("target", target(&group.name));
            let again = if signal.spans.len() > 1 { SAID_AGAIN } else { 0.0 };
            signals.push(signal.confidence((weight + again).min(MOST)));
            told.extend(phrases.iter().map(|(_, _, place)| *place));
            merge_spans(&mut told);
        }
        signals
    }
}

/// Whom a group's phrases mean.
fn target(name: &str) -> &'static str {
    match name.split_once('.').map(|(_, part)| part) {
        Some("you" | "violence" | "self-harm" | "sexual") => "the other person",
        Some("slur") => "a group of people",
        _ => "not said",
    }
}
