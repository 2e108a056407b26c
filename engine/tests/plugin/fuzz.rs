//! Uploads and configurations nobody meant: they are refused with a reason or work, and never panic, hang or let nonsense in.
//!
//! A few seconds each; `RIALTO_FUZZ_SECONDS=60` makes it a minute, `RIALTO_FUZZ_SEED` another course.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rialto_engine::domain::Clock;
use rialto_engine::filter::{FaultKind, Filter as _};
use rialto_engine::plugin::{
    AdmissionReport, Grants, Host, PluginError, PluginFilter, Setup, admit,
};
use serde_json::{Value, json};

use crate::support::{component, host, limits, start, subject};

/// Longer than any of these may take on a busy machine.
const HANGS: Duration = Duration::from_secs(90);

#[expect(clippy::disallowed_methods, reason = "a test's own switches; the engine never reads them")]
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Runs turns until the time is up; tells how many.
fn fuzz(what: &str, mut turn: impl FnMut(&mut StdRng)) {
    let seed = number("RIALTO_FUZZ_SEED", 1);
    let length = Duration::from_secs(number("RIALTO_FUZZ_SECONDS", 4));
    let mut random = StdRng::seed_from_u64(seed);
    let (started, mut turns) = (Instant::now(), 0_u64);
    while started.elapsed() < length {
        let began = Instant::now();
        turn(&mut random);
        assert!(began.elapsed() < HANGS, "turn {turns} of seed {seed} took {:?}", began.elapsed());
        turns += 1;
    }
    println!("{what}: {turns} turns in {:?}, seed {seed}", started.elapsed());
    assert!(turns > 0, "nothing was tried");
}

fn place(random: &mut StdRng, length: usize) -> usize {
    random.random_range(0..length.max(1))
}

/// Bytes changed the way transfers, tools and people damage them.
fn damage(random: &mut StdRng, bytes: &mut Vec<u8>) {
    // One change leaves enough whole to come far; more of them test the beginning.
    let changes = if random.random_bool(0.7) { 1 } else { random.random_range(2..=4) };
    for _ in 0..changes {
        let (at, length) = (place(random, bytes.len()), random.random_range(1..=16));
        let end = (at + length).min(bytes.len());
        match random.random_range(0..9) {
            _ if bytes.is_empty() => bytes.push(random.random()),
            0 | 7 | 8 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes[at] = random.random(),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let piece = bytes[at..end].to_vec();
                let to = place(random, bytes.len());
                bytes.splice(to..to, piece);
            }
            5 => {
                let piece: Vec<u8> = (0..length).map(|_| random.random()).collect();
                bytes.splice(at..at, piece);
            }
            // Lengths and counts are where parsers go wrong.
            _ => bytes[at] = *[0, 1, 0x7f, 0x80, 0xff].choose(random).expect("some"),
        }
    }
}

/// What every admitted component promises the rest of the engine.
fn check_report(report: &AdmissionReport) {
    let word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.' || b == b'_'
            })
    };
    assert!(word(&report.name) && report.name.len() <= 64, "{report:?}");
    assert!(report.digest.len() == 64 && report.semver.split('.').count() >= 3, "{report:?}");
    assert!((1..=128).contains(&report.signals.len()), "{report:?}");
    for (index, signal) in report.signals.iter().enumerate() {
        assert!(word(&signal.id) && signal.id.contains('.'), "{signal:?}");
        assert!(signal.default_weight >= 0.0, "{signal:?}");
        assert!(report.signals[..index].iter().all(|other| other.id != signal.id), "{report:?}");
    }
    serde_json::from_str::<Value>(&report.config_schema).expect("the schema is JSON");
    assert!(report.imports.iter().all(|import| !import.contains("sockets")), "{report:?}");
}

#[test]
fn damaged_components_are_refused_or_work() {
    let dir = tempfile::tempdir().expect("a directory");
    let host = Host::start(dir.path(), 64 * 1024 * 1024).expect("the host starts");
    let (config, clock) = (limits(), Clock::from_fn(start));
    // Mostly small ones, which are compiled hundreds of times a second.
    let small = crate::admission::tiny();
    let large = component("fixtures/misbehaving.wasm");
    let (mut admitted, mut refused) = (0_u32, 0_u32);
    fuzz("uploads", |random| {
        let mut bytes = match random.random_range(0..100) {
            0 => large.clone(),
            1 => (0..random.random_range(0..64)).map(|_| random.random()).collect(),
            _ => small.clone(),
        };
        damage(random, &mut bytes);
        match admit(&host, &bytes, &config) {
            Err(refusal) => {
                refused += 1;
                let text = refusal.to_string();
                assert!(!text.contains("panicked"), "{text}");
                assert!((10..20_000).contains(&text.len()), "a reason for people: {text}");
            }
            Ok(report) => {
                admitted += 1;
                check_report(&report);
                let setup = Setup { grants: Grants::ALL, ..Setup::new(&config, [0; 32], &clock) };
                let filter = PluginFilter::load(&host, &bytes, "{}", &setup);
                let Ok(filter) = filter else { return };
                match filter.inspect(&subject("hello é 😀"), &[]) {
                    Ok(signals) => assert!(signals.len() <= 64, "{signals:?}"),
                    Err(fault) => assert!(!fault.text.contains("panicked"), "{fault}"),
                }
            }
        }
    });
    println!("uploads: {admitted} admitted, {refused} refused");
    assert!(refused > 0, "most are broken");
}

