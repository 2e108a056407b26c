//! How text is taken apart into words, for the embedded index and for highlights.
//!
//! Words are runs of letters, digits and combining marks, in small letters and without diacritics; scripts that are
//! written without spaces (Chinese, Japanese, Thai and the like) give one word per character.

mod fold;
mod fuzzy;
mod matcher;
#[cfg(test)]
mod tests;

pub use fold::{LONGEST_WORD, Token, Tokens, tokens};
pub use matcher::Matcher;
pub(crate) use matcher::{Piece, Sought, Tier};
