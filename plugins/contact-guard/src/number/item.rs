//! One number at a time: figures, look-alike digits, words.

use rialto_filter_sdk::text::Class;

use super::{Form, Reader};
use crate::words::{FR, Meaning, meaning};

impl Reader<'_, '_> {
    /// The number at this token: pushes its digits, returns its form and the token behind it.
    pub(super) fn item(&self, token: usize, digits: &mut Vec<u8>) -> Option<(Form, usize)> {
        match self.scan.class(token)? {
            Class::Digits => self.figures(token, digits),
            Class::Word => self.word(token, digits),
            _ => None,
        }
    }

    fn figures(&self, token: usize, digits: &mut Vec<u8>) -> Option<(Form, usize)> {
        let scan = self.scan;
        let figures = scan.folded(token);
        // Too long for an amount or a model: `08450123456over18s`.
        let long = matches!(figures, [b'0', b'1'..=b'9', ..]) && (9..=12).contains(&figures.len());
        let end = self.chunk_end(token);
        if end > token + 1
            && let Some(read) = self.mixed(token, end, digits)
        {
            return Some(read);
        }
        if end > token + 1 && !long && !self.is_number_word(token + 1) {
            return None;
        }
        // Letters directly before: a model, unless they are a cue such as `tel` or a number too.
        let glued = token.checked_sub(1).filter(|at| scan.class(*at) == Some(Class::Word));
        let fits = |at| {
            let named = matches!(meaning(scan.folded(at)), Some(Meaning::Id));
            self.is_cue(at) || self.is_number_word(at) || (long && figures.len() > 9 && !named)
        };
        if glued.is_some_and(|at| !fits(at)) || self.is_amount(token) {
            return None;
        }
        digits.extend_from_slice(figures);
        Some((Form::Figures, token + 1))
    }

    /// Letters and digits in one: look-alike digits (`O79l1`), or a disguised word (`s3ven`).
    fn mixed(&self, token: usize, end: usize, digits: &mut Vec<u8>) -> Option<(Form, usize)> {
        let chunk = self.scan.folded_between(token, end);
        if chunk.len() > 16 {
            return None;
        }
        if let Some(Meaning::Number(value, languages)) = meaning(&as_letters(chunk)[..chunk.len()])
            && languages & self.languages != 0
        {
            push_value(digits, value);
            return Some((Form::Spelled, end));
        }
        let figures = chunk.iter().filter(|byte| byte.is_ascii_digit()).count();
        let letters = chunk.len() - figures;
        // `20l`, `64gb`, `5s` are amounts and models.
        let plausible = chunk[0] == b'o' || chunk.len() > 4;
        let mapped = || chunk.iter().map(|byte| as_digit(*byte));
        if !plausible || letters > figures || mapped().any(|byte| byte.is_none()) {
            return None;
        }
        if self.is_amount(end - 1) {
            return None;
        }
        digits.extend(mapped().flatten());
        Some((Form::Leet, end))
    }

    fn word(&self, token: usize, digits: &mut Vec<u8>) -> Option<(Form, usize)> {
        let scan = self.scan;
        let end = self.chunk_end(token);
        if end > token + 1 && !self.is_cue(token) {
            let read = self.mixed(token, end, digits);
            if read.is_some() || !self.is_number_word(token) {
                return read;
            }
        }
        let word = scan.folded(token);
        match meaning(word) {
            Some(Meaning::Number(4, FR)) if self.is_eighty(token) => {
                push_value(digits, 80);
                Some((Form::Spelled, token + 3))
            }
            Some(Meaning::Number(value, languages)) if languages & self.languages != 0 => {
                push_value(digits, value);
                Some((Form::Spelled, token + 1))
            }
            Some(Meaning::Repeat(times)) => {
                let next = scan.skip_space(token + 1);
                let before = digits.len();
                let (form, end) = match scan.class(next)? {
                    Class::Digits if scan.tokens()[next].chars() == 1 => {
                        self.figures(next, digits)?
                    }
                    Class::Word
                        if !matches!(meaning(scan.folded(next)), Some(Meaning::Repeat(_))) =>
                    {
                        self.word(next, digits)?
                    }
                    _ => return None,
                };
                let once = digits[before..].to_vec();
                (1..times).for_each(|_| digits.extend_from_slice(&once));
                Some((if form == Form::Figures { Form::Spelled } else { form }, end))
            }
            None if word.len() >= 6 => {
                self.compound(word, digits).then_some((Form::Spelled, token + 1))
            }
            _ => None,
        }
    }

