//! How national numbers are grouped.

use super::{Part, Verdict};
use crate::number::Gap;

impl Part<'_, '_> {
    /// Whether the digits are as many, and grouped, as somewhere's phone numbers are.
    pub(super) fn national(&self) -> Verdict {
        const GROUPED: &str = "grouped like a phone number";
        const LENGTH: &str = "as long as a phone number";
        let lens = self.lens();
        let lens = lens.get();
        let first = self.digits[0];
        let count = self.digits.len();
        let dashed = self.gaps.iter().any(|gap| matches!(gap, Gap::Dash | Gap::Other));
        let round = self.items.iter().all(|item| self.item_digits(item).ends_with(b"0"));
        let even = lens[..lens.len() - 1].iter().all(|len| *len >= 2);
        let same_gaps = self.gaps.windows(2).all(|pair| pair[0] == pair[1]);
        let third = self.digits.get(2).copied();
        // `026 036 044`
        let codes = lens.windows(2).all(|pair| pair[0] == pair[1])
            && lens.len() > 2
            && self.items.iter().all(|it| self.item_digits(it)[0] == b'0');
        let second = self.digits.get(1).is_some_and(|digit| *digit != b'0');
        let mobile = [b"447", b"491", b"336", b"337", b"346", b"393", b"316", b"351"]
            .iter()
            .any(|code| self.digits.starts_with(*code));
        Some(match (count, lens) {
            (9..=12, _) if first == b'0' && second && !codes && (even || lens.len() == 2) => {
                (0.88, GROUPED)
            }
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
            (11, [3, 4, 4] | [11]) if first == b'1' && self.digits[1] >= b'3' => {
                (if lens.len() > 1 { 0.8 } else { 0.6 }, GROUPED)
            }
            (11, [2, 5, 4] | [2, 1, 4, 4] | [2, 9]) if first >= b'1' && third == Some(b'9') => {
                (0.75, GROUPED)
            }
            (10, [3, 3, 2, 2]) if first >= b'2' && !round => (0.75, GROUPED),
            (9, [1, 3, 2, 3]) if first == b'8' => (0.7, GROUPED),
            (9, [3, 3, 3]) if first == b'5' && !round => (0.55, GROUPED),
            (8, [2, 2, 2, 2]) if first >= b'2' && !round && same_gaps => (0.55, GROUPED),
            (7, [3, 4]) if first >= b'2' && self.gaps[0] == Gap::Dash => (0.55, GROUPED),
            (11..=13, _) if mobile && (lens.len() == 1 && count < 13 || even && lens.len() > 2) => {
                (0.65, "phone number with country code")
            }
            _ => return None,
        })
    }
}
