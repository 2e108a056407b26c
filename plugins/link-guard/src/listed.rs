//! Hosts looked up in a list the engine keeps, all of a message in one call.

use rialto_filter_sdk::lists;

use crate::host::{Candidate, folded};

/// How a host is on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// It is, or a host above it.
    Same,
    /// It looks like one that is.
    Alike,
}

impl Likeness {
    /// How sure that makes, and why, in words.
    pub fn verdict(self) -> (f32, &'static str) {
        match self {
            Self::Same => (1.0, "on the operator's list"),
            Self::Alike => (0.95, "looks like a host on the operator's list"),
        }
    }
}

/// For each candidate, how it is on the list.
pub fn find(list: &str, candidates: &[Candidate]) -> Vec<Option<Likeness>> {
    let mut entries = Vec::new();
    let mut meanings = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let plain = folded(&candidate.host);
        let alike = (plain != candidate.host).then_some((plain.as_str(), Likeness::Alike));
        let own = Some((candidate.host.as_str(), Likeness::Same));
        for (host, likeness) in own.into_iter().chain(alike) {
            for parent in and_above(host) {
                entries.push(parent.to_owned());
                meanings.push((index, likeness));
            }
        }
    }
    let mut found = vec![None; candidates.len()];
    for place in lists::find(list, &entries) {
        if let Some((index, likeness)) = meanings.get(place) {
            // A candidate's own names come first, so they stay.
            found[*index] = found[*index].or(Some(*likeness));
        }
    }
    found
}

/// The host and the hosts above it that have a dot, at most ten.
fn and_above(host: &str) -> impl Iterator<Item = &str> {
    const MAX_LEVELS: usize = 10;
    fn above<'h>(host: &&'h str) -> Option<&'h str> {
        Some(host.split_once('.')?.1).filter(|host| host.contains('.'))
    }
    // The last levels are those that can be listed.
    let skip = host.split('.').count().saturating_sub(MAX_LEVELS + 1);
    std::iter::successors(Some(host), above).skip(skip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_above_are_looked_up_too() {
        let of = |host: &'static str| and_above(host).collect::<Vec<_>>();
        assert_eq!(of("a.b.example.com"), ["a.b.example.com", "b.example.com", "example.com"]);
        assert_eq!(of("example.com"), ["example.com"]);
        assert_eq!(of("intern"), ["intern"]);
        let deep = ["a."; 40].concat().leak();
        assert_eq!(and_above(deep).count(), 10);
    }
}
