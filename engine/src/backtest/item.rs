//! A message to judge again, wherever it comes from.

use super::report::Place;
use crate::domain::RecordedSignal;
use crate::filter::Inspection;

/// A message, and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Where it is from.
    pub(super) place: Place,
    /// As filters were told of it.
    pub(super) inspection: Inspection,
    /// What was found when it was sent; `None` if it never was, so that the live set has to judge it now.
    pub(super) recorded: Option<Recorded>,
    /// Whether it is known to be unwanted.
    pub(super) unwanted: Option<bool>,
}

/// What was found when it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recorded {
    pub(super) signals: Vec<RecordedSignal>,
}
