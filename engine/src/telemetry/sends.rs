//! What became of messages.

use super::{Counter, Histogram, LATENCIES, Names, Page, catalogue};

const KINDS: [&str; 2] = ["direct", "support"];
/// As in `domain::Action::ALL`.
const VERDICTS: [&str; 7] = ["deliver", "label", "warn", "mask", "hold", "refuse", "shadow"];

static SENDS: [[Counter; VERDICTS.len()]; KINDS.len()] =
    [const { [const { Counter::new() }; VERDICTS.len()] }; KINDS.len()];

/// A message's way through the filters and the policy.
pub static PIPELINE: Histogram = Histogram::new(&LATENCIES);

const CODES: usize = 64;
static REFUSAL_CODES: Names<CODES> = Names::new();
static REFUSALS: [Counter; CODES] = [const { Counter::new() }; CODES];

/// Counts a message by its verdict's place in `domain::Action::ALL`.
pub fn sent(support: bool, verdict: usize) {
    if let Some(counter) = SENDS[usize::from(support)].get(verdict) {
        counter.inc();
    }
}

/// Counts an error that a payload carries. `code`: one of the schema's.
pub fn refused(code: &str) {
    REFUSALS[REFUSAL_CODES.place(code)].inc();
}

/// The word for a verdict, by its place in `domain::Action::ALL`.
pub fn verdict(place: usize) -> &'static str {
    VERDICTS.get(place).copied().unwrap_or("other")
}

/// Writes them.
pub fn write(page: &mut Page) {
    page.metric(&catalogue::SENDS);
    for (kind, counters) in KINDS.iter().zip(&SENDS) {
        for (verdict, counter) in VERDICTS.iter().zip(counters) {
            page.sample(&[("kind", kind), ("verdict", verdict)], counter.get());
        }
    }
    page.metric(&catalogue::REFUSALS);
    for (place, code) in REFUSAL_CODES.all() {
        page.sample(&[("code", code)], REFUSALS[place].get());
    }
    page.single_histogram(&catalogue::PIPELINE_SECONDS, &PIPELINE);
}
