//! Words as people write them, and which of them a query means.

use proptest::prelude::*;

use super::fuzzy::Fuzzy;
use super::*;
use crate::query::{Text, Word};
use crate::settings::Settings;

fn words(text: &str) -> Vec<String> {
    tokens(text).map(|token| token.text).collect()
}

fn query(words: &[&str], phrases: &[&str]) -> Text {
    let word = |word: &&str| match word.strip_suffix('*') {
        Some(begin) => Word { text: begin.into(), prefix: true },
        None => Word { text: (*word).into(), prefix: false },
    };
    Text {
        words: words.iter().map(word).collect(),
        phrases: phrases.iter().map(|phrase| (*phrase).into()).collect(),
        excluded: Vec::new(),
    }
}

/// The text with what matches in brackets.
fn marked(query: &Text, text: &str) -> String {
    let mut marked = text.to_owned();
    for range in Matcher::new(query, Settings::shipped()).ranges(text).into_iter().rev() {
        marked.insert(range.end, ']');
        marked.insert(range.start, '[');
    }
    marked
}

#[test]
fn words_are_folded() {
    for (text, expected) in [
        ("Don't e-mail me!", "don t e mail me"),
        ("Crème BRÛLÉE, cre\u{300}me", "creme brulee creme"),
        ("Straße STRASSE ẞ Øl ŁÓDŹ Æther İstanbul", "strasse strasse ss ol lodz aether istanbul"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
        ("ёлка Йод", "елка иод"),
        ("ﬁne ＷＩＤＥ １２", "fine wide 12"),
        ("自転車です", "自 転 車 て\u{3099} す"),
        ("ｶﾞ ガ", "カ\u{3099} カ\u{3099}"),
        ("iPhone手机 12", "iphone 手 机 12"),
        ("สวัสดี", "ส วั ส ดี"),
        ("한국어 \u{1112}\u{1161}\u{11ab}", "한국어 한"),
        ("हिन्दी में", "हिन्दी में"),
        ("ca\u{ad}r ca\u{200b}r 1️⃣", "car car 1"),
        ("£500 :-) 👍 --- \u{301}", "500"),
        ("", ""),
    ] {
        assert_eq!(words(text).join(" "), expected, "{text}");
    }
    let long = "ä".repeat(200);
    assert_eq!(words(&long), ["a".repeat(64)], "the beginning of a long word is kept");
    assert_eq!(tokens(&long).next().map(|token| token.span), Some(0..400), "it is one word");
}

#[test]
fn what_matches_is_marked() {
    for (words, phrases, text, expected) in [
        (&["bike"][..], &[][..], "A Bike, bikes, biker", "A [Bike], bikes, biker"),
        (&["bik*"], &[], "A Bike, bikes", "A [Bik]e, [bik]es"),
        (
            &["bicycle"],
            &[],
            "bicylce bicycel icycle bicycles",
            "[bicylce] [bicycel] icycle [bicycles]",
        ),
        (
            &["furniture"],
            &[],
            "furnitrue funritrue urniture xurniture",
            "[furnitrue] [funritrue] [urniture] [xurniture]",
        ),
        (&["furniture"], &[], "xurnitre", "xurnitre"),
        (&["bike"], &[], "bicycle bkie", "[bicycle] bkie"),
        (&["12345678"], &[], "12345679", "12345679"),
        (&["hous*"], &[], "houses house", "[hous]es [hous]e"),
        (&["avail*"], &[], "avialable", "[avial]able"),
        (&["creme"], &[], "crème brûlée", "[crème] brûlée"),
        (&["stras*"], &[], "Straße", "[Straß]e"),
        (&["stra*"], &[], "Stra\u{301}sse", "[Stra\u{301}]sse"),
        (&["e-mail"], &[], "e mail, email, mail e", "[e] [mail], email, mail e"),
        (&["e-ma*"], &[], "my e-mail", "my [e]-[ma]il"),
        (&["転車"], &[], "自転車", "自[転車]"),
        (
            &[],
            &["still available"],
            "Still available? available still",
            "[Still] [available]? available still",
        ),
        (&[], &["bike"], "bike bicycle", "[bike] bicycle"),
        (&["!!!"], &["..."], "hello!!!", "hello!!!"),
    ] {
        assert_eq!(marked(&query(words, phrases), text), expected, "{words:?} {phrases:?}");
    }
}

/// The distance the rules are written for: insertion, deletion, substitution, neighbours that changed places.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(a[i - 1] != b[j - 1]);
                let mut best = (table[i - 1][j] + 1)
                    .min(table[i][j - 1] + 1)
                    .min(table[i - 1][j - 1] + change);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(table[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    table[a.len()][b.len()]
}

proptest! {
    #[test]
    fn spans_are_in_order_and_folding_is_stable(text in "(?s)(.|[a-zA-Zéßİﬁ½㎏가각漢かが\u{301}\u{200d} ]){0,40}") {
        let mut end = 0;
        for token in tokens(&text) {
            prop_assert!(token.span.start >= end && text.get(token.span.clone()).is_some());
            prop_assert!(!token.text.is_empty() && token.text.len() <= LONGEST_WORD);
            end = token.span.end;
        }
        let once = words(&text);
        prop_assert_eq!(&words(&once.join(" ")).concat(), &once.concat(), "what is folded stays so");
    }

    #[test]
    fn every_text_matches_itself(text in "[\\PC]{1,30}") {
        let all: Vec<_> = text.split_whitespace().collect();
        let matcher = Matcher::new(&query(&all.iter().map(|w| w.trim_end_matches('*')).collect::<Vec<_>>(), &[&text]), Settings::shipped());
        prop_assert!(matcher.matches(&text));
    }

    #[test]
    fn errors_are_counted(word in "[abé]{1,9}", other in "[abé]{0,9}", allowed in 1u8..=2) {
        let (a, b): (Vec<_>, Vec<_>) = (word.chars().collect(), other.chars().collect());
        let errors = distance(&a, &b);
        let counted = if errors > 0 && a.first() != b.first() { errors + 1 } else { errors };
        let expected = (counted <= usize::from(allowed)).then_some(counted);
        let found = Fuzzy::new(&word, allowed, false).errors(&other).map(usize::from);
        prop_assert_eq!(found, expected, "{} {}", word, other);
    }
}
