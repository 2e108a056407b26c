//! Messages, contexts and checks for tests of a filter's logic, run natively.

use std::fmt::Write;

use serde::Deserialize;

use crate::{Context, Conversation, ConversationKind, Filter, Message, Sender, Signal, Stage};

/// A line of a cases file.
#[derive(Deserialize)]
struct Case {
    text: String,
    /// Signal id and the text it matches, in the order of the text.
    expect: Vec<(String, String)>,
}

/// What a run over cases gave.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that expect at least one signal.
    pub positive: usize,
    /// Cases that expect none.
    pub negative: usize,
    /// For people: a block per case that differs, `-` expected, `+` found instead. Empty if none does.
    pub differences: String,
}

/// Inspects every line of a cases file: `{"text": "…", "expect": [["signal.id", "matched text"]]}`.
///
/// # Panics
/// If a line is no case, or the filter can't judge its text.
pub fn run_cases<F: Filter>(filter: &F, cases: &str) -> Report {
    let mut report = Report::default();
    for (number, line) in cases.lines().enumerate() {
        let case: Case = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("line {}: {error}", number + 1));
        match case.expect.is_empty() {
            true => report.negative += 1,
            false => report.positive += 1,
        }
        let signals = filter
            .inspect(&message(&case.text), &context())
            .unwrap_or_else(|fault| panic!("line {}: {fault:?}", number + 1));
        let found = found(&case.text, &signals);
        if found == case.expect {
            continue;
        }
        let _ = writeln!(report.differences, "\nline {}: {:?}", number + 1, case.text);
        for gone in case.expect.iter().filter(|one| !found.contains(one)) {
            let _ = writeln!(report.differences, "  - {} {:?}", gone.0, gone.1);
        }
        for extra in found.iter().filter(|one| !case.expect.contains(one)) {
            let signal = signals.iter().find(|signal| signal.id == extra.0);
            let _ = writeln!(report.differences, "  + {} {:?} {signal:?}", extra.0, extra.1);
        }
    }
    report
}

fn found(text: &str, signals: &[Signal]) -> Vec<(String, String)> {
    let mut places: Vec<_> = signals
        .iter()
        .flat_map(|signal| signal.spans.iter().map(|span| (span.range(), signal.id.clone())))
        .collect();
    places.sort_by_key(|(range, _)| range.start);
    places.into_iter().map(|(range, id)| (id, text[range].to_owned())).collect()
}

/// Why the host would not take these signals of this text; `None` if it would.
pub fn objection<F: Filter>(text: &str, signals: &[Signal]) -> Option<String> {
    let declared: Vec<&str> = F::describe().signals.iter().map(|signal| signal.id).collect();
    signals.iter().find_map(|signal| {
        let wrong = if !declared.contains(&signal.id.as_str()) {
            "an undeclared id"
        } else if !(0.0..=1.0).contains(&signal.confidence) {
            "a confidence outside 0 to 1"
        } else if signal.spans.is_empty() || signal.spans.len() > 64 {
            "no spans, or more than 64"
        } else if !signal.spans.is_sorted_by_key(|span| span.start) {
            "unsorted spans"
        } else if signal.evidence.len() > 16 {
            "more than 16 pairs of evidence"
        } else if signal.spans.iter().any(|it| it.start >= it.end || text.get(it.range()).is_none())
        {
            "a span that is empty or not in the text"
        } else {
            return None;
        };
        Some(format!("{wrong}: {signal:?}"))
    })
}

/// A new message with this text. `normalized` is only lower-cased with white space collapsed (the host
/// also applies NFKC and removes invisible characters), and `links` is empty: fill in what a test needs.
pub fn message(text: &str) -> Message {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    Message {
        text: text.to_owned(),
        normalized: words.join(" "),
        language: None,
        links: Vec::new(),
        attachments: Vec::new(),
        stage: Stage::Create,
    }
}

/// A first contact from a new account in a direct conversation about nothing, in January 2026.
pub fn context() -> Context {
    Context {
        now: 1_767_225_600,
        sender: Sender {
            key: "sender".to_owned(),
            account_age_seconds: Some(0),
            roles: Vec::new(),
            labels: Vec::new(),
            strikes: 0,
        },
        conversation: Conversation {
            key: "conversation".to_owned(),
            kind: ConversationKind::Direct,
            age_seconds: 0,
            message_count: 0,
            is_first_contact: true,
        },
        listing: None,
        earlier: Vec::new(),
    }
}
