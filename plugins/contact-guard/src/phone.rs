//! Which runs of numbers are phone numbers, judged by their shape and the words before them.

mod cue;
mod exclude;
mod shape;

use std::ops::Range;

use rialto_filter_sdk::text::{Class, Scan};

use crate::number::{Form, Gap, Item, Run};
use crate::words::language::EN;
use cue::{Cue, cue};

/// A phone number in a run.
#[derive(Debug, PartialEq)]
pub struct Phone {
    /// Tokens.
    pub tokens: Range<usize>,
    /// ASCII digits, with `+` in front if it was there.
    pub digits: String,
    /// 0 to 1.
    pub confidence: f32,
    /// Why it is taken for one.
    pub why: &'static str,
}

/// So many numbers at either end of a run may belong to something else.
const MAX_TRIM: usize = 2;

/// The phone number in this run, if there is one.
pub fn find(scan: &Scan, run: &Run, min_digits: usize) -> Option<Phone> {
    if run.digits.len() < min_digits {
        return None;
    }
    let count = run.items.len();
    let mut best: Option<Phone> = None;
    for (front, back) in
        (0..=MAX_TRIM).flat_map(|front| (0..=MAX_TRIM).map(move |back| (front, back)))
    {
        let cut = |gap: usize| {
            matches!(run.gaps.get(gap), Some(Gap::Space | Gap::Loose | Gap::Break | Gap::And))
        };
        let fits = front + back < count
            && (front == 0 || cut(front - 1))
            && (back == 0 || cut(count - back - 1));
        if !fits {
            continue;
        }
        let part = Part::new(scan, run, front..count - back);
        let Some((confidence, why)) = part.judge(min_digits) else { continue };
        if best.as_ref().is_none_or(|best| confidence > best.confidence) {
            best = Some(part.phone(confidence, why));
        }
        if front + back == 0 && confidence >= 0.8 {
            break;
        }
    }
    best
}

struct Part<'a, 't> {
    scan: &'a Scan<'t>,
    items: &'a [Item],
    gaps: &'a [Gap],
    digits: &'a [u8],
    /// The token of a `+` right before it.
    plus: Option<usize>,
    cue: Cue,
    /// Languages that have all of its words.
    languages: u32,
}

