//! What a backtest found: how verdicts would have changed, with samples, and how right they were where that is known.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::confusion::Confusion;
use crate::domain::{Action, ConversationId, RecordedSignal, Seq};

/// Samples kept of each kind of change.
const MAX_SAMPLES: usize = 50;
/// Bytes kept of a sample's text.
const MAX_TEXT: usize = 1_000;

/// Where a message came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// From the history; without `seq` if it was refused.
    Message {
        /// Where it was said.
        conversation: ConversationId,
        /// Its event.
        seq: Option<Seq>,
    },
    /// From a file, counted from 1.
    Line(u64),
}

/// One message whose verdict would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Where it is.
    pub place: Place,
    /// What was said, shortened.
    pub text: String,
    /// What becomes of it now.
    pub before: Action,
    /// What would become of it.
    pub after: Action,
    /// What was found, in the new way.
    pub signals: Vec<RecordedSignal>,
    /// Whether it is known to be unwanted.
    pub unwanted: Option<bool>,
}

/// How many messages went from one action to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// What becomes of them now.
    pub before: Action,
    /// What would become of them.
    pub after: Action,
    /// How many.
    pub messages: u64,
}

/// Messages with a signal, before and after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalCount {
    /// Now.
    pub before: u64,
    /// In the new way.
    pub after: u64,
}

/// Times per message, microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Half took no longer.
    pub p50: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// What a backtest found so far, or in the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Messages judged again.
    pub messages: u64,
    /// Of these, those the filter under test failed on, by kind of failure; they count as unchanged.
    pub faults: BTreeMap<String, u64>,
    /// Every pair of actions that occurred.
    pub transitions: Vec<Transition>,
    /// Messages by signal.
    pub signals: BTreeMap<String, SignalCount>,
    /// Nothing happened to them; now something would. A random choice.
    pub newly_caught: Vec<Sample>,
    /// Something happened to them; now nothing would. A random choice.
    pub newly_released: Vec<Sample>,
    /// Where it is known what is unwanted: how right the verdicts are now.
    pub truth_before: Option<Confusion>,
    /// And how right they would be.
    pub truth_after: Option<Confusion>,
    /// Time per message of what is under test.
    pub timing: Option<Timing>,
}

/// Whether an action does something to the message that its sender or recipient notices.
pub fn is_caught(action: Action) -> bool {
    action > Action::Label
}

impl Report {
    /// Messages nothing happened to, and now something would.
    pub fn newly_caught_count(&self) -> u64 {
        self.count(|one| !is_caught(one.before) && is_caught(one.after))
    }

    /// Messages something happened to, and now nothing would.
    pub fn newly_released_count(&self) -> u64 {
        self.count(|one| is_caught(one.before) && !is_caught(one.after))
    }

    /// Messages whose action would change.
    pub fn changed_count(&self) -> u64 {
        self.count(|one| one.before != one.after)
    }

    fn count(&self, wanted: impl Fn(&Transition) -> bool) -> u64 {
        self.transitions.iter().filter(|one| wanted(one)).map(|one| one.messages).sum()
    }
}

