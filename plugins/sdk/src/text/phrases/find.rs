//! Looks for a book's patterns in a text.

use std::ops::Range;

use super::super::Scan;
use super::units::{Unit, units};
use super::{Book, END, FIRST_WORD, Group, Pattern, UNKNOWN};

/// A phrase found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The group's place in the book.
    pub group: usize,
    /// The pattern's weight, 0 to 1.
    pub weight: f32,
    /// Where in the text, in bytes.
    pub range: Range<usize>,
    /// Which of the text's words, for what counts distances; ends of sentences count as words.
    pub words: Range<usize>,
}

impl Book {
    /// The phrases of the wanted groups in the text, without those that an exception overlaps: by group, then
    /// by place. Phrases of one group that overlap are one, with the greater weight.
    pub fn find(&self, scan: &Scan, wanted: impl Fn(&Group) -> bool) -> Vec<Found> {
        let units = units(self, scan);
        let mut found = Vec::new();
        let mut excepted: Vec<u64> = Vec::new();
        for (at, unit) in units.iter().enumerate().filter(|(_, unit)| unit.id >= FIRST_WORD) {
            let from = self.anchors[usize::from(unit.id)] as usize;
            let to = self.anchors[usize::from(unit.id) + 1] as usize;
            for place in &self.anchored[from..to] {
                let pattern = &self.patterns[usize::from(*place)];
                let group = &self.groups[usize::from(pattern.group)];
                let Some(words) =
                    self.fits(&units, at, pattern, group.exception).filter(|_| wanted(group))
                else {
                    continue;
                };
                if group.exception {
                    excepted.resize(units.len(), 0);
                    excepted[words].iter_mut().for_each(|mask| *mask |= group.mask);
                } else {
                    let range = scan.range(
                        units[words.start].start as usize,
                        units[words.end - 1].end as usize,
                    );
                    let (group, weight) = (usize::from(pattern.group), pattern.weight);
                    found.push(Found { group, weight, range, words });
                }
            }
        }
        found.retain(|found| {
            let mask = self.groups[found.group].mask;
            excepted.is_empty() || excepted[found.words.clone()].iter().all(|it| it & mask == 0)
        });
        join(&mut found);
        found
    }

    /// The words the pattern covers if its anchor is the word `at`; as many as it can if `far`, else as few.
    fn fits(
        &self,
        units: &[Unit],
        at: usize,
        pattern: &Pattern,
        far: bool,
    ) -> Option<Range<usize>> {
        let first = pattern.first as usize;
        let elements = &self.elements[first..first + usize::from(pattern.len)];
        let anchor = usize::from(pattern.anchor);
        // Bit n: the last element read is n words from the anchor.
        let mut reach = 1_u64;
        for element in &elements[anchor + 1..] {
            let set = self.set(element.set);
            let next = spread(reach, element.gap, |distance| {
                units.get(at + distance).map(|unit| (unit.id, set))
            });
            reach = if element.optional { reach | next } else { next };
            if reach == 0 {
                return None;
            }
        }
        let end = at + end_of(reach, far) + 1;
        let mut reach = 1_u64;
        for place in (0..anchor).rev() {
            let set = self.set(elements[place].set);
            let next = spread(reach, elements[place + 1].gap, |distance| {
                units.get(at.checked_sub(distance)?).map(|unit| (unit.id, set))
            });
            reach = if elements[place].optional { reach | next } else { next };
            if reach == 0 {
                return None;
            }
        }
        Some(at - end_of(reach, far)..end)
    }
}

/// The nearest or farthest of the distances; there is one at least.
fn end_of(reach: u64, far: bool) -> usize {
    let bit = if far { reach.ilog2() } else { reach.trailing_zeros() };
    bit as usize
}

/// From each distance reached, the distances of fitting words at most `gap` words further, within the sentence.
fn spread<'s>(reach: u64, gap: u8, unit: impl Fn(usize) -> Option<(u16, &'s [u16])>) -> u64 {
    let mut next = 0;
    let mut left = reach;
    while left != 0 {
        let from = left.trailing_zeros() as usize;
        left &= left - 1;
        for distance in (from + 1..=from + 1 + usize::from(gap)).take_while(|far| *far < 64) {
            match unit(distance) {
                None | Some((END, _)) => break,
                Some((UNKNOWN, _)) => {}
                Some((id, set)) => next |= u64::from(set.contains(&id)) << distance,
            }
        }
    }
    next
}

/// Makes one of overlapping phrases of one group.
fn join(found: &mut Vec<Found>) {
    found.sort_unstable_by_key(|found| (found.group, found.words.start, found.words.end));
    found.dedup_by(|next, kept| {
        let same = next.group == kept.group && next.words.start < kept.words.end;
        if same {
            kept.words.end = kept.words.end.max(next.words.end);
            kept.range.end = kept.range.end.max(next.range.end);
            kept.weight = kept.weight.max(next.weight);
        }
        same
    });
}
