//! The format of a filter's cases, `cases.jsonl`: one message, and what must be found in it, a line.
//!
//! Read by the SDK's tests and by `rialto filter test`, so that a case means the same natively and as a component.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One line: `{"text": "…", "expect": [["signal.id", "matched text"]]}`, everything else optional.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    /// The message.
    pub text: String,
    /// What must be found, in the order of the text; signals without a place come last.
    pub expect: Vec<Expected>,
    /// Where the circumstances differ from a first contact by a new account in a direct conversation.
    #[serde(default)]
    pub context: CaseContext,
    /// The operator's lists, by name.
    #[serde(default)]
    pub lists: BTreeMap<String, Vec<String>>,
    /// Earlier messages, latest first.
    #[serde(default)]
    pub history: Vec<CasePast>,
    /// What the host says of the sender's similar messages; without it natively nothing, in a component what `history` gives.
    pub similar: Option<CaseSimilar>,
}

/// `["signal.id", "matched text"]`, or `["signal.id"]` for a signal without a place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    /// A signal and the text of one of its spans.
    Place(String, String),
    /// A signal that names no place.
    Whole((String,)),
}

impl Expected {
    /// The signal's id.
    pub fn id(&self) -> &str {
        match self {
            Self::Place(id, _) | Self::Whole((id,)) => id,
        }
    }

    /// The text it must have matched.
    pub fn matched(&self) -> Option<&str> {
        match self {
            Self::Place(_, text) => Some(text),
            Self::Whole(_) => None,
        }
    }
}

/// Circumstances; what is left out is as in a first contact by an account made this second.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CaseContext {
    /// Seconds since 1970, UTC.
    pub now: Option<u64>,
    /// `create` or `edit`.
    pub stage: Option<CaseStage>,
    /// BCP 47.
    pub language: Option<String>,
    /// The sender's opaque key; counters are kept by it.
    pub sender_key: Option<String>,
    /// Age of the sender's account.
    pub account_age_seconds: Option<u64>,
    /// Such as `user`, `seller`.
    pub roles: Vec<String>,
    /// The sender's labels.
    pub labels: Vec<String>,
    /// The sender's strikes.
    pub strikes: u32,
    /// The conversation's opaque key.
    pub conversation_key: Option<String>,
    /// `direct` or `support`.
    pub kind: Option<CaseKind>,
    /// Age of the conversation.
    pub conversation_age_seconds: u64,
    /// Messages before this one.
    pub message_count: u64,
    /// The sender's first message to this counterpart.
    pub is_first_contact: Option<bool>,
    /// The listing's category.
    pub category: Option<String>,
    /// The listing's price, minor units.
    pub price_minor: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
}

/// Stage of a case's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseStage {
    /// A new message.
    Create,
    /// A new text for an existing message.
    Edit,
}

/// Kind of a case's conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseKind {
    /// Buyer and seller.
    Direct,
    /// User and staff.
    Support,
}

/// An earlier message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CasePast {
    /// What was said.
    pub text: String,
    /// How long ago.
    pub age_seconds: u64,
    /// By the sender of the case's message; true unless said otherwise.
    #[serde(default = "yes")]
    pub by_sender: bool,
    /// In the case's conversation; true unless said otherwise.
    #[serde(default = "yes")]
    pub in_conversation: bool,
}

/// The sender's earlier messages that are nearly this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseSimilar {
    /// How many.
    pub messages: u32,
    /// In how many other conversations.
    pub conversations: u32,
    /// Age of the oldest.
    #[serde(default)]
    pub oldest_seconds: u64,
}

fn yes() -> bool {
    true
}

/// Reads a file's text; empty lines are skipped. The error names the line, counted from 1.
pub fn parse(text: &str) -> Result<Vec<(usize, Case)>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let cases = lines.map(|(at, line)| {
        let case =
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1))?;
        Ok((at + 1, case))
    });
    cases.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_as_much_as_it_needs_to() {
        let cases = parse(concat!(
            r#"{"text": "a", "expect": []}"#,
            "\n\n",
            r#"{"text": "b", "expect": [["x.y", "b"], ["x.z"]], "context": {"kind": "support", "isFirstContact": false}, "history": [{"text": "b", "ageSeconds": 3}]}"#,
        ))
        .expect("both are cases");
        let (line, case) = &cases[1];
        assert_eq!((*line, case.context.kind), (3, Some(CaseKind::Support)));
        let expected: Vec<_> = case.expect.iter().map(|one| (one.id(), one.matched())).collect();
        assert_eq!(expected, [("x.y", Some("b")), ("x.z", None)]);
        assert!(case.history[0].by_sender && case.history[0].in_conversation);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = parse("{\"text\": \"a\", \"expect\": []}\n{\"text\": 1}").expect_err("no case");
        assert!(error.starts_with("line 2: "), "{error}");
        parse(r#"{"text": "a", "expect": [], "contxt": {}}"#).expect_err("a misspelt field");
    }
}
