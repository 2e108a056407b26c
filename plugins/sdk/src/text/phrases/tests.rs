//! What the pattern language means, on books of a few lines.

use super::super::Scan;
use super::*;

fn found(book: &str, text: &str) -> Vec<String> {
    let book = compile(book).expect("a valid book");
    let found = book.find(&Scan::new(text), |_| true);
    found.into_iter().map(|found| text[found.range].to_owned()).collect()
}

#[track_caller]
fn check(pattern: &str, text: &str, expected: &[&str]) {
    assert_eq!(found(&format!("[x 0.5 en]\n{pattern}"), text), expected, "{pattern} in {text}");
}

#[test]
fn words_alternatives_options_and_gaps() {
    let pattern = "send|give me? the|your (verification|sms)? code";
    check(pattern, "Please SEND me the sms code, now", &["SEND me the sms code"]);
    check(pattern, "give your code", &["give your code"]);
    check(pattern, "give me code", &[]);
    check(pattern, "send me. The code", &[]);
    check("pay .. courier", "I pay for the nice courier", &["pay for the nice courier"]);
    check("pay ..2 courier", "I pay for the nice courier", &[]);
    check("pay .. the? courier", "pay a b c courier", &["pay a b c courier"]);
    check(
        "my (courier|shipping agent) will",
        "My shipping-agent will",
        &["My shipping-agent will"],
    );
    check("NUM euro", "1.200,50 euro", &["1.200,50 euro"]);
    check("uber* geld", "Überweise Geld!", &["Überweise Geld"]);
    check("für über", "fuer ueber für über", &["fuer ueber", "für über"]);
}

#[test]
fn the_rarest_word_may_stand_anywhere() {
    for (pattern, text) in [
        ("moneygram to me", "moneygram to me"),
        ("to .. moneygram me", "to a b moneygram me"),
        ("to me by moneygram", "to me by moneygram"),
        ("a b? c? moneygram? d", "a c d"),
    ] {
        check(pattern, &format!("x {text} y"), &[text]);
    }
}

#[test]
fn disguises_are_seen_through() {
    for text in [
        "sh1t",
        "shiiiit",
        "s h i t",
        "s.h.i.t",
        "sh*t",
        "$hit",
        "ѕhіt",
        "s\u{200b}hit",
        "SHIT",
        "sh!t",
        "5h1t",
        "s-h-i-t",
    ] {
        check("shit", &format!("oh {text} oh"), &[text]);
    }
    check("f__k*|f___", "f**king f***!", &["f**king", "f***"]);
    check("paypal", "p4yp4l P A Y P A L pаypаl", &["p4yp4l", "P A Y P A L", "pаypаl"]);
    check("asshole", "a$$hole", &["a$$hole"]);
    check("fool", "f001", &["f001"]);
    check("you", "i see you a b c you!", &["you", "you"]);
    check("shit", "shitake shi t 5 hit", &[]);
}

#[test]
fn cyrillic_has_words_of_its_own() {
    check("код", "Пришлите КОД", &["КОД"]);
    check("предоплат*", "пpeдoплaтy вперёд", &["пpeдoплaтy"]);
    check("предоплат*", "предметы", &[]);
    check("вперед", "вперёд", &["вперёд"]);
    check("карт*", "картой карта кapтy", &["картой", "карта", "кapтy"]);
}

#[test]
fn apostrophes_join_contractions_only() {
    check("i'll kill", "I’ll kill", &["I’ll kill"]);
    check("don't", "dont don't", &["dont", "don't"]);
    check("argent", "l'argent", &["argent"]);
}

#[test]
fn macros_weights_and_exceptions() {
    let text = "# remark\n@who = courier|shipping agent\n[x 0.5 en] why\nmy @who\n0.9: your @who\n[not x en]\nnever .. @who\n[y 0.1 de]\ncourier";
    assert_eq!(found(text, "never my courier"), ["courier"], "an exception names its group");
    let book = compile(text).expect("a valid book");
    let found = book.find(&Scan::new("my courier, your shipping agent"), |it| it.language == "en");
    let seen: Vec<_> = found.iter().map(|found| (found.weight, found.words.clone())).collect();
    assert_eq!(seen, [(0.5, 0..2), (0.9, 2..5)]);
    assert_eq!(book.groups[found[0].group].reason, "why");
}

#[test]
fn problems_have_lines() {
    let problem = |text: &str| compile(text).expect_err("an invalid book")[0].clone();
    for (text, line, part) in [
        ("word", 1, "before the first group"),
        ("[x 0.5 en]\n\na (b|c", 3, "`)` is missing"),
        ("[x 2 en]", 1, "no weight"),
        ("[x]", 1, "a head is"),
        ("[x 0.5 en]\n.. a", 2, "both sides"),
        ("[x 0.5 en]\na? b?", 2, "not optional"),
        ("[x 0.5 en]\n@nobody", 2, "no `@nobody`"),
        ("[x 0.5 en]\na ..99 b", 2, "1 to 12"),
        ("[x 0.5 en]\na ) b", 2, "does not fit"),
    ] {
        let Problem { line: at, problem } = problem(text);
        assert!(at == line && problem.contains(part), "{text:?}: line {at}: {problem}");
    }
}

#[test]
fn an_empty_book_finds_nothing() {
    assert_eq!(Builder::default().finish().find(&Scan::new("any text 5."), |_| true), []);
}
