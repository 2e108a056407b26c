//! Asking to move to a messenger, without a name there.

use rialto_filter_sdk::text::{Class, Scan};

use super::Handle;
use crate::config::Kind;
use crate::words::{Meaning, Messenger, meaning};

/// So many words before a messenger are read.
const WORDS: u32 = 7;

/// Whether one of the three words before asks for contact.
pub(super) fn reaches(scan: &Scan, token: usize) -> bool {
    let before = (token.saturating_sub(7)..token).rev();
    let words = before.filter(|at| scan.class(*at) == Some(Class::Word)).take(3);
    words.into_iter().any(|at| is_reach(scan.folded(at)))
}

fn is_reach(word: &[u8]) -> bool {
    matches!(meaning(word), Some(Meaning::Reach | Meaning::Call))
}

#[derive(Default, PartialEq)]
enum Whose {
    #[default]
    Nobody,
    My,
    Me,
}

/// What the words before a messenger say.
#[derive(Default)]
struct Before {
    /// `on`, right before it.
    on: bool,
    /// `me` anywhere, or `my` right before it.
    whose: Whose,
    /// How many words ago something asked for contact.
    reach: Option<u32>,
    /// `no`, `without`
    not: bool,
    words: u32,
}

/// `text me on whatsapp`, `whatsapp me`; a mere `do you have telegram?` is in doubt.
pub(super) fn invitation(
    scan: &Scan,
    token: usize,
    behind: usize,
    sure: bool,
    messenger: Messenger,
) -> Option<Handle> {
    let found = |confidence| {
        Some(Handle {
            tokens: token..behind,
            kind: Kind::Move,
            messenger: Some(messenger),
            confidence,
            why: "asks to move to a messenger",
        })
    };
    let before = before(scan, token);
    if before.not {
        return None;
    }
    match before.reach {
        Some(_) if before.on => return found(0.75),
        Some(words) if sure && words <= 3 => return found(0.6),
        _ => {}
    }
    // `whatsapp'tan yaz`
    let ending = if scan.is_sign(behind, b'\'') { behind + 2 } else { behind };
    let next = scan.skip_space(ending);
    if sure && matches!(scan.folded(next), b"me" | b"us" | b"mich" | b"moi" | b"mir") {
        return found(0.75);
    }
    if sure && matches!(meaning(scan.folded(next)), Some(Meaning::Reach)) {
        return found(0.65);
    }
    if before.on && before.whose == Whose::Me && (sure || messenger == Messenger::Facebook) {
        return found(0.6);
    }
    // Neither gives anything away yet.
    let asks = scan.is_sign(next, b'?') && (sure || before.on);
    (asks || (before.whose == Whose::My && sure)).then(|| found(0.45)).flatten()
}

fn before(scan: &Scan, token: usize) -> Before {
    let mut before = Before::default();
    for at in (token.saturating_sub(16)..token).rev() {
        match scan.class(at) {
            Some(Class::Word) => {}
            Some(Class::Break | Class::Sign(b'.' | b'!' | b'?')) => break,
            _ => continue,
        }
        let word = scan.folded(at);
        if before.words == 0
            && matches!(word, b"the" | b"das" | b"die" | b"la" | b"el" | b"le" | b"meu" | b"o")
        {
            continue;
        }
        before.words += 1;
        let nearest = before.words == 1;
        match word {
            b"on" | b"via" | b"over" | b"through" | b"per" | b"uber" | b"ueber" | b"auf"
            | b"por" | b"sur" | b"par" | b"su" | b"in" | b"to" | b"using" | b"no" | b"pelo"
            | b"en" | b"bei" | b"zu" | b"a" | b"al" | b"op" | b"na" | b"b" | b"ha" | b"pa"
            | b"pe" | b"un" | b"y"
                if nearest =>
            {
                before.on = true;
                // `no WhatsApp` in English, `chama no zap` in Portuguese.
                before.not = word == b"no" && at == 0;
            }
            b"my" | b"mein" | b"meine" | b"mi" | b"mon" | b"mio" | b"meu" if nearest => {
                before.whose = Whose::My;
            }
            b"me" | b"mir" | b"mich" | b"moi" => before.whose = Whose::Me,
            b"no" | b"not" | b"kein" | b"keine" | b"nicht" | b"don" | b"never" | b"sin"
            | b"sans" | b"without" | b"ohne" | b"does" | b"nie"
                if before.words <= 3 =>
            {
                before.not = true;
            }
            _ => {}
        }
        if before.reach.is_none() && is_reach(word) {
            before.reach = Some(before.words);
        }
        if before.words == WORDS {
            break;
        }
    }
    before
}
