//! Logarithm, exponential and random numbers that are the same on every machine: the platform's own differ in
//! the last bit.

use std::f64::consts::{LN_2, SQRT_2};

/// The natural logarithm of a positive normal number.
pub fn ln(number: f64) -> f64 {
    let bits = number.to_bits();
    let mut mantissa = f64::from_bits(bits & 0x000F_FFFF_FFFF_FFFF | 1023 << 52);
    let exponent = i32::try_from(bits >> 52 & 0x7FF).unwrap_or(0) - 1023;
    let mut exponent = f64::from(exponent);
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1.0;
    }
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (mut power, mut sum) = (ratio, 0.0);
    for odd in (1..24).step_by(2) {
        sum += power / f64::from(odd);
        power *= ratio * ratio;
    }
    2.0 * sum + exponent * LN_2
}

/// e to the power of a number; beyond 500 either way that of 500.
pub fn exp(number: f64) -> f64 {
    let number = number.clamp(-500.0, 500.0);
    let mut halvings = 0;
    let mut rest = number;
    while rest.abs() > 0.25 {
        rest /= 2.0;
        halvings += 1;
    }
    let mut sum = 1.0;
    for term in (1..16).rev() {
        sum = 1.0 + sum * rest / f64::from(term);
    }
    for _ in 0..halvings {
        sum *= sum;
    }
    sum
}

/// The logistic function.
pub fn sigmoid(number: f64) -> f64 {
    1.0 / (1.0 + exp(-number))
}

/// `SplitMix64`.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut state = self.0;
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^ (state >> 31)
    }

    /// Puts the items into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.next() % (last as u64 + 1);
            items.swap(last, usize::try_from(other).unwrap_or(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_enough_to_the_platforms() {
        for number in [1e-9, 0.3, 0.99999, 1.0, 1.4, 2.0, 77.7, 1674.0, 1e18] {
            let expected = f64::ln(number);
            assert!(
                (ln(number) - expected).abs() <= 1e-13 * expected.abs().max(1.0),
                "ln {number}"
            );
        }
        for number in [-80.0, -3.3, -0.1, 0.0, 1e-9, 0.7, 1.0, 12.5, 90.0] {
            let expected = f64::exp(number);
            assert!((exp(number) - expected).abs() <= 1e-12 * expected, "exp {number}");
        }
    }

    #[test]
    fn a_shuffle_keeps_everything() {
        let mut items: Vec<u32> = (0..100).collect();
        Random(7).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
