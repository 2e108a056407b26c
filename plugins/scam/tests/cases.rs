//! The filter on the messages of `cases.jsonl`, and on any text at all.

use rialto_filter_sdk::{Context, Filter, testing};
use rialto_scam::Scam;

fn scam(json: &str) -> Scam {
    testing::configured(json)
}

fn confidence(scam: &Scam, text: &str, context: &Context) -> f32 {
    let signals = scam.inspect(&testing::message(text), context).expect("judged");
    signals.first().map_or(0.0, |signal| signal.confidence)
}

#[test]
fn finds_what_the_cases_say() {
    testing::assert_cases(&scam(""), include_str!("../cases.jsonl"), 120, 120);
}

#[test]
fn circumstances_raise_and_lower() {
    let scam = scam(r#"{"minConfidence": 0}"#);
    let text = "My courier will come and collect it, I pay by PayPal";
    let new = testing::context();
    let mut known = testing::context();
    known.conversation.is_first_contact = false;
    known.conversation.message_count = 40;
    known.sender.account_age_seconds = Some(800 * 86_400);
    let mut staff = testing::context();
    staff.sender.roles = vec!["agent".to_owned()];
    let mut seller = testing::context();
    seller.sender.roles = vec!["seller".to_owned()];
    let [new_, known_, staff_, seller_] =
        [&new, &known, &staff, &seller].map(|context| confidence(&scam, text, context));
    assert!(
        new_ > seller_ && seller_ > known_ - 0.2 && known_ > staff_,
        "{new_} {seller_} {known_} {staff_}"
    );
    assert!(new_ > 0.7 && staff_ < 0.3, "{new_} {staff_}");
    let signal = &testing::inspect(&scam, text)[0];
    let evidence: Vec<&str> = signal.evidence.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(evidence, ["why", "language", "raised by"]);
    let raised = &signal.evidence[2].1;
    assert!(raised.contains("first contact"), "{raised}");
}

#[test]
fn the_configuration_is_heeded() {
    let ids = |json: &str, text: &str| -> Vec<String> {
        let signals = testing::inspect(&scam(json), text);
        signals.into_iter().map(|signal| signal.id).collect()
    };
    let text = "Send me the verification code you got by SMS";
    assert_eq!(ids("", text), ["scam.verification-code"]);
    assert!(ids(r#"{"disabled": ["scam.verification-code"]}"#, text).is_empty());
    assert!(ids(r#"{"languages": ["ru"]}"#, text).is_empty());
    assert!(ids(r#"{"minConfidence": 0.99}"#, text).is_empty());
    let own = r#"{"phrases": [{"signal": "scam.courier", "phrase": "my (driver|nephew) ..3 collects", "weight": 0.8}]}"#;
    assert_eq!(ids(own, "my nephew usually collects things"), ["scam.courier"]);
}

#[test]
fn wrong_configurations_are_refused_by_place() {
    let paths = testing::problem_paths::<Scam>;
    assert_eq!(
        paths(r#"{"minConfidence": 2, "disabled": ["x"]}"#),
        ["/minConfidence", "/disabled/0"]
    );
    assert_eq!(paths(r#"{"languages": ["en", "xx"]}"#), ["/languages/1"]);
    assert_eq!(
        paths(r#"{"phrases": [{"signal": "scam.x", "phrase": "a ("}]}"#),
        ["/phrases/0/signal", "/phrases/0/phrase"]
    );
    assert_eq!(paths(r#"{"phrase": []}"#), ["/phrase"]);
}

rialto_filter_sdk::any_text_gives_valid_signals!(
    scam(r#"{"minConfidence": 0}"#),
    [
        " ",
        "\n",
        ". ",
        ", ",
        "send me the code",
        "verification code",
        "paypal",
        "p.a.y.p.a.l ",
        "f u c k ",
        "my courier will",
        " collect",
        "never ",
        "код из смс ",
        "пришлите ",
        "g1ft c@rd",
        "you ",
        "@ss",
        "$hit",
        "sh*t",
        "don't ",
        "l'argent",
        "западло",
        "\u{200b}",
        "1.200,50 ",
        "ⓖⓘⓕⓣ",
        "İ",
        "ß",
        "deposit ",
        "keys by post ",
    ]
);

/// Texts made to be read again and again. Read once, all of them take well under a second.
#[test]
fn no_text_takes_more_than_linear_time() {
    let pieces = [
        "a ",
        "a.",
        "code ",
        "send me the code ",
        "send ",
        "never send code ",
        "courier ",
        "p a y ",
        "1",
        "$",
        "a1",
        "a$",
        "aaa",
        "код ",
        "moneygram ",
        "keys ",
        "pay ",
        "gift card ",
        "the ",
        "deposit before viewing ",
    ];
    testing::assert_linear(&scam(""), 100_000, &pieces);
}
