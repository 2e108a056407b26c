//! Text into words: where they begin and end, and what their letters are folded to.

use std::ops::Range;

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// Bytes of a folded word at most; of longer ones this much is kept, so that they are found by how they begin.
pub const LONGEST_WORD: usize = 64;

/// A word in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Token {
    /// Folded, at most `LONGEST_WORD` bytes.
    pub text: String,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

/// The words of a text, in order.
pub fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0 }
}

/// Iterator over the words of a text.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl Tokens<'_> {
    /// The next word into a token whose memory is used again; false at the end.
    pub(crate) fn next_into(&mut self, token: &mut Token) -> bool {
        loop {
            token.text.clear();
            let Some((start, end)) = self.next_span() else { return false };
            self.at = end;
            token.span = start..end;
            for c in self.text[start..end].chars() {
                fold(c, &mut token.text);
            }
            cut(&mut token.text);
            if !token.text.is_empty() {
                return true;
            }
        }
    }

    fn next_span(&self) -> Option<(usize, usize)> {
        let mut chars = self.text[self.at..].char_indices();
        let (start, alone) = loop {
            let (at, c) = chars.next()?;
            match class(c) {
                Class::Letter => break (at, false),
                Class::Alone => break (at, true),
                Class::Extends | Class::Gap => {}
            }
        };
        let end = chars.find(|(_, c)| match class(*c) {
            Class::Letter => alone,
            Class::Extends => false,
            Class::Alone | Class::Gap => true,
        });
        Some((self.at + start, end.map_or(self.text.len(), |(at, _)| self.at + at)))
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let mut token = Token::default();
        self.next_into(&mut token).then_some(token)
    }
}

/// Bytes of a written word that its first folded characters take up, these and what extends them.
pub(super) fn written_length(word: &str, folded: usize) -> usize {
    let mut so_far = String::new();
    for (at, c) in word.char_indices() {
        if class(c) != Class::Extends && so_far.chars().count() >= folded {
            return at;
        }
        fold(c, &mut so_far);
    }
    word.len()
}

fn cut(word: &mut String) {
    if word.len() > LONGEST_WORD {
        let end = (0..=LONGEST_WORD).rev().find(|end| word.is_char_boundary(*end)).unwrap_or(0);
        word.truncate(end);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    /// A word of its own.
    Alone,
    /// Belongs to what is before it.
    Extends,
    Gap,
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Letter } else { Class::Gap };
    }
    if is_combining_mark(c) || is_dropped(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}') {
        Class::Extends
    } else if is_unspaced(c) {
        Class::Alone
    } else if c.is_alphanumeric() {
        Class::Letter
    } else {
        Class::Gap
    }
}

/// Letters of scripts that put no space between words: Thai, Lao, Burmese, Khmer, kana, Han.
fn is_unspaced(c: char) -> bool {
    let listed = matches!(c,
        '\u{e01}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}');
    listed && c.is_alphanumeric()
}

/// What is not written to the index: accents and points, which many leave out, and characters nobody sees.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}'
        | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn fold(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
    } else if matches!(c, '\u{ac00}'..='\u{d7a3}') {
        out.push(c);
    } else {
        decompose_compatible(c, |part| {
            if !is_dropped(part) {
                part.to_lowercase().for_each(|letter| fold_letter(letter, out));
            }
        });
    }
}

fn fold_letter(c: char, out: &mut String) {
    match c {
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        'ø' => out.push('o'),
        'đ' | 'ð' => out.push('d'),
        'ł' => out.push('l'),
        'ħ' => out.push('h'),
        'ŧ' => out.push('t'),
        'ı' => out.push('i'),
        'ς' => out.push('σ'),
        // Syllables that came in parts.
        '\u{1160}'..='\u{11ff}' => match out.pop() {
            Some(before) => match compose(before, c) {
                Some(syllable) => out.push(syllable),
                None => out.extend([before, c]),
            },
            None => out.push(c),
        },
        c if is_dropped(c) => {}
        c if c.is_alphanumeric() || is_combining_mark(c) => out.push(c),
        _ => {}
    }
}
