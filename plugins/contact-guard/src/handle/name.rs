//! Names people have on messengers.

use std::ops::Range;

use rialto_filter_sdk::text::{Class, Lexicon, OTHER, Scan};

use super::Handle;
use crate::config::Kind;
use crate::words::Messenger;

/// The name behind a messenger's: `: johnny`, `is @johnny`, ` johnny_99`.
pub(super) fn name_behind(scan: &Scan, start: usize, sure: bool) -> Option<(Range<usize>, f32)> {
    let mut colon = false;
    let mut is = false;
    let mut called = false;
    let mut comma = false;
    let mut token = start;
    let limit = start + 10;
    while token < limit {
        match scan.class(token)? {
            Class::Sign(b':' | b'=' | b'>') => colon = true,
            Class::Sign(b',') => comma = true,
            // `ig👉anna_99`
            Class::Sign(OTHER) => is = true,
            Class::Space | Class::Sign(b'-' | b'(' | b'"' | b'\'') => {}
            Class::Sign(b'@') => return Some((token..name_end(scan, token + 1)?, 0.95)),
            Class::Word if !touches_name(scan, token) => match scan.folded(token) {
                b"is" | b"ist" | b"es" | b"est" | b"name" | b"konto" | b"account" | b"under"
                | b"unter" | b"as" | b"als" | b"to" | b"ar" | b"e" | b"er" | b"jest" | b"je"
                | b"c" => is = true,
                b"id" | b"user" | b"username" | b"handle" | b"nick" | b"nickname" | b"usuario"
                | b"pseudo" | b"benutzername" | b"tag" => called = true,
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
    let plain = (colon || called) && !is_common(name) && has_letter && !comma;
    let introduced = colon || called || is;
    let confidence = match (mark(name), introduced) {
        (Mark::Sure, true) => 0.9,
        (Mark::Sure, false) if sure => 0.8,
        _ if comma => return None,
        (Mark::Sure, false) if !name.iter().all(u8::is_ascii_alphanumeric) => 0.65,
        // `ig anna99`
        (Mark::Sure, false) if name.len() > 5 && name[..4].iter().all(u8::is_ascii_alphabetic) => {
            0.55
        }
        (Mark::Dot, true) => 0.85,
        (Mark::Initial, true) if sure || colon || called => 0.75,
        (Mark::Dot, false) if sure => 0.65,
        _ if plain => 0.75,
        _ => return None,
    };
    Some((token..end, confidence))
}

/// The name before a messenger's: `anna_99 on `, `@anna on `, `anna_99 is my `.
pub(super) fn name_before(
    scan: &Scan,
    token: usize,
    sure: bool,
    mail: bool,
) -> Option<(Range<usize>, f32)> {
    let space = |at: usize| at.checked_sub(1).filter(|at| scan.class(*at) == Some(Class::Space));
    let mut end = space(token)?;
    let mut joined = false;
    for _ in 0..2 {
        let Some(word) = end.checked_sub(1) else { break };
        let joins = matches!(
            scan.folded(word),
            b"on"
                | b"auf"
                | b"bei"
                | b"en"
                | b"sur"
                | b"su"
                | b"na"
                | b"at"
                | b"in"
                | b"no"
                | b"is"
                | b"ist"
                | b"es"
                | b"est"
                | b"my"
                | b"mein"
                | b"mi"
                | b"mon"
                | b"pa"
        );
        if !joins {
            break;
        }
        joined = true;
        end = space(word)?;
    }
    let part = |at: usize| {
        matches!(scan.class(at), Some(Class::Word | Class::Digits | Class::Sign(b'_' | b'.')))
    };
    let mut start = end;
    while start > 0 && end - start < 12 && part(start - 1) {
        start -= 1;
    }
    if start == end || scan.is_sign(start, b'.') || scan.is_sign(end - 1, b'.') {
        return None;
    }
    let name = scan.folded_between(start, end);
    let letters = name.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if let Some(at) = start.checked_sub(1)
        && scan.is_sign(at, b'@')
        && joined
    {
        return (letters > 2).then_some((at..end, 0.85));
    }
    let sign = name.contains(&b'_');
    let named = matches!(mark(name), Mark::Sure) && letters > 4 && name[0].is_ascii_alphabetic();
    match (named, joined) {
        (true, true) if sure || sign => Some((start..end, 0.75)),
        (true, true) => Some((start..end, 0.55)),
        (true, false) if mail => Some((start..end, 0.6)),
        (true, false) if sign => Some((start..end, 0.65)),
        _ => None,
    }
}

/// What tells a name from a word.
enum Mark {
    None,
    /// A dot, which may also lack a space.
    Dot,
    /// A dot and one letter that is no word.
    Initial,
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
        (true, false)
            if matches!(name, [_, _, _, .., b'.', last]
                if !matches!(last, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')) =>
        {
            Mark::Initial
        }
        _ => Mark::None,
    }
}

/// Whether the word goes on as a name does: `is_it`, `me99`.
fn touches_name(scan: &Scan, token: usize) -> bool {
    matches!(scan.class(token + 1), Some(Class::Digits | Class::Sign(b'_')))
}

pub(super) fn name_end(scan: &Scan, start: usize) -> Option<usize> {
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

/// `@johnny_99`, standing alone.
pub(super) fn at_name(
    scan: &Scan,
    token: usize,
    messenger: Option<Messenger>,
    reaches: impl Fn(&Scan, usize) -> bool,
) -> Option<Handle> {
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
    let confidence = match (messenger.is_some() || reaches(scan, token), marked) {
        (true, _) => 0.8,
        (false, true) => 0.65,
        (false, false) => 0.45,
    };
    Some(Handle {
        tokens: token..end,
        kind: Kind::Handle,
        messenger,
        confidence,
        why: "name behind an at",
    })
}