/// JSON of any shape, near what schemas speak of.
fn any_json(random: &mut StdRng, depth: u32) -> Value {
    const NAMES: [&str; 9] =
        ["reject", "trap", "misdeed", "hosts", "allowedHosts", "minDigits", "words", "a/b~c", ""];
    let most = if depth == 0 { 7 } else { 9 };
    match random.random_range(0..most) {
        0 => Value::Null,
        1 => random.random::<bool>().into(),
        2 => random.random::<i64>().into(),
        3 => (f64::from(random.random::<i32>()) / 8.0).into(),
        4 => random.random_range(-2_i64..20).into(),
        5 => (*NAMES.choose(random).expect("some")).into(),
        6 => (0..random.random_range(0..40))
            .map(|_| random.random::<char>())
            .collect::<String>()
            .into(),
        7 => (0..random.random_range(0..5)).map(|_| any_json(random, depth - 1)).collect(),
        _ => {
            let one = |random: &mut StdRng| {
                let name = *NAMES.choose(random).expect("some");
                (name.to_owned(), any_json(random, depth - 1))
            };
            Value::Object((0..random.random_range(0..5)).map(|_| one(random)).collect())
        }
    }
}

/// Changes one place of a configuration that fits.
fn change(random: &mut StdRng, value: &mut Value) {
    match value {
        Value::Object(object) if !object.is_empty() && random.random_bool(0.8) => {
            let at = place(random, object.len());
            if let Some((_, inner)) = object.iter_mut().nth(at) {
                change(random, inner);
            }
        }
        Value::Array(items) if !items.is_empty() && random.random_bool(0.8) => {
            let at = place(random, items.len());
            change(random, &mut items[at]);
        }
        other => *other = any_json(random, 3),
    }
}

#[test]
fn configurations_are_refused_with_a_place_or_work() {
    let (config, clock) = (limits(), Clock::from_fn(start));
    let setup = Setup { grants: Grants::ALL, ..Setup::new(&config, [0; 32], &clock) };
    let filters = [
        (component("fixtures/misbehaving.wasm"), json!({ "misdeed": "grow", "reject": false })),
        (component("contact_guard.wasm"), json!({ "allowedHosts": ["a.example"], "minDigits": 7 })),
        (component("link_guard.wasm"), json!({ "deniedHosts": ["a.example", "b.example"] })),
    ];
    let (mut good, mut bad) = (0_u32, 0_u32);
    fuzz("configurations", |random| {
        let (bytes, seed) = filters.choose(random).expect("some");
        let text = match random.random_range(0..10) {
            0 => {
                let mut text = seed.to_string().into_bytes();
                damage(random, &mut text);
                String::from_utf8_lossy(&text).into_owned()
            }
            1 => "[".repeat(random.random_range(0..100_000)),
            2 | 3 => any_json(random, 4).to_string(),
            _ => {
                let mut value = seed.clone();
                change(random, &mut value);
                value.to_string()
            }
        };
        match PluginFilter::load(host(), bytes, &text, &setup) {
            Ok(filter) => {
                good += 1;
                let known: Value = serde_json::from_str(filter.config()).expect("JSON");
                assert_eq!(known, serde_json::from_str::<Value>(&text).expect("it was taken"));
                filter.inspect(&subject("call +49 151 23456789, see a.example"), &[]).expect(&text);
            }
            Err(PluginError::Config(problems)) => {
                bad += 1;
                assert!((1..=32).contains(&problems.len()), "{text}: {problems:?}");
                for problem in &problems {
                    let pointer = problem.path.is_empty() || problem.path.starts_with('/');
                    assert!(pointer && !problem.problem.is_empty(), "{text}: {problem:?}");
                    assert!(problem.to_string().len() < 8_000, "{text}: {problem}");
                }
            }
            // Only the fixture may crash on a configuration, and only if it says so.
            Err(PluginError::Configure(fault)) => {
                bad += 1;
                assert!(text.contains("trap") || text.contains("misdeed"), "{text}: {fault}");
                assert_ne!(fault.kind, FaultKind::Overloaded, "{text}: {fault}");
            }
            Err(other) => panic!("{text}: {other}"),
        }
    });
    println!("configurations: {good} taken, {bad} refused");
    assert!(bad > 0, "many are wrong");
}
