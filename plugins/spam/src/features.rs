//! What the model sees of a text: hashed words, word pairs and parts of words, and the text's form.
//!
//! The trainer and the filter both read texts through this module, so they cannot drift apart.

mod form;

use rialto_filter_sdk::text::{Class, Scan};

pub use form::{FORMS, Form};

/// Bytes of a text that are read; what follows is left out.
pub const MAX_BYTES: usize = 4096;
/// Shortest and longest part of a word, the space on either side of the word included.
const PARTS: std::ops::RangeInclusive<usize> = 2..=4;
/// Signs that count as words.
const SIGNS: &[u8] = b"$%!?*&/@#";

/// A word, a word pair or a part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gram {
    /// What it is, as a number: see [`hash`].
    pub hash: u32,
    /// Its first token.
    pub first: usize,
    /// Its last token.
    pub last: usize,
    /// Whether digits are part of it; the trainer trusts those less.
    pub has_digits: bool,
}

/// A text as the model sees it.
#[derive(Debug)]
pub struct Features<'t> {
    scan: Scan<'t>,
    form: Form,
}

impl<'t> Features<'t> {
    /// Reads the text.
    pub fn read(text: &'t str) -> Self {
        let scan = Scan::new(&text[..text.floor_char_boundary(MAX_BYTES)]);
        let form = Form::of(&scan);
        Self { scan, form }
    }

    /// The text in tokens.
    pub fn scan(&self) -> &Scan<'t> {
        &self.scan
    }

    /// What the text looks like.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// How many visible characters were read.
    pub fn chars(&self) -> usize {
        self.scan.tokens().iter().map(rialto_filter_sdk::text::Token::chars).sum()
    }

    /// Calls with every different gram, where it stands first; returns how many there are.
    pub fn for_each(&self, mut found: impl FnMut(Gram)) -> u32 {
        let mut seen = [0; SEEN_WORDS];
        let mut count = 0;
        let mut found = |gram: Gram| {
            if is_new(&mut seen, gram.hash) {
                count += 1;
                found(gram);
            }
        };
        self.words(&mut found);
        self.parts(&mut found);
        count
    }

    /// Words and neighbouring words. Numbers are passed over: an honest message about a price or a phone number
    /// must not look like spam for having one.
    fn words(&self, found: &mut impl FnMut(Gram)) {
        let mut before: Option<(u32, usize)> = None;
        for (at, token) in self.scan.tokens().iter().enumerate() {
            let state = match token.class {
                Class::Word => hash(WORD, self.scan.folded(at)),
                Class::Sign(sign) if SIGNS.contains(&sign) => hash(WORD, &[sign]),
                _ => continue,
            };
            found(Gram { hash: mix(state), first: at, last: at, has_digits: false });
            if let Some(before) = before {
                let pair = step(step(before.0.rotate_left(7), PAIR) ^ state, PAIR);
                found(Gram { hash: mix(pair), first: before.1, last: at, has_digits: false });
            }
            before = Some((state, at));
        }
    }

    /// Parts of whatever stands between white space.
    fn parts(&self, found: &mut impl FnMut(Gram)) {
        for chunk in self.chunks() {
            let (first, last) = (chunk.start, chunk.end - 1);
            let bytes = self.scan.folded_between(chunk.start, chunk.end);
            let at = |place: usize| match place.checked_sub(1) {
                Some(inside) => bytes.get(inside).copied().unwrap_or(b' '),
                None => b' ',
            };
            let len = bytes.len() + 2;
            for start in 0..len - 1 {
                let mut state = hash(PART, &[]);
                let mut has_digits = false;
                for (place, length) in (start..len).zip(1..=*PARTS.end()) {
                    state = step(state, at(place));
                    has_digits |= at(place).is_ascii_digit();
                    if PARTS.contains(&length) {
                        found(Gram { hash: mix(state), first, last, has_digits });
                    }
                }
            }
        }
    }

    /// The stretches of tokens between white space.
    pub fn chunks(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let tokens = self.scan.tokens();
        let blank = |at: usize| matches!(tokens[at].class, Class::Space | Class::Break);
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < tokens.len() && blank(at) {
                at += 1;
            }
            let start = at;
            while at < tokens.len() && !blank(at) {
                at += 1;
            }
            (start < at).then_some(start..at)
        })
    }
}

const WORD: u8 = b'w';
const PAIR: u8 = b'p';
const PART: u8 = b'c';

/// FNV-1a, 32 bits, of the kind's letter and the bytes; [`mix`] makes the gram's hash of it.
fn hash(kind: u8, bytes: &[u8]) -> u32 {
    bytes.iter().fold(step(0x811C_9DC5, kind), |state, byte| step(state, *byte))
}

fn step(state: u32, byte: u8) -> u32 {
    (state ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// The finalizer of `MurmurHash3`: FNV alone leaves the high bits of short strings alike.
fn mix(mut state: u32) -> u32 {
    state = (state ^ (state >> 16)).wrapping_mul(0x85EB_CA6B);
    state = (state ^ (state >> 13)).wrapping_mul(0xC2B2_AE35);
    state ^ (state >> 16)
}

/// Words of the set of grams met before.
const SEEN_WORDS: usize = 1024;

/// Whether a gram was not met before, by 16 bits of its hash: a text of 1,000 grams loses about eight to chance.
fn is_new(seen: &mut [u64; SEEN_WORDS], hash: u32) -> bool {
    let bit = 1 << (hash & 63);
    let word = &mut seen[(hash >> 6) as usize % SEEN_WORDS];
    let new = *word & bit == 0;
    *word |= bit;
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams(text: &str) -> Vec<u32> {
        let mut all = Vec::new();
        let count = Features::read(text).for_each(|gram| all.push(gram.hash));
        assert_eq!(all.len(), count as usize);
        all.sort_unstable();
        all
    }

    #[test]
    fn a_gram_counts_once() {
        // Two words and a pair; of " ab " and " cd " three parts of 2, two of 3, one of 4 each.
        assert_eq!(grams("ab cd").len(), 3 + 12);
        // Only the pair "cd ab" is new.
        assert_eq!(grams("ab cd ab cd ab").len(), 3 + 12 + 1);
        assert_eq!(grams(" \n").len(), 0);
    }

    #[test]
    fn disguises_and_spacing_change_nothing() {
        assert_eq!(grams("FREE  entry"), grams("frее\nen\u{200b}try"));
        assert_ne!(grams("free entry"), grams("entry free"));
    }

    #[test]
    fn the_hash_is_what_the_readme_says() {
        assert_eq!(hash(b'a', b""), 0xE40C_292C, "FNV-1a of `a`");
        assert_eq!(mix(0xE40C_292C), 0x1A80_B1B3, "its MurmurHash3 finalizer");
        assert!(grams("win").contains(&mix(hash(WORD, b"win"))));
    }
}
