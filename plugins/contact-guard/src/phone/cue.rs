//! What the words before a number say of it.

use rialto_filter_sdk::text::{Class, Scan};

use crate::words::{Meaning, meaning};

/// What they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// Nothing.
    None,
    /// A phone number: `call me on`.
    Phone,
    /// The same, right behind the number: `… call`.
    Behind,
    /// A number to be read from its end.
    Backwards,
    /// Another number: `order number`.
    Other,
    /// A model or part: `XJ 900 412`.
    Model,
}

/// So many words before a number are read for a cue.
const CUE_WORDS: usize = 6;

/// The nearest cue before token `from` or right behind `to`, in the same line.
pub fn cue(scan: &Scan, from: usize, to: usize) -> Cue {
    let before = before(scan, from);
    if before != Cue::None {
        return before;
    }
    let next = scan.skip_space(to);
    let word =
        meaning(scan.folded(next)).or_else(|| meaning(scan.folded(scan.skip_space(next + 1))));
    match word {
        Some(Meaning::Call) => Cue::Behind,
        Some(Meaning::Backwards) => Cue::Backwards,
        _ if follows_code(scan, from) => Cue::Model,
        _ => Cue::None,
    }
}

fn before(scan: &Scan, from: usize) -> Cue {
    let mut words = 0;
    let mut number_word = false;
    let mut apart = false;
    let mut found = Cue::None;
    for token in (from.saturating_sub(24)..from).rev() {
        match scan.class(token) {
            Some(Class::Word) => {}
            Some(Class::Break) if words > 0 => break,
            Some(Class::Sign(b',' | b'!' | b'?' | b';')) => {
                apart = true;
                continue;
            }
            _ => continue,
        }
        words += 1;
        match meaning(scan.folded(token)) {
            Some(Meaning::Backwards) => return Cue::Backwards,
            Some(Meaning::Call | Meaning::Platform(_, true)) => found = Cue::Phone,
            Some(Meaning::Platform(_, false)) if words == 1 => found = Cue::Phone,
            Some(Meaning::Id) if words <= 4 && !apart => return Cue::Other,
            // `S/N`
            _ if scan.folded(token) == b"n" && scan.folded(token.saturating_sub(1)) == b"/" => {
                return Cue::Other;
            }
            Some(Meaning::Num) => number_word = true,
            _ => {}
        }
        if found == Cue::Phone || words == CUE_WORDS || (number_word && words == 3) {
            break;
        }
    }
    if number_word { Cue::Phone } else { found }
}

/// Whether one or two capitals stand before the number, as in a model's name.
fn follows_code(scan: &Scan, from: usize) -> bool {
    let Some(before) = from.checked_sub(1) else { return false };
    let word = match scan.class(before) {
        Some(Class::Space | Class::Sign(b'-')) if before > 0 => before - 1,
        _ => before,
    };
    let common = |word: &[u8]| {
        matches!(
            word,
            b"on"
                | b"is"
                | b"at"
                | b"to"
                | b"no"
                | b"my"
                | b"me"
                | b"im"
                | b"it"
                | b"or"
                | b"if"
                | b"uk"
                | b"us"
                | b"nr"
                | b"in"
                | b"hi"
                | b"ok"
                | b"so"
                | b"de"
                | b"fr"
                | b"es"
        )
    };
    scan.class(word) == Some(Class::Word)
        && scan.written(word, word + 1).bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=2).contains(&scan.tokens()[word].chars())
        && !common(scan.folded(word))
}
