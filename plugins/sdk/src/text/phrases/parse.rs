//! The pattern language: `send|give me? the|your (verification|sms)? code`, `@macro`, `..3`, `stem*`, `NUM`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Class, Scan};
use super::key::{cyrillic, is_contraction};
use crate::text::LETTER;

/// A pattern may stand for so many sequences.
const MAX_SEQUENCES: usize = 512;
/// Words a gap may have.
const MAX_GAP: u8 = 12;

/// One word of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Any number.
    Number,
    /// Folded letters, and whether they are a stem.
    Word(Vec<u8>, bool),
}

/// One place of a sequence; without words only a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub keys: BTreeSet<Key>,
    pub gap: u8,
    pub optional: bool,
}

/// What a pattern stands for.
pub type Sequences = Vec<Vec<Piece>>;

/// Reads one pattern; or, as `alternatives`, what may stand in brackets.
pub fn parse(
    text: &str,
    macros: &BTreeMap<String, Sequences>,
    alternatives: bool,
) -> Result<Sequences, String> {
    let mut reader = Reader { rest: text, macros, depth: 0 };
    let sequences = if alternatives { reader.alternatives()? } else { reader.sequence(true)? };
    match reader.rest.trim_start().chars().next() {
        None => Ok(sequences),
        Some(extra) => Err(format!("`{extra}` does not fit here")),
    }
}

struct Reader<'t> {
    rest: &'t str,
    macros: &'t BTreeMap<String, Sequences>,
    depth: u8,
}

impl Reader<'_> {
    fn take(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Sequences separated by `|`.
    fn alternatives(&mut self) -> Result<Sequences, String> {
        let mut all = self.sequence(false)?;
        while self.take('|') {
            all.extend(self.sequence(false)?);
        }
        Ok(merge(all))
    }

    /// Items one after the other; `bars` if `|` binds single items.
    fn sequence(&mut self, bars: bool) -> Result<Sequences, String> {
        let mut all: Sequences = vec![Vec::new()];
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(['|', ')']) {
                break;
            }
            let item = self.item(bars)?;
            all = all
                .iter()
                .flat_map(|before| item.iter().map(|item| [&before[..], &item[..]].concat()))
                .collect();
            if all.len() > MAX_SEQUENCES {
                return Err(format!("stands for more than {MAX_SEQUENCES} sequences"));
            }
        }
        let some = |sequence: &Vec<Piece>| {
            sequence.iter().any(|piece| !piece.keys.is_empty() && !piece.optional)
        };
        match all.iter().all(some) {
            true => Ok(all),
            false => Err("a word that is not optional is missing".to_owned()),
        }
    }

    fn item(&mut self, bars: bool) -> Result<Sequences, String> {
        if let Some(rest) = self.rest.strip_prefix("..") {
            let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
            self.rest = &rest[digits..];
            let gap = if digits == 0 { Ok(3) } else { rest[..digits].parse() };
            let gap = gap.ok().filter(|gap| (1..=MAX_GAP).contains(gap));
            let gap = gap.ok_or_else(|| format!("a gap has 1 to {MAX_GAP} words"))?;
            return Ok(vec![vec![Piece { keys: BTreeSet::new(), gap, optional: false }]]);
        }
        let mut all = self.atom()?;
        while bars && self.take('|') {
            all.extend(self.atom()?);
        }
        let mut all = merge(all);
        if self.take('?') {
            match &mut all[..] {
                [sequence] if sequence.len() == 1 => sequence[0].optional = true,
                _ => all.push(Vec::new()),
            }
        }
        Ok(all)
    }

    fn atom(&mut self) -> Result<Sequences, String> {
        if self.take('(') {
            self.depth += 1;
            if self.depth > 8 {
                return Err("too many brackets in brackets".to_owned());
            }
            let all = self.alternatives()?;
            self.depth -= 1;
            return if self.take(')') { Ok(all) } else { Err("`)` is missing".to_owned()) };
        }
        let end = self.rest.find([' ', '\t', '|', '(', ')', '?']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if let Some(name) = word.strip_prefix('@') {
            return self.macros.get(name).cloned().ok_or_else(|| format!("no `@{name}` above"));
        }
        let pieces = pieces(word);
        if pieces.is_empty() { Err(format!("`{word}` is no word")) } else { Ok(vec![pieces]) }
    }
}

/// Makes one place of all alternatives that are one word.
fn merge(all: Sequences) -> Sequences {
    let single = |sequence: &Vec<Piece>| match &sequence[..] {
        [piece] => !piece.optional && piece.gap == 0,
        _ => false,
    };
    let (single, mut rest): (Vec<_>, Vec<_>) = all.into_iter().partition(single);
    let keys: BTreeSet<Key> = single.into_iter().flatten().flat_map(|piece| piece.keys).collect();
    if !keys.is_empty() {
        rest.insert(0, vec![Piece { keys, gap: 0, optional: false }]);
    }
    rest
}

/// The words of what is written without white space: `e-mail` is two, `don't` one, `für` also `fuer`.
fn pieces(written: &str) -> Vec<Piece> {
    let piece = |keys| Piece { keys, gap: 0, optional: false };
    if written == "NUM" {
        return vec![piece([Key::Number].into())];
    }
    let (plain, stem) = match written.strip_suffix('*') {
        Some(plain) => (plain, true),
        None => (written, false),
    };
    let spelled = spelled_out(plain);
    // A stem of letters that look Latin may begin a word with others that do not: both spellings count.
    let own = stem && plain.chars().any(|letter| matches!(letter, '\u{400}'..='\u{45F}'));
    let mut pieces: Vec<Piece> =
        words(plain, stem, false).into_iter().map(|key| piece([key].into())).collect();
    for variant in [words(&spelled, stem, false), words(plain, stem, own)] {
        for (piece, key) in pieces.iter_mut().zip(variant) {
            piece.keys.insert(key);
        }
    }
    pieces
}

/// As people write German without its letters.
fn spelled_out(plain: &str) -> String {
    let mut spelled = String::with_capacity(plain.len() + 4);
    for character in plain.chars() {
        match character {
            'ä' => spelled.push_str("ae"),
            'ö' => spelled.push_str("oe"),
            'ü' => spelled.push_str("ue"),
            'ß' => spelled.push_str("ss"),
            other => spelled.push(other),
        }
    }
    spelled
}

fn words(plain: &str, stem: bool, own: bool) -> Vec<Key> {
    let scan = Scan::new(plain);
    let mut keys: Vec<Key> = Vec::new();
    let mut joined = false;
    for at in 0..scan.tokens().len() {
        let folded = scan.folded(at);
        match scan.class(at) {
            Some(Class::Word) => {
                let bytes: Vec<u8> = match own || folded.contains(&LETTER) {
                    true => cyrillic(scan.written(at, at + 1)).collect(),
                    false => folded.to_vec(),
                };
                match keys.last_mut() {
                    Some(Key::Word(before, _)) if joined => before.extend(bytes),
                    _ => keys.push(Key::Word(bytes, false)),
                }
                joined = false;
            }
            Some(Class::Digits) => keys.push(Key::Number),
            // A hidden letter.
            Some(Class::Sign(b'_')) => {
                match keys.last_mut() {
                    Some(Key::Word(before, _)) => before.push(b'_'),
                    _ => keys.push(Key::Word(vec![b'_'], false)),
                }
                joined = true;
            }
            Some(Class::Sign(b'\'')) => joined = is_contraction(scan.folded(at + 1)),
            _ => joined = false,
        }
    }
    if let Some(Key::Word(_, last)) = keys.last_mut() {
        *last = stem;
    }
    keys
}
