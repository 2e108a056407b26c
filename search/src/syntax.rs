//! The query a user types: words, phrases, operators.
