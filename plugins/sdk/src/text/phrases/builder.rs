//! Makes books: from a text, or from an operator's own phrases.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::key::{FILTER_WORDS, SEED, exact_key, filter_place, slot, stem_key, step};
use super::parse::{Key, Piece, Sequences, parse};
use super::{Book, Element, FIRST_WORD, Group, NUMBER, Pattern};

mod rarity;
use rarity::commonness;

/// Something wrong in a book's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1.
    pub line: usize,
    /// In words.
    pub problem: String,
}

/// Reads a book's text. Lines: `[name weight language] reason` begins a group, `[not name language]` one of
/// exceptions, `@name = a|b c` a macro, `# …` a comment; any other is a pattern, `0.4: …` with its own weight.
pub fn compile(text: &str) -> Result<Book, Vec<Problem>> {
    let mut builder = Builder::default();
    let mut problems = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Err(problem) = builder.line(line.trim()) {
            problems.push(Problem { line: at + 1, problem });
        }
    }
    if problems.is_empty() { Ok(builder.finish()) } else { Err(problems) }
}

/// Collects groups and patterns for a [`Book`].
#[derive(Debug, Default)]
pub struct Builder {
    groups: Vec<(Group, f32)>,
    macros: BTreeMap<String, Sequences>,
    patterns: Vec<(usize, f32, Vec<Piece>)>,
}

impl Builder {
    /// Begins a group; the patterns that follow belong to it.
    pub fn group(&mut self, name: &str, language: &str, weight: f32, reason: &str) {
        self.add_group(name, false, language, weight, reason);
    }

    fn add_group(
        &mut self,
        name: &str,
        exception: bool,
        language: &str,
        weight: f32,
        reason: &str,
    ) {
        let group = Group {
            name: Cow::Owned(name.to_owned()),
            exception,
            language: Cow::Owned(language.to_owned()),
            reason: Cow::Owned(reason.to_owned()),
            mask: 0,
        };
        self.groups.push((group, weight));
    }

    /// Adds a pattern to the last group. The error says what is wrong with it.
    pub fn pattern(&mut self, pattern: &str, weight: Option<f32>) -> Result<(), String> {
        let (_, usual) = self.groups.last().ok_or("a pattern before the first group")?;
        let weight = weight.unwrap_or(*usual);
        let group = self.groups.len() - 1;
        for sequence in parse(pattern, &self.macros, false)? {
            let sequence = close_gaps(sequence)?;
            if !sequence.iter().any(|piece| !piece.optional && !only_number(piece)) {
                return Err("a pattern needs a word that is not optional".to_owned());
            }
            self.patterns.push((group, weight, sequence));
        }
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(head) = line.strip_prefix('[') {
            return self.head(head);
        }
        if let Some(named) = line.strip_prefix('@')
            && let Some((name, alternatives)) = named.split_once(" = ")
        {
            let sequences = parse(alternatives, &self.macros, true)?;
            // Languages may use the same name, one after the other.
            self.macros.insert(name.to_owned(), sequences);
            return Ok(());
        }
        match line.split_once(": ") {
            Some((weight, pattern)) => self.pattern(pattern, Some(weight_of(weight)?)),
            None => self.pattern(line, None),
        }
    }

    fn head(&mut self, head: &str) -> Result<(), String> {
        let (inside, reason) = head.split_once(']').ok_or("`]` is missing")?;
        match inside.split_whitespace().collect::<Vec<_>>()[..] {
            ["not", name, language] => self.add_group(name, true, language, 0.0, reason.trim()),
            [name, weight, language] => {
                self.add_group(name, false, language, weight_of(weight)?, reason.trim());
            }
            _ => return Err("a head is `[name weight language]` or `[not name language]`".into()),
        }
        Ok(())
    }

    /// The book.
    pub fn finish(mut self) -> Book {
        self.name_masks();
        self.lend_reasons();
        let vocabulary = self.vocabulary();
        let mut sets: BTreeMap<Vec<u16>, u16> = BTreeMap::new();
        let mut book = tables(&vocabulary);
        let mut anchored: Vec<Vec<u16>> =
            vec![Vec::new(); vocabulary.len() + usize::from(FIRST_WORD)];
        let (mut elements, mut patterns) = (Vec::new(), Vec::new());
        for (group, weight, pieces) in &self.patterns {
            let costs =
                pieces.iter().enumerate().filter(|(_, it)| !it.optional && !only_number(it));
            let anchor = costs.min_by_key(|(_, piece)| cost(piece)).map_or(0, |(at, _)| at);
            let first = elements.len();
            for (at, piece) in pieces.iter().enumerate() {
                let members = members(piece, &vocabulary);
                if at == anchor {
                    let place = narrow(patterns.len());
                    members.iter().for_each(|id| anchored[usize::from(*id)].push(place));
                }
                let next = narrow(sets.len());
                let set = *sets.entry(members).or_insert(next);
                elements.push(Element { set, gap: piece.gap, optional: piece.optional });
            }
            patterns.push(Pattern {
                group: narrow(*group),
                first: wide(first),
                len: u8::try_from(pieces.len()).unwrap_or(u8::MAX),
                anchor: u8::try_from(anchor).unwrap_or(u8::MAX),
                weight: *weight,
            });
        }
        let mut by_place: Vec<(Vec<u16>, u16)> = sets.into_iter().collect();
        by_place.sort_by_key(|(_, place)| *place);
        (book.sets, book.members) = flat(by_place.into_iter().map(|(members, _)| members));
        (book.anchors, book.anchored) = flat(anchored);
        book.elements = elements.into();
        book.patterns = patterns.into();
        book.groups = self.groups.into_iter().map(|(group, _)| group).collect::<Vec<_>>().into();
        book
    }

