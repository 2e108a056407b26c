//! Runs of numbers, however they are written: `0176 123`, `o7-9`, `five double six`, `zwanzig`.

mod item;
mod spoken;

use std::ops::Range;

use rialto_filter_sdk::text::{Class, OTHER, Scan};

use item::Read;
pub use item::as_letters;
use spoken::{combined, push_value};

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
    /// How many words it is spelled with, those not counted that also mean something else.
    pub words: u8,
    /// What it says, if words may still be added to it: `twenty`, `hundred`.
    value: Option<u16>,
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
    /// Comma, picture: between single digits, and behind what starts like an area code.
    Loose,
    /// Colon, exclamation mark: between single digits only.
    Colon,
    /// A line break: as `Loose`.
    Break,
    /// A word such as `and`: between spelled-out numbers only.
    And,
    /// A word such as `then`, or words in brackets: behind a spelled-out number or an area code.
    Then,
}

/// Numbers with nothing else between them.
#[derive(Debug, Default)]
pub struct Run {
    pub items: Vec<Item>,
    /// One less than items.
    pub gaps: Vec<Gap>,
    /// ASCII digits of all items.
    pub digits: Vec<u8>,
    /// Languages that have all of its words.
    pub languages: u32,
}

impl Run {
    /// Whether it starts as an area code does: `07`, `0171`.
    fn starts_with_area_code(&self) -> bool {
        self.items.first().is_some_and(|item| item.len() > 1)
            && matches!(self.digits[..], [b'0', b'1'..=b'9', ..])
    }
}

/// Tokens between two numbers at most: `1 (and this) 2`.
const MAX_GAP: usize = 9;

/// Numbers read at a time; longer runs go on as a new one.
const MAX_ITEMS: usize = 24;

/// Calls `each` with every run of numbers outside the token ranges `used` (sorted).
pub fn runs(scan: &Scan, languages: u32, used: &[Range<usize>], mut each: impl FnMut(&Run)) {
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
        drop_last_word(&mut run);
        if !run.items.is_empty() {
            each(&run);
        }
    }
}

/// `07911 123456 to …`: an everyday word behind a number that is whole without it.
fn drop_last_word(run: &mut Run) {
    let [.., before, last] = &run.items[..] else { return };
    let word = last.form == Form::Spelled && last.words == 0;
    if word && (before.form != Form::Spelled || last.first >= 11) {
        run.digits.truncate(last.first);
        run.items.pop();
        run.gaps.pop();
    }
}

struct Reader<'s, 't> {
    scan: &'s Scan<'t>,
    languages: u32,
}

impl Reader<'_, '_> {
    /// Reads the run that starts at this token (it may be empty); returns where to go on.
    fn read(&self, start: usize, limit: usize, run: &mut Run) -> usize {
        run.items.clear();
        run.gaps.clear();
        run.digits.clear();
        run.languages = self.languages;
        let mut token = start;
        let mut gap = Gap::None;
        while run.items.len() < MAX_ITEMS && token < limit {
            let before = run.digits.len();
            let Some(read) = self.item(token, before > 0, &mut run.digits) else { break };
            if read.languages & run.languages == 0 {
                // Another language's word: it may start a run of its own.
                run.digits.truncate(before);
                return token;
            }
            let next = read.to;
            if before == 0
                && read.form == Form::Spelled
                && read.words == 0
                && self.introduces_figures(&read)
            {
                run.digits.clear();
                return next;
            }
            run.languages &= read.languages;
            push(run, gap, token, &read);
            let Some((between, behind)) = self.gap(next) else { return next };
            if behind >= limit || !self.fits(run, between, behind) {
                return next;
            }
            gap = between;
            token = behind;
        }
        run.items.last().map_or(start + 1, |item| item.to)
    }

    /// `on 07911`, `for 250`: a preposition, not a number.
    fn introduces_figures(&self, word: &Read) -> bool {
        let next = self.scan.skip_space(word.to);
        next > word.to && word.value != Some(0) && self.scan.class(next) == Some(Class::Digits)
    }

