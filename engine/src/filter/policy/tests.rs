//! The policy: decisions row by row, overrides, groups, words. Arithmetic, changes and refusals have their own files.

mod arithmetic;
mod changes;
mod refusals;

use super::*;
use Action::{Deliver, Hold, Label, Mask, Refuse, Shadow, Warn};
use ConversationKind::{Direct, Support};

const TEXT: &str = "call 555-1234 or é mail jo@example.com now";

fn found(id: &str, confidence: f32, spans: &[(u32, u32)]) -> RecordedSignal {
    let spans = spans.iter().map(|&(start, end)| Span { start, end }).collect();
    RecordedSignal {
        filter: "test".into(),
        filter_version: "1.0.0+00000000".into(),
        id: id.into(),
        confidence,
        weight: 1.0,
        spans,
        evidence: Vec::new(),
    }
}

fn at(kind: ConversationKind) -> Circumstances<'static> {
    Circumstances {
        text_len: TEXT.len(),
        kind,
        category: None,
        listing: None,
        sender_locale: None,
        recipient_locale: None,
    }
}

fn decide(policy: &Policy, kind: ConversationKind, found: Vec<RecordedSignal>) -> Option<Verdict> {
    policy.decide(&at(kind), found).map(|decided| decided.verdict)
}

const TABLE: &str = r#"
failure_notice = "checking"
[weights]
"b.heavy" = 5.0
[[row]]
signal = "a.sure"
min_confidence = 0.9
action = "refuse"
notice = "no"
[[row]]
signal = "a.*"
min_confidence = 0.5
action = "mask"
notice = "masked"
warning = "hidden"
conversation_kinds = ["direct"]
[[row]]
signal = "a.*"
action = "label"
[[row]]
signal = "c.link"
action = "warn"
warning = "careful"
[[row]]
signal = "c.quiet"
action = "shadow"
[[sum]]
at_least = 4.0
action = "hold"
notice = "held"
conversation_kinds = ["direct"]
"#;

#[test]
fn the_first_row_that_fits_decides_and_the_strictest_action_wins() {
    type Case<'a> =
        (&'a [(&'a str, f32)], ConversationKind, Action, Option<&'a str>, Option<&'a str>);
    let policy = Policy::parse(TABLE, 7).expect("a good table");
    let cases: &[Case<'_>] = &[
        (&[("z.unknown", 1.0)], Direct, Deliver, None, None),
        (&[("a.phone", 0.4)], Direct, Label, None, None),
        (&[("a.phone", 0.5)], Direct, Mask, Some("masked"), Some("hidden")),
        (&[("a.phone", 0.5)], Support, Label, None, None),
        (&[("a.sure", 0.9)], Support, Refuse, Some("no"), None),
        (&[("a.sure", 0.89)], Direct, Mask, Some("masked"), Some("hidden")),
        (&[("ab.phone", 1.0)], Direct, Deliver, None, None),
        (&[("c.link", 0.0)], Direct, Warn, None, Some("careful")),
        (&[("c.link", 1.0), ("a.phone", 1.0)], Direct, Mask, Some("masked"), Some("hidden")),
        (&[("c.link", 1.0), ("a.sure", 1.0)], Direct, Refuse, Some("no"), Some("careful")),
        (&[("c.quiet", 1.0), ("a.sure", 1.0)], Direct, Shadow, None, None),
        (&[("b.heavy", 0.8)], Direct, Hold, Some("held"), None),
        (&[("b.heavy", 0.7)], Direct, Deliver, None, None),
        (&[("b.heavy", 0.8)], Support, Deliver, None, None),
        (
            &[("z.one", 1.0), ("z.two", 1.0), ("z.three", 1.0), ("z.one", 1.0)],
            Direct,
            Hold,
            Some("held"),
            None,
        ),
        (&[(FAILED, 1.0), ("c.link", 1.0)], Direct, Hold, Some("checking"), Some("careful")),
    ];
    for (signals, kind, action, notice, warning) in cases {
        let all =
            signals.iter().map(|(id, confidence)| found(id, *confidence, &[(0, 4)])).collect();
        let verdict = decide(&policy, *kind, all).expect("signals give a verdict");
        let decided = (verdict.action, verdict.notice.as_deref(), verdict.warning.as_deref());
        assert_eq!(decided, (*action, *notice, *warning), "{signals:?} in {kind:?}");
        assert_eq!((verdict.policy_version, verdict.signals.len()), (7, signals.len()));
        assert_eq!(verdict.mask.is_empty(), warning != &Some("hidden"), "mask of {signals:?}");
    }
    assert_eq!(decide(&policy, Direct, Vec::new()), None, "no signal, no verdict");
}

#[test]
fn masks_are_merged_and_a_signal_without_place_means_everything() {
    let policy = Policy::parse(TABLE, 7).expect("a good table");
    let spans = |signals: Vec<RecordedSignal>| {
        let mask = decide(&policy, Direct, signals).expect("a verdict").mask;
        mask.iter().map(|span| (span.start, span.end)).collect::<Vec<_>>()
    };
    let one = found("a.x", 1.0, &[(24, 38), (5, 9)]);
    let two = found("a.y", 1.0, &[(8, 13)]);
    let labelled = found("a.z", 0.1, &[(0, 3)]);
    assert_eq!(spans(vec![one, two, labelled]), [(5, 13), (24, 38)]);
    assert_eq!(spans(vec![found("a.x", 1.0, &[])]), [(0, 43)]);
}

