//! Writes a weights file: the strongest weights, in 8 bits each, in a hash table.

use super::Calibration;
use crate::model::{MAGIC, SLOT, tag};

/// The file's bytes.
pub fn pack(
    grams: &[(u32, f64)],
    forms: &[f64],
    bias: f64,
    calibration: Calibration,
    log2_slots: u32,
) -> Vec<u8> {
    let mut strongest = grams.to_vec();
    strongest.sort_by(|one, other| {
        other.1.abs().total_cmp(&one.1.abs()).then_with(|| one.0.cmp(&other.0))
    });
    strongest.truncate(1 << (log2_slots - 1));
    let unit = strongest.first().map_or(1.0, |(_, weight)| weight.abs() / f64::from(127 * 127));

    let mut bytes = MAGIC.to_vec();
    bytes.extend(log2_slots.to_le_bytes());
    for number in [unit, bias, calibration.threshold, calibration.slope] {
        bytes.extend(single(number).to_le_bytes());
    }
    forms.iter().for_each(|form| bytes.extend(single(*form).to_le_bytes()));
    bytes.extend(table(&strongest, unit, log2_slots));
    bytes
}

fn table(strongest: &[(u32, f64)], unit: f64, log2_slots: u32) -> Vec<u8> {
    let mask = (1_usize << log2_slots) - 1;
    let mut slots = vec![0; SLOT << log2_slots];
    for (hash, weight) in strongest {
        let root = root(*weight, unit);
        if root == 0 {
            continue;
        }
        let mut slot = *hash as usize & mask;
        while slots[slot * SLOT..slot * SLOT + 2] != [0, 0] {
            slot = (slot + 1) & mask;
        }
        let [low, high] = tag(*hash).to_le_bytes();
        slots[slot * SLOT..][..SLOT].copy_from_slice(&[low, high, root.to_le_bytes()[0]]);
    }
    slots
}

// The largest weight has the root 127.
#[allow(clippy::cast_possible_truncation)]
fn root(weight: f64, unit: f64) -> i8 {
    ((weight / unit).abs().sqrt().copysign(weight)).round().clamp(-127.0, 127.0) as i8
}

// Weights are small numbers; what is lost is below the quantisation.
#[allow(clippy::cast_possible_truncation)]
fn single(number: f64) -> f32 {
    number as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FORMS;
    use crate::model::Model;

    #[test]
    fn what_is_packed_is_found_again() {
        // All want the same slot; the weakest two of five don't fit into half of eight slots.
        let grams: Vec<(u32, f64)> =
            (1..=5_u32).map(|at| (at << 16 | 7, f64::from(at) * -0.5)).collect();
        let calibration = Calibration { threshold: 0.25, slope: 3.0 };
        let bytes = pack(&grams, &[0.5; FORMS.len()], -1.0, calibration, 3);
        let model = Model::parse(&bytes).expect("a weights file");
        assert_eq!(
            (model.header.bias, model.header.threshold, model.header.slope),
            (-1.0, 0.25, 3.0)
        );
        let found: Vec<i32> = (1..=6_u32).map(|at| model.weight(at << 16 | 7)).collect();
        assert_eq!(found, [0, -80 * 80, -98 * 98, -114 * 114, -127 * 127, 0]);
        assert!(Model::parse(&bytes[1..]).is_none() && Model::parse(&bytes[..40]).is_none());
    }
}
