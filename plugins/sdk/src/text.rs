//! Text as people write it around filters: look-alike letters folded, invisible ones dropped, cut into tokens.
//!
//! [`Scan`] reads a text once; everything else works on its tokens and speaks in byte ranges of the
//! original text, on character borders.

mod address;
mod chain;
mod fold;
mod lexicon;
pub mod phrases;
mod squeeze;
mod tld;

use std::ops::Range;

pub use address::{Address, AddressKind, addresses};
pub use fold::{LETTER, OTHER, SKIP, fold};
pub use lexicon::Lexicon;
pub use tld::is_known_tld;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Letters.
    Word,
    /// Decimal digits of any script.
    Digits,
    /// White space without a line break.
    Space,
    /// White space with a line break.
    Break,
    /// One other character; folded, so a full-width `＠` is `@`. Without an ASCII form it is [`OTHER`].
    Sign(u8),
}

/// A stretch of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is made of.
    pub class: Class,
    start: u32,
    end: u32,
}

impl Token {
    /// How many characters it has, invisible ones not counted.
    pub fn chars(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it is this character.
    pub fn is_sign(&self, sign: u8) -> bool {
        self.class == Class::Sign(sign)
    }
}

/// A text, folded and cut into tokens.
#[derive(Debug)]
pub struct Scan<'t> {
    text: &'t str,
    /// One byte a visible character.
    folded: Vec<u8>,
    /// Where each of them starts in the text, and the text's length.
    starts: Vec<u32>,
    tokens: Vec<Token>,
}

impl<'t> Scan<'t> {
    /// Reads the text; what is beyond four gigabytes is left out.
    pub fn new(text: &'t str) -> Self {
        let text = &text[..text.floor_char_boundary(u32::MAX as usize - 1)];
        let mut scan = Self {
            text,
            folded: Vec::with_capacity(text.len()),
            starts: Vec::with_capacity(text.len() + 1),
            tokens: Vec::with_capacity(text.len() / 2),
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            // Most of most texts is ASCII letters.
            if byte.is_ascii_alphabetic() {
                at = scan.push_letters(bytes, at);
                continue;
            }
            let Some(character) = text[at..].chars().next() else { break };
            let byte = fold(character);
            if byte != SKIP {
                scan.push(byte, at);
            }
            at += character.len_utf8();
        }
        scan.starts.push(offset(text.len()));
        scan
    }

    /// Takes the ASCII letters from `at` on; returns where they end.
    fn push_letters(&mut self, bytes: &[u8], at: usize) -> usize {
        self.push(bytes[at].to_ascii_lowercase(), at);
        let more = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let end = at + 1 + more;
        self.folded.extend(bytes[at + 1..end].iter().map(u8::to_ascii_lowercase));
        self.starts.extend((at + 1..end).map(offset));
        if let Some(word) = self.tokens.last_mut() {
            word.end = offset(self.folded.len());
        }
        end
    }

    fn push(&mut self, byte: u8, at: usize) {
        let unit = offset(self.folded.len());
        self.folded.push(byte);
        self.starts.push(offset(at));
        let class = class(byte);
        if let Some(last) = self.tokens.last_mut() {
            match (last.class, class) {
                (Class::Space | Class::Break, Class::Break) | (Class::Break, Class::Space) => {
                    last.class = Class::Break;
                    last.end = unit + 1;
                    return;
                }
                (Class::Sign(_), _) => {}
                (before, now) if before == now => {
                    last.end = unit + 1;
                    return;
                }
                _ => {}
            }
        }
        self.tokens.push(Token { class, start: unit, end: unit + 1 });
    }

    /// The text as given.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// All tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The class of a token; `None` beyond the end.
    pub fn class(&self, token: usize) -> Option<Class> {
        self.tokens.get(token).map(|token| token.class)
    }

    /// Whether the token is this character.
    pub fn is_sign(&self, token: usize, sign: u8) -> bool {
        self.class(token) == Some(Class::Sign(sign))
    }

    /// The folded characters of a token, one byte each; empty beyond the end.
    pub fn folded(&self, token: usize) -> &[u8] {
        self.folded_between(token, token + 1)
    }

    /// The folded characters of the tokens `from..to`.
    pub fn folded_between(&self, from: usize, to: usize) -> &[u8] {
        let Some(first) = self.tokens.get(from) else { return &[] };
        let last = &self.tokens[to.clamp(from + 1, self.tokens.len()) - 1];
        &self.folded[first.start as usize..last.end as usize]
    }

    /// Where the tokens `from..to` are in the text; invisible characters behind them belong to them.
    pub fn range(&self, from: usize, to: usize) -> Range<usize> {
        let Some(first) = self.tokens.get(from) else {
            return self.text.len()..self.text.len();
        };
        let last = &self.tokens[to.clamp(from + 1, self.tokens.len()) - 1];
        self.starts[first.start as usize] as usize..self.starts[last.end as usize] as usize
    }

    /// The tokens `from..to` as written.
    pub fn written(&self, from: usize, to: usize) -> &'t str {
        &self.text[self.range(from, to)]
    }

    /// The first token behind any white space, line breaks excepted.
    pub fn skip_space(&self, token: usize) -> usize {
        token + usize::from(self.class(token) == Some(Class::Space))
    }
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' | LETTER => Class::Word,
        b'0'..=b'9' => Class::Digits,
        b' ' => Class::Space,
        b'\n' => Class::Break,
        sign => Class::Sign(sign),
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_speak_of_the_original_text() {
        let text = "Ｃаll\u{200b} 0️⃣7 \n№5";
        let scan = Scan::new(text);
        let seen: Vec<(Class, &str)> = (0..scan.tokens().len())
            .map(|token| (scan.tokens()[token].class, scan.written(token, token + 1)))
            .collect();
        assert_eq!(
            seen,
            [
                (Class::Word, "Ｃаll\u{200b}"),
                (Class::Space, " "),
                (Class::Digits, "0️⃣7"),
                (Class::Break, " \n"),
                (Class::Sign(OTHER), "№"),
                (Class::Digits, "5"),
            ]
        );
        assert_eq!(scan.folded(0), b"call");
        assert_eq!(scan.folded(99), b"");
    }
}
