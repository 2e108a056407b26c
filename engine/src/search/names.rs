//! Who and what is meant by `from:ann` and `listing:golf`: ids, or names and titles in conversations the viewer may find.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use rialto_search::{
    ConversationFilter, ConversationHit, ConversationQuery, Index, IndexError, Scope, Text, Word,
};

/// Conversations looked through for a name.
const CONVERSATIONS: usize = 200;
/// The word for the viewer.
const ME: &str = "me";

/// Resolves names on behalf of a viewer.
pub(super) struct Names<'a> {
    pub(super) index: &'a Arc<dyn Index>,
    pub(super) scope: &'a Scope,
}

impl Names<'_> {
    /// Everybody who may be meant: the user of this id, and those of whose name every word is found.
    pub(super) async fn people(&self, name: &str) -> Result<Vec<String>, IndexError> {
        if name.eq_ignore_ascii_case(ME) {
            return Ok(vec![self.scope.user().to_owned()]);
        }
        let (words, hits) = self.hits(name).await?;
        let mut ids = BTreeSet::from([name.to_owned()]);
        for hit in &hits {
            for (person, matches) in hit.people.iter().zip(&hit.people_matches) {
                if matches.len() >= words {
                    ids.insert(person.id.clone());
                }
            }
        }
        Ok(ids.into_iter().collect())
    }

    /// Every listing that may be meant: the one of this id, and those of whose title every word is found.
    pub(super) async fn listings(&self, title: &str) -> Result<Vec<String>, IndexError> {
        let (words, hits) = self.hits(title).await?;
        let mut ids = BTreeSet::from([title.to_owned()]);
        let matching = hits.into_iter().filter(|hit| hit.title_matches.len() >= words);
        ids.extend(matching.filter_map(|hit| hit.listing));
        Ok(ids.into_iter().collect())
    }

    async fn hits(&self, words: &str) -> Result<(usize, Vec<ConversationHit>), IndexError> {
        let words: Vec<Word> = words
            .split_whitespace()
            .map(|word| Word { text: word.to_owned(), prefix: true })
            .collect();
        let count = words.len().max(1);
        let query = ConversationQuery {
            text: Text { words, ..Text::default() },
            scope: self.scope.clone(),
            filter: ConversationFilter::default(),
            offset: 0,
            limit: CONVERSATIONS,
        };
        Ok((count, self.index.conversations(&query).await?.hits))
    }
}

/// Pieces of a text around what matched: `true` where it did. Long texts are cut to about `around` bytes.
pub(super) fn pieces(text: &str, matches: &[Range<usize>], around: usize) -> Vec<(String, bool)> {
    let usable = |range: &&Range<usize>| {
        range.start < range.end
            && text.is_char_boundary(range.start)
            && text.is_char_boundary(range.end.min(text.len()))
            && range.end <= text.len()
    };
    let matches: Vec<&Range<usize>> = matches.iter().filter(usable).collect();
    let (from, to) = window(text, matches.first().map_or(0, |first| first.start), around);
    let mut pieces = Vec::new();
    let mut add = |piece: &str, matched: bool| {
        if !piece.is_empty() {
            pieces.push((piece.to_owned(), matched));
        }
    };
    if from > 0 {
        add("…", false);
    }
    let mut at = from;
    for range in matches {
        let (start, end) = (range.start.max(at), range.end.min(to));
        if start >= end {
            continue;
        }
        add(&text[at..start], false);
        add(&text[start..end], true);
        at = end;
    }
    add(&text[at..to], false);
    if to < text.len() {
        add("…", false);
    }
    pieces
}

/// The stretch that is shown: a third before the first match, cut between words where it can be.
fn window(text: &str, first: usize, around: usize) -> (usize, usize) {
    if text.len() <= around {
        return (0, text.len());
    }
    let from = text.floor_char_boundary(first.saturating_sub(around / 3));
    let from = match text[from..first].find(char::is_whitespace) {
        Some(space) if from > 0 => text.ceil_char_boundary(from + space + 1).min(first),
        _ => from,
    };
    let to = text.floor_char_boundary((from + around).min(text.len()));
    let to = match text[from..to].rfind(char::is_whitespace) {
        Some(space) if to < text.len() && from + space > first => from + space,
        _ => to,
    };
    (from, to)
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "one match is a list of one range")]
mod tests {
    use super::*;

    fn shown(text: &str, matches: &[Range<usize>], around: usize) -> String {
        pieces(text, matches, around)
            .into_iter()
            .map(|(piece, matched)| if matched { format!("[{piece}]") } else { piece })
            .collect()
    }

    #[test]
    fn a_snippet_marks_what_matched_and_loses_nothing_short() {
        assert_eq!(shown("the red bike", &[4..7, 8..12], 100), "the [red] [bike]");
        assert_eq!(shown("nothing", &[], 100), "nothing");
        assert_eq!(shown("über", &[0..5], 100), "[über]");
        assert_eq!(shown("über", &[1..3, 0..99], 100), "über", "ranges that can't be are left out");
        assert_eq!(shown("", &[0..1], 100), "");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_match() {
        let text = format!("{}needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let at = text.find("needle").expect("it is there");
        let shown = shown(&text, &[at..at + 6], 60);
        assert_eq!(shown, "…hay hay hay hay [needle] straw straw straw straw straw straw…");
        let wide = "ä".repeat(500);
        let cut = pieces(&wide, &[600..602], 61);
        assert!(cut.iter().any(|(piece, matched)| *matched && piece == "ä"), "{cut:?}");
    }
}
