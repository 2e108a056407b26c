//! What a filter may return, and what is refused.

use proptest::prelude::*;

use super::*;

const TEXT: &str = "é 555";

fn declared() -> Vec<SignalDescription> {
    let description = String::new();
    vec![SignalDescription { id: "a.b".into(), description, default_weight: 1.0 }]
}

fn signal() -> types::SignalResult {
    types::SignalResult {
        id: "a.b".into(),
        confidence: 0.5,
        spans: vec![types::Span { start: 0, end: 2 }, types::Span { start: 3, end: 6 }],
        evidence: vec![("n".repeat(64), "v".repeat(256)); MAX_EVIDENCE],
    }
}

fn spans(start: u32, end: u32) -> Vec<types::Span> {
    vec![types::Span { start, end }]
}

#[test]
fn what_can_be_true_is_taken_as_it_is() {
    let signals = validate(TEXT, &declared(), vec![signal(); MAX_SIGNALS]).expect("nothing wrong");
    assert_eq!(signals.len(), MAX_SIGNALS);
    assert_eq!(signals[0].spans, [Span { start: 0, end: 2 }, Span { start: 3, end: 6 }]);
    assert_eq!((signals[0].confidence, signals[0].evidence.len()), (0.5, MAX_EVIDENCE));
}

#[test]
fn what_cant_be_true_is_refused() {
    type Spoil = fn(&mut types::SignalResult);
    let cases: &[(Spoil, &str)] = &[
        (|s| s.id = "a.c".into(), "\"a.c\""),
        (|s| s.confidence = f32::NAN, "confidence NaN"),
        (|s| s.confidence = f32::INFINITY, "confidence inf"),
        (|s| s.confidence = -0.01, "confidence -0.01"),
        (|s| s.confidence = 1.01, "confidence 1.01"),
        (|s| s.spans = spans(0, 1), "0..1"),
        (|s| s.spans = spans(1, 3), "1..3"),
        (|s| s.spans = spans(3, 3), "3..3"),
        (|s| s.spans = spans(4, 3), "4..3"),
        (|s| s.spans = spans(0, 7), "0..7"),
        (|s| s.spans = spans(u32::MAX - 1, u32::MAX), "4294967294..4294967295"),
        (|s| s.spans = vec![types::Span { start: 3, end: 4 }; 65], "65 spans"),
        (|s| s.evidence.push(("n".into(), "v".into())), "17 evidence pairs"),
        (|s| s.evidence[3].0.push('n'), "65 and 256 bytes"),
        (|s| s.evidence[3].1.push('v'), "64 and 257 bytes"),
    ];
    for (spoil, expected) in cases {
        let mut bad = signal();
        spoil(&mut bad);
        let fault = validate(TEXT, &declared(), vec![signal(), bad]).expect_err(expected);
        assert_eq!(fault.kind, FaultKind::Invalid);
        assert!(fault.text.contains(expected), "{:?} should say {expected:?}", fault.text);
    }
    let fault = validate(TEXT, &declared(), vec![signal(); 65]).expect_err("too many");
    assert!(fault.text.contains("65 signals"), "{fault}");
}

/// Mostly right, sometimes not, near every bound.
fn any_signal(bytes: u32) -> impl Strategy<Value = types::SignalResult> {
    let offset = prop_oneof![0..=bytes + 1, 0..=bytes, Just(u32::MAX)];
    let spans = proptest::collection::vec((offset.clone(), offset), 0..4);
    let confidence = prop_oneof![
        6 => 0.0_f32..=1.0,
        1 => any::<f32>(),
        1 => prop_oneof![Just(f32::NAN), Just(-0.0), Just(1.000_000_1), Just(f32::INFINITY)],
    ];
    let text = |most: usize| prop_oneof![4 => 0..=most, 1 => most..=most + 1];
    let pair = (text(MAX_EVIDENCE_NAME), text(MAX_EVIDENCE_VALUE));
    let evidence = proptest::collection::vec(pair, 0..3);
    let id = prop_oneof![9 => Just("a.b"), 1 => Just("a.c")];
    (id, confidence, spans, evidence).prop_map(|(id, confidence, spans, evidence)| {
        let text = |(name, value)| ("n".repeat(name), "v".repeat(value));
        types::SignalResult {
            id: id.to_owned(),
            confidence,
            spans: spans.into_iter().map(|(start, end)| types::Span { start, end }).collect(),
            evidence: evidence.into_iter().map(text).collect(),
        }
    })
}

/// What the contract says, in other words than the code's.
fn can_be_true(text: &str, signal: &types::SignalResult) -> bool {
    let cuts = |span: &types::Span| {
        let range = usize::try_from(span.start).ok()..usize::try_from(span.end).ok();
        let (Some(start), Some(end)) = (range.start, range.end) else { return false };
        text.get(start..end).is_some_and(|part| !part.is_empty())
    };
    signal.id == "a.b"
        && (signal.confidence >= 0.0 && signal.confidence <= 1.0)
        && signal.spans.iter().all(cuts)
        && signal.evidence.iter().all(|(name, value)| name.len() <= 64 && value.len() <= 256)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn exactly_what_can_be_true_is_taken(
        (text, signals) in "[a-cé😀 ]{0,12}".prop_flat_map(|text| {
            let bytes = u32::try_from(text.len()).expect("short");
            (Just(text), proptest::collection::vec(any_signal(bytes), 0..4))
        })
    ) {
        let expected = signals.iter().all(|signal| can_be_true(&text, signal));
        let ids: Vec<_> = signals.iter().map(|signal| signal.spans.len()).collect();
        match validate(&text, &declared(), signals) {
            Ok(taken) => {
                prop_assert!(expected, "took {taken:?}");
                prop_assert_eq!(taken.iter().map(|signal| signal.spans.len()).collect::<Vec<_>>(), ids);
                for span in taken.iter().flat_map(|signal| &signal.spans) {
                    // Masking cuts here, so this must not panic.
                    let (start, end) = (span.start as usize, span.end as usize);
                    prop_assert!(!text[start..end].is_empty());
                }
            }
            Err(fault) => {
                prop_assert!(!expected, "refused: {fault}");
                prop_assert_eq!(fault.kind, FaultKind::Invalid);
                prop_assert!(fault.text.len() < 600, "the reason is short: {}", fault.text.len());
            }
        }
    }
}
