//! Time, memory, stack, and what an operating system would give.

use std::hint::black_box;
use std::io::Write;
use std::time::Duration;

use rialto_filter_sdk::Message;

use super::{Outcome, answer};

pub fn spin(_: &Message) -> Outcome {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

pub fn allocate(_: &Message) -> Outcome {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(vec![1; 1 << 20]);
        black_box(&hoard);
    }
}

pub fn allocate_once(_: &Message) -> Outcome {
    black_box(vec![1_u8; 1 << 30]);
    Ok(Vec::new())
}

/// Kept by the instance: a host that reuses instances must end or recycle it some time.
pub fn leak(_: &Message) -> Outcome {
    std::mem::forget(black_box(vec![1_u8; 1 << 20]));
    Ok(Vec::new())
}

pub fn trap(_: &Message) -> Outcome {
    panic!("told to trap");
}

#[expect(unconditional_recursion, reason = "the stack must overflow")]
fn descend(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    descend(depth + 1).wrapping_add(frame[3])
}

pub fn recurse(_: &Message) -> Outcome {
    black_box(descend(0));
    Ok(Vec::new())
}

#[expect(clippy::disallowed_methods, reason = "the host must not let it wait")]
pub fn sleep(_: &Message) -> Outcome {
    std::thread::sleep(Duration::from_hours(1));
    Ok(Vec::new())
}

#[expect(clippy::disallowed_methods, reason = "the host must survive it")]
pub fn exit(_: &Message) -> Outcome {
    std::process::exit(0);
}

pub fn abort(_: &Message) -> Outcome {
    std::process::abort();
}

pub fn stdout_flood(_: &Message) -> Outcome {
    let line = "standard output ".repeat(256);
    let mut out = std::io::stdout();
    let written = (0..20_000).filter(|_| writeln!(out, "{line}").is_ok()).count();
    answer([("written", written.to_string())])
}

pub fn stderr_flood(_: &Message) -> Outcome {
    let line = "standard error ".repeat(256);
    let mut out = std::io::stderr();
    let written = (0..20_000).filter(|_| writeln!(out, "{line}").is_ok()).count();
    answer([("written", written.to_string())])
}

/// Evidence `read` says what came of it; a host without files gives an error.
pub fn read_file(_: &Message) -> Outcome {
    let read = match std::fs::read("/etc/passwd") {
        Ok(bytes) => format!("{} bytes", bytes.len()),
        Err(error) => format!("refused: {}", error.kind()),
    };
    answer([("read", read)])
}
