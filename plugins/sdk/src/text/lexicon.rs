//! Word lists, arranged by the compiler, looked up without allocation or start-up cost.

use super::fold::fold_letter;

/// Words are looked for among those with the same hash: with 1,000 words, two or three.
const BUCKETS: usize = 512;

/// A fixed list of words, each with what it means. They may be written in lower-case Latin, Greek or Cyrillic
/// letters and are folded as a text is; folded they have 1 to 16 letters.
#[derive(Debug)]
pub struct Lexicon<T, const N: usize> {
    keys: [Key; N],
    values: [T; N],
    /// Where each hash starts among the keys, and how many there are.
    starts: [u16; BUCKETS + 1],
}

impl<T: Copy, const N: usize> Lexicon<T, N> {
    /// Arranges the words; meant for constants. A word twice, too long or empty stops the build.
    pub const fn new(words: &[(&str, T); N]) -> Self {
        let mut read = [[0_u64; 2]; N];
        let mut starts = [0_u16; BUCKETS + 1];
        let mut index = 0;
        while index < N {
            read[index] = written_key(words[index].0.as_bytes());
            assert!(read[index][0] != 0, "a word is empty or has more than 16 letters");
            starts[bucket(read[index]) + 1] += 1;
            index += 1;
        }
        index = 0;
        while index < BUCKETS {
            starts[index + 1] += starts[index];
            index += 1;
        }
        let mut free = starts;
        let mut keys = [[0_u64; 2]; N];
        let mut values = [words[0].1; N];
        index = 0;
        while index < N {
            let bucket = bucket(read[index]);
            let mut other = starts[bucket];
            while other < free[bucket] {
                let known = keys[other as usize];
                let twice = known[0] == read[index][0] && known[1] == read[index][1];
                assert!(!twice, "a word is there twice");
                other += 1;
            }
            keys[other as usize] = read[index];
            values[other as usize] = words[index].1;
            free[bucket] += 1;
            index += 1;
        }
        Self { keys, values, starts }
    }

    /// What the folded word means.
    #[inline]
    pub fn get(&self, word: &[u8]) -> Option<T> {
        let key = key(word);
        let bucket = bucket(key);
        let same = usize::from(self.starts[bucket])..usize::from(self.starts[bucket + 1]);
        let place = self.keys[same.clone()].iter().position(|other| *other == key)?;
        self.values.get(same.start + place).copied()
    }
}

/// The word's first eight letters and its others; zeros if there are none or too many.
type Key = [u64; 2];

#[inline]
const fn key(word: &[u8]) -> Key {
    let mut key = [0; 2];
    if word.len() > 16 {
        return key;
    }
    let mut index = 0;
    while index < word.len() {
        let half = index / 8;
        key[half] = key[half] << 8 | word[index] as u64;
        index += 1;
    }
    key
}

/// The key of a word as written in UTF-8.
const fn written_key(word: &[u8]) -> Key {
    let mut folded = [0_u8; 17];
    let mut letters = 0;
    let mut index = 0;
    while index < word.len() {
        assert!(letters < folded.len(), "a word has more than 16 letters");
        let byte = word[index];
        folded[letters] = if byte < 0x80 {
            byte
        } else {
            assert!(byte < 0xE0, "a word has a letter that is neither Latin, Greek nor Cyrillic");
            index += 1;
            fold_letter((byte as u32 & 0x1F) << 6 | word[index] as u32 & 0x3F)
        };
        letters += 1;
        index += 1;
    }
    let (word, _) = folded.split_at(letters);
    key(word)
}

#[inline]
const fn bucket(key: Key) -> usize {
    let mixed = (key[0] ^ key[1].rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let [.., low, high] = mixed.to_le_bytes();
    (low as usize | (high as usize) << 8) % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_there_and_nothing_else() {
        static WORDS: Lexicon<u8, 6> = Lexicon::new(&[
            ("one", 1),
            ("abcdefghijklmnop", 16),
            ("a", 0),
            ("on", 2),
            ("fünf", 5),
            ("девять", 9),
        ]);
        for (word, expected) in [
            ("one", Some(1)),
            ("on", Some(2)),
            ("a", Some(0)),
            ("abcdefghijklmnop", Some(16)),
            ("abcdefghijklmnopq", None),
            ("", None),
            ("o", None),
            ("onee", None),
            ("fünf", Some(5)),
            ("funf", Some(5)),
            ("девять", Some(9)),
            ("десять", None),
        ] {
            let folded: Vec<u8> = word.chars().map(crate::text::fold).collect();
            assert_eq!(WORDS.get(&folded), expected, "of {word:?}");
        }
    }
}
