//! Queries as users type them, and as nobody should.

use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-22T13:45:00Z".parse().unwrap()
}

fn read(input: &str) -> Parsed {
    parse(input, now()).unwrap_or_else(|error| panic!("`{input}` should be understood: {error}"))
}

fn day(text: &str) -> i64 {
    format!("{text}T00:00:00Z").parse::<DateTime<Utc>>().unwrap().timestamp_millis()
}

#[test]
fn words_phrases_and_exclusions() {
    let parsed = read("is it  \"still available\" -sold -\"no offers\" bik");
    let words: Vec<_> = parsed.text.words.iter().map(|w| (w.text.as_str(), w.prefix)).collect();
    assert_eq!(words, [("is", false), ("it", false), ("bik", true)], "only the last is a prefix");
    assert_eq!(parsed.text.phrases, ["still available"]);
    assert_eq!(parsed.text.excluded, ["sold", "no offers"]);
    assert!(!read("bike ").text.words[0].prefix, "white space ends a word");
    assert!(!read("bike from:ann").text.words[0].prefix, "an operator follows");
    assert_eq!(
        read("say \"never clo").text.phrases,
        ["never clo"],
        "an open quote runs to the end"
    );
    assert_eq!(read("say “curly quotes” ok").text.phrases, ["curly quotes"], "phones type these");
    assert_eq!(read("a \"\" - \"  \" b").text.words.len(), 3, "empty phrases ask for nothing");
    assert_eq!(read("27\" screen").text.words[0].text, "27\"", "a quote within a word is text");
}

#[test]
fn operators() {
    let parsed = read(
        "FROM:ann from:\"Ann Lee\" With:bob listing:L1 listing:L2 category:cars kind:Direct has:file \
         verdict:HOLD red",
    );
    assert_eq!(parsed.senders, ["ann", "Ann Lee"]);
    assert_eq!(parsed.participants, ["bob"]);
    assert_eq!(parsed.listings, ["L1", "L2"]);
    assert_eq!(parsed.category.as_deref(), Some("cars"));
    assert_eq!(parsed.kind, Some(Kind::Direct));
    assert_eq!(parsed.has_attachment, Some(true));
    assert_eq!(parsed.verdict.as_deref(), Some("hold"));
    assert_eq!(parsed.text.words, [Word { text: "red".into(), prefix: true }]);
    assert_eq!(read("-has:attachment").has_attachment, Some(false));
    let kinds: Vec<_> = parsed.terms.iter().map(|term| term.kind).collect();
    assert_eq!(kinds[..3], [TermKind::From, TermKind::From, TermKind::With]);
    assert_eq!((&*parsed.terms[1].text, &*parsed.terms[1].value), ("from:\"Ann Lee\"", "Ann Lee"));
}

#[test]
fn a_colon_alone_makes_no_operator() {
    let parsed = read("https://x.org re: foo:bar -12:30 from");
    let words: Vec<_> = parsed.text.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, ["https://x.org", "re:", "foo:bar", "from"]);
    assert_eq!(parsed.text.excluded, ["12:30"]);
}

#[test]
fn days_months_and_years() {
    let range = |input: &str| {
        let parsed = read(input);
        (parsed.from, parsed.to)
    };
    assert_eq!(range("on:2026-11-22"), (Some(day("2026-11-22")), Some(day("2026-11-23"))));
    assert_eq!(range("on:today"), range("on:2026-11-22"));
    assert_eq!(range("on:yesterday"), range("on:2026-11-21"));
    assert_eq!(range("on:2026-11"), (Some(day("2026-11-01")), Some(day("2026-12-01"))));
    assert_eq!(range("on:2024"), (Some(day("2024-01-01")), Some(day("2025-01-01"))));
    assert_eq!(range("before:2026-11"), (None, Some(day("2026-11-01"))), "the month is left out");
    assert_eq!(range("after:2026-11-22"), (Some(day("2026-11-23")), None), "the day is left out");
    assert_eq!(range("after:2025"), (Some(day("2026-01-01")), None), "the year is left out");
    assert_eq!(range("after:7d"), (Some(day("2026-11-16")), None), "seven days, today the last");
    assert_eq!(range("on:2w"), range("on:2026-11-08"));
    assert_eq!(range("on:3m"), range("on:2026-08-22"));
    assert_eq!(
        range("after:2026-01 after:2026-03 before:2026-11 before:2026-12"),
        (Some(day("2026-04-01")), Some(day("2026-11-01"))),
        "several narrow each other"
    );
}

