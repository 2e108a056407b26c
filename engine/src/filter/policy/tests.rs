//! The policy table: decisions row by row, properties of every decision, refusals of wrong tables.

use proptest::prelude::*;

use super::*;
use Action::{Deliver, Hold, Label, Mask, Refuse, Shadow, Warn};
use ConversationKind::{Direct, Support};

const TEXT: &str = "call 555-1234 or é mail jo@example.com now";

fn found(id: &str, confidence: f32, spans: &[(u32, u32)]) -> Weighted {
    let spans = spans.iter().map(|&(start, end)| Span { start, end }).collect();
    let signal = RecordedSignal {
        filter: "test".into(),
        filter_version: "1.0.0+00000000".into(),
        id: id.into(),
        confidence,
        spans,
        evidence: Vec::new(),
    };
    Weighted { signal, default_weight: 1.0 }
}

const TABLE: &str = r#"
version = 7
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
    let policy = Policy::parse(TABLE).expect("a good table");
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
        let verdict = policy.decide(TEXT.len(), *kind, all).expect("signals give a verdict");
        let decided = (verdict.action, verdict.notice.as_deref(), verdict.warning.as_deref());
        assert_eq!(decided, (*action, *notice, *warning), "{signals:?} in {kind:?}");
        assert_eq!((verdict.policy_version, verdict.signals.len()), (7, signals.len()));
        assert_eq!(verdict.mask.is_empty(), warning != &Some("hidden"), "mask of {signals:?}");
    }
    assert_eq!(policy.decide(TEXT.len(), Direct, Vec::new()), None, "no signal, no verdict");
}

#[test]
fn masks_are_merged_and_a_signal_without_place_means_everything() {
    let policy = Policy::parse(TABLE).expect("a good table");
    let spans = |signals: Vec<Weighted>| {
        let mask = policy.decide(TEXT.len(), Direct, signals).expect("a verdict").mask;
        mask.iter().map(|span| (span.start, span.end)).collect::<Vec<_>>()
    };
    let one = found("a.x", 1.0, &[(24, 38), (5, 9)]);
    let two = found("a.y", 1.0, &[(8, 13)]);
    let labelled = found("a.z", 0.1, &[(0, 3)]);
    assert_eq!(spans(vec![one, two, labelled]), [(5, 13), (24, 38)]);
    assert_eq!(spans(vec![found("a.x", 1.0, &[])]), [(0, 43)]);
}

#[test]
fn wrong_tables_are_refused_with_the_row_and_what_to_do() {
    let head = "version = 1\nfailure_notice = \"x\"\n";
    let row = |fields: &str| {
        format!("{head}[[row]]\nsignal = \"a.b\"\naction = \"label\"\n[[row]]\n{fields}")
    };
    for (table, expected) in [
        ("version = 1".to_owned(), "failure_notice"),
        ("version = 0\nfailure_notice = \"x\"".to_owned(), "version must be 1 or more"),
        ("version = 1\nfailure_notice = \" \"".to_owned(), "failure_notice must have"),
        (format!("{head}surprise = 1"), "surprise"),
        (format!("{head}[weights]\n\"a.b\" = -1.0"), "weights give a.b -1"),
        (format!("{head}[weights]\n\"a.*\" = 1.0"), "weights name"),
        (row("signal = \"c\"\naction = \"explode\""), "explode"),
        (row("signal = \"C d\"\naction = \"label\""), "row 2 has signal \"C d\""),
        (row("signal = \"*\"\naction = \"label\""), "row 2 has signal \"*\""),
        (
            row("signal = \"filter.failed\"\naction = \"label\""),
            "row 2 has signal \"filter.failed\"; `filter.`",
        ),
        (row("signal = \"c.d\"\naction = \"hold\""), "row 2 needs a notice"),
        (row("signal = \"c.d\"\naction = \"warn\""), "row 2 needs a warning"),
        (
            row("signal = \"c.d\"\naction = \"shadow\"\nnotice = \"oh\""),
            "row 2 has a notice that nobody",
        ),
        (
            row("signal = \"c.d\"\naction = \"refuse\"\nnotice = \"oh\"\nwarning = \"x\""),
            "row 2 has a warning that nobody",
        ),
        (
            row("signal = \"c.d\"\naction = \"label\"\nmin_confidence = 1.1"),
            "row 2 has min_confidence 1.1",
        ),
        (
            row("signal = \"c.d\"\naction = \"label\"\nmin_confidence = nan"),
            "row 2 has min_confidence NaN",
        ),
        (
            row("signal = \"c.d\"\naction = \"label\"\nconversation_kinds = []"),
            "row 2 has no conversation_kinds",
        ),
        (
            row("signal = \"a.b\"\naction = \"label\"\nmin_confidence = 0.5"),
            "row 2 is never reached, because row 1",
        ),
        (format!("{head}[[sum]]\nat_least = 0.0\naction = \"label\""), "sum 1 has at_least 0"),
    ] {
        let error = Policy::parse(&table).expect_err(&table).to_string();
        assert!(error.contains(expected), "{error:?} should say {expected:?} of:\n{table}");
    }
}