    /// A group without a reason has that of another with its name: one language's reasons do for all.
    fn lend_reasons(&mut self) {
        for at in 0..self.groups.len() {
            let named = |other: &&(Group, f32)| {
                other.0.name == self.groups[at].0.name && !other.0.reason.is_empty()
            };
            if self.groups[at].0.reason.is_empty()
                && let Some(lent) = self.groups.iter().find(named).map(|it| it.0.reason.clone())
            {
                self.groups[at].0.reason = lent;
            }
        }
    }

    /// Gives each name a bit; beyond 63 names they share.
    fn name_masks(&mut self) {
        let mut names: Vec<Cow<str>> = Vec::new();
        for (group, _) in &mut self.groups {
            if group.name == "*" {
                group.mask = u64::MAX;
                continue;
            }
            let known = names.iter().position(|name| *name == group.name);
            let at = known.unwrap_or_else(|| {
                names.push(group.name.clone());
                names.len() - 1
            });
            group.mask = 1 << (at % 64);
        }
    }

    fn vocabulary(&self) -> Vec<(Vec<u8>, bool)> {
        let pieces = self.patterns.iter().flat_map(|(_, _, pieces)| pieces);
        let mut words: Vec<(Vec<u8>, bool)> = pieces
            .flat_map(|piece| &piece.keys)
            .filter_map(|key| match key {
                Key::Word(letters, stem) => Some((letters.clone(), *stem)),
                Key::Number => None,
            })
            .collect();
        words.sort();
        words.dedup();
        // Ids are 16 bits wide.
        words.truncate(usize::from(u16::MAX - FIRST_WORD));
        words
    }
}

fn weight_of(text: &str) -> Result<f32, String> {
    let weight = text.parse().ok().filter(|weight| (0.0..=1.0).contains(weight));
    weight.ok_or_else(|| format!("`{text}` is no weight from 0 to 1"))
}

fn only_number(piece: &Piece) -> bool {
    piece.keys.iter().all(|key| *key == Key::Number)
}

/// Gives each gap to the word behind it. The gap before an optional word is also one without that word.
fn close_gaps(sequence: Vec<Piece>) -> Result<Vec<Piece>, String> {
    let mut closed: Vec<Piece> = Vec::new();
    let (mut gap, mut carried) = (0, 0);
    for mut piece in sequence {
        if piece.keys.is_empty() {
            gap += piece.gap;
            continue;
        }
        piece.gap = gap.max(carried);
        carried = if piece.optional { piece.gap } else { 0 };
        gap = 0;
        closed.push(piece);
    }
    if gap > 0 || closed.first().is_some_and(|first| first.gap > 0) {
        return Err("a gap needs a word on both sides".to_owned());
    }
    if closed.len() > 24 {
        return Err("a pattern has at most 24 words".to_owned());
    }
    Ok(closed)
}

fn cost(piece: &Piece) -> u32 {
    let cost = |key: &Key| match key {
        Key::Number => 50,
        Key::Word(letters, _) => commonness(letters),
    };
    piece.keys.iter().map(cost).sum()
}

/// The ids that fit a piece: its words, and for its stems all known words and stems that begin so.
fn members(piece: &Piece, vocabulary: &[(Vec<u8>, bool)]) -> Vec<u16> {
    let mut ids = Vec::new();
    for key in &piece.keys {
        match key {
            Key::Number => ids.push(NUMBER),
            Key::Word(letters, true) => {
                let fits =
                    vocabulary.iter().enumerate().filter(|(_, it)| it.0.starts_with(letters));
                ids.extend(fits.map(|(at, _)| narrow(at) + FIRST_WORD));
            }
            Key::Word(letters, false) => {
                let same = vocabulary.iter().position(|(word, stem)| word == letters && !stem);
                ids.extend(same.map(|at| narrow(at) + FIRST_WORD));
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A book with nothing but a vocabulary.
fn tables(vocabulary: &[(Vec<u8>, bool)]) -> Book {
    let size = (vocabulary.len() * 2 + 2).next_power_of_two();
    let (mut keys, mut ids) = (vec![0; size], vec![0; size]);
    let mut stems = vec![0_u64; FILTER_WORDS];
    for (at, (letters, stem)) in vocabulary.iter().enumerate() {
        let hash = letters.iter().fold(SEED, |hash, byte| step(hash, *byte));
        let key = if *stem { stem_key(hash) } else { exact_key(hash) };
        if *stem {
            let (word, bit) = filter_place(hash);
            stems[word] |= 1 << bit;
        }
        let mut place = slot(key) & (size - 1);
        while keys[place] != 0 {
            place = (place + 1) & (size - 1);
        }
        keys[place] = key;
        ids[place] = narrow(at) + FIRST_WORD;
    }
    Book {
        groups: Cow::Borrowed(&[]),
        keys: keys.into(),
        ids: ids.into(),
        stems: stems.into(),
        sets: Cow::Borrowed(&[]),
        members: Cow::Borrowed(&[]),
        elements: Cow::Borrowed(&[]),
        patterns: Cow::Borrowed(&[]),
        anchors: Cow::Borrowed(&[]),
        anchored: Cow::Borrowed(&[]),
    }
}

type Flat = (Cow<'static, [u32]>, Cow<'static, [u16]>);

/// Lists laid end to end, and where each starts.
fn flat(lists: impl IntoIterator<Item = Vec<u16>>) -> Flat {
    let (mut starts, mut all) = (vec![0], Vec::new());
    for list in lists {
        all.extend(list);
        starts.push(wide(all.len()));
    }
    (starts.into(), all.into())
}

fn narrow(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn wide(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
