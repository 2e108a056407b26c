//! Host calls: three honest ones, and every way to overdo them.
//!
//! Evidence of the honest ones: `counters` gives `sum` and `distinct`; `lists` gives `found`, the places of the
//! message's words that are on the list `fixture`; `history` gives `sender` and `conversation` (past texts, latest
//! first, joined by `|`), `messages` and `conversations` (similar within an hour, similarity 0.5 and more).

use rialto_filter_sdk::bindings::rialto::filter::lists as host_lists;
use rialto_filter_sdk::history::{Scope, recent, similar};
use rialto_filter_sdk::{Message, counters as host, log};

use super::{Outcome, answer};

const MIB: usize = 1 << 20;
const CALLS: usize = 100_000;
const HOUR: u32 = 3_600;

fn big() -> String {
    "x".repeat(MIB)
}

/// Calls and shows the last answer; the host should end this long before.
fn again(times: usize, mut call: impl FnMut(usize) -> u64) -> Outcome {
    let last = (0..times).map(&mut call).last().unwrap_or_default();
    answer([("last", last.to_string())])
}

pub fn flood_log(_: &Message) -> Outcome {
    let line = "a very long line ".repeat(256);
    (0..CALLS).for_each(|_| log::warn(&line));
    Ok(Vec::new())
}

pub fn log_mib(_: &Message) -> Outcome {
    log::warn("a line of 1 MiB é ".repeat(MIB / 19 + 1));
    Ok(Vec::new())
}

/// Fewer than a host's calls, more than a log's lines.
pub fn log_lines(_: &Message) -> Outcome {
    (0..5_000).for_each(|line| log::info(format!("line {line}")));
    Ok(Vec::new())
}

/// What would forge a second line or colour a terminal.
pub fn log_control(_: &Message) -> Outcome {
    log::error("first\nERROR forged\r\u{1b}[31mred\0nul\u{202e}turned\u{2028}line");
    Ok(Vec::new())
}

pub fn log_empty(_: &Message) -> Outcome {
    log::debug("");
    Ok(Vec::new())
}

pub fn counters(message: &Message) -> Outcome {
    let sum = host::bump("seen", "all", 1, 60);
    let different = host::distinct("texts", "all", &message.text, 60);
    answer([("sum", sum.to_string()), ("distinct", different.to_string())])
}

pub fn counters_window_zero(_: &Message) -> Outcome {
    again(1, |_| host::bump("seen", "all", 1, 0))
}

pub fn counters_window_huge(_: &Message) -> Outcome {
    again(1, |_| host::bump("seen", "all", 1, u32::MAX))
}

pub fn distinct_window_zero(_: &Message) -> Outcome {
    again(1, |_| host::distinct("seen", "all", "x", 0))
}

pub fn distinct_window_huge(_: &Message) -> Outcome {
    again(1, |_| host::distinct("seen", "all", "x", 86_401))
}

pub fn counters_big_name(_: &Message) -> Outcome {
    again(1, |_| host::bump(&big(), "all", 1, HOUR))
}

pub fn counters_big_key(_: &Message) -> Outcome {
    again(1, |_| host::bump("seen", &big(), 1, HOUR))
}

pub fn distinct_big_key(_: &Message) -> Outcome {
    again(1, |_| host::distinct("seen", &big(), "x", HOUR))
}

pub fn distinct_big_item(_: &Message) -> Outcome {
    again(1, |_| host::distinct("seen", "all", &big(), HOUR))
}

pub fn counters_overflow(_: &Message) -> Outcome {
    again(100, |_| host::bump("overflow", "all", u32::MAX, HOUR))
}

pub fn counters_keys(_: &Message) -> Outcome {
    again(5_000, |key| host::bump("keys", &key.to_string(), 1, HOUR))
}

pub fn counters_many(_: &Message) -> Outcome {
    again(CALLS, |_| host::bump("many", "all", 1, HOUR))
}

pub fn distinct_items(_: &Message) -> Outcome {
    again(5_000, |item| host::distinct("items", "all", &item.to_string(), HOUR))
}

pub fn distinct_many(_: &Message) -> Outcome {
    again(CALLS, |item| host::distinct("many", "all", &item.to_string(), HOUR))
}

pub fn lists(message: &Message) -> Outcome {
    let words: Vec<&str> = message.text.split_whitespace().collect();
    let found = rialto_filter_sdk::lists::find("fixture", &words);
    let found: Vec<String> = found.iter().map(usize::to_string).collect();
    answer([("found", found.join(" "))])
}

// The SDK would cut these into pieces the host takes, so they go past it.
fn find(name: &str, entries: &[String]) -> Outcome {
    answer([("found", host_lists::find(name, entries).len().to_string())])
}

pub fn lists_empty(_: &Message) -> Outcome {
    find("", &[String::new()])
}

pub fn lists_many(_: &Message) -> Outcome {
    find("fixture", &vec!["entry".to_owned(); CALLS])
}

pub fn lists_big_entry(_: &Message) -> Outcome {
    find("fixture", &vec![big(); 8])
}

pub fn lists_big_name(_: &Message) -> Outcome {
    find(&big(), &["entry".to_owned()])
}

pub fn lists_loop(_: &Message) -> Outcome {
    let entries = ["entry".to_owned()];
    again(CALLS, |_| host_lists::find("fixture", &entries).len() as u64)
}

pub fn lists_heavy_loop(_: &Message) -> Outcome {
    let entries = vec!["some entry of a usual length".to_owned(); 1_024];
    again(20_000, |_| host_lists::find("fixture", &entries).len() as u64)
}

pub fn history(_: &Message) -> Outcome {
    let texts = |scope| {
        let texts: Vec<String> = recent(scope, 4).into_iter().map(|past| past.text).collect();
        texts.join("|")
    };
    let alike = similar(HOUR, 0.5);
    answer([
        ("sender", texts(Scope::Sender)),
        ("conversation", texts(Scope::Conversation)),
        ("messages", alike.messages.to_string()),
        ("conversations", alike.conversations.to_string()),
    ])
}

pub fn history_limit(_: &Message) -> Outcome {
    answer([("recent", recent(Scope::Sender, u32::MAX).len().to_string())])
}

pub fn history_loop(_: &Message) -> Outcome {
    again(CALLS, |_| recent(Scope::Sender, 32).len() as u64)
}

fn alike(window_seconds: u32, min_similarity: f32) -> Outcome {
    again(1, |_| similar(window_seconds, min_similarity).messages.into())
}

pub fn similar_loop(_: &Message) -> Outcome {
    again(CALLS, |_| similar(86_400, 0.01).messages.into())
}

pub fn similar_nan(_: &Message) -> Outcome {
    alike(HOUR, f32::NAN)
}

pub fn similar_infinite(_: &Message) -> Outcome {
    alike(HOUR, f32::INFINITY)
}

pub fn similar_negative(_: &Message) -> Outcome {
    alike(HOUR, -1.0)
}

pub fn similar_above(_: &Message) -> Outcome {
    alike(HOUR, 2.0)
}

pub fn similar_absurd(_: &Message) -> Outcome {
    alike(HOUR, f32::MIN_POSITIVE)
}

pub fn similar_window_zero(_: &Message) -> Outcome {
    alike(0, 0.5)
}

pub fn similar_window_huge(_: &Message) -> Outcome {
    alike(u32::MAX, 0.5)
}
