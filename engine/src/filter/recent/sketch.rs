//! What of a text is compared with others: hashes of its three-word sequences, the smallest of them if it is long.

use std::sync::Arc;

/// Hashes kept of a text: with more sequences than this, likeness is estimated from the smallest hashes.
const MAX_HASHES: usize = 64;
/// Characters of a text that are looked at; longer ones are compared by their beginning.
const MAX_CHARS: usize = 8_000;
/// Words in a sequence.
const WORDS: usize = 3;

/// The comparable part of a text: ascending, no hash twice, at most 64. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch(Arc<[u32]>);

impl Sketch {
    /// Of a normalized text (`normalize`): words are its runs of letters and digits; where a script has no spaces, its
    /// characters. A text of one or two words is one sequence, a text without any its punctuation.
    pub fn of(normalized: &str) -> Self {
        let mut hashes = Vec::with_capacity(MAX_HASHES.min(normalized.len() / 4 + 1));
        let mut window = [0_u64; WORDS];
        let mut words = 0_usize;
        each_word(normalized, |word| {
            window.rotate_left(1);
            window[WORDS - 1] = word;
            words += 1;
            if words >= WORDS {
                hashes.push(sequence(&window));
            }
        });
        if words < WORDS {
            let whole = if words == 0 { text_hash(normalized) } else { sequence(&window) };
            if !normalized.is_empty() {
                hashes.push(whole);
            }
        }
        hashes.sort_unstable();
        hashes.dedup();
        hashes.truncate(MAX_HASHES);
        Self(hashes.into())
    }

    /// The share of sequences both have among those either has, 0 to 1: exact for texts of up to 64 sequences together,
    /// an estimate from the 64 smallest hashes above. Two empty texts share nothing.
    pub fn likeness(&self, other: &Self) -> f32 {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let (mut seen, mut shared) = (0_u16, 0_u16);
        while usize::from(seen) < MAX_HASHES {
            let order = match (a.peek(), b.peek()) {
                (Some(left), Some(right)) => left.cmp(right),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => break,
            };
            if order.is_le() {
                a.next();
            }
            if order.is_ge() {
                b.next();
            }
            seen += 1;
            shared += u16::from(order.is_eq());
        }
        if seen == 0 { 0.0 } else { f32::from(shared) / f32::from(seen) }
    }

    /// Memory it takes, bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}

fn each_word(text: &str, mut take: impl FnMut(u64)) {
    let mut word = None;
    for c in text.chars().take(MAX_CHARS) {
        if is_unspaced(c) {
            if let Some(done) = word.take() {
                take(done);
            }
            take(step(SEED, c));
        } else if c.is_alphanumeric() {
            word = Some(step(word.unwrap_or(SEED), c));
        } else if let Some(done) = word.take() {
            take(done);
        }
    }
    if let Some(done) = word {
        take(done);
    }
}

/// Scripts written without spaces between words: Thai, Lao, Khmer, kana, Han.
fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c, '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn step(hash: u64, c: char) -> u64 {
    (hash ^ u64::from(c)).wrapping_mul(PRIME)
}

fn text_hash(text: &str) -> u32 {
    top(mix(text.chars().take(MAX_CHARS).fold(SEED, step)))
}

fn sequence(window: &[u64; WORDS]) -> u32 {
    top(window.iter().fold(0, |hash, word| mix(hash ^ word)))
}

fn top(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(u32::MAX)
}

/// Spreads every bit over all others.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn likeness(a: &str, b: &str) -> f32 {
        Sketch::of(a).likeness(&Sketch::of(b))
    }

    #[test]
    fn likeness_is_the_share_of_common_sequences() {
        for (a, b, expected) in [
            ("one two three four", "one two three four", 1.0),
            ("one, two; three - four!", "one two three four", 1.0),
            ("one two three four", "one two three five", 1.0 / 3.0),
            ("one two three", "three two one", 0.0),
            ("hello", "hello", 1.0),
            ("hello", "hello there", 0.0),
            ("", "", 0.0),
            ("👍", "👍", 1.0),
            ("👍", "👎", 0.0),
            ("これは本です", "これは本です。", 1.0),
            ("これは本です", "これは車です", 1.0 / 7.0),
        ] {
            let found = likeness(a, b);
            assert!((found - expected).abs() < 0.001, "{a:?} and {b:?}: {found}, not {expected}");
        }
    }

    #[test]
    fn long_texts_are_estimated() {
        let words: Vec<String> = (0..600).map(|n| format!("w{n}")).collect();
        let (whole, most) = (words.join(" "), words[..450].join(" "));
        let found = likeness(&whole, &most);
        assert!((0.6..0.9).contains(&found), "three quarters are common, estimated {found}");
        assert!(Sketch::of(&whole).bytes() <= 256, "64 hashes of 4 bytes");
    }

    proptest! {
        #[test]
        fn it_agrees_with_sets_of_sequences(a in "([a-d] ){0,12}", b in "([a-d] ){0,12}") {
            let set = |text: &str| {
                let words: Vec<_> = text.split_whitespace().collect();
                let size = words.len().clamp(1, 3);
                words.windows(size).map(<[_]>::to_vec).filter(|s| !s.is_empty()).map(|s| s.join(" ")).collect::<BTreeSet<_>>()
            };
            let (left, right) = (set(&a), set(&b));
            let union = left.union(&right).count();
            let common = left.intersection(&right).count();
            #[expect(clippy::cast_precision_loss, reason = "a dozen at most")]
            let expected = if union == 0 { 0.0 } else { common as f32 / union as f32 };
            let (a, b) = (a.trim(), b.trim());
            prop_assert!((likeness(a, b) - expected).abs() < 0.001);
            prop_assert!((likeness(a, b) - likeness(b, a)).abs() < f32::EPSILON, "symmetric");
        }
    }
}
