//! Which runs of numbers are phone numbers, judged by their shape and the words before them.

mod cue;
mod exclude;

use std::ops::Range;

use rialto_filter_sdk::text::{Class, Scan};

use crate::number::{Form, Gap, Item, Run};
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
            gaps: &run.gaps[range.start..range.end - 1],
            digits: &run.digits[items[0].first..items[items.len() - 1].last],
            plus: [from.checked_sub(1), before]
                .into_iter()
                .flatten()
                .find(|at| scan.is_sign(*at, b'+')),
            cue: cue(scan, from),
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
        if count < min_digits || count > most || self.is_counting() || self.is_amount_or_address() {
            return None;
        }
        let (confidence, why) = self
            .spelled()
            .or_else(|| self.international())
            .or_else(|| self.one_by_one())
            .or_else(|| self.national())
            .or_else(|| self.by_cue())?;
        let leet = self.items.iter().any(|item| item.form == Form::Leet);
        if leet && count < 9 {
            return None;
        }
        let why = if leet { "phone number with letters for digits" } else { why };
        match self.cue {
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

    fn spelled(&self) -> Verdict {
        let words = self.items.iter().filter(|item| item.form == Form::Spelled);
        match words.count() {
            0..=2 => None,
            3 => Some((0.75, "phone number partly spelled out")),
            _ => Some((0.9, "phone number spelled out")),
        }
    }

    fn international(&self) -> Verdict {
        let count = self.digits.len();
        if self.plus.is_some() && count >= 8 && self.digits[0] != b'0' {
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
        Some(match (long, loose) {
            (true, _) => (0.85, "digits one by one"),
            (false, false) => (0.6, "digits one by one"),
            (false, true) => (0.45, "digits one by one"),
        })
    }

    fn national(&self) -> Verdict {
        const GROUPED: &str = "grouped like a phone number";
        const LENGTH: &str = "as long as a phone number";
        let lens = self.lens();
        let lens = lens.get();
        let first = self.digits[0];
        let count = self.digits.len();
        let dashed = self.gaps.iter().any(|gap| matches!(gap, Gap::Dash | Gap::Other));
        let round = self.items.iter().all(|item| self.item_digits(item).ends_with(b"0"));
        let even = lens.iter().all(|len| *len >= 2);
        let second = self.digits.get(1).is_some_and(|digit| *digit != b'0');
        let mobile = [b"447", b"491", b"336", b"337", b"346", b"393", b"316", b"351"]
            .iter()
            .any(|code| self.digits.starts_with(*code));
        Some(match (count, lens) {
            (9..=12, _) if first == b'0' && second && (even || lens.len() == 2) => (0.88, GROUPED),
            (8, _) if first == b'0' && second && dashed && lens[0] > 1 => (0.55, GROUPED),
            (10, [3, 3, 4]) if first >= b'2' => (0.92, GROUPED),
            (10, [6, 4] | [3, 7]) if first >= b'2' && dashed => (0.7, GROUPED),
            (10, [5, 5]) if first >= b'6' => (0.6, GROUPED),
            (10, [10]) if first >= b'2' && self.digits[3] >= b'2' && !self.ends_round() => {
                (0.6, LENGTH)
            }
            (11, [1, 3, 3, 4]) if first == b'1' => (0.92, GROUPED),
            (11, [1, 3, 3, 2, 2] | [1, 3, 7] | [11])
                if matches!(first, b'7' | b'8') && self.digits[1] == b'9' =>
            {
                (0.8, GROUPED)
            }
            (11, [11]) if first == b'1' && self.digits[1] >= b'2' && self.digits[4] >= b'2' => {
                (0.55, LENGTH)
            }
            (9, [3, 3, 3] | [3, 2, 2, 2]) if matches!(first, b'6' | b'7' | b'9') && !round => {
                (0.75, GROUPED)
            }
            (9, [9]) if matches!(first, b'6' | b'7' | b'9') && !self.ends_round() => (0.55, LENGTH),
            (8, [2, 2, 2, 2]) if first >= b'2' && !round => (0.55, GROUPED),
            (7, [3, 4]) if first >= b'2' && self.gaps[0] == Gap::Dash => (0.55, GROUPED),
            (11..=13, _) if mobile && (lens.len() == 1 && count < 13 || even && lens.len() > 2) => {
                (0.65, "phone number with country code")
            }
            _ => return None,
        })
    }

    fn ends_round(&self) -> bool {
        self.digits.ends_with(b"000")
    }

    /// Any other number of fitting length after `call me on` and the like.
    fn by_cue(&self) -> Verdict {
        let count = self.digits.len();
        let least = if self.items.len() == 1 { 7 } else { 8 };
        let amount = self.digits.ends_with(b"000") || (count == 7 && self.digits.ends_with(b"00"));
        (self.cue == Cue::Phone && count >= least && !amount)
            .then_some((0.4, "number where a phone number is announced"))
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