#[test]
fn what_is_wrong_is_named() {
    let refuse = |input: &str| parse(input, now()).expect_err(input);
    for input in ["from:", "from:\"\"", "listing: x", "on:", "-has:"] {
        let error = refuse(input);
        assert!(matches!(error, SyntaxError::NoValue { .. }), "`{input}`: {error}");
    }
    for input in [
        "on:2026-13",
        "on:2026-02-30",
        "on:26",
        "on:22.11.2026",
        "on:soon",
        "on:2026-1-1-1",
        "on:+7d",
        "on:99999m",
        "kind:x",
        "has:money",
        "verdict:maybe",
        "before:99999d9",
    ] {
        let error = refuse(input);
        assert!(matches!(error, SyntaxError::WrongValue { .. }), "`{input}`: {error}");
        assert!(error.to_string().contains(input), "it names `{input}`: {error}");
    }
    assert_eq!(refuse("a -from:ann"), SyntaxError::NotNegatable { term: "-from:ann".into() });
    let twice = refuse("kind:direct kind:support");
    assert_eq!(twice, SyntaxError::Contradiction { term: "kind:support".into() });
    assert!(parse("kind:direct kind:DIRECT", now()).is_ok(), "the same twice is no contradiction");
    assert_eq!(refuse(&"a".repeat(513)), SyntaxError::TooLong { bytes: 513 });
    assert_eq!(refuse(&"a ".repeat(33)), SyntaxError::TooManyTerms);
    assert_eq!(read(&"a ".repeat(32)).terms.len(), 32);
}

proptest! {
    #[test]
    fn nothing_breaks_it(input in "(?s)(.|[-\":“” \\t]|from:|on:|-has:|[0-9]{1,5}[dwm]|é|漢){0,60}") {
        if let Ok(parsed) = parse(&input, now()) {
            let mut end = 0;
            for term in &parsed.terms {
                prop_assert!(term.span.start >= end, "terms are in order and apart");
                prop_assert_eq!(input.get(term.span.clone()), Some(term.text.as_str()));
                prop_assert!(term.text.contains(&term.value), "the value is part of the term");
                end = term.span.end;
            }
        }
    }

    #[test]
    fn a_term_can_be_taken_out(input in "([a-z]{1,4}|\"[a-z ]{1,6}\"|from:[a-z]|-[a-z]{1,3}| ){1,20} ") {
        let parsed = read(&input);
        for (place, term) in parsed.terms.iter().enumerate() {
            let without = format!("{} {}", &input[..term.span.start], &input[term.span.end..]);
            let left: Vec<_> = read(&without).terms.into_iter().map(|term| term.text).collect();
            let mut expected: Vec<_> = parsed.terms.iter().map(|term| term.text.clone()).collect();
            expected.remove(place);
            prop_assert_eq!(left, expected);
        }
    }

    #[test]
    fn put_together_again_the_terms_say_the_same(
        input in "(?s)(.|[-\":“” \\t]|from:|with:ann|on:2026|has:file|[a-z]{1,6}|\"[a-z ]{1,6}\"|é|漢){0,40}"
    ) {
        if let Ok(parsed) = parse(&input, now()) {
            let texts: Vec<&str> = parsed.terms.iter().map(|term| term.text.as_str()).collect();
            // A space after the last term says that it is finished; within an open quote it is part of it.
            let finished = parsed.terms.last().is_some_and(|term| term.span.end < input.len());
            let end = if finished { " " } else { "" };
            let again = read(&format!("{}{end}", texts.join(" ")));
            let bare = |parsed: &Parsed| -> Vec<(TermKind, String)> {
                parsed.terms.iter().map(|term| (term.kind, term.value.clone())).collect()
            };
            prop_assert_eq!(bare(&again), bare(&parsed));
            prop_assert_eq!(again.text.phrases, parsed.text.phrases);
            prop_assert_eq!(again.text.excluded, parsed.text.excluded);
        }
    }
}
