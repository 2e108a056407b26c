//! A text as the words of a book: known ones by id, also when they are disguised; numbers; ends of sentences.

use super::super::fold::LETTER;
use super::super::{Class, Scan};
use super::key::{cyrillic, is_contraction, letter_for};
use super::{Book, END, NUMBER, UNKNOWN};

/// Longer disguises are not tried.
const MAX_DISGUISE: usize = 24;

/// One word of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub id: u16,
    /// Tokens.
    pub start: u32,
    pub end: u32,
}

/// Letters of one word under reading.
struct Letters {
    bytes: [u8; MAX_DISGUISE],
    len: usize,
}

impl Letters {
    const fn new() -> Self {
        Self { bytes: [0; MAX_DISGUISE], len: 0 }
    }

    /// Whether there was room.
    fn push(&mut self, byte: u8) -> bool {
        let room = self.len < MAX_DISGUISE;
        if room {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        room
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Reads the text's words.
pub fn units(book: &Book, scan: &Scan) -> Vec<Unit> {
    let tokens = scan.tokens();
    let mut units = Vec::with_capacity(tokens.len() / 2 + 1);
    let mut at = 0;
    while at < tokens.len() {
        let (id, end) = match tokens[at].class {
            Class::Word => word(book, scan, at),
            Class::Digits => match disguised(book, scan, at) {
                Some(found) => found,
                None => (NUMBER, number_end(scan, at)),
            },
            Class::Sign(sign) => match sign {
                b'.' | b'!' | b'?' if ends_sentence(scan, at) => (END, at + 1),
                b'$' | b'@' | b'!' | b'*' => match disguised(book, scan, at) {
                    Some(found) => found,
                    None => (UNKNOWN, 0),
                },
                _ => (UNKNOWN, 0),
            },
            Class::Break if blank_line(scan, at) => (END, at + 1),
            Class::Space | Class::Break => (UNKNOWN, 0),
        };
        if end > at {
            units.push(Unit { id, start: small(at), end: small(end) });
        }
        at = end.max(at + 1);
    }
    units
}

/// Whether the break leaves a line empty.
fn blank_line(scan: &Scan, at: usize) -> bool {
    scan.folded(at).split(|byte| *byte == b'\n').count() > 2
}

fn small(token: usize) -> u32 {
    u32::try_from(token).unwrap_or(u32::MAX)
}

fn ends_sentence(scan: &Scan, at: usize) -> bool {
    matches!(
        scan.class(at + 1),
        None | Some(Class::Space | Class::Break | Class::Sign(b'.' | b'!' | b'?' | b'"' | b')'))
    )
}

fn number_end(scan: &Scan, at: usize) -> usize {
    let mut end = at + 1;
    while (scan.is_sign(end, b'.') || scan.is_sign(end, b','))
        && scan.class(end + 1) == Some(Class::Digits)
    {
        end += 2;
    }
    end
}

/// The word at a `Word` token: its id and the token behind it.
fn word(book: &Book, scan: &Scan, at: usize) -> (u16, usize) {
    let folded = scan.folded(at);
    let behind = scan.class(at + 1);
    if folded.len() == 1
        && let Some(found) = spaced(book, scan, at)
    {
        return found;
    }
    match behind {
        Some(Class::Sign(b'\'' | b'`')) if is_contraction(scan.folded(at + 2)) => {
            let id = book.word(folded.iter().chain(scan.folded(at + 2)).copied());
            return (id, at + 3);
        }
        Some(Class::Digits | Class::Sign(b'$' | b'@' | b'!' | b'|' | b'*' | b'#' | b'+')) => {
            if let Some(found) = disguised(book, scan, at) {
                return found;
            }
        }
        _ => {}
    }
    if folded.contains(&LETTER) {
        return (book.word(cyrillic(scan.written(at, at + 1))), at + 1);
    }
    let id = book.word(folded.iter().copied());
    (if id == UNKNOWN { squeezed(book, folded) } else { id }, at + 1)
}

/// A word with a letter held down: `fuuuuck`. Tried with such letters once and twice.
fn squeezed(book: &Book, folded: &[u8]) -> u16 {
    if !folded.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]) {
        return UNKNOWN;
    }
    let times = |most: usize| {
        let kept = folded.iter().enumerate().filter(move |(at, byte)| {
            *at < most || folded[at - most..*at].iter().any(|before| before != *byte)
        });
        book.word(kept.map(|(_, byte)| *byte))
    };
    match times(2) {
        UNKNOWN => times(1),
        id => id,
    }
}

/// A known word written with digits and signs for letters: `sh1t`, `a$$hole`, `f*ck`, `фck`.
fn disguised(book: &Book, scan: &Scan, at: usize) -> Option<(u16, usize)> {
    let mut letters = Letters::new();
    let (mut end, mut written, mut hidden) = (at, 0, 0);
    // Where the last letter ends, and the last digit: signs behind it are punctuation, unless hidden letters.
    let (mut letter, mut digit) = ((at, 0), (at, 0));
    while let Some(class) = scan.class(end) {
        let room = match class {
            Class::Word => {
                written += scan.folded(end).len();
                scan.folded(end).iter().all(|byte| letters.push(*byte))
            }
            Class::Digits => {
                scan.folded(end).iter().all(|byte| letters.push(letter_for(*byte).unwrap_or(*byte)))
            }
            Class::Sign(sign) => match letter_for(sign) {
                Some(letter) => {
                    hidden += usize::from(letter == b'_');
                    letters.push(letter)
                }
                None => break,
            },
            Class::Space | Class::Break => break,
        };
        if !room {
            return None;
        }
        end += 1;
        if class == Class::Word || letters.get().last() == Some(&b'_') {
            letter = (end, letters.len);
        } else if class == Class::Digits {
            digit = (end, letters.len);
        }
    }
    let ends = if digit.0 > letter.0 { [digit, letter] } else { [letter, (at, 0)] };
    ends.into_iter().filter(|(end, _)| written > 0 && *end > at + 1).find_map(|(end, len)| {
        let id = read_disguise(book, &letters.get()[..len], hidden);
        (id != UNKNOWN).then_some((id, end))
    })
}

fn read_disguise(book: &Book, letters: &[u8], hidden: usize) -> u16 {
    let with = |from: u8, to: u8| {
        book.word(letters.iter().map(|byte| if *byte == from { to } else { *byte }))
    };
    let id = book.word(letters.iter().copied());
    if id != UNKNOWN {
        return id;
    }
    if hidden == 1 {
        let vowels = b"uiaeo".iter().map(|vowel| with(b'_', *vowel));
        return vowels.into_iter().find(|id| *id != UNKNOWN).unwrap_or(UNKNOWN);
    }
    with(b'i', b'l')
}

/// A known word written letter by letter: `f u c k`, `p.a.y.p.a.l`.
fn spaced(book: &Book, scan: &Scan, at: usize) -> Option<(u16, usize)> {
    let mut letters = Letters::new();
    let mut end = at;
    loop {
        let folded = scan.folded(end);
        match (scan.class(end), folded) {
            (Some(Class::Word), [letter]) => letters.push(*letter),
            (Some(Class::Digits | Class::Sign(b'$' | b'@' | b'*')), [sign]) => {
                letters.push(letter_for(*sign)?)
            }
            _ => break,
        };
        let gap = match scan.class(end + 1) {
            Some(Class::Space) => 1,
            Some(Class::Sign(b'.' | b'-' | b'_' | b'/' | b',')) => {
                1 + usize::from(scan.class(end + 2) == Some(Class::Space))
            }
            _ => 0,
        };
        end += 1 + gap;
        if gap == 0 || letters.len == MAX_DISGUISE {
            break;
        }
    }
    // The loop may have ended in front of a word that is none of the letters.
    while end > at && matches!(scan.class(end - 1), Some(Class::Space | Class::Sign(_))) {
        end -= 1;
    }
    if letters.len < 3 {
        return None;
    }
    let id = book.word(letters.get().iter().copied());
    (id != UNKNOWN).then_some((id, end))
}