#[test]
fn the_default_table_is_good() {
    let policy = Policy::parse(Policy::DEFAULT).expect("the default table");
    for (id, kind, action) in [
        ("contact.phone", Direct, Mask),
        ("contact.phone", Support, Label),
        ("link.denied", Direct, Refuse),
        ("link.lookalike", Support, Hold),
        ("link.disguised", Direct, Hold),
        ("link.shortened", Direct, Warn),
    ] {
        let verdict = policy.decide(TEXT.len(), kind, vec![found(id, 0.9, &[(0, 4)])]);
        assert_eq!(verdict.map(|verdict| verdict.action), Some(action), "{id} in {kind:?}");
    }
}

fn any_signal() -> impl Strategy<Value = Weighted> {
    let borders: Vec<u32> =
        TEXT.char_indices().map(|(at, _)| u32::try_from(at).expect("short")).collect();
    let spans = prop::collection::vec((prop::sample::select(borders), 0_u32..12), 0..6);
    let ids = vec!["a.sure", "a.phone", "b.heavy", "c.link", "c.quiet", "z.unknown", FAILED];
    (prop::sample::select(ids), 0.0_f32..=1.0, spans).prop_map(|(id, confidence, spans)| {
        let spans: Vec<_> = spans
            .into_iter()
            .map(|(start, len)| {
                let mut end = (start + len).min(u32::try_from(TEXT.len()).expect("short"));
                while !TEXT.is_char_boundary(end as usize) {
                    end -= 1;
                }
                (start, end.max(start))
            })
            .collect();
        found(id, confidence, &spans)
    })
}

proptest! {
    #[test]
    fn every_verdict_is_strict_and_its_mask_can_be_applied(
        signals in prop::collection::vec(any_signal(), 1..12),
        direct in any::<bool>(),
    ) {
        let policy = Policy::parse(TABLE).expect("a good table");
        let kind = if direct { Direct } else { Support };
        let verdict = policy.decide(TEXT.len(), kind, signals.clone()).expect("a verdict");

        let alone = signals.iter().map(|one| {
            policy.decide(TEXT.len(), kind, vec![one.clone()]).expect("a verdict").action
        });
        let strictest = alone.max().expect("at least one");
        let total: f32 = signals.iter().map(|one| policy.share(one)).sum();
        let expected = if direct && total >= 4.0 { strictest.max(Hold) } else { strictest };
        prop_assert_eq!(verdict.action, expected, "the strictest of the signals and the sum");

        let mut end = None;
        for span in &verdict.mask {
            prop_assert!(span.start < span.end && end.is_none_or(|end| end < span.start), "sorted, apart");
            prop_assert!(TEXT.get(span.start as usize..span.end as usize).is_some(), "in bounds, on borders");
            end = Some(span.end);
        }
        let masked = crate::domain::verdict::mask(TEXT, &verdict.mask);
        prop_assert_eq!(masked.chars().count(), TEXT.chars().count());
        let has_words = verdict.notice.is_some();
        prop_assert_eq!(has_words, matches!(verdict.action, Mask | Hold | Refuse), "the sender is told why");
    }
}