    /// What stands between numbers from this token on, and the token behind it.
    fn gap(&self, start: usize) -> Option<(Gap, usize)> {
        let scan = self.scan;
        let mut gap = Gap::None;
        let mut token = start;
        while token < start + MAX_GAP {
            let kind = match scan.class(token)? {
                Class::Digits => return Some((gap, token)),
                Class::Word => {
                    let joins = gap >= Gap::Space && scan.class(token + 1) == Some(Class::Space);
                    match meaning(scan.folded(token)) {
                        Some(Meaning::And) if joins => Gap::And,
                        Some(Meaning::Then) if joins => Gap::Then,
                        _ => return Some((gap, token)),
                    }
                }
                Class::Space => Gap::Space,
                Class::Break => Gap::Break,
                Class::Sign(b'.') => Gap::Dot,
                Class::Sign(b'-' | b'_') => Gap::Dash,
                Class::Sign(b'(') if scan.class(token + 1) == Some(Class::Word) => {
                    match self.aside(token) {
                        Some(behind) => {
                            token = behind;
                            Gap::Then
                        }
                        None => Gap::Other,
                    }
                }
                Class::Sign(
                    b'/' | b'(' | b')' | b'[' | b']' | b'|' | b'*' | b'~' | b'+' | b'\\' | b'='
                    | b'<' | b'>' | b'{' | b'}',
                ) => Gap::Other,
                Class::Sign(OTHER) if self.holds_groups(token) => Gap::Other,
                Class::Sign(b',' | b';' | b'\'' | b'#' | OTHER) => Gap::Loose,
                Class::Sign(b':' | b'"' | b'!' | b'&' | b'^' | b'`') => Gap::Colon,
                Class::Sign(_) => return None,
            };
            gap = gap.max(kind);
            token += 1;
        }
        None
    }

    /// Whether the numbers on both sides of a line break have their lines for themselves.
    fn is_line(&self, before: &Item, token: usize) -> bool {
        let ends = |at: usize| matches!(self.scan.class(at), None | Some(Class::Break));
        let starts = before.from.checked_sub(1).is_none_or(ends);
        (3..=4).contains(&before.len()) && starts && ends(before.to) && ends(token + 1)
    }

    /// `718★555`, but `47°22`
    fn holds_groups(&self, sign: usize) -> bool {
        let digits = |at: usize| self.scan.class(at) == Some(Class::Digits);
        sign > 0
            && digits(sign - 1)
            && digits(sign + 1)
            && !self.scan.written(sign, sign + 1).starts_with('°')
    }

    /// The closing bracket of a remark without numbers: `(remove this)`.
    fn aside(&self, open: usize) -> Option<usize> {
        let mut token = open + 1;
        while token < open + MAX_GAP {
            match self.scan.class(token)? {
                Class::Sign(b')') => return Some(token),
                Class::Word if self.is_number_word(token) => return None,
                Class::Word | Class::Space => token += 1,
                _ => return None,
            }
        }
        None
    }

    /// Whether the number at `token` may go on the run across this gap.
    fn fits(&self, run: &Run, gap: Gap, token: usize) -> bool {
        let Some(before) = run.items.last() else { return true };
        let word_next = self.scan.class(token) == Some(Class::Word);
        let single = |len: usize| len == 1;
        let small = (single(before.len()) || before.form == Form::Spelled)
            && (single(self.scan.tokens()[token].chars()) || word_next);
        let area = run.starts_with_area_code() && run.digits.len() < 12;
        match gap {
            Gap::And => before.form == Form::Spelled && word_next || area && run.items.len() > 1,
            Gap::Then => small || before.form == Form::Spelled || area,
            Gap::Break => small || area || self.is_line(before, token),
            Gap::Loose => small || area,
            Gap::Colon => small,
            _ => true,
        }
    }
}

/// Adds the item whose digits were just pushed; `twenty` `one` become one item.
fn push(run: &mut Run, gap: Gap, from: usize, read: &Read) {
    let last = run.digits.len();
    let first = run.items.last().map_or(0, |item| item.last);
    let words = read.words;
    if let Some(before) = run.items.last_mut()
        && matches!(gap, Gap::None | Gap::Space | Gap::Dash | Gap::And)
        && let (Some(said), Some(more)) = (before.value, read.value)
        && let Some(value) = combined(said, more, gap == Gap::And, run.languages)
    {
        run.digits.truncate(before.first);
        push_value(&mut run.digits, value);
        before.last = run.digits.len();
        before.to = read.to;
        before.words = before.words.saturating_add(words);
        before.value = Some(value);
        return;
    }
    if !run.items.is_empty() {
        run.gaps.push(gap);
    }
    run.items.push(Item {
        from,
        to: read.to,
        form: read.form,
        first,
        last,
        words,
        value: read.value,
    });
}
