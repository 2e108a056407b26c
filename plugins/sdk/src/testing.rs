//! Messages, contexts and checks for tests of a filter's logic, run natively.

mod checks;

use std::fmt::Write;

use rialto_filter_cases::{Case, CaseKind, CaseStage, Expected};

use crate::history::{PastMessage, SimilarMessages};
use crate::{
    Context, Conversation, ConversationKind, Filter, Listing, Message, Sender, Signal, Stage,
    history, lists,
};

pub use checks::{assert_cases, assert_linear, assert_valid, configured, inspect, problem_paths};

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

/// Inspects every line of a cases file; the format is [`Case`]'s.
///
/// # Panics
/// If a line is no case, or the filter can't judge its text.
pub fn run_cases<F: Filter>(filter: &F, cases: &str) -> Report {
    let mut report = Report::default();
    for (line, case) in rialto_filter_cases::parse(cases).unwrap_or_else(|error| panic!("{error}"))
    {
        match case.expect.is_empty() {
            true => report.negative += 1,
            false => report.positive += 1,
        }
        let (message, context) = arrange(&case);
        let signals = filter
            .inspect(&message, &context)
            .unwrap_or_else(|fault| panic!("line {line}: {fault:?}"));
        let found = found(&case.text, &signals);
        if found == case.expect {
            continue;
        }
        let _ = writeln!(report.differences, "\nline {line}: {:?}", case.text);
        for gone in case.expect.iter().filter(|one| !found.contains(one)) {
            let _ = writeln!(report.differences, "  - {} {:?}", gone.id(), gone.matched());
        }
        for extra in found.iter().filter(|one| !case.expect.contains(one)) {
            let signal = signals.iter().find(|signal| signal.id == extra.id());
            let _ =
                writeln!(report.differences, "  + {} {:?} {signal:?}", extra.id(), extra.matched());
        }
    }
    report
}

fn found(text: &str, signals: &[Signal]) -> Vec<Expected> {
    let mut places: Vec<_> = signals
        .iter()
        .flat_map(|signal| signal.spans.iter().map(|span| (span.range(), signal.id.clone())))
        .collect();
    places.sort_by_key(|(range, _)| range.start);
    let places = places.into_iter().map(|(range, id)| Expected::Place(id, text[range].to_owned()));
    let whole = signals.iter().filter(|signal| signal.spans.is_empty());
    places.chain(whole.map(|signal| Expected::Whole((signal.id.clone(),)))).collect()
}

/// The case's message and context; fills this thread's lists and history.
fn arrange(case: &Case) -> (Message, Context) {
    for (name, entries) in &case.lists {
        lists::set(name, &entries.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let past = case.history.iter().map(|past| PastMessage {
        text: past.text.clone(),
        age_seconds: past.age_seconds,
        by_sender: past.by_sender,
        in_conversation: past.in_conversation,
    });
    let similar = case.similar.map_or(history::NO_SIMILAR, |similar| SimilarMessages {
        messages: similar.messages,
        conversations: similar.conversations,
        oldest_seconds: similar.oldest_seconds,
    });
    history::set(past.collect(), similar);

    let given = &case.context;
    let mut message = message(&case.text);
    message.language.clone_from(&given.language);
    if given.stage == Some(CaseStage::Edit) {
        message.stage = Stage::Edit;
    }
    let mut context = context();
    context.now = given.now.unwrap_or(context.now);
    let sender = &mut context.sender;
    sender.key = given.sender_key.clone().unwrap_or_else(|| sender.key.clone());
    sender.account_age_seconds = given.account_age_seconds.or(sender.account_age_seconds);
    sender.roles.clone_from(&given.roles);
    sender.labels.clone_from(&given.labels);
    sender.strikes = given.strikes;
    let conversation = &mut context.conversation;
    conversation.key = given.conversation_key.clone().unwrap_or_else(|| conversation.key.clone());
    if given.kind == Some(CaseKind::Support) {
        conversation.kind = ConversationKind::Support;
    }
    conversation.age_seconds = given.conversation_age_seconds;
    conversation.message_count = given.message_count;
    conversation.is_first_contact = given.is_first_contact.unwrap_or(true);
    if given.category.is_some() || given.price_minor.is_some() {
        context.listing = Some(Listing {
            category: given.category.clone(),
            price_minor: given.price_minor,
            currency: given.currency.clone(),
        });
    }
    (message, context)
}

/// Why the host would not take these signals of this text; `None` if it would.
pub fn objection<F: Filter>(text: &str, signals: &[Signal]) -> Option<String> {
    let declared: Vec<&str> = F::describe().signals.iter().map(|signal| signal.id).collect();
    signals.iter().find_map(|signal| {
        let wrong = if !declared.contains(&signal.id.as_str()) {
            "an undeclared id"
        } else if !(0.0..=1.0).contains(&signal.confidence) {
            "a confidence outside 0 to 1"
        } else if signal.spans.len() > 64 {
            "more than 64 spans"
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
