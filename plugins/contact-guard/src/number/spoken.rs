//! Spoken numbers put together: `twenty` `one`, `ein` `und` `zwanzig`, `soixante` `dix` `sept`.

use super::Reader;
use crate::words::language::{DA, DE, EN, ET, FI, FR, HU, LT, LV, NL, RO, SV, TR};
use crate::words::{Meaning, meaning, spelled};

/// Languages that say the ones before the tens.
const ONES_FIRST: u32 = DE | NL | DA;

/// Languages that say `two hundred` rather than a word of its own.
const TIMES_HUNDRED: u32 = EN | DE | NL | SV | DA | TR | HU | FI | ET | LV | LT | RO;

/// One number of two spoken ones, if together they are one; `and` is what stands between them.
pub fn combined(before: u16, now: u16, and: bool, languages: u32) -> Option<u16> {
    match (before, now) {
        (60 | 80, 10..=19) | (10, 7..=9) if languages & FR != 0 => Some(before + now),
        (2..=9, 100) if !and && languages & TIMES_HUNDRED != 0 => Some(before * 100),
        (100..=900, 1..=99) if before.is_multiple_of(100) => Some(before + now),
        (20.., 1..=9) if before.is_multiple_of(10) && before % 100 >= 20 => Some(before + now),
        (_, 20..=90)
            if and
                && now.is_multiple_of(10)
                && (1..=9).contains(&(before % 100))
                && languages & ONES_FIRST != 0 =>
        {
            Some(before + now)
        }
        _ => None,
    }
}

/// Adds the number's digits.
pub fn push_value(digits: &mut Vec<u8>, value: u16) {
    let digit = |of: u16| b'0' + of.to_le_bytes()[0];
    if value >= 100 {
        digits.push(digit(value / 100 % 10));
    }
    if value >= 10 {
        digits.push(digit(value / 10 % 10));
    }
    digits.push(digit(value % 10));
}

/// Longest number word looked for inside another word.
const MAX_PART: usize = 14;

impl Reader<'_, '_> {
    /// Number words written as one: `zeroseven`, `einundzwanzig`; their languages, and what they say if
    /// that is one number, and how many numbers they are.
    pub(super) fn compound(
        &self,
        word: &[u8],
        digits: &mut Vec<u8>,
    ) -> Option<(u32, Option<u16>, u8)> {
        let before = digits.len();
        let mut languages = self.languages;
        let mut last: Option<(u16, usize)> = None;
        let mut and = false;
        let mut parts = 0_u8;
        let mut rest = word;
        while !rest.is_empty() {
            let part = (3..=MAX_PART.min(rest.len())).rev().find_map(|len| {
                let part = spelled(&rest[..len]).filter(|part| part.languages & languages != 0)?;
                Some((part, len))
            });
            // Two letters are too few but for this.
            let oh = || spelled(b"oh").filter(|_| rest.starts_with(b"oh")).map(|part| (part, 2));
            let Some((part, len)) = part.or_else(oh).filter(|it| it.0.languages & languages != 0)
            else {
                let joint = [b"und".as_slice(), b"og", b"en", b"e"]
                    .into_iter()
                    .find(|joint| !and && parts > 0 && rest.starts_with(joint))
                    .filter(|joint| matches!(meaning(joint), Some(Meaning::And)));
                let Some(joint) = joint else {
                    digits.truncate(before);
                    return None;
                };
                and = true;
                rest = &rest[joint.len()..];
                continue;
            };
            languages &= part.languages;
            let sum =
                last.and_then(|(said, at)| Some((combined(said, part.value, and, languages)?, at)));
            let (value, at) = sum.unwrap_or((part.value, digits.len()));
            parts = if sum.is_some() { parts } else { parts.saturating_add(1) };
            digits.truncate(at);
            push_value(digits, value);
            last = Some((value, at));
            and = false;
            rest = &rest[len..];
        }
        Some((languages, last.filter(|_| parts == 1).map(|(value, _)| value), parts))
    }
}
