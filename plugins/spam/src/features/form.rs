//! What a text looks like, whatever its words: capitals, exclamation marks, money, links.

use rialto_filter_sdk::text::{Class, Scan, is_known_tld};

/// Names of the form's bits, from the lowest: what is true of the text.
pub const FORMS: [&str; 15] = [
    "5 % capitals",
    "10 % capitals",
    "20 % capitals",
    "30 % capitals",
    "50 % capitals",
    "a word in capitals",
    "2 words in capitals",
    "3 words in capitals",
    "5 words in capitals",
    "8 words in capitals",
    "an exclamation mark",
    "2 exclamation marks",
    "3 exclamation marks",
    "an amount of money",
    "a link",
];

const CAPITAL_PERCENT: [u32; 5] = [5, 10, 20, 30, 50];
const CAPITAL_WORDS: [u32; 5] = [1, 2, 3, 5, 8];
const EXCLAMATIONS: [u32; 3] = [1, 2, 3];
/// Letters a text has at least before the share of capitals means anything.
const MIN_LETTERS: u32 = 11;

/// What a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Bit `n` says that `FORMS[n]` is true.
    pub bits: u32,
}

impl Form {
    /// Looks at a text.
    pub fn of(scan: &Scan) -> Self {
        let (letters, capitals, capital_words) = capitals(scan.text());
        let percent = match letters {
            ..MIN_LETTERS => 0,
            _ => capitals * 100 / letters,
        };
        let (exclamations, money, link) = signs(scan);
        let mut bits = Bits { bits: 0, next: 0 };
        CAPITAL_PERCENT.iter().for_each(|least| bits.push(percent >= *least));
        CAPITAL_WORDS.iter().for_each(|least| bits.push(capital_words >= *least));
        EXCLAMATIONS.iter().for_each(|least| bits.push(exclamations >= *least));
        bits.push(money);
        bits.push(link);
        Self { bits: bits.bits }
    }

    /// The numbers of the bits that are set.
    pub fn facts(self) -> impl Iterator<Item = usize> {
        (0..FORMS.len()).filter(move |bit| self.bits >> bit & 1 == 1)
    }
}

struct Bits {
    bits: u32,
    next: u32,
}

impl Bits {
    fn push(&mut self, bit: bool) {
        self.bits |= u32::from(bit) << self.next;
        self.next += 1;
    }
}

/// Letters, capital letters, and words of two or more letters that have only capitals.
fn capitals(text: &str) -> (u32, u32, u32) {
    let (mut letters, mut capitals, mut words) = (0, 0, 0);
    let (mut run, mut run_capitals) = (0, 0);
    for character in text.chars().chain([' ']) {
        if character.is_alphabetic() {
            run += 1;
            run_capitals += u32::from(character.is_uppercase());
        } else if run > 0 {
            letters += run;
            capitals += run_capitals;
            words += u32::from(run > 1 && run == run_capitals);
            (run, run_capitals) = (0, 0);
        }
    }
    (letters, capitals, words)
}

/// Exclamation marks, whether there is an amount of money, whether there is a link.
fn signs(scan: &Scan) -> (u32, bool, bool) {
    let (mut exclamations, mut money, mut link) = (0, false, false);
    for (at, token) in scan.tokens().iter().enumerate() {
        match token.class {
            Class::Word => link |= is_link(scan, at),
            Class::Sign(b'!') => exclamations += 1,
            Class::Sign(b'$') => money |= is_beside_digits(scan, at),
            _ => {}
        }
    }
    (exclamations, money, link)
}

fn is_beside_digits(scan: &Scan, at: usize) -> bool {
    let after = scan.class(scan.skip_space(at + 1)) == Some(Class::Digits);
    let before = match at.checked_sub(1).map(|before| scan.class(before)) {
        Some(Some(Class::Space)) => at > 1 && scan.class(at - 2) == Some(Class::Digits),
        Some(class) => class == Some(Class::Digits),
        None => false,
    };
    after || before
}

/// Whether a link's `http`, `www.` or `name.tld` starts here.
fn is_link(scan: &Scan, at: usize) -> bool {
    match scan.folded(at) {
        b"http" | b"https" => scan.is_sign(at + 1, b':'),
        b"www" => true,
        _ => {
            let tld = std::str::from_utf8(scan.folded(at + 2));
            scan.is_sign(at + 1, b'.')
                && scan.class(at + 2) == Some(Class::Word)
                && tld.is_ok_and(is_known_tld)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Vec<&'static str> {
        Form::of(&Scan::new(text)).facts().map(|bit| FORMS[bit]).collect()
    }

    #[test]
    fn names_what_is_there() {
        assert!(facts("is this still available? call me on 020 7946 0018").is_empty());
        assert_eq!(facts("only 40 € !"), ["an exclamation mark", "an amount of money"]);
        assert_eq!(facts("see shop.example.com"), ["a link"]);
        assert_eq!(facts("see it.tomorrow is fine"), [""; 0]);
        assert_eq!(facts("OK, ok ok ok $ ok"), ["a word in capitals"]);
        assert_eq!(
            facts("WIN with us now!!"),
            [
                "5 % capitals",
                "10 % capitals",
                "20 % capitals",
                "a word in capitals",
                "an exclamation mark",
                "2 exclamation marks",
            ]
        );
    }
}
