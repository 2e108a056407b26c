//! One number at a time: figures, look-alike digits, words.

use rialto_filter_sdk::text::Class;

use super::spoken::push_value;
use super::{Form, Reader};
use crate::words::language::{FR, UK};
use crate::words::{Meaning, Spelled, meaning, spelled};

/// A number that was read; its digits are pushed.
pub(super) struct Read {
    pub form: Form,
    /// The token behind it.
    pub to: usize,
    /// What it says, if words may be added to it.
    pub value: Option<u16>,
    /// Whose word it is.
    pub languages: u32,
    /// How many words it has, everyday words such as `for` not counted.
    pub words: u8,
}

impl Read {
    fn written(form: Form, to: usize) -> Self {
        Self { form, to, value: None, languages: u32::MAX, words: 0 }
    }

    fn spelled(word: Spelled, to: usize) -> Self {
        Self {
            form: Form::Spelled,
            to,
            value: Some(word.value),
            languages: word.languages,
            words: u8::from(!word.weak),
        }
    }
}

/// Digits and single letters by turns, `07a700b900c461`, are read up to so many tokens.
const MAX_LETTERED: usize = 32;

impl Reader<'_, '_> {
    /// The number at this token: pushes its digits. In a run, less will do to be one.
    pub(super) fn item(&self, token: usize, in_run: bool, digits: &mut Vec<u8>) -> Option<Read> {
        match self.scan.class(token)? {
            Class::Digits => self.figures(token, in_run, digits),
            Class::Word => self.word(token, in_run, digits),
            _ => None,
        }
    }

    fn figures(&self, token: usize, in_run: bool, digits: &mut Vec<u8>) -> Option<Read> {
        let scan = self.scan;
        let figures = scan.folded(token);
        let area = matches!(figures, [b'0', b'1'..=b'9', ..]);
        // Too long for an amount or a model: `08450123456over18s`.
        let long = area && (9..=12).contains(&figures.len());
        let end = self.chunk_end(token);
        if end > token + 1 {
            let read = self.mixed(token, end, in_run, digits);
            let read = read.or_else(|| self.lettered(token, area, digits));
            if read.is_some() {
                return read;
            }
            if !long && !self.is_number_word(token + 1) {
                return None;
            }
        }
        // Letters directly before: a model, unless they are a cue such as `tel` or a number too.
        let before = token.checked_sub(1);
        let dashed =
            before.filter(|at| !long && scan.is_sign(*at, b'-')).and_then(|at| at.checked_sub(1));
        let glued = dashed.or(before).filter(|at| scan.class(*at) == Some(Class::Word));
        let fits = |at| {
            let named = matches!(meaning(scan.folded(at)), Some(Meaning::Id));
            self.is_cue(at) || self.is_number_word(at) || (long && figures.len() > 9 && !named)
        };
        if glued.is_some_and(|at| !fits(at)) || (!long && self.is_amount(token, area)) {
            return None;
        }
        digits.extend_from_slice(figures);
        Some(Read::written(Form::Figures, token + 1))
    }

    /// Letters and digits in one: look-alike digits (`O79l1`), or a disguised word (`s3ven`).
    fn mixed(&self, token: usize, end: usize, in_run: bool, digits: &mut Vec<u8>) -> Option<Read> {
        let chunk = self.scan.folded_between(token, end);
        if chunk.len() > 16 {
            return None;
        }
        if let Some(word) = self.number(&as_letters(chunk)[..chunk.len()])
            && chunk.iter().any(u8::is_ascii_lowercase)
        {
            push_value(digits, word.value);
            return Some(Read::spelled(word, end));
        }
        let figures = chunk.iter().filter(|byte| byte.is_ascii_digit()).count();
        let round = chunk.iter().filter(|byte| matches!(byte, b'o' | b'i' | b'l')).count();
        let letters = chunk.len() - figures;
        // `20l`, `64gb`, `5s` are amounts and models.
        let plausible = chunk[0] == b'o'
            || chunk.len() > 4
            || (in_run
                && (chunk.len() > 2
                    || matches!(chunk, [b'a'..=b'z', _] | [_, b'b' | b'o' | b'i'])))
            || matches!(chunk, [b'0'..=b'9', b'o' | b'i' | b'l', b'0'..=b'9']);
        let enough = letters <= figures || (round == letters && letters <= 2 * figures);
        let mapped = || chunk.iter().map(|byte| as_digit(*byte));
        if !plausible || !enough || mapped().any(|byte| byte.is_none()) {
            return None;
        }
        if self.is_amount(end - 1, false) {
            return None;
        }
        digits.extend(mapped().flatten());
        Some(Read::written(Form::Leet, end))
    }

