//! Helpers that build signals and spans.

use std::ops::Range;

use crate::{Signal, Span};

/// Spans a signal may have; the host drops signals with more.
const MAX_SPANS: usize = 64;
/// Evidence pairs a signal may have, and the bytes a value may have.
const MAX_EVIDENCE: usize = 16;
const MAX_EVIDENCE_BYTES: usize = 256;

impl Signal {
    /// A signal with confidence 1 and no spans.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), confidence: 1.0, spans: Vec::new(), evidence: Vec::new() }
    }

    /// How sure the filter is; brought into 0 to 1, not-a-number counts as 0.
    #[must_use]
    pub fn confidence(mut self, confidence: f32) -> Self {
        self.confidence = if confidence.is_nan() { 0.0 } else { confidence.clamp(0.0, 1.0) };
        self
    }

    /// Adds a stretch of the text, in bytes; beyond 64 spans it is left out.
    #[must_use]
    pub fn span(mut self, range: Range<usize>) -> Self {
        if self.spans.len() < MAX_SPANS {
            self.spans.push(span(range));
        }
        self
    }

    /// Adds stretches of the text, sorted and with overlaps merged, at most 64.
    #[must_use]
    pub fn spans(mut self, spans: impl IntoIterator<Item = Span>) -> Self {
        self.spans.extend(spans);
        merge_spans(&mut self.spans);
        self.spans.truncate(MAX_SPANS);
        self
    }

    /// Explains the signal to a moderator; at most 16 pairs, values are cut to 256 bytes.
    #[must_use]
    pub fn evidence(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if self.evidence.len() < MAX_EVIDENCE {
            let mut value = value.into();
            value.truncate(value.floor_char_boundary(MAX_EVIDENCE_BYTES));
            self.evidence.push((name.into(), value));
        }
        self
    }
}

/// The span of a byte range; what is beyond four gigabytes stops there.
pub fn span(range: Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { start: offset(range.start), end: offset(range.end) }
}

impl Span {
    /// The span as a range of byte offsets.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Sorts spans and merges those that overlap or touch; empty ones go.
pub fn merge_spans(spans: &mut Vec<Span>) {
    spans.retain(|span| span.start < span.end);
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans.dedup_by(|next, kept| {
        let joined = next.start <= kept.end;
        if joined {
            kept.end = kept.end.max(next.end);
        }
        joined
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_sorted_and_merged() {
        let mut spans = vec![span(8..9), span(0..3), span(2..5), span(5..6), span(7..7)];
        merge_spans(&mut spans);
        assert_eq!(spans, [span(0..6), span(8..9)]);
    }

    #[test]
    fn a_signal_stays_within_the_hosts_limits() {
        let mut signal =
            Signal::new("a.b").confidence(f32::NAN).spans((0..200).map(|i| span(2 * i..2 * i + 1)));
        for _ in 0..40 {
            signal = signal.evidence("why", "ä".repeat(200)).span(0..1);
        }
        assert_eq!(signal.confidence.to_bits(), 0.0_f32.to_bits());
        assert_eq!((signal.spans.len(), signal.evidence.len()), (64, 16));
        assert_eq!(signal.evidence[0].1.len(), 256, "expected the value cut on a character border");
    }
}
