//! One function per misdeed, and the list that names them.

#![expect(
    clippy::unnecessary_wraps,
    reason = "misdeeds share one type, so that they fit in a list"
)]

use std::hint::black_box;

use rialto_filter_sdk::{Fault, Message, Signal, Span, counters, log};

const DECLARED: &str = "misbehaving.declared";

type Outcome = Result<Vec<Signal>, Fault>;

type Misdeed = fn(&Message) -> Outcome;

const MISDEEDS: &[(&str, Misdeed)] = &[
    ("loop", spin),
    ("allocate", allocate),
    ("trap", trap),
    ("wild-spans", wild_spans),
    ("nan", nan),
    ("undeclared", undeclared),
    ("confidence", too_sure),
    ("many-spans", many_spans),
    ("big-evidence", big_evidence),
    ("counters", count),
    ("flood-log", flood_log),
    ("sleep-recursion", recurse),
    ("huge-result", huge_result),
    ("fault", fault),
];

/// Does the first misdeed whose word is in the text; behaves if there is none.
pub fn chosen_by(message: &Message) -> Outcome {
    let chosen = message
        .text
        .split_whitespace()
        .find_map(|word| MISDEEDS.iter().find(|(name, _)| *name == word));
    match chosen {
        Some((_, misdeed)) => misdeed(message),
        None => Ok(Vec::new()),
    }
}

fn spin(_: &Message) -> Outcome {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn allocate(_: &Message) -> Outcome {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(vec![1; 1 << 20]);
        black_box(&hoard);
    }
}

fn trap(_: &Message) -> Outcome {
    panic!("told to trap");
}

/// Beyond the end, backwards, and inside the text's first character of more than one byte.
fn wild_spans(message: &Message) -> Outcome {
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

fn nan(_: &Message) -> Outcome {
    Ok(vec![Signal { confidence: f32::NAN, ..Signal::new(DECLARED) }])
}

fn undeclared(_: &Message) -> Outcome {
    Ok(vec![Signal::new("misbehaving.undeclared")])
}

fn too_sure(_: &Message) -> Outcome {
    Ok(vec![Signal { confidence: 2.0, ..Signal::new(DECLARED) }])
}

fn many_spans(_: &Message) -> Outcome {
    Ok(vec![Signal { spans: vec![Span { start: 0, end: 1 }; 10_000], ..Signal::new(DECLARED) }])
}

fn big_evidence(_: &Message) -> Outcome {
    let evidence = vec![("why".to_owned(), "x".repeat(1 << 20))];
    Ok(vec![Signal { evidence, ..Signal::new(DECLARED) }])
}

fn count(message: &Message) -> Outcome {
    let sum = counters::bump("seen", "all", 1, 60);
    let different = counters::distinct("texts", "all", &message.text, 60);
    let evidence =
        vec![("sum".to_owned(), sum.to_string()), ("distinct".to_owned(), different.to_string())];
    Ok(vec![Signal { evidence, ..Signal::new(DECLARED) }])
}

fn flood_log(_: &Message) -> Outcome {
    let line = "a very long line ".repeat(256);
    for _ in 0..100_000 {
        log::warn(&line);
    }
    Ok(Vec::new())
}

#[expect(unconditional_recursion, reason = "the stack must overflow")]
fn descend(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    descend(depth + 1).wrapping_add(frame[3])
}

fn recurse(_: &Message) -> Outcome {
    black_box(descend(0));
    Ok(Vec::new())
}

/// As many as fit into the default 64 MiB, so that it is the result the host must refuse.
fn huge_result(_: &Message) -> Outcome {
    Ok(vec![Signal::new(""); 800_000])
}

fn fault(_: &Message) -> Outcome {
    Err(Fault::new("told to fail"))
}
