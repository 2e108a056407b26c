//! Names on messengers, and requests to move to one.

mod platform;

use std::ops::Range;

use rialto_filter_sdk::text::{Class, Lexicon, Scan};

use crate::words::{Meaning, Messenger, meaning};
pub use platform::messenger_of;
use platform::platform;

/// A name on a messenger, or a messenger somebody asks to move to.
#[derive(Debug, PartialEq)]
pub struct Handle {
    /// Tokens.
    pub tokens: Range<usize>,
    /// Which messenger, if that is known.
    pub messenger: Option<Messenger>,
    /// 0 to 1.
    pub confidence: f32,
    /// Why it is taken for one.
    pub why: &'static str,
}

/// Calls `each` with every handle outside the token ranges `used` (sorted).
pub fn find(scan: &Scan, used: &[Range<usize>], mut each: impl FnMut(Handle)) {
    let mut used = used.iter().peekable();
    let mut messenger_seen = None;
    let mut token = 0;
    while token < scan.tokens().len() {
        while used.next_if(|range| range.end <= token).is_some() {}
        if let Some(range) = used.peek().filter(|range| range.contains(&token)) {
            token = range.end;
            continue;
        }
        let limit = used.peek().map_or(usize::MAX, |range| range.start);
        if let Some((messenger, sure, behind)) = platform(scan, token) {
            messenger_seen = messenger_seen.or(Some(messenger));
            let named = name_behind(scan, behind, sure).filter(|(tokens, ..)| tokens.end <= limit);
            let handle = named.map(|(tokens, confidence, why)| Handle {
                tokens: token..tokens.end,
                messenger: Some(messenger),
                confidence,
                why,
            });
            let handle = handle.or_else(|| invitation(scan, token, behind, sure, messenger));
            token = handle.as_ref().map_or(behind, |handle| handle.tokens.end);
            if let Some(handle) = handle {
                each(handle);
            }
        } else if let Some(handle) = at_name(scan, token, messenger_seen) {
            token = handle.tokens.end;
            each(handle);
        } else {
            token += 1;
        }
    }
}

/// The name behind a messenger's: `: johnny`, `is @johnny`, ` johnny_99`.
fn name_behind(scan: &Scan, start: usize, sure: bool) -> Option<(Range<usize>, f32, &'static str)> {
    let mut colon = false;
    let mut is = false;
    let mut called = false;
    let mut token = start;
    let limit = start + 10;
    while token < limit {
        match scan.class(token)? {
            Class::Sign(b':' | b'=' | b'>') => colon = true,
            Class::Space | Class::Sign(b'-' | b'(' | b'"' | b'\'') => {}
            Class::Sign(b'@') => {
                let end = name_end(scan, token + 1)?;
                return Some((token..end, 0.95, "name on a messenger"));
            }
            Class::Word if !touches_name(scan, token) => match scan.folded(token) {
                b"is" | b"ist" | b"es" | b"est" | b"name" | b"konto" | b"account" | b"under"
                | b"unter" | b"as" | b"als" => is = true,
                b"id" | b"user" | b"username" | b"handle" | b"nick" | b"nickname" | b"usuario"
                | b"pseudo" | b"benutzername" => called = true,
                b"me" | b"my" | b"at" | b"on" | b"mein" | b"mi" | b"mon" => {}
                _ => break,
            },
            Class::Word | Class::Digits => break,
            _ => return None,
        }
        token += 1;
    }
    let end = name_end(scan, token)?;
    let name = scan.folded_between(token, end);
    let has_letter = name.iter().any(u8::is_ascii_alphabetic);
    let plain = (colon || called) && !is_common(name) && has_letter;
    let introduced = colon || called || is;
    let confidence = match (mark(name), introduced) {
        (Mark::Sure, true) => 0.9,
        (Mark::Sure, false) if sure => 0.8,
        (Mark::Sure, false) if !name.iter().all(u8::is_ascii_alphanumeric) => 0.65,
        (Mark::Dot, true) => 0.85,
        (Mark::Dot, false) if sure => 0.65,
        _ if plain => 0.75,
        _ => return None,
    };
    Some((token..end, confidence, "name on a messenger"))
}

/// What tells a name from a word.
enum Mark {
    None,
    /// A dot, which may also lack a space.
    Dot,
    /// Digits among letters, or an underscore or number sign.
    Sure,
}

fn mark(name: &[u8]) -> Mark {
    let letter = name.iter().any(u8::is_ascii_alphabetic);
    let sure = name.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'#'));
    let long_parts = || name.split(|byte| *byte == b'.').all(|part| part.len() > 2);
    match (letter && name.len() > 3, sure) {
        (true, true) => Mark::Sure,
        (true, false) if name.contains(&b'.') && long_parts() => Mark::Dot,
        _ => Mark::None,
    }
}

