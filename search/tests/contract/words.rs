//! What words find.

use rialto_search::{Order, Scope};

use super::stage::{
    Stage, conversation, conversation_query, conversations, message, query, search, seqs, text,
    user,
};

const TEXTS: [&str; 13] = [
    "The red bicycle is still available",
    "Is the bike new? I can pay 250 euros",
    "Great television, 40 inch",
    "Crème brûlée set, unused",
    "Wohnung in ZÜRICH zu vermieten",
    "furniture for the living room",
    "send me an e-mail please",
    "the mail came late, e for effort",
    "自転車を売ります",
    "Привет, велосипед продан",
    "my number is 0791234567",
    "🚲 for sale 🎉 as of today",
    "brakes red, not the bicycle",
];

/// What is asked, and the messages (from 1) that answer it.
const ANSWERS: &[(&str, &[u64])] = &[
    // words and case; all of them must be there
    ("still", &[1]),
    ("STILL the", &[1]),
    ("still euros", &[]),
    ("nowhere", &[]),
    // synonyms, both ways
    ("bicycle", &[1, 2, 13]),
    ("bike", &[1, 2, 13]),
    ("tv", &[3]),
    ("telly inch", &[3]),
    // diacritics
    ("creme", &[4]),
    ("BRULEE crème", &[4]),
    ("zurich", &[5]),
    ("zürich", &[5]),
    // typing errors by length
    ("rde", &[]),
    ("latr", &[]),
    ("frniture", &[6]),
    ("furnitrue", &[6]),
    ("brekes", &[13]),
    ("bycicle", &[]),
    ("telvision", &[3]),
    // numbers are exact
    ("0791234567", &[11]),
    ("0791234568", &[]),
    ("07912*", &[11]),
    ("250", &[2]),
    ("251", &[]),
    // while typing
    ("avail*", &[1]),
    ("avail", &[]),
    ("red bicy*", &[1, 13]),
    ("red bicy", &[]),
    // phrases: as written, no errors, no synonyms
    ("'red bicycle'", &[1]),
    ("'RED Bicycle' still", &[1]),
    ("'bicycle red'", &[]),
    ("'bike'", &[2]),
    ("'furnitrue'", &[]),
    ("'avail'", &[]),
    // words that fall apart
    ("e-mail", &[7]),
    ("'e-mail'", &[7]),
    ("mail", &[7, 8]),
    // exclusions: exact as well
    ("red -available", &[13]),
    ("red -red_bicycle", &[13]),
    ("red -bicycle", &[]),
    ("red -bicycl -bike", &[1, 13]),
    ("-the -in -for -me -my", &[3, 4, 9, 10]),
    // other scripts
    ("ВЕЛОСИПЕД", &[10]),
    ("велосипет", &[10]),
    ("自転車", &[9]),
    // nothing to look for
    ("", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
    ("!!! ...", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
    ("!!! inch", &[3]),
];

pub async fn answers(stage: Stage) {
    let documents = (1..).zip(TEXTS).map(|(seq, text)| message("c", seq, text));
    let (_shelf, index) = stage.with(documents.collect(), Vec::new()).await;
    let mut wrong = Vec::new();
    for (words, expected) in ANSWERS {
        let found = seqs(&*index, user("ann"), words).await;
        if found != *expected {
            wrong.push(format!("{words:?} finds {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub async fn names_and_titles(stage: Stage) {
    let mut documents = vec![
        conversation("c1", "Red city bike", &[("ann", "Ann Müller"), ("bob", "Bob Stone")]),
        conversation("c2", "", &[("ann", "Ann Müller"), ("cem", "Cem Red")]),
        conversation("c3", "Stone table", &[("bob", "Bob Stone"), ("cem", "Cem Red")]),
    ];
    for (at, document) in (0..).zip(&mut documents) {
        document.at += at;
    }
    let (_shelf, index) = stage.with(Vec::new(), documents).await;
    let everything = || Scope::Everything("mod".to_owned());
    for (scope, words, expected) in [
        (everything(), "", &["c3", "c2", "c1"][..]),
        (everything(), "bicycle", &["c1"]),
        (everything(), "muller", &["c1", "c2"]),
        (everything(), "red cem", &["c2", "c3"]),
        (everything(), "stone bike", &["c1"]),
        (everything(), "'müller bob'", &[]),
        (everything(), "'bob stone' -city", &["c3"]),
        (user("ann"), "stone", &["c1"]),
        (user("dan"), "", &[]),
        (Scope::Support("cem".to_owned()), "", &["c3", "c2"]),
    ] {
        let mut found = conversations(&*index, &conversation_query(scope.clone(), words)).await;
        let mut expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        if !words.is_empty() {
            found.sort();
            expected.sort();
        }
        assert_eq!(found, expected, "{words:?} in the scope {scope:?}");
    }
    let found = index
        .conversations(&conversation_query(user("ann"), "stone red mull*"))
        .await
        .expect("it can be searched");
    let hit = &found.hits[0];
    let title = hit.title.as_deref().expect("it has a title");
    assert_eq!(cut(title, &hit.title_matches), ["Red"]);
    assert_eq!(hit.people[1].id, "bob", "people come back as they were written");
    assert!(cut(&hit.people[0].name, &hit.people_matches[0])[0].starts_with("Müll"), "{hit:?}");
    assert_eq!(cut(&hit.people[1].name, &hit.people_matches[1]), ["Stone"]);
}

/// A query, the text it finds, and what of it begins each match.
const HIGHLIGHTS: &[(&str, &str, &[&str])] = &[
    ("red", "A red one, RED!", &["red", "RED"]),
    ("cafe", "😀 café — Café", &["café", "Café"]),
    ("bike", "bicycle or bike", &["bicycle", "bike"]),
    ("avail*", "Ist es ñ available?", &["avail"]),
    ("furnitrue", "old furniture", &["furniture"]),
    ("'red bike'", "red red bike", &["red bike"]),
    ("", "nothing to see", &[]),
];

pub async fn highlights(stage: Stage) {
    let documents =
        (1..).zip(HIGHLIGHTS).map(|(seq, (_, text, _))| message(&format!("c{seq}"), seq, text));
    let (_shelf, index) = stage.with(documents.collect(), Vec::new()).await;
    for (seq, (words, text, expected)) in (1..).zip(HIGHLIGHTS) {
        let mut query = query(user("bob"), words);
        query.filter.conversation = Some(format!("c{seq}"));
        let found = search(&*index, &query).await;
        assert_eq!(found.hits.len(), 1, "{words:?} finds {text:?}");
        let hit = &found.hits[0];
        assert_eq!(hit.text, *text, "the text comes back as it was written");
        let cut = joined(text, &hit.matches);
        let fits = cut.len() == expected.len()
            && cut.iter().zip(*expected).all(|(cut, begin)| cut.starts_with(begin));
        assert!(fits, "{words:?} marks {cut:?} in {text:?}, not {expected:?}");
    }
}

/// The ranges cut out of a text; they must be what `MessageHit::matches` promises.
fn cut<'a>(text: &'a str, ranges: &[std::ops::Range<usize>]) -> Vec<&'a str> {
    assert!(
        ranges.windows(2).all(|pair| pair[0].end <= pair[1].start),
        "ranges must ascend and not overlap: {ranges:?}"
    );
    ranges.iter().map(|range| text.get(range.clone()).expect("on character borders")).collect()
}

/// The same, with ranges that only spaces part taken together: a phrase may be marked whole or word by word.
fn joined(text: &str, ranges: &[std::ops::Range<usize>]) -> Vec<String> {
    let mut all: Vec<std::ops::Range<usize>> = Vec::new();
    cut(text, ranges);
    for range in ranges {
        match all.last_mut() {
            Some(last) if text[last.end..range.start].trim().is_empty() => last.end = range.end,
            _ => all.push(range.clone()),
        }
    }
    all.into_iter().map(|range| text[range].to_owned()).collect()
}

pub async fn order_and_pages(stage: Stage) {
    let mut documents: Vec<_> = (1..=25)
        .map(|seq| {
            let text = if seq % 5 == 0 { "red red bike" } else { "the bike is red" };
            message("c", seq, text)
        })
        .collect();
    documents[7].at = documents[6].at; // as old as another: the greater number goes first
    let (_shelf, index) = stage.with(documents, Vec::new()).await;
    let newest_first: Vec<u64> = (1..=25).rev().collect();
    for (order, words) in [
        (Order::Newest, "red"),
        (Order::Newest, "bike red"),
        (Order::Relevance, ""),
        (Order::Relevance, "bike red"),
    ] {
        let mut query = query(user("ann"), words);
        query.order = order;
        let whole: Vec<_> = search(&*index, &query).await.hits;
        let whole: Vec<_> = whole.iter().map(|hit| hit.seq).collect();
        if order == Order::Newest || words.is_empty() {
            assert_eq!(whole, newest_first, "{words:?} {order:?}");
        }
        let mut pages = Vec::new();
        query.limit = 7;
        loop {
            query.offset = pages.len();
            let page = search(&*index, &query).await;
            assert!(page.hits.len() == 7 || !page.has_more, "only the last is short");
            pages.extend(page.hits.iter().map(|hit| hit.seq));
            assert_eq!(page.has_more, pages.len() < 25, "after {} hits", pages.len());
            if !page.has_more {
                break;
            }
        }
        assert_eq!(pages, whole, "{words:?} {order:?}: pages make up the whole");
    }
    let mut exact = query(user("ann"), "'red red'");
    exact.limit = 5;
    let found = search(&*index, &exact).await;
    assert_eq!((found.hits.len(), found.has_more), (5, false), "no more than five");
    assert_eq!(found.hits[0].seq, 25, "of equal ones the newest");
    exact.limit = 0;
    let found = search(&*index, &exact).await;
    assert_eq!((found.hits.len(), found.has_more), (0, true), "none wanted");
}

pub async fn best_first(stage: Stage) {
    let documents = vec![
        message("c", 1, "red bicycle for sale"),
        message("c", 2, "furniture shop"),
        message("c", 3, "the bicycle that I saw last week was rather red"),
        message("c", 4, "furnitura shop"),
    ];
    let (_shelf, index) = stage.with(documents, Vec::new()).await;
    for (words, best) in [("red bicycle", 1), ("furniture", 2)] {
        let found = search(&*index, &query(user("ann"), words)).await;
        let order: Vec<_> = found.hits.iter().map(|hit| hit.seq).collect();
        assert_eq!(order, [best, best + 2], "{words:?}: best first, not newest");
    }
    assert!(text("a").phrases.is_empty());
}
