//! What a filter may return, and what is refused.

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
