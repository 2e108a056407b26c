//! Words that become label values: as many as there is room for, found again without a lock; the rest are `other`.

use std::sync::OnceLock;

/// At most `N` words; the last place is that of all further ones.
#[derive(Debug)]
pub struct Names<const N: usize>([OnceLock<Box<str>>; N]);

impl<const N: usize> Default for Names<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Names<N> {
    /// None yet.
    pub const fn new() -> Self {
        assert!(N > 1, "one place is for all others");
        Self([const { OnceLock::new() }; N])
    }

    /// The word's place, below `N`.
    pub fn place(&self, word: &str) -> usize {
        for (place, slot) in self.0.iter().take(N - 1).enumerate() {
            if &**slot.get_or_init(|| word.into()) == word {
                return place;
            }
        }
        N - 1
    }

    /// The words there are, with their places; `other` is always among them.
    pub fn all(&self) -> impl Iterator<Item = (usize, &str)> {
        let known = self.0.iter().take(N - 1).map_while(|slot| slot.get().map(|word| &**word));
        known.enumerate().chain([(N - 1, "other")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_place_and_are_never_more_than_there_is_room_for() {
        let names = Names::<3>::new();
        let places = ["a", "b", "c", "a", "d", "b"].map(|word| names.place(word));
        assert_eq!(places, [0, 1, 2, 0, 2, 1]);
        let all: Vec<_> = names.all().collect();
        assert_eq!(all, [(0, "a"), (1, "b"), (2, "other")]);
    }
}