    /// Digits and single letters by turns, behind an area code: `07a700b900c461`.
    fn lettered(&self, token: usize, area: bool, digits: &mut Vec<u8>) -> Option<Read> {
        let zero = self.scan.folded(token) == b"0";
        if !area && !zero {
            return None;
        }
        let before = digits.len();
        let mut at = token;
        while at < token + MAX_LETTERED && self.scan.class(at) == Some(Class::Digits) {
            digits.extend_from_slice(self.scan.folded(at));
            let letter = self.scan.class(at + 1) == Some(Class::Word)
                && self.scan.tokens()[at + 1].chars() == 1
                && self.scan.class(at + 2) == Some(Class::Digits);
            at += 1 + usize::from(letter);
            if !letter {
                break;
            }
        }
        let count = digits.len() - before;
        if at < token + 5 || !(9..=13).contains(&count) {
            digits.truncate(before);
            return None;
        }
        Some(Read::written(Form::Leet, at))
    }

    fn word(&self, token: usize, in_run: bool, digits: &mut Vec<u8>) -> Option<Read> {
        let scan = self.scan;
        let end = self.chunk_end(token);
        if end > token + 1 && !self.is_cue(token) {
            let read = self.mixed(token, end, in_run, digits);
            if read.is_some() || !self.is_number_word(token) {
                return read;
            }
        }
        let folded = scan.folded(token);
        if let Some(word) = self.number(folded) {
            let (word, to) = match self.is_eighty(token, word) {
                true => (Spelled { value: 80, languages: FR, weak: false }, token + 3),
                false => (word, token + 1),
            };
            push_value(digits, word.value);
            return Some(Read::spelled(word, to));
        }
        match meaning(folded) {
            Some(Meaning::Repeat(times)) => return self.repeated(token, times, digits),
            Some(_) => return None,
            None => {}
        }
        if let Some(read) = self.with_apostrophe(token, digits) {
            return Some(read);
        }
        if folded.len() < 6 {
            return None;
        }
        let (languages, value, words) = self.compound(folded, digits)?;
        Some(Read { form: Form::Spelled, to: token + 1, value, languages, words })
    }

    /// `double five`
    fn repeated(&self, token: usize, times: u8, digits: &mut Vec<u8>) -> Option<Read> {
        let scan = self.scan;
        let dash = usize::from(scan.is_sign(token + 1, b'-'));
        let next = scan.skip_space(token + 1 + dash);
        let before = digits.len();
        let read = match scan.class(next)? {
            Class::Digits if scan.tokens()[next].chars() == 1 => {
                self.figures(next, true, digits)?
            }
            Class::Word if !matches!(meaning(scan.folded(next)), Some(Meaning::Repeat(_))) => {
                self.word(next, true, digits)?
            }
            _ => return None,
        };
        let once = digits[before..].to_vec();
        (1..times).for_each(|_| digits.extend_from_slice(&once));
        let form = if read.form == Form::Figures { Form::Spelled } else { read.form };
        Some(Read { form, value: None, words: read.words.max(1), ..read })
    }

    /// `п'ять`
    fn with_apostrophe(&self, token: usize, digits: &mut Vec<u8>) -> Option<Read> {
        let scan = self.scan;
        let fits = self.languages & UK != 0
            && scan.is_sign(token + 1, b'\'')
            && scan.class(token + 2) == Some(Class::Word);
        let chunk = fits.then(|| scan.folded_between(token, token + 3))?;
        let mut word = [0; 16];
        let letters = chunk.iter().filter(|byte| **byte != b'\'');
        let length = chunk.len() - 1;
        word.get_mut(..length)?.iter_mut().zip(letters).for_each(|(to, from)| *to = *from);
        let word = self.number(&word[..length])?;
        push_value(digits, word.value);
        Some(Read::spelled(word, token + 3))
    }

    /// `quatre-vingt`
    fn is_eighty(&self, token: usize, word: Spelled) -> bool {
        word.value == 4
            && word.languages & self.languages & FR != 0
            && matches!(self.scan.class(token + 1), Some(Class::Space | Class::Sign(b'-')))
            && matches!(self.scan.folded(token + 2), b"vingt" | b"vingts")
    }

    /// The number the word says in a language that is read.
    fn number(&self, word: &[u8]) -> Option<Spelled> {
        spelled(word).filter(|word| word.languages & self.languages != 0)
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

    pub(super) fn is_number_word(&self, token: usize) -> bool {
        let word = self.scan.folded(token);
        // `e1`, `o2` and the like are names of things.
        (word.len() > 2 || word == b"oh") && self.number(word).is_some()
    }

    fn is_cue(&self, token: usize) -> bool {
        matches!(
            meaning(self.scan.folded(token)),
            Some(Meaning::Call | Meaning::Num | Meaning::Platform(..))
        )
    }

    /// Whether money, per cent or a unit stands at this number. Nobody asks for `£07700`.
    fn is_amount(&self, token: usize, area: bool) -> bool {
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
        let odd = area && scan.folded(token).len() > 3;
        unit_next || (!odd && before.is_some_and(money_before))
    }
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
