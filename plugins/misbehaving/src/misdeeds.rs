//! The words that choose a misdeed, and the list that names them.
//!
//! A message does the first misdeed whose word stands alone in its text, and behaves if there is none. The
//! setting `misdeed` chooses one for `configure` ([`crate::configuring`]); for `describe` a test writes a word
//! into the component's bytes ([`crate::describing`]).
//!
//! | words | what is done |
//! |---|---|
//! | `counters` `lists` `history` | nothing wrong: honest calls, their answers as evidence (see [`calls`]) |
//! | `loop` `sleep-recursion` `trap` `fault` `fault-mib` | never ends, overflows the stack, panics, fails in a few words, fails in 1 MiB of them |
//! | `allocate` `allocate-once` `leak` | 1 MiB after another without end, 1 GiB at once, 1 MiB that is never given back (and behaves) |
//! | `sleep` `exit` `abort` `stdout-flood` `stderr-flood` `read-file` | what the operating system is for |
//! | `flood-log` `log-mib` `log-lines` `log-control` `log-empty` | 100,000 lines of 4 KiB, one of 1 MiB, 5,000 short ones, control characters, an empty one |
//! | `counters-window-zero` `counters-window-huge` `distinct-window-zero` `distinct-window-huge` | windows outside 1 to 86,400 |
//! | `counters-big-name` `counters-big-key` `distinct-big-key` `distinct-big-item` | 1 MiB of each |
//! | `counters-overflow` `counters-keys` `counters-many` `distinct-items` `distinct-many` | sums beyond 32 bits, 5,000 keys, 100,000 calls, 5,000 items, 100,000 calls |
//! | `lists-empty` `lists-many` `lists-big-entry` `lists-big-name` | no name and an empty entry, 100,000 entries, 8 of 1 MiB, a name of 1 MiB |
//! | `lists-loop` `lists-heavy-loop` | 100,000 calls of one entry, 20,000 of 1,024 |
//! | `history-limit` `history-loop` `similar-loop` | asks for 4,294,967,295 messages, 100,000 calls each |
//! | `similar-nan` `similar-infinite` `similar-negative` `similar-above` `similar-absurd` | similarity NaN, infinite, -1, 2, the least above 0 |
//! | `similar-window-zero` `similar-window-huge` | windows outside 1 to 86,400 |
//! | `undeclared` `nan` `infinite` `negative` `confidence` | an id that was not declared; confidence NaN, infinite, -1, 2 |
//! | `wild-spans` `many-spans` `empty-span` | spans beyond the end, backwards or inside a character; 10,000; one without length |
//! | `many-signals` `huge-result` `huge-id` | 10,000 signals, 800,000, an id of 1 MiB |
//! | `big-evidence` `many-evidence` `evidence-name` | a value of 1 MiB, 10,000 pairs, a name of 1 MiB |

#![expect(
    clippy::unnecessary_wraps,
    reason = "misdeeds share one type, so that they fit in a list"
)]

mod calls;
mod resources;
mod results;

use rialto_filter_sdk::{Fault, Message, Signal};

const DECLARED: &str = "misbehaving.declared";

type Outcome = Result<Vec<Signal>, Fault>;

type Misdeed = fn(&Message) -> Outcome;

const MISDEEDS: &[(&str, Misdeed)] = &[
    ("loop", resources::spin),
    ("allocate", resources::allocate),
    ("allocate-once", resources::allocate_once),
    ("leak", resources::leak),
    ("trap", resources::trap),
    ("sleep-recursion", resources::recurse),
    ("sleep", resources::sleep),
    ("exit", resources::exit),
    ("abort", resources::abort),
    ("stdout-flood", resources::stdout_flood),
    ("stderr-flood", resources::stderr_flood),
    ("read-file", resources::read_file),
    ("wild-spans", results::wild_spans),
    ("many-spans", results::many_spans),
    ("empty-span", results::empty_span),
    ("nan", results::nan),
    ("infinite", results::infinite),
    ("negative", results::negative),
    ("confidence", results::too_sure),
    ("undeclared", results::undeclared),
    ("many-signals", results::many_signals),
    ("huge-result", results::huge_result),
    ("huge-id", results::huge_id),
    ("big-evidence", results::big_evidence),
    ("many-evidence", results::many_evidence),
    ("evidence-name", results::evidence_name),
    ("fault", results::fault),
    ("fault-mib", results::fault_mib),
    ("flood-log", calls::flood_log),
    ("log-mib", calls::log_mib),
    ("log-lines", calls::log_lines),
    ("log-control", calls::log_control),
    ("log-empty", calls::log_empty),
    ("counters", calls::counters),
    ("counters-window-zero", calls::counters_window_zero),
    ("counters-window-huge", calls::counters_window_huge),
    ("distinct-window-zero", calls::distinct_window_zero),
    ("distinct-window-huge", calls::distinct_window_huge),
    ("counters-big-name", calls::counters_big_name),
    ("counters-big-key", calls::counters_big_key),
    ("distinct-big-key", calls::distinct_big_key),
    ("distinct-big-item", calls::distinct_big_item),
    ("counters-overflow", calls::counters_overflow),
    ("counters-keys", calls::counters_keys),
    ("counters-many", calls::counters_many),
    ("distinct-items", calls::distinct_items),
    ("distinct-many", calls::distinct_many),
    ("lists", calls::lists),
    ("lists-empty", calls::lists_empty),
    ("lists-many", calls::lists_many),
    ("lists-big-entry", calls::lists_big_entry),
    ("lists-big-name", calls::lists_big_name),
    ("lists-loop", calls::lists_loop),
    ("lists-heavy-loop", calls::lists_heavy_loop),
    ("history", calls::history),
    ("history-limit", calls::history_limit),
    ("history-loop", calls::history_loop),
    ("similar-loop", calls::similar_loop),
    ("similar-nan", calls::similar_nan),
    ("similar-infinite", calls::similar_infinite),
    ("similar-negative", calls::similar_negative),
    ("similar-above", calls::similar_above),
    ("similar-absurd", calls::similar_absurd),
    ("similar-window-zero", calls::similar_window_zero),
    ("similar-window-huge", calls::similar_window_huge),
];

/// Does the first misdeed whose word is in the text; behaves if there is none.
pub fn chosen_by(message: &Message) -> Outcome {
    let misdeed = message.text.split_whitespace().find_map(named);
    misdeed.map_or_else(|| Ok(Vec::new()), |misdeed| misdeed(message))
}

/// Does the misdeed of this word to no message at all; false if there is no such word.
pub fn outside_inspect(word: &str) -> bool {
    let message = Message {
        text: "no message at all".to_owned(),
        normalized: "no message at all".to_owned(),
        language: None,
        links: Vec::new(),
        attachments: Vec::new(),
        stage: rialto_filter_sdk::Stage::Create,
    };
    let Some(misdeed) = named(word) else { return false };
    // What it would have found has no meaning here.
    drop(misdeed(&message));
    true
}

fn named(word: &str) -> Option<Misdeed> {
    MISDEEDS.iter().find(|(name, _)| *name == word).map(|(_, misdeed)| *misdeed)
}

/// The declared signal with these pairs, which tests read.
fn answer<const N: usize>(pairs: [(&str, String); N]) -> Outcome {
    let evidence = pairs.map(|(name, value)| (name.to_owned(), value)).into();
    Ok(vec![Signal { evidence, ..Signal::new(DECLARED) }])
}
