//! What words mean to the guard: numbers in many languages, cues, units, messengers.
//!
//! Words are folded: lower case, without accents, Cyrillic and Greek letters as what they look like.

mod cues;
pub mod language;
mod messenger;
mod numbers;

pub use cues::meaning;
pub use messenger::Messenger;
pub use numbers::{Spelled, spelled};

/// What a word that is no number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The next digit, so many times.
    Repeat(u8),
    /// May stand between spelled-out numbers.
    And,
    /// May stand between the parts of a number: `0176 then 123`.
    Then,
    /// The digits are given in reverse.
    Backwards,
    /// What follows is likely to be a phone number.
    Call,
    /// As `Call`, unless an `Id` stands before it.
    Num,
    /// What follows is likely to be some other number.
    Id,
    /// What precedes is an amount.
    Unit,
    /// Asks for contact.
    Reach,
    /// A messenger; whether the word means nothing else.
    Platform(Messenger, bool),
}
