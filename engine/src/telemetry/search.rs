//! How long searches take.

use super::{Counter, Histogram, LATENCIES, Page, catalogue};

/// Searches for messages.
pub static MESSAGES: Histogram = Histogram::new(&LATENCIES);
/// Searches for conversations.
pub static CONVERSATIONS: Histogram = Histogram::new(&LATENCIES);
/// Questions the index did not answer.
pub static FAILURES: Counter = Counter::new();

/// Writes them.
pub fn write(page: &mut Page) {
    page.metric(&catalogue::SEARCH_QUERY_SECONDS)
        .histogram(&[("what", "messages")], &MESSAGES.spread())
        .histogram(&[("what", "conversations")], &CONVERSATIONS.spread());
    page.single(&catalogue::SEARCH_FAILURES, FAILURES.get());
}
