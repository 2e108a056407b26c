//! Word lists, sorted by the compiler, looked up without allocation or start-up cost.

/// A fixed list of folded words (1 to 16 letters), each with what it means.
#[derive(Debug)]
pub struct Lexicon<T, const N: usize>([(u128, T); N]);

impl<T: Copy, const N: usize> Lexicon<T, N> {
    /// Sorts the words; meant for constants. A word twice, too long or empty stops the build.
    pub const fn new(words: &[(&str, T); N]) -> Self {
        let mut sorted = [(0_u128, words[0].1); N];
        let mut index = 0;
        while index < N {
            let key = key(words[index].0.as_bytes());
            assert!(key != 0, "a word is empty or has more than 16 letters");
            let mut place = index;
            while place > 0 && sorted[place - 1].0 > key {
                sorted[place] = sorted[place - 1];
                place -= 1;
            }
            assert!(place == 0 || sorted[place - 1].0 != key, "a word is there twice");
            sorted[place] = (key, words[index].1);
            index += 1;
        }
        Self(sorted)
    }

    /// What the word means.
    pub fn get(&self, word: &[u8]) -> Option<T> {
        let key = key(word);
        let place = self.0.binary_search_by_key(&key, |entry| entry.0).ok()?;
        Some(self.0[place].1)
    }
}

/// The word's letters as one number; 0 if there are none or too many.
const fn key(word: &[u8]) -> u128 {
    if word.len() > 16 {
        return 0;
    }
    let mut key = 0;
    let mut index = 0;
    while index < word.len() {
        key = key << 8 | word[index] as u128;
        index += 1;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_there_and_nothing_else() {
        static WORDS: Lexicon<u8, 4> =
            Lexicon::new(&[("one", 1), ("abcdefghijklmnop", 16), ("a", 0), ("on", 2)]);
        for (word, expected) in [
            ("one", Some(1)),
            ("on", Some(2)),
            ("a", Some(0)),
            ("abcdefghijklmnop", Some(16)),
            ("abcdefghijklmnopq", None),
            ("", None),
            ("o", None),
            ("onee", None),
        ] {
            assert_eq!(WORDS.get(word.as_bytes()), expected, "of {word:?}");
        }
    }
}
