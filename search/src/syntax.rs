//! The query a user types: words, phrases, operators.
//!
//! `"a phrase"`, `-word`, `-"a phrase"`, `from:` `with:` `listing:` `category:` `kind:` `before:` `after:` `on:` `has:`
//! `verdict:`, the value in quotes if it has spaces. All else is ordinary text, `https://x` and `re:` too.

mod dates;
#[cfg(test)]
mod tests;

use std::ops::Range;

use chrono::{DateTime, Utc};

use crate::document::Kind;
use crate::query::{Text, Word};

/// Bytes of a query at most.
pub const LONGEST: usize = 512;
/// Words, phrases and operators in a query at most.
pub const MOST_TERMS: usize = 32;

const DATES: &str = "2026-11-22, 2026-11, 2026, today, yesterday, 7d, 2w or 3m";
const VERDICTS: [&str; 7] = ["deliver", "label", "warn", "mask", "hold", "refuse", "shadow"];

/// What a term asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// A word.
    Word,
    /// Words in quotes, to be found as they stand.
    Phrase,
    /// A word or phrase that must not be there.
    Excluded,
    /// `from:`, who wrote it.
    From,
    /// `with:`, who takes part.
    With,
    /// `listing:`, what it is about.
    Listing,
    /// `category:`.
    Category,
    /// `kind:`, direct or support.
    Kind,
    /// `before:`, earlier than that day, month or year.
    Before,
    /// `after:`, later than that day, month or year: `after:2026-11-22` begins on the 23rd, `after:7d` covers seven days,
    /// today being the last.
    After,
    /// `on:`, within that day, month or year.
    On,
    /// `has:attachment`, or with a minus, without.
    Has,
    /// `verdict:`.
    Verdict,
}

impl TermKind {
    const OPERATORS: [(&'static str, Self); 10] = [
        ("from", Self::From),
        ("with", Self::With),
        ("listing", Self::Listing),
        ("category", Self::Category),
        ("kind", Self::Kind),
        ("before", Self::Before),
        ("after", Self::After),
        ("on", Self::On),
        ("has", Self::Has),
        ("verdict", Self::Verdict),
    ];

    /// What the operator takes, in words.
    fn allowed(self) -> &'static str {
        match self {
            Self::Word | Self::Phrase | Self::Excluded => "any text",
            Self::From | Self::With => "a user",
            Self::Listing => "a listing",
            Self::Category => "a category",
            Self::Kind => "direct or support",
            Self::Before | Self::After | Self::On => DATES,
            Self::Has => "attachment",
            Self::Verdict => "deliver, label, warn, mask, hold, refuse or shadow",
        }
    }
}

/// A part of the query, such as a user interface shows as a chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What it asks for.
    pub kind: TermKind,
    /// As it was written.
    pub text: String,
    /// Its value, without operator, minus and quotes.
    pub value: String,
    /// Where it stands, in bytes of the input.
    pub span: Range<usize>,
}

/// What a query asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// All of it, in the order written.
    pub terms: Vec<Term>,
    /// The words and phrases.
    pub text: Text,
    /// Values of `from:`, any of which may be the sender.
    pub senders: Vec<String>,
    /// Values of `with:`, all of whom take part.
    pub participants: Vec<String>,
    /// Values of `listing:`, any of which it may be about.
    pub listings: Vec<String>,
    /// Value of `category:`.
    pub category: Option<String>,
    /// Value of `kind:`.
    pub kind: Option<Kind>,
    /// Not before, milliseconds since 1970 UTC.
    pub from: Option<i64>,
    /// Before, milliseconds since 1970 UTC.
    pub to: Option<i64>,
    /// With (or without) attachments.
    pub has_attachment: Option<bool>,
    /// Value of `verdict:`, lower case.
    pub verdict: Option<String>,
}

/// Why a query was not understood; `term` is what is wrong, as written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// Over `LONGEST`.
    #[error("the query is {bytes} bytes long; at most {LONGEST} are allowed")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Over `MOST_TERMS`.
    #[error("the query has more than {MOST_TERMS} terms")]
    TooManyTerms,
    /// An operator without a value.
    #[error("`{term}` has no value; give it {allowed}")]
    NoValue {
        /// The term.
        term: String,
        /// What it takes, in words.
        allowed: &'static str,
    },
    /// An operator with a value it does not take.
    #[error("`{term}` is not understood; it takes {allowed}")]
    WrongValue {
        /// The term.
        term: String,
        /// What it takes, in words.
        allowed: &'static str,
    },
    /// A minus before an operator other than `has:`.
    #[error("`{term}` can't be excluded; only words, phrases and has: can")]
    NotNegatable {
        /// The term.
        term: String,
    },
    /// A second value for an operator that can have only one.
    #[error("`{term}` contradicts an earlier term")]
    Contradiction {
        /// The second of them.
        term: String,
    },
}

/// Reads a query. Days are UTC; `now` is what relative ones count from. The last word is a prefix unless white space
/// follows it.
pub fn parse(input: &str, now: DateTime<Utc>) -> Result<Parsed, SyntaxError> {
    if input.len() > LONGEST {
        return Err(SyntaxError::TooLong { bytes: input.len() });
    }
    let mut parsed = Parsed::default();
    let mut rest = Cursor { input, at: 0 };
    while let Some(raw) = rest.next_raw() {
        if raw.value.trim().is_empty() && raw.quoted && raw.operator.is_none() {
            continue;
        }
        if parsed.terms.len() == MOST_TERMS {
            return Err(SyntaxError::TooManyTerms);
        }
        let last = raw.span.end == input.len();
        let term = take(&mut parsed, input, &raw, last, now)?;
        parsed.terms.push(term);
    }
    Ok(parsed)
}

