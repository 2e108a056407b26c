//! What filters found and what policy decided.

use serde::{Deserialize, Serialize};

/// What happens to a message, from mild to strict; the strictest of a message's actions wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Delivered, nothing shown.
    Deliver,
    /// Delivered; staff see the signal.
    Label,
    /// Delivered; the recipient is warned.
    Warn,
    /// Delivered; spans are hidden from the recipient.
    Mask,
    /// Kept back until a moderator decides.
    Hold,
    /// Not sent; the sender is told why.
    Refuse,
    /// The sender sees it, nobody else does.
    Shadow,
}

impl Action {
    /// Every action, from mild to strict.
    pub const ALL: [Self; 7] = [
        Self::Deliver,
        Self::Label,
        Self::Warn,
        Self::Mask,
        Self::Hold,
        Self::Refuse,
        Self::Shadow,
    ];

    /// Its place in `ALL`.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A stretch of a message's text: UTF-8 byte offsets, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A signal as it is recorded: who found what, where, how sure, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordedSignal {
    /// The filter's name.
    pub filter: String,
    /// The filter's version and the start of its digest, such as `1.0.0+9f86d081`.
    pub filter_version: String,
    /// The signal's id, such as `contact.phone`.
    pub id: String,
    /// 0 to 1.
    pub confidence: f32,
    /// The weight its filter declares for it in sums, which a policy may overrule; absent from old records.
    #[serde(default)]
    pub weight: f32,
    /// Where in the text.
    pub spans: Vec<Span>,
    /// Name and value pairs that explain it.
    pub evidence: Vec<(String, String)>,
}

/// As what a filter's version looked at a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunMode {
    /// The version that judges.
    Live,
    /// A newer version that judged this conversation instead of the live one.
    Canary,
}

/// One filter's look at a message that some signal touched: exactly which code and configuration, and how long it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterRun {
    /// The filter's name.
    pub filter: String,
    /// The filter's version in this engine, counted from 1; 0 where nothing numbered it.
    pub version: u32,
    /// BLAKE3 of the component, 64 hexadecimal digits; empty for a filter that is no component.
    pub digest: String,
    /// BLAKE3 of its configuration, 64 hexadecimal digits; empty likewise.
    pub config_hash: String,
    /// Live or canary.
    pub mode: RunMode,
    /// How long it took, microseconds.
    pub micros: u32,
    /// Signals it gave.
    pub signals: u16,
    /// Why it failed, if it did.
    pub fault: Option<String>,
}

/// What policy made of a message's signals; recorded with every message that any signal touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The strictest action.
    pub action: Action,
    /// Version of the policy table that decided.
    pub policy_version: u32,
    /// Everything the filters found.
    pub signals: Vec<RecordedSignal>,
    /// What the recipient does not see: sorted, not overlapping.
    pub mask: Vec<Span>,
    /// Words for the sender, when held, masked or refused.
    pub notice: Option<String>,
    /// Words for the recipient, when warned.
    pub warning: Option<String>,
}

/// Hides spans of a text: each becomes bullets, one per character, so that its length still tells something was there.
///
/// A span that is not of this text hides what of it is, whole characters: nothing that was to be hidden shows.
pub fn mask(text: &str, spans: &[Span]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        let start = text.floor_char_boundary(span.start as usize).max(at);
        let end = text.ceil_char_boundary((span.end as usize).min(text.len())).max(start);
        out.push_str(&text[at..start]);
        out.extend(text[start..end].chars().map(|c| if c.is_whitespace() { c } else { '•' }));
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_keeps_everything_outside_the_spans() {
        let spans = [Span { start: 5, end: 8 }, Span { start: 9, end: 12 }];
        assert_eq!(mask("call 555 123 é", &spans), "call ••• ••• é");
        assert_eq!(mask("é1é", &[Span { start: 0, end: 3 }]), "••é");
        assert_eq!(mask("plain", &[]), "plain");
    }

    #[test]
    fn actions_are_ordered_from_mild_to_strict() {
        assert!(Action::ALL.is_sorted());
        assert!(Action::ALL.iter().enumerate().all(|(index, action)| action.index() == index));
    }
}
