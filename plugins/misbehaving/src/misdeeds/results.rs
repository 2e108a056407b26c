//! Answers no host should take.

use rialto_filter_sdk::{Fault, Message, Signal, Span};

use super::{DECLARED, Outcome};

const MIB: usize = 1 << 20;

fn give(signal: Signal) -> Outcome {
    Ok(vec![signal])
}

fn with_confidence(confidence: f32) -> Outcome {
    give(Signal { confidence, ..Signal::new(DECLARED) })
}

fn with_spans(spans: Vec<Span>) -> Outcome {
    give(Signal { spans, ..Signal::new(DECLARED) })
}

fn with_evidence(evidence: Vec<(String, String)>) -> Outcome {
    give(Signal { evidence, ..Signal::new(DECLARED) })
}

/// Beyond the end, backwards, and inside the text's first character of more than one byte.
pub fn wild_spans(message: &Message) -> Outcome {
    let end = u32::try_from(message.text.len()).unwrap_or(u32::MAX);
    let mut spans = vec![
        Span { start: 0, end: end.saturating_add(1) },
        Span { start: u32::MAX - 1, end: u32::MAX },
        Span { start: end, end: 0 },
    ];
    let wide = message.text.char_indices().find(|(_, character)| character.len_utf8() > 1);
    if let Some(inside) = wide.and_then(|(at, _)| u32::try_from(at + 1).ok()) {
        spans.push(Span { start: inside, end });
        spans.push(Span { start: 0, end: inside });
    }
    // A signal each, so that one bad span can't hide that another went through.
    Ok(spans
        .into_iter()
        .map(|span| Signal { spans: vec![span], ..Signal::new(DECLARED) })
        .collect())
}

pub fn many_spans(_: &Message) -> Outcome {
    with_spans(vec![Span { start: 0, end: 1 }; 10_000])
}

pub fn empty_span(_: &Message) -> Outcome {
    with_spans(vec![Span { start: 0, end: 0 }])
}

pub fn nan(_: &Message) -> Outcome {
    with_confidence(f32::NAN)
}

pub fn infinite(_: &Message) -> Outcome {
    with_confidence(f32::INFINITY)
}

pub fn negative(_: &Message) -> Outcome {
    with_confidence(-1.0)
}

pub fn too_sure(_: &Message) -> Outcome {
    with_confidence(2.0)
}

pub fn undeclared(_: &Message) -> Outcome {
    give(Signal::new("misbehaving.undeclared"))
}

/// Small enough for the result's limit in bytes, so that it is their number the host must refuse.
pub fn many_signals(_: &Message) -> Outcome {
    Ok(vec![Signal::new(DECLARED); 10_000])
}

/// As many as fit into the default 64 MiB, so that it is the result the host must refuse.
pub fn huge_result(_: &Message) -> Outcome {
    Ok(vec![Signal::new(""); 800_000])
}

pub fn huge_id(_: &Message) -> Outcome {
    give(Signal::new("misbehaving.".repeat(MIB / 12 + 1)))
}

pub fn big_evidence(_: &Message) -> Outcome {
    with_evidence(vec![("why".to_owned(), "x".repeat(MIB))])
}

pub fn many_evidence(_: &Message) -> Outcome {
    with_evidence(vec![("why".to_owned(), "because".to_owned()); 10_000])
}

pub fn evidence_name(_: &Message) -> Outcome {
    with_evidence(vec![("x".repeat(MIB), "because".to_owned())])
}

pub fn fault(_: &Message) -> Outcome {
    Err(Fault::new("told to fail"))
}

pub fn fault_mib(_: &Message) -> Outcome {
    Err(Fault::new("told to fail at length ".repeat(MIB / 23 + 1)))
}