type Verdict = Option<(f32, &'static str)>;

impl<'a, 't> Part<'a, 't> {
    fn new(scan: &'a Scan<'t>, run: &'a Run, range: Range<usize>) -> Self {
        let items = &run.items[range.clone()];
        let from = items[0].from;
        let before = match from.checked_sub(1) {
            Some(at) if matches!(scan.class(at), Some(Class::Space | Class::Sign(b'('))) => {
                at.checked_sub(1)
            }
            other => other,
        };
        Self {
            scan,
            items,
            languages: run.languages,
            gaps: &run.gaps[range.start..range.end - 1],
            digits: &run.digits[items[0].first..items[items.len() - 1].last],
            plus: [from.checked_sub(1), before]
                .into_iter()
                .flatten()
                .find(|at| scan.is_sign(*at, b'+')),
            cue: cue(scan, from, items[items.len() - 1].to),
        }
    }

    fn phone(&self, confidence: f32, why: &'static str) -> Phone {
        let last = self.items[self.items.len() - 1].to;
        let first = self.plus.unwrap_or(self.items[0].from);
        let opened = first.checked_sub(1).filter(|at| self.scan.is_sign(*at, b'('));
        let digits = self.digits.iter().copied().map(char::from);
        Phone {
            tokens: opened.unwrap_or(first)..last,
            digits: self.plus.map(|_| '+').into_iter().chain(digits).collect(),
            confidence,
            why,
        }
    }

    fn judge(&self, min_digits: usize) -> Verdict {
        let count = self.digits.len();
        let most = if self.plus.is_some() || self.digits.starts_with(b"00") { 17 } else { 15 };
        if count < min_digits || count > most || self.is_counting() || self.is_talk() {
            return None;
        }
        if self.is_amount_or_address() || self.is_opening_hours() {
            return None;
        }
        let (confidence, why) = self
            .spelled()
            .or_else(|| self.international())
            .or_else(|| self.one_by_one())
            .or_else(|| self.national())
            .or_else(|| self.rare_digits())
            .or_else(|| self.by_cue())?;
        let leet = self.items.iter().any(|item| item.form == Form::Leet);
        if leet && count < 9 {
            return None;
        }
        let why = if leet { "phone number with letters for digits" } else { why };
        match self.cue {
            Cue::Backwards => Some((confidence.max(0.75), "phone number in reverse")),
            Cue::Behind => Some((confidence + (0.99 - confidence) * 0.3, why)),
            Cue::Model => Some((confidence * 0.6, why)),
            Cue::Phone => Some((confidence.max(0.6) + (0.99 - confidence.max(0.6)) * 0.6, why)),
            Cue::None => Some((confidence, why)),
            Cue::Other if self.plus.is_some() => Some((confidence, why)),
            Cue::Other => Some((confidence * 0.4, why)),
        }
    }

    fn lens(&self) -> Lens {
        let mut lens = Lens { all: [0; 6], count: self.items.len() };
        for (len, item) in lens.all.iter_mut().zip(self.items) {
            *len = item.len();
        }
        lens
    }

    fn item_digits(&self, item: &Item) -> &[u8] {
        let start = self.items[0].first;
        &self.digits[item.first - start..item.last - start]
    }

    /// Words for digits: the fewer there are, the longer the number must be.
    fn spelled(&self) -> Verdict {
        const PARTLY: &str = "phone number partly spelled out";
        let words: usize = self.items.iter().map(|item| usize::from(item.words)).sum();
        let weak = self.items.iter().filter(|it| it.form == Form::Spelled && it.words == 0).count();
        // `0seven7`, `4one5`: nobody writes an amount so.
        let mixes = self.items.windows(2).zip(self.gaps);
        let mixes = mixes.filter(|(pair, gap)| **gap == Gap::None && pair[0].form != pair[1].form);
        let count = self.digits.len();
        let zero = self.digits[0] == b'0';
        if weak > words + 1 || (count < 9 && self.all_round()) {
            return None;
        }
        match words + mixes.count() {
            0 => None,
            1 if count >= 10 && zero => Some((0.65, PARTLY)),
            1 => None,
            2 if count >= 9 => Some((0.7, PARTLY)),
            2 => None,
            3 => Some((0.75, PARTLY)),
            _ => Some((0.9, "phone number spelled out")),
        }
    }

    /// `one for ten, two for fifteen`: homophones of digits are said among single digits only.
    fn is_talk(&self) -> bool {
        let words: usize = self.items.iter().map(|item| usize::from(item.words)).sum();
        let weak = self.items.iter().filter(|it| it.form == Form::Spelled && it.words == 0).count();
        let tens = |item: &Item| item.words > 0 && item.len() > 1;
        weak > 0
            && self.languages & EN != 0
            && (weak * 2 >= words || self.digits.len() < 9 || self.items.iter().any(tens))
    }

    fn all_round(&self) -> bool {
        self.items.iter().all(|item| matches!(self.item_digits(item), [.., b'0' | b'5']))
    }

    /// Digits in circles, keycaps, small or bold: nobody writes an amount so.
    fn rare_digits(&self) -> Verdict {
        let rare = |character: char| {
            matches!(
                character,
                '\u{20E3}'
                    | '\u{2070}'..='\u{2089}'
                    | '\u{2460}'..='\u{24FF}'
                    | '\u{2776}'..='\u{2793}'
                    | '\u{1D7CE}'..='\u{1D7FF}'
                    | '²' | '³' | '¹'
            )
        };
        let written = self.scan.written(self.items[0].from, self.items[self.items.len() - 1].to);
        let long = self.digits.len() >= 8 && !written.is_ascii();
        (long && written.chars().filter(|character| rare(*character)).count() >= 6)
            .then_some((0.75, "digits in rare characters"))
    }

    fn international(&self) -> Verdict {
        let count = self.digits.len();
        // `+ 18-135 + 50` is a list.
        let apart = self.plus.is_some_and(|at| at + 1 < self.items[0].from);
        let listed = apart && self.gaps.contains(&Gap::Other);
        if self.plus.is_some() && count >= 8 && self.digits[0] != b'0' && !listed {
            return Some((0.97, "phone number with country code"));
        }
        let zeros =
            self.digits.starts_with(b"00") && self.digits.get(2).is_some_and(|d| *d != b'0');
        if zeros && (11..=16).contains(&count) {
            return Some((0.9, "phone number with country code"));
        }
        None
    }

    fn one_by_one(&self) -> Verdict {
        let single = self.items.iter().filter(|item| item.len() == 1).count();
        if single < 6 || single * 10 < self.items.len() * 7 {
            return None;
        }
        let loose = self.gaps.iter().any(|gap| *gap >= Gap::Loose);
        let long = self.digits.len() >= 9 || self.digits[0] == b'0';
        // `5 5.5 6 6.5`, `1/4 1/2`
        let mixed = self.gaps.contains(&Gap::Space)
            && self.gaps.iter().any(|gap| matches!(gap, Gap::Dot | Gap::Other));
        if mixed && !long {
            return None;
        }
        Some(match (long, loose) {
            (true, _) => (0.85, "digits one by one"),
            (false, false) => (0.6, "digits one by one"),
            (false, true) => (0.45, "digits one by one"),
        })
    }

    fn ends_round(&self) -> bool {
        self.digits.ends_with(b"000")
    }

    /// Any other number of fitting length where `call me on` and the like stands.
    fn by_cue(&self) -> Verdict {
        let count = self.digits.len();
        let least = if self.items.len() == 1 { 7 } else { 8 };
        let amount = self.digits.ends_with(b"000") || (count == 7 && self.digits.ends_with(b"00"));
        let fits = count >= least && !amount && !self.is_list();
        match self.cue {
            Cue::Phone if fits => Some((0.4, "number where a phone number is announced")),
            Cue::Behind if fits => Some((0.45, "number where a phone number is announced")),
            Cue::Backwards if count >= 9 => Some((0.75, "phone number in reverse")),
            _ => None,
        }
    }
}

struct Lens {
    all: [usize; 6],
    count: usize,
}

impl Lens {
    /// The numbers' lengths; with more than six, the first six, so that no pattern fits.
    fn get(&self) -> &[usize] {
        &self.all[..self.count.min(self.all.len())]
    }
}
