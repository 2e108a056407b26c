//! The committed weights, and that training is reproducible.

use rialto_spam::MODEL;
use rialto_spam::features::Features;
use rialto_spam::train::{Example, Settings, parse, train, validate};

/// Changes with the weights and with whatever is read of a text: then the weights must be made anew.
#[test]
fn the_committed_weights_give_these_scores() {
    let model = MODEL.expect("src/weights.bin is a weights file of this version");
    let scores: Vec<String> = [
        "",
        "Is it still available? I could pick it up tomorrow after 6pm",
        "Guten Tag, was ist der letzte Preis?",
        "WINNER!! Claim your £1000 prize now, call 09061234567 or txt WIN to 80123. T&Cs www.example.com",
        "Hello dear, do you need an urgent loan? We give out loans at 3% interest rate",
    ]
    .iter()
    .map(|text| format!("{:.3}", model.score(&Features::read(text))))
    .collect();
    assert_eq!(scores, ["-1.078", "-1.164", "-0.949", "1.447", "-0.698"]);
}

/// Messages made of these words, with a number to tell them apart.
fn synthetic() -> String {
    let spam = ["WIN a prize, txt CLAIM to", "FREE entry! call now", "urgent: cash award code"];
    let ham = [
        "see you at the station at",
        "is the bike still there for",
        "ok, then tomorrow at",
        "price is",
    ];
    let lines = (0..120).map(|at| match at % 3 {
        0 => format!("spam\t{} {}\n", spam[at / 3 % 3], 80000 + at * 37),
        _ => format!("ham\t{} {}\n", ham[at % 4], at),
    });
    lines.collect()
}

fn quick() -> Settings {
    Settings { log2_slots: 10, folds: 3, repeats: 1, ..Settings::default() }
}

/// FNV-1a, 64 bits.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[test]
fn the_same_messages_give_the_same_bytes() {
    let examples = parse(&synthetic()).expect("valid");
    let bytes = train(&examples, &quick());
    assert_eq!(bytes, train(&examples, &quick()));
    // Known from elsewhere: the same on every machine, at every level of optimisation.
    assert_eq!(format!("{:016x}", digest(&bytes)), "e2d0ce43819fd5b8");
    let other: Vec<Example> = examples.iter().skip(3).cloned().collect();
    assert_ne!(bytes, train(&other, &quick()), "other messages, other weights");
}

#[test]
fn what_can_be_told_apart_is() {
    let examples = parse(&synthetic()).expect("valid");
    let result = validate(&examples, &quick(), (4, 2), |_| {});
    let total = result.total(None);
    assert_eq!((total.caught + total.missed, total.blocked + total.passed), (80, 160));
    assert!(total.mcc() > 0.99, "{total}");
    assert_eq!(result.reliability().iter().map(|(all, _)| all).sum::<usize>(), 240);
}
