//! What looks like a phone number and is none: lists, amounts, dates, addresses.

use super::{Cue, Part};
use crate::number::{Gap, Item};

impl Part<'_, '_> {
    /// Digits that only go up, down or repeat, and lists of sizes or years.
    pub(super) fn is_counting(&self) -> bool {
        if even_steps(self.digits.iter().map(|digit| i64::from(*digit))) {
            return true;
        }
        if self.items.len() < 3 {
            let year = |item: &Item| {
                matches!(self.item_digits(item), [b'1', b'9', _, _] | [b'2', b'0', _, _])
            };
            return self.items.len() == 2 && self.items.iter().all(year);
        }
        let value = |item: &Item| {
            self.item_digits(item).iter().fold(0_i64, |sum, digit| {
                sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
            })
        };
        let years =
            self.items.iter().all(|item| item.len() == 4 && (1900..2100).contains(&value(item)));
        years || even_steps(self.items.iter().map(value))
    }

    /// `1.250.000`, `0.123456`, `192.168.0.1`, `2024-01-15 12`, and dates.
    pub(super) fn is_amount_or_address(&self) -> bool {
        let all_dots = self.gaps.iter().all(|gap| *gap == Gap::Dot);
        let lens = self.lens();
        let lens = lens.get();
        if self.plus.is_some() || self.gaps.is_empty() {
            return false;
        }
        if all_dots {
            let thousands =
                lens[0] < 3 && self.digits[0] != b'0' && lens[1..].iter().all(|len| *len == 3);
            let decimal = lens.len() == 2 && (lens[1] != 7 || self.digits[0] == b'0');
            let address = lens.len() == 4
                && lens.iter().all(|len| *len <= 3)
                && self.items.iter().all(|item| {
                    self.item_digits(item)
                        .iter()
                        .fold(0_u32, |sum, d| sum * 10 + u32::from(d - b'0'))
                        < 256
                });
            if thousands || decimal || address {
                return self.cue != Cue::Phone || address;
            }
        }
        let month = |item: &Item| item.len() == 2 && self.item_digits(item) <= b"12".as_slice();
        let year =
            |item: &Item| matches!(self.item_digits(item), [b'1', b'9', _, _] | [b'2', b'0', _, _]);
        let date = month(&self.items[0])
            && year(&self.items[1])
            && matches!(self.gaps[0], Gap::Dot | Gap::Other);
        if date || self.is_decimals() {
            return true;
        }
        let tight =
            self.gaps.iter().take(2).all(|gap| matches!(gap, Gap::Dot | Gap::Dash | Gap::Other));
        let day = |item: &Item| {
            let digits = self.item_digits(item);
            digits.len() <= 2 && digits < b"32".as_slice()
        };
        tight
            && self.items.len() >= 3
            && match lens[..3] {
                [4, 2, 2] => {
                    matches!(self.digits[0], b'1' | b'2')
                        && day(&self.items[1])
                        && day(&self.items[2])
                }
                [1 | 2, 1 | 2, 4] => {
                    day(&self.items[0])
                        && day(&self.items[1])
                        && matches!(
                            self.item_digits(&self.items[2]),
                            [b'1', b'9', ..] | [b'2', b'0', ..]
                        )
                }
                _ => false,
            }
    }
}

impl Part<'_, '_> {
    /// `0900-1200`
    pub(super) fn is_opening_hours(&self) -> bool {
        let time = |item: &Item| {
            matches!(
                self.item_digits(item),
                [b'0'..=b'1', _, b'0'..=b'5', _] | [b'2', b'0'..=b'4', b'0'..=b'5', _]
            )
        };
        self.items.len() == 2 && self.items.iter().all(time)
    }

    /// `0.25 0.5 0.75`
    fn is_decimals(&self) -> bool {
        let point = |gap: &Gap| matches!(gap, Gap::Dot | Gap::Loose);
        let by_turns = self.gaps.iter().enumerate().all(|(at, gap)| match at % 2 {
            0 => point(gap),
            _ => *gap == Gap::Space,
        });
        let even = self.items.iter().all(|item| item.len() == 2);
        self.gaps.len() >= 3 && by_turns && !even
    }

    /// Numbers that only grow, `64 128 256`, other than a phone number's equal groups.
    pub(super) fn is_list(&self) -> bool {
        let value = |item: &Item| {
            self.item_digits(item).iter().fold(0_u64, |sum, digit| {
                sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
            })
        };
        let doubling = self.items.windows(2).all(|pair| value(&pair[1]) == 2 * value(&pair[0]));
        self.items.len() > 2
            && self.digits[0] != b'0'
            && self.items.iter().all(|item| item.len() <= 3)
            && (doubling || self.items.iter().any(|item| item.len() != self.items[0].len()))
            && self.items.is_sorted_by(|a, b| value(a) < value(b))
    }
}

/// Whether each value is as far from the last as the second from the first, and not far.
fn even_steps(mut values: impl Iterator<Item = i64>) -> bool {
    let (Some(first), Some(second)) = (values.next(), values.next()) else { return true };
    let step = second - first;
    let mut last = second;
    step.abs() <= 100
        && values.all(|value| {
            let even = value - last == step;
            last = value;
            even
        })
}