/// A term as it stands in the input.
struct Raw<'a> {
    span: Range<usize>,
    negated: bool,
    operator: Option<TermKind>,
    quoted: bool,
    value: &'a str,
}

struct Cursor<'a> {
    input: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.input[self.at..]
    }

    fn next_raw(&mut self) -> Option<Raw<'a>> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let start = self.at;
        let rest = self.rest();
        rest.chars().next()?;
        let after_minus =
            rest.strip_prefix('-').filter(|more| more.starts_with(|c: char| !c.is_whitespace()));
        let negated = after_minus.is_some();
        self.at += usize::from(negated);
        let operator = self.operator();
        let (quoted, value) = self.value();
        Some(Raw { span: start..self.at, negated, operator, quoted, value })
    }

    fn operator(&mut self) -> Option<TermKind> {
        let (name, _) = self.rest().split_once(':')?;
        let (_, kind) =
            TermKind::OPERATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        self.at += name.len() + 1;
        Some(*kind)
    }

    fn value(&mut self) -> (bool, &'a str) {
        let rest = self.rest();
        if let Some(inner) = rest.strip_prefix(is_quote) {
            let opening = rest.len() - inner.len();
            let end = inner.find(is_quote).unwrap_or(inner.len());
            let closing = inner[end..].chars().next().map_or(0, char::len_utf8);
            self.at += opening + end + closing;
            return (true, &inner[..end]);
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at += end;
        (false, &rest[..end])
    }
}

/// The straight quote, and those that phones put in its place.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

fn take(
    parsed: &mut Parsed,
    input: &str,
    raw: &Raw<'_>,
    last: bool,
    now: DateTime<Utc>,
) -> Result<Term, SyntaxError> {
    let text = input[raw.span.clone()].to_owned();
    let value = match raw.operator {
        Some(_) => raw.value.trim(),
        None => raw.value,
    };
    let kind = match raw.operator {
        Some(kind) => {
            operator(parsed, kind, raw.negated, value, &text, now)?;
            kind
        }
        None if raw.negated => {
            parsed.text.excluded.push(value.to_owned());
            TermKind::Excluded
        }
        None if raw.quoted => {
            parsed.text.phrases.push(value.to_owned());
            TermKind::Phrase
        }
        None => {
            parsed.text.words.push(Word { text: value.to_owned(), prefix: last });
            TermKind::Word
        }
    };
    Ok(Term { kind, text, value: value.to_owned(), span: raw.span.clone() })
}

fn operator(
    parsed: &mut Parsed,
    kind: TermKind,
    negated: bool,
    value: &str,
    text: &str,
    now: DateTime<Utc>,
) -> Result<(), SyntaxError> {
    let term = || text.to_owned();
    if negated && kind != TermKind::Has {
        return Err(SyntaxError::NotNegatable { term: term() });
    }
    if value.is_empty() {
        return Err(SyntaxError::NoValue { term: term(), allowed: kind.allowed() });
    }
    let wrong = || SyntaxError::WrongValue { term: term(), allowed: kind.allowed() };
    let lower = value.to_ascii_lowercase();
    match kind {
        TermKind::From => parsed.senders.push(value.to_owned()),
        TermKind::With => parsed.participants.push(value.to_owned()),
        TermKind::Listing => parsed.listings.push(value.to_owned()),
        TermKind::Category => once(&mut parsed.category, value.to_owned(), text)?,
        TermKind::Kind => {
            let named = [Kind::Direct, Kind::Support].into_iter().find(|k| k.as_str() == lower);
            once(&mut parsed.kind, named.ok_or_else(wrong)?, text)?;
        }
        TermKind::Before | TermKind::After | TermKind::On => {
            let period = dates::period(&lower, now).ok_or_else(wrong)?;
            if kind != TermKind::Before {
                let from = if kind == TermKind::On { period.start } else { period.end };
                parsed.from = Some(parsed.from.map_or(from, |earlier| earlier.max(from)));
            }
            if kind != TermKind::After {
                let to = if kind == TermKind::On { period.end } else { period.start };
                parsed.to = Some(parsed.to.map_or(to, |earlier| earlier.min(to)));
            }
        }
        TermKind::Has => {
            if !matches!(lower.as_str(), "attachment" | "file" | "picture") {
                return Err(wrong());
            }
            once(&mut parsed.has_attachment, !negated, text)?;
        }
        TermKind::Verdict => {
            let known = VERDICTS.contains(&lower.as_str());
            once(&mut parsed.verdict, known.then_some(lower).ok_or_else(wrong)?, text)?;
        }
        TermKind::Word | TermKind::Phrase | TermKind::Excluded => {}
    }
    Ok(())
}

fn once<T: PartialEq>(slot: &mut Option<T>, value: T, text: &str) -> Result<(), SyntaxError> {
    match slot {
        Some(earlier) if *earlier != value => {
            Err(SyntaxError::Contradiction { term: text.to_owned() })
        }
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}