#[test]
fn categories_and_exceptions_stand_above_the_rule() {
    let policy = Policy::parse(
        r#"
failure_notice = "checking"
[[row]]
signal = "contact.*"
action = "deliver"
categories = ["job", "real-estate.*"]
[[row]]
signal = "contact.*"
action = "hold"
notice = "held"
"#,
        1,
    )
    .expect("a good table");
    for (category, action) in [
        (Some("job"), Deliver),
        (Some("jobs"), Hold),
        (Some("real-estate.rent"), Deliver),
        (Some("real-estate"), Hold),
        (None, Hold),
    ] {
        let at = Circumstances { category, ..at(Direct) };
        let decided = policy.decide(&at, vec![found("contact.phone", 1.0, &[])]).expect("decided");
        assert_eq!(decided.verdict.action, action, "in {category:?}");
    }
}

#[test]
fn a_group_adds_no_more_than_its_cap_and_every_signal_is_credited_with_what_it_caused() {
    let table = r#"
failure_notice = "checking"
[[group]]
name = "contact"
signals = ["contact.*"]
cap = 1.5
[[row]]
signal = "contact.label"
action = "label"
[[sum]]
at_least = 2.0
action = "hold"
notice = "held"
[weights]
"z.nothing" = 0.0
"#;
    let policy = Policy::parse(table, 1).expect("a good table");
    let caused = |ids: &[&str]| {
        let found = ids.iter().map(|id| found(id, 1.0, &[])).collect();
        policy.decide(&at(Direct), found).expect("decided").caused
    };
    let many = ["contact.a", "contact.b", "contact.c", "contact.d"];
    assert_eq!(caused(&many), [Deliver; 4], "four of a group are 1.5");
    assert_eq!(caused(&["contact.a", "contact.b", "b.other"]), [Hold; 3]);
    assert_eq!(caused(&["contact.label", "contact.b"]), [Label, Deliver]);
    let with_nothing = ["contact.a", "contact.b", "b.other", "z.nothing"];
    assert_eq!(caused(&with_nothing), [Hold, Hold, Hold, Deliver], "without weight, no part in it");
}

#[test]
fn everybody_reads_their_own_language_and_nobody_reads_internals() {
    let policy = Policy::parse(
        r#"
failure_notice = "@held"
default_language = "et"
[words.held]
et = "ootel"
de = "wird geprüft"
[[row]]
signal = "a.*"
action = "mask"
notice = { et = "peidetud: {listing|kuulutus}", de = "verborgen: {listing|Angebot}" }
warning = "ettevaatust"
"#,
        1,
    )
    .expect("a good table");
    let words = |sender, recipient, signal: &str| {
        let at = Circumstances {
            listing: Some("Ratas {filter|x}"),
            sender_locale: sender,
            recipient_locale: recipient,
            ..at(Direct)
        };
        let verdict = policy.decide(&at, vec![found(signal, 1.0, &[])]).expect("decided").verdict;
        (verdict.notice.expect("a notice"), verdict.warning)
    };
    let (notice, warning) = words(Some("de-CH"), Some("de"), "a.b");
    assert_eq!(notice, "verborgen: Ratas {filter|x}", "what people wrote is not a template");
    assert_eq!(warning.as_deref(), Some("ettevaatust"), "there is no German warning");
    assert_eq!(words(None, None, "a.b").0, "peidetud: Ratas {filter|x}");
    assert_eq!(words(Some("de"), None, FAILED).0, "wird geprüft");
}

#[test]
fn the_default_table_is_good() {
    let policy = Policy::parse(Policy::DEFAULT, 1).expect("the default table");
    for (id, confidence, kind, action) in [
        ("contact.phone", 0.9, Direct, Mask),
        ("contact.phone", 0.9, Support, Label),
        ("link.denied", 0.9, Direct, Refuse),
        ("link.lookalike", 0.9, Support, Hold),
        ("link.disguised", 0.9, Direct, Hold),
        ("link.shortened", 0.9, Direct, Warn),
        ("spam.text", 0.95, Direct, Hold),
        ("spam.text", 0.6, Direct, Label),
        ("spam.text", 0.6, Support, Label),
        ("scam.courier", 0.95, Direct, Hold),
        ("scam.courier", 0.8, Direct, Warn),
        ("scam.courier", 0.6, Direct, Label),
        ("scam.courier", 0.95, Support, Label),
        ("scam.verification-code", 0.9, Direct, Hold),
        ("contact.move", 0.9, Direct, Warn),
        ("flood.copies", 1.0, Direct, Shadow),
        ("flood.copies", 0.9, Direct, Hold),
        ("flood.contacts", 0.3, Direct, Label),
        ("tone.threat", 0.9, Direct, Hold),
        ("tone.insult", 0.8, Direct, Warn),
        ("tone.profanity", 1.0, Direct, Label),
        ("wordlist.denied", 1.0, Direct, Refuse),
        ("wordlist.pattern", 1.0, Support, Hold),
        ("wordlist.watched", 1.0, Direct, Label),
    ] {
        let signal = RecordedSignal { weight: 0.0, ..found(id, confidence, &[(0, 4)]) };
        let verdict = decide(&policy, kind, vec![signal]);
        let decided = verdict.map(|verdict| verdict.action);
        assert_eq!(decided, Some(action), "{id} {confidence} in {kind:?}");
    }
    for (locale, begins) in [("en-GB", "Your"), ("de-AT", "Deine"), ("et", "Sinu"), ("fi", "Your")]
    {
        let at = Circumstances { sender_locale: Some(locale), ..at(Direct) };
        let decided = policy.decide(&at, vec![found("spam.text", 1.0, &[])]).expect("decided");
        let notice = decided.verdict.notice.expect("a notice");
        assert!(notice.starts_with(begins), "{notice:?} for {locale}");
    }
    for (id, words) in &policy.words {
        let languages: Vec<&str> = words.texts().map(|(tag, _)| tag).collect();
        assert_eq!(languages, ["de", "en", "et"], "languages of [words.{id}]");
    }
}