/// Whether the word goes on as a name does: `is_it`, `me99`.
fn touches_name(scan: &Scan, token: usize) -> bool {
    matches!(scan.class(token + 1), Some(Class::Digits | Class::Sign(b'_')))
}

fn name_end(scan: &Scan, start: usize) -> Option<usize> {
    let part =
        |token| matches!(scan.class(token), Some(Class::Word | Class::Digits | Class::Sign(b'_')));
    let mut end = start;
    while end < start + 16
        && (part(end)
            || (matches!(scan.class(end), Some(Class::Sign(b'.' | b'-')))
                && end > start
                && part(end + 1)))
    {
        end += 1;
    }
    // `anna#1234`
    if end > start && scan.is_sign(end, b'#') && scan.folded(end + 1).len() == 4 && part(end + 1) {
        end += 2;
    }
    let length = scan.folded_between(start, end).len();
    (end > start && (3..=32).contains(&length)).then_some(end)
}

fn is_common(word: &[u8]) -> bool {
    static COMMON: Lexicon<(), 24> = Lexicon::new(&[
        ("yes", ()),
        ("not", ()),
        ("and", ()),
        ("the", ()),
        ("for", ()),
        ("please", ()),
        ("same", ()),
        ("none", ()),
        ("nein", ()),
        ("kein", ()),
        ("oder", ()),
        ("und", ()),
        ("bitte", ()),
        ("ja", ()),
        ("non", ()),
        ("oui", ()),
        ("only", ()),
        ("works", ()),
        ("fine", ()),
        ("great", ()),
        ("available", ()),
        ("you", ()),
        ("can", ()),
        ("number", ()),
    ]);
    COMMON.get(word).is_some()
}

/// `text me on whatsapp`, `whatsapp me`, `do you have telegram?`
fn invitation(
    scan: &Scan,
    token: usize,
    behind: usize,
    sure: bool,
    messenger: Messenger,
) -> Option<Handle> {
    let found = |confidence| {
        Some(Handle {
            tokens: token..behind,
            messenger: Some(messenger),
            confidence,
            why: "asks to move to a messenger",
        })
    };
    let mut on = false;
    let mut you = false;
    let mut words = 0;
    for at in (token.saturating_sub(16)..token).rev() {
        match scan.class(at) {
            Some(Class::Word) => words += 1,
            Some(Class::Break | Class::Sign(b'.' | b'!' | b'?')) => break,
            _ => continue,
        }
        let word = scan.folded(at);
        match word {
            b"on" | b"via" | b"over" | b"through" | b"per" | b"uber" | b"ueber" | b"auf"
            | b"por" | b"sur" | b"par" | b"su" | b"in" | b"to" | b"using" | b"no" | b"pelo"
            | b"en" | b"bei" | b"zu" | b"a" | b"al" | b"op"
                if words == 1 =>
            {
                on = true;
            }
            b"you" | b"u" | b"du" | b"sie" | b"tu" | b"vous" | b"tienes" | b"hai" | b"hast" => {
                you = true;
            }
            b"my" | b"mein" | b"meine" | b"mi" | b"mon" | b"mio" | b"meu" if words == 1 && sure => {
                return found(0.55);
            }
            _ => {}
        }
        let reaches = matches!(meaning(word), Some(Meaning::Reach | Meaning::Call));
        if reaches && (on || (sure && words <= 3)) {
            return found(if on { 0.75 } else { 0.6 });
        }
        if words == 7 {
            break;
        }
    }
    let next = scan.skip_space(behind);
    let asks = scan.is_sign(next, b'?');
    if sure && asks && words <= 2 {
        return found(0.6);
    }
    if sure && matches!(scan.folded(next), b"me" | b"us" | b"mich" | b"moi" | b"mir") {
        return found(0.75);
    }
    if (sure || on) && you && asks { found(0.6) } else { None }
}

/// `@johnny_99`, standing alone.
fn at_name(scan: &Scan, token: usize, messenger: Option<Messenger>) -> Option<Handle> {
    let alone = token == 0
        || matches!(scan.class(token - 1), Some(Class::Space | Class::Break | Class::Sign(_)));
    if !scan.is_sign(token, b'@') || !alone {
        return None;
    }
    let end = name_end(scan, token + 1)?;
    let name = scan.folded_between(token + 1, end);
    if !name[0].is_ascii_alphabetic() && name[0] != b'_' {
        return None;
    }
    let marked = name.iter().any(|byte| !byte.is_ascii_alphabetic());
    let confidence = match (messenger.is_some(), marked) {
        (true, _) => 0.8,
        (false, true) => 0.65,
        (false, false) => 0.45,
    };
    Some(Handle { tokens: token..end, messenger, confidence, why: "name behind an at" })
}
