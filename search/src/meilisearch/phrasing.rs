//! A query's text in Meilisearch's language, in which quotes and dashes mean something: a user's own may not.
//!
//! Where the server differs from what `Text` promises: it looks at ten words and phrases at most, the rest is ignored; a
//! word that falls apart and is still being typed has its parts found anywhere, not next to each other. Chinese and Japanese
//! it cuts into words by a guess at the language, and a query is a short text to guess from: some words it does not find.

use crate::query::{Text, Word};

/// The words as the server takes them. The last one is one that is being typed only if nothing follows it, so a space does
/// if it is not. Phrases go before words, for the same reason.
pub fn phrase(text: &Text) -> String {
    let mut parts = Vec::new();
    for excluded in &text.excluded {
        let excluded = plain(excluded);
        if !excluded.is_empty() {
            parts.push(format!("-\"{excluded}\""));
        }
    }
    for sought in &text.phrases {
        let sought = plain(sought);
        if !sought.is_empty() {
            parts.push(format!("\"{sought}\""));
        }
    }
    let words: Vec<_> = text
        .words
        .iter()
        .map(|Word { text, prefix }| (plain(text), *prefix))
        .filter(|(word, _)| !word.is_empty())
        .collect();
    let last = words.len().saturating_sub(1);
    let mut being_typed = false;
    for (n, (word, prefix)) in words.into_iter().enumerate() {
        // Cut otherwise than in the document, what is written without spaces is found as a beginning, if at all.
        being_typed = n == last && (prefix || word.contains(has_no_spaces));
        if being_typed || !word.contains(' ') {
            parts.push(word);
        } else {
            parts.push(format!("\"{word}\""));
        }
    }
    let mut query = parts.join(" ");
    if !query.is_empty() && !being_typed {
        query.push(' ');
    }
    query
}

/// Without anything that could be an operator: what parts words becomes one space. Nothing is left of what has no words.
fn plain(text: &str) -> String {
    let words: Vec<_> = text.split(parts_words).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Han, Hiragana, Katakana.
fn has_no_spaces(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Spaces and the punctuation of Latin, Chinese and Japanese, wide forms included: the server folds those, so a wide quote
/// is a quote to it. Anything else stays, marks over letters and pictures above all.
fn parts_words(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || c.is_ascii_punctuation()
        || matches!(c,
            '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{b7}' | '\u{bb}' | '\u{bf}'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{2212}'
            | '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{30fb}'
            | '\u{fe10}'..='\u{fe19}' | '\u{fe30}'..='\u{fe6b}'
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
            | '\u{ff5b}'..='\u{ff65}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(words: &[(&str, bool)], phrases: &[&str], excluded: &[&str]) -> Text {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Text {
            words: words
                .iter()
                .map(|&(text, prefix)| Word { text: text.to_owned(), prefix })
                .collect(),
            phrases: owned(phrases),
            excluded: owned(excluded),
        }
    }

    #[test]
    fn what_is_sent() {
        for (text, query) in [
            (text(&[], &[], &[]), ""),
            (text(&[("bike", true)], &[], &[]), "bike"),
            (text(&[("bike", false)], &[], &[]), "bike "),
            (text(&[("red", false), ("bi", true)], &[], &[]), "red bi"),
            (text(&[("e-mail", false)], &[], &[]), "\"e mail\" "),
            (text(&[("e-ma", true)], &[], &[]), "e ma"),
            (
                text(&[("bi", true)], &["city bike"], &["old", "no brakes"]),
                "-\"old\" -\"no brakes\" \"city bike\" bi",
            ),
            (text(&[("-old", true)], &["a\" -b"], &["\""]), "\"a b\" old"),
            (text(&[("!!!", true), ("bi", false)], &["?"], &[]), "bi "),
            (text(&[("＂old", true), ("－new", true)], &[], &[]), "old new"),
            (text(&[("🚲", true)], &[], &[]), "🚲"),
            (text(&[("自転車", false)], &[], &[]), "自転車"),
            (text(&[("cafe\u{301}", true)], &[], &[]), "cafe\u{301}"),
        ] {
            assert_eq!(phrase(&text), query, "{text:?}");
        }
    }

    proptest! {
        /// There are as many quotes as we put there, and no dash but before a quote of ours.
        #[test]
        fn no_text_can_be_an_operator(word in "[ -~“＂－﹣–\\u{80}-\\u{fffd}]{0,12}", typed: bool) {
            let text = text(&[(&word, typed)], &[&word], &[&word]);
            let query = phrase(&text);
            let parts: Vec<_> = query.split('"').collect();
            prop_assert_eq!(parts.len() % 2, 1, "{}", query);
            prop_assert!(query.matches('-').count() <= 1, "{}", query);
            prop_assert!(!query[query.len().min(1)..].contains('-'), "{}", query);
            prop_assert!(!query.contains(['＂', '－', '﹣']), "{}", query);
        }
    }
}
