//! Runs of numbers, however they are written: `0176 123`, `o7-9`, `five double six`, `zwanzig`.

mod item;

use std::ops::Range;

use rialto_filter_sdk::text::{Class, OTHER, Scan};

pub use item::as_letters;

use crate::words::{Meaning, meaning};

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `42`
    Figures,
    /// `4Z`, with letters for digits
    Leet,
    /// `four`
    Spelled,
}

/// A number in a run.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// Tokens `from..to`.
    pub from: usize,
    pub to: usize,
    /// How it is written.
    pub form: Form,
    /// Its digits are `digits[first..last]` of the run.
    pub first: usize,
    pub last: usize,
}

impl Item {
    /// How many digits it has.
    pub fn len(&self) -> usize {
        self.last - self.first
    }
}

/// What stands between two numbers; when several things do, the last of these that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    None,
    Space,
    Dot,
    Dash,
    /// Slash, bracket or the like.
    Other,
    /// Comma, colon, picture: between single digits only.
    Loose,
    /// A line break: between single digits only.
    Break,
    /// A word such as `and`: between spelled-out numbers only.
    And,
}

/// Numbers with nothing else between them.
#[derive(Debug, Default)]
pub struct Run {
    pub items: Vec<Item>,
    /// One less than items.
    pub gaps: Vec<Gap>,
    /// ASCII digits of all items.
    pub digits: Vec<u8>,
}

/// Numbers read at a time; longer runs go on as a new one.
const MAX_ITEMS: usize = 24;

/// Calls `each` with every run of numbers outside the token ranges `used` (sorted).
pub fn runs(scan: &Scan, languages: u8, used: &[Range<usize>], mut each: impl FnMut(&Run)) {
    let reader = Reader { scan, languages };
    let mut run = Run::default();
    let mut used = used.iter().peekable();
    let mut token = 0;
    while token < scan.tokens().len() {
        while used.next_if(|range| range.end <= token).is_some() {}
        if let Some(range) = used.peek().filter(|range| range.contains(&token)) {
            token = range.end;
            continue;
        }
        let limit = used.peek().map_or(usize::MAX, |range| range.start);
        token = reader.read(token, limit, &mut run);
        if !run.items.is_empty() {
            each(&run);
        }
    }
}

struct Reader<'s, 't> {
    scan: &'s Scan<'t>,
    languages: u8,
}

impl Reader<'_, '_> {
    /// Reads the run that starts at this token (it may be empty); returns where to go on.
    fn read(&self, start: usize, limit: usize, run: &mut Run) -> usize {
        run.items.clear();
        run.gaps.clear();
        run.digits.clear();
        let mut token = start;
        let mut gap = Gap::None;
        while run.items.len() < MAX_ITEMS && token < limit {
            let Some((form, next)) = self.item(token, &mut run.digits) else { break };
            push(run, gap, form, token, next);
            let Some((between, behind)) = self.gap(next) else { return next };
            if behind >= limit || !self.fits(run, between, behind) {
                return next;
            }
            gap = between;
            token = behind;
        }
        run.items.last().map_or(start + 1, |item| item.to)
    }

    /// What stands between numbers from this token on, and the token behind it.
    fn gap(&self, start: usize) -> Option<(Gap, usize)> {
        let scan = self.scan;
        let mut gap = Gap::None;
        let mut token = start;
        while token < start + 5 {
            let kind = match scan.class(token)? {
                Class::Digits => return Some((gap, token)),
                Class::Word => {
                    let and = gap >= Gap::Space
                        && scan.class(token + 1) == Some(Class::Space)
                        && matches!(meaning(scan.folded(token)), Some(Meaning::And));
                    if !and {
                        return Some((gap, token));
                    }
                    Gap::And
                }
                Class::Space => Gap::Space,
                Class::Break => Gap::Break,
                Class::Sign(b'.') => Gap::Dot,
                Class::Sign(b'-' | b'_') => Gap::Dash,
                Class::Sign(
                    b'/' | b'(' | b')' | b'[' | b']' | b'|' | b'*' | b'~' | b'+' | b'\\',
                ) => Gap::Other,
                Class::Sign(b',' | b':' | b';' | b'\'' | b'"' | b'!' | b'&' | b'^' | OTHER) => {
                    Gap::Loose
                }
                Class::Sign(_) => return None,
            };
            gap = gap.max(kind);
            token += 1;
        }
        None
    }

    /// Whether the number at `token` may go on the run across this gap.
    fn fits(&self, run: &Run, gap: Gap, token: usize) -> bool {
        let Some(before) = run.items.last() else { return true };
        let word_next = self.scan.class(token) == Some(Class::Word);
        let single_next = self.scan.tokens()[token].chars() == 1;
        match gap {
            Gap::And => before.form == Form::Spelled && word_next,
            Gap::Loose | Gap::Break => {
                (before.len() == 1 || before.form == Form::Spelled) && (single_next || word_next)
            }
            _ => true,
        }
    }
}

/// Adds the item whose digits were just pushed; `twenty` `one` become one item.
fn push(run: &mut Run, gap: Gap, form: Form, from: usize, to: usize) {
    let last = run.digits.len();
    let first = run.items.last().map_or(0, |item| item.last);
    if let Some(before) = run.items.last_mut()
        && before.form == Form::Spelled
        && form == Form::Spelled
        && matches!(gap, Gap::None | Gap::Space | Gap::Dash | Gap::And)
        && combine(&mut run.digits, before.first, first)
    {
        before.last = run.digits.len();
        before.to = to;
        return;
    }
    if !run.items.is_empty() {
        run.gaps.push(gap);
    }
    run.items.push(Item { from, to, form, first, last });
}

/// Makes one number of two spoken ones: `twenty` `one`, `soixante` `douze`, `dix` `sept`.
fn combine(digits: &mut Vec<u8>, before: usize, first: usize) -> bool {
    let sum = match (&digits[before..first], &digits[first..]) {
        ([tens @ b'2'..=b'9', b'0'], [ones @ b'1'..=b'9']) => [*tens, *ones],
        ([b'6', b'0'], [b'1', ones]) => [b'7', *ones],
        ([b'8', b'0'], [b'1', ones]) => [b'9', *ones],
        ([b'1', b'0'], [ones @ b'7'..=b'9']) => [b'1', *ones],
        _ => return false,
    };
    digits.truncate(before);
    digits.extend(sum);
    true
}