    /// `quatre-vingt`
    fn is_eighty(&self, token: usize) -> bool {
        self.languages & FR != 0
            && matches!(self.scan.class(token + 1), Some(Class::Space | Class::Sign(b'-')))
            && matches!(self.scan.folded(token + 2), b"vingt" | b"vingts")
    }

    /// Number words written as one: `zeroseven`, `einundzwanzig`.
    fn compound(&self, word: &[u8], digits: &mut Vec<u8>) -> bool {
        let number = |part: &[u8]| match meaning(part) {
            Some(Meaning::Number(value, languages)) if languages & self.languages != 0 => {
                Some(value)
            }
            _ => None,
        };
        if let Some(at) = word.windows(3).position(|three| three == b"und")
            && let (Some(ones @ 1..=9), Some(tens @ 20..)) =
                (number(&word[..at]), number(&word[at + 3..]))
        {
            push_value(digits, tens + ones);
            return true;
        }
        let before = digits.len();
        let mut rest = word;
        while !rest.is_empty() {
            let found = (3..=7.min(rest.len()))
                .rev()
                .find_map(|len| number(&rest[..len]).map(|value| (value, len)));
            let Some((value, len)) = found else {
                digits.truncate(before);
                return false;
            };
            push_value(digits, value);
            rest = &rest[len..];
        }
        true
    }

    /// The end of the letters and digits that touch.
    fn chunk_end(&self, token: usize) -> usize {
        let mut end = token + 1;
        // Bounded, or a long text of alternating letters and digits takes quadratic time.
        while end < token + 16 && matches!(self.scan.class(end), Some(Class::Word | Class::Digits))
        {
            end += 1;
        }
        end
    }

    fn is_number_word(&self, token: usize) -> bool {
        let word = self.scan.folded(token);
        // `e1`, `o2` and the like are names of things.
        word.len() > 2
            && match meaning(word) {
                Some(Meaning::Number(_, languages)) => languages & self.languages != 0,
                _ => false,
            }
    }

    fn is_cue(&self, token: usize) -> bool {
        matches!(
            meaning(self.scan.folded(token)),
            Some(Meaning::Call | Meaning::Num | Meaning::Platform(..))
        )
    }

    /// Whether money, per cent or a unit stands at this number.
    fn is_amount(&self, token: usize) -> bool {
        let scan = self.scan;
        let next = scan.skip_space(token + 1);
        let unit_next = match scan.class(next) {
            Some(Class::Word) => {
                scan.class(next + 1) != Some(Class::Digits)
                    && matches!(meaning(scan.folded(next)), Some(Meaning::Unit))
            }
            Some(Class::Sign(sign)) => matches!(sign, b'$' | b'%'),
            _ => false,
        };
        let money_before =
            |at: usize| scan.is_sign(at, b'$') || (at + 1 == token && scan.is_sign(at, b'#'));
        let before = match token.checked_sub(1) {
            Some(at) if scan.class(at) == Some(Class::Space) => at.checked_sub(1),
            other => other,
        };
        unit_next || before.is_some_and(money_before)
    }
}

fn push_value(digits: &mut Vec<u8>, value: u8) {
    if value >= 10 {
        digits.push(b'0' + value / 10);
    }
    digits.push(b'0' + value % 10);
}

/// Digits for letters put back: `s3ven`. Longer words than 16 are not looked at.
pub fn as_letters(chunk: &[u8]) -> [u8; 16] {
    let mut letters = [0; 16];
    for (letter, byte) in letters.iter_mut().zip(chunk) {
        *letter = match byte {
            b'0' => b'o',
            b'1' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            other => *other,
        };
    }
    letters
}

fn as_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte),
        b'o' | b'q' => Some(b'0'),
        b'l' | b'i' => Some(b'1'),
        b'z' => Some(b'2'),
        b's' => Some(b'5'),
        b'b' => Some(b'8'),
        _ => None,
    }
}
