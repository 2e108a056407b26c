//! The trained weights: a small hash table in a byte string, read in place.
//!
//! Layout, little-endian: see [`Header`], then [`FORMS`] weights as `f32`, then the slots, each a tag of 16
//! bits (0 for an empty one) and a root of 8: the weight in units is the root's square, with the root's sign, since
//! many small weights together matter as much as a few large ones.

use crate::features::{FORMS, Features};

/// First bytes of every weights file; the last of them is the layout's version.
pub const MAGIC: [u8; 4] = *b"RSP\x01";
/// Bytes before the form's weights.
pub const HEADER: usize = 24;
/// Bytes of a slot.
pub const SLOT: usize = 3;
/// Added to the number of grams, so that a few grams of a very short text do not decide alone.
pub const DAMPING: f32 = 60.0;

/// The numbers at the start of a weights file, behind [`MAGIC`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    /// The table has two to the power of this many slots; 1 to 20.
    pub log2_slots: u32,
    /// What a root of 1 stands for.
    pub unit: f32,
    /// Score of a text without grams.
    pub bias: f32,
    /// Score at which confidence is 0.5.
    pub threshold: f32,
    /// How fast confidence rises with the score.
    pub slope: f32,
}

/// A trained model.
#[derive(Debug, Clone, Copy)]
pub struct Model<'b> {
    /// Its numbers.
    pub header: Header,
    /// The weight of each of [`FORMS`].
    pub forms: [f32; FORMS.len()],
    slots: &'b [u8],
}

impl<'b> Model<'b> {
    /// Reads a weights file; `None` if it isn't one.
    pub const fn parse(bytes: &'b [u8]) -> Option<Self> {
        if bytes.len() < HEADER || word(bytes, 0) != u32::from_le_bytes(MAGIC) {
            return None;
        }
        let header = Header {
            log2_slots: word(bytes, 4),
            unit: f32::from_bits(word(bytes, 8)),
            bias: f32::from_bits(word(bytes, 12)),
            threshold: f32::from_bits(word(bytes, 16)),
            slope: f32::from_bits(word(bytes, 20)),
        };
        if header.log2_slots == 0 || header.log2_slots > 20 {
            return None;
        }
        let start = HEADER + 4 * FORMS.len();
        if bytes.len() != start + (SLOT << header.log2_slots) {
            return None;
        }
        let mut forms = [0.0; FORMS.len()];
        let mut form = 0;
        while form < FORMS.len() {
            forms[form] = f32::from_bits(word(bytes, HEADER + 4 * form));
            form += 1;
        }
        let (_, slots) = bytes.split_at(start);
        Some(Self { header, forms, slots })
    }

    /// The weight of a gram, in units; 0 if it has none.
    pub fn weight(&self, hash: u32) -> i32 {
        let mask = (1 << self.header.log2_slots) - 1;
        let tag = tag(hash).to_le_bytes();
        let mut slot = hash & mask;
        // A table without an empty slot must not turn this into an endless loop.
        for _ in 0..=mask {
            match self.slots.get(slot as usize * SLOT..) {
                Some([low, high, root, ..]) if [*low, *high] == tag => {
                    let root = i32::from(i8::from_le_bytes([*root]));
                    return root * root.abs();
                }
                Some([0, 0, ..]) | None => return 0,
                _ => slot = (slot + 1) & mask,
            }
        }
        0
    }

    /// What a gram adds to the score, before the division by [`divisor`].
    pub fn in_score(&self, hash: u32) -> f32 {
        number(self.weight(hash)) * self.header.unit
    }

    /// Whether a slot of the table has a weight.
    pub fn is_used(&self, slot: usize) -> bool {
        self.slots.get(slot * SLOT..).is_some_and(|slot| !slot.starts_with(&[0, 0]))
    }

    /// How much a text looks like spam: above the threshold it is more likely than not.
    pub fn score(&self, features: &Features) -> f32 {
        let mut units = 0;
        let grams = features.for_each(|gram| units += self.weight(gram.hash));
        let forms: f32 = features.form().facts().map(|form| self.forms[form]).sum();
        (number(units) * self.header.unit + forms) / divisor(grams) + self.header.bias
    }

    /// The confidence of a score: 0.5 at the threshold.
    pub fn confidence(&self, score: f32) -> f32 {
        1.0 / (1.0 + (-self.header.slope * (score - self.header.threshold)).exp())
    }
}

/// What the weights of a text with so many different grams are divided by.
pub fn divisor(grams: u32) -> f32 {
    (number(i32::try_from(grams).unwrap_or(i32::MAX)) + DAMPING).sqrt()
}

/// What a slot keeps of a gram's hash besides its place.
pub fn tag(hash: u32) -> u16 {
    let [.., low, high] = hash.to_le_bytes();
    u16::from_le_bytes([low, high]).max(1)
}

// Real sums are far below 2^24; a crafted text's may lose its lowest bits.
#[allow(clippy::cast_precision_loss)]
fn number(units: i32) -> f32 {
    units as f32
}

const fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