/// One message judged both ways.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) place: &'a Place,
    pub(super) text: &'a str,
    pub(super) unwanted: Option<bool>,
    pub(super) before: (Action, &'a [RecordedSignal]),
    pub(super) after: (Action, &'a [RecordedSignal]),
}

/// A report being written.
pub(super) struct Tally {
    report: Report,
    transitions: BTreeMap<(Action, Action), u64>,
    caught: u64,
    released: u64,
    random: StdRng,
}

impl Tally {
    /// Empty; the same messages in the same order give the same samples.
    pub(super) fn new() -> Self {
        Self {
            report: Report::default(),
            transitions: BTreeMap::new(),
            caught: 0,
            released: 0,
            random: StdRng::seed_from_u64(0),
        }
    }

    /// Takes a message into account.
    pub(super) fn add(&mut self, judged: &Judged<'_>) {
        let (before, after) = (judged.before.0, judged.after.0);
        self.report.messages += 1;
        *self.transitions.entry((before, after)).or_default() += 1;
        for (signals, after) in [(judged.before.1, false), (judged.after.1, true)] {
            let mut seen: Vec<&str> = signals.iter().map(|signal| signal.id.as_str()).collect();
            seen.sort_unstable();
            seen.dedup();
            for id in seen {
                let count = self.report.signals.entry(id.to_owned()).or_default();
                *(if after { &mut count.after } else { &mut count.before }) += 1;
            }
        }
        if let Some(unwanted) = judged.unwanted {
            let note = |truth: &mut Option<Confusion>, action| {
                truth.get_or_insert_default().note(unwanted, is_caught(action));
            };
            note(&mut self.report.truth_before, before);
            note(&mut self.report.truth_after, after);
        }
        match (is_caught(before), is_caught(after)) {
            (false, true) => {
                self.caught += 1;
                keep(&mut self.report.newly_caught, self.caught, judged, &mut self.random);
            }
            (true, false) => {
                self.released += 1;
                keep(&mut self.report.newly_released, self.released, judged, &mut self.random);
            }
            _ => {}
        }
    }

    /// Takes a failure of what is under test into account.
    pub(super) fn fault(&mut self, kind: &str) {
        *self.report.faults.entry(kind.to_owned()).or_default() += 1;
    }

    /// The report as it stands.
    pub(super) fn report(&self, timing: Option<Timing>) -> Report {
        let transitions = self.transitions.iter();
        let transitions = transitions
            .map(|(&(before, after), &messages)| Transition { before, after, messages })
            .collect();
        Report { transitions, timing, ..self.report.clone() }
    }
}

/// Every one of `seen` messages has the same chance to be among the samples.
fn keep(samples: &mut Vec<Sample>, seen: u64, judged: &Judged<'_>, random: &mut StdRng) {
    let sample = || Sample {
        place: judged.place.clone(),
        text: shortened(judged.text),
        before: judged.before.0,
        after: judged.after.0,
        signals: judged.after.1.to_vec(),
        unwanted: judged.unwanted,
    };
    if samples.len() < MAX_SAMPLES {
        samples.push(sample());
        return;
    }
    let place = usize::try_from(random.random_range(0..seen)).unwrap_or(usize::MAX);
    if let Some(slot) = samples.get_mut(place) {
        *slot = sample();
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(MAX_TEXT)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(place: &Place, before: Action, after: Action, unwanted: Option<bool>) -> Judged<'_> {
        Judged { place, text: "a text", unwanted, before: (before, &[]), after: (after, &[]) }
    }

    #[test]
    fn changes_are_counted_and_sampled_without_bias() {
        let mut tally = Tally::new();
        for line in 0..10_000 {
            let place = Place::Line(line);
            let after = if line % 2 == 0 { Action::Hold } else { Action::Label };
            tally.add(&judged(&place, Action::Deliver, after, None));
        }
        let report = tally.report(None);
        assert_eq!((report.messages, report.newly_caught_count()), (10_000, 5_000));
        assert_eq!((report.changed_count(), report.newly_released_count()), (10_000, 0));
        assert_eq!(report.newly_caught.len(), MAX_SAMPLES);
        let late = report
            .newly_caught
            .iter()
            .filter(|it| matches!(it.place, Place::Line(n) if n >= 5_000));
        let late = late.count();
        assert!(
            (10..=40).contains(&late),
            "expected samples from the whole run, {late} of 50 are from its second half"
        );
    }

    #[test]
    fn truth_is_counted_where_it_is_known() {
        let mut tally = Tally::new();
        let place = Place::Line(1);
        tally.add(&judged(&place, Action::Deliver, Action::Hold, Some(true)));
        tally.add(&judged(&place, Action::Mask, Action::Label, Some(false)));
        tally.add(&judged(&place, Action::Hold, Action::Hold, None));
        let report = tally.report(None);
        let (before, after) =
            (report.truth_before.expect("known"), report.truth_after.expect("known"));
        assert_eq!((before.precision(), before.recall()), (Some(0.0), Some(0.0)));
        assert_eq!((after.precision(), after.recall()), (Some(1.0), Some(1.0)));
        assert_eq!(report.newly_released_count(), 1);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "é".repeat(MAX_TEXT);
        assert_eq!(shortened(&text).chars().filter(|c| *c == 'é').count(), MAX_TEXT / 2);
    }
}
