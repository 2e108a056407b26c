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
    /// Another number: `order number`.
    Other,
}

/// So many words before a number are read for a cue.
const CUE_WORDS: usize = 6;

/// The nearest cue before this token, in the same line.
pub fn cue(scan: &Scan, from: usize) -> Cue {
    let mut words = 0;
    let mut number_word = false;
    let mut apart = false;
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
            Some(Meaning::Call | Meaning::Platform(_, true)) => return Cue::Phone,
            Some(Meaning::Platform(_, false)) if words == 1 => return Cue::Phone,
            Some(Meaning::Id) if words <= 3 && !apart => return Cue::Other,
            Some(Meaning::Num) => number_word = true,
            _ => {}
        }
        if words == CUE_WORDS || (number_word && words == 3) {
            break;
        }
    }
    if number_word { Cue::Phone } else { Cue::None }
}
