//! The check that every subscriber makes: sequence numbers are contiguous and come once.

/// How a sequence was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// Numbers are missing.
    Gap {
        /// What should have come.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// A number came again, or too late.
    Double {
        /// The last one before it.
        last: u64,
        /// What came.
        got: u64,
    },
}

impl std::fmt::Display for Breach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gap { expected, got } => write!(f, "gap: {got} came instead of {expected}"),
            Self::Double { last, got } => write!(f, "double: {got} came after {last}"),
        }
    }
}

/// Where a subscriber stands: what `after` of a new subscription would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sequence {
    last: u64,
}

impl Sequence {
    /// The last number that came.
    pub fn last(self) -> u64 {
        self.last
    }

    /// Takes the next number. After a gap it goes on from what came, so that one gap is told once.
    pub fn take(&mut self, got: u64) -> Result<(), Breach> {
        let (last, expected) = (self.last, self.last + 1);
        if got < expected {
            return Err(Breach::Double { last, got });
        }
        self.last = got;
        if got == expected { Ok(()) } else { Err(Breach::Gap { expected, got }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_next_is_right() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.take(1), Ok(()));
        assert_eq!(sequence.take(2), Ok(()));
        assert_eq!(sequence.take(2), Err(Breach::Double { last: 2, got: 2 }));
        assert_eq!(sequence.take(5), Err(Breach::Gap { expected: 3, got: 5 }));
        assert_eq!(sequence.take(4), Err(Breach::Double { last: 5, got: 4 }));
        assert_eq!(sequence.take(6), Ok(()));
        assert_eq!(sequence.last(), 6);
        assert_eq!(Sequence::default().take(2), Err(Breach::Gap { expected: 1, got: 2 }));
        assert_eq!(Sequence::default().take(0), Err(Breach::Double { last: 0, got: 0 }));
    }
}
