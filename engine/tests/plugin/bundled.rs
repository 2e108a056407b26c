//! The loader and the bundled filters, as the engine uses them.

use std::time::{Duration, Instant};

use rialto_engine::config::{FailMode, Filters};
use rialto_engine::domain::{Action, Clock};
use rialto_engine::filter::Filter as _;
use rialto_engine::plugin::{LoadError, load};

use crate::support::{component, data_dir, inspection, pipeline, start};

fn load_with(config: &Filters) -> Result<rialto_engine::plugin::Loaded, LoadError> {
    load(config, &data_dir(), [3; 32], &Clock::from_fn(start))
}

#[tokio::test]
async fn bundled_filters_find_a_phone_number_and_policy_masks_it() {
    component("contact_guard.wasm");
    let loaded = load_with(&Filters::default()).expect("bundled filters load, also inside tokio");
    assert!(
        loaded.bundled_available >= 2,
        "built in: {}; run `make filters`",
        loaded.bundled_available
    );
    let names: Vec<_> = loaded.filters.iter().map(|filter| filter.name()).collect();
    assert_eq!(names, ["contact-guard", "link-guard"]);
    for filter in &loaded.filters {
        let (_, digest) = filter.version().split_once('+').expect("version and digest");
        assert!(digest.len() == 8 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    }
    let pipeline = pipeline(&Filters::default(), loaded.live(), FailMode::Hold);
    let text = "Ruf mich an: +49 151 23456789, danke!";
    let verdict = pipeline.judge(inspection(text)).await.expect("judged").expect("found");
    assert_eq!(verdict.action, Action::Mask, "{verdict:?}");
    let masked = rialto_engine::domain::verdict::mask(text, &verdict.mask);
    assert!(!masked.contains("23456789") && masked.starts_with("Ruf mich an"), "{masked}");
    let plain = pipeline.judge(inspection("Is the bike still available?")).await;
    assert_eq!(plain, Ok(None), "a plain message has no verdict");
}

#[test]
fn files_and_their_configuration_are_checked() {
    let dir = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let misbehaving = write("m.wasm", &component("fixtures/misbehaving.wasm"));
    let base =
        || Filters { bundled: false, files: vec![misbehaving.clone()], ..Filters::default() };

    let loaded = load_with(&base()).expect("loads");
    assert_eq!(
        loaded.filters.iter().map(|filter| filter.name()).collect::<Vec<_>>(),
        ["misbehaving"]
    );

    let config = |name: &str, text: &[u8]| {
        let path = write("config.json", text);
        Filters { config_files: [(name.to_owned(), path)].into(), ..base() }
    };
    for (filters, expected) in [
        (
            Filters { files: vec![misbehaving.clone(), misbehaving.clone()], ..base() },
            "two filters called misbehaving",
        ),
        (
            Filters { files: vec![dir.path().join("none.wasm")], ..base() },
            "none.wasm can't be read",
        ),
        (
            Filters { files: vec![write("bad.wasm", b"hello")], ..base() },
            "bad.wasm can't be used: it is not a WebAssembly",
        ),
        (config("misspelt", b"{}"), "names the filter misspelt, which is not loaded"),
    ] {
        let error = load_with(&filters).err().expect(expected).to_string();
        assert!(error.contains(expected), "{error:?} should say {expected:?}");
    }
    let error = load_with(&config("misbehaving", b"{")).err().expect("no JSON").to_string();
    assert!(error.contains("config.json can't be read: it is no JSON"), "{error}");
    let error = load_with(&config("misbehaving", br#"{"reject": true}"#)).err().expect("refused");
    assert!(
        error.to_string().contains("m.wasm can't be used: it refuses its configuration: /reject"),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "measures; run alone, in release"]
async fn how_long_a_message_takes() {
    let loaded = load_with(&Filters::default()).expect("loads");
    let pipeline = pipeline(&Filters::default(), loaded.live(), FailMode::Hold);
    let text = "Hello! I saw your listing and would like to know whether the bike is still available. \
        Could we meet on Saturday near the station, around 3 pm? I would pay in cash, of course. \
        By the way, does it come with the lights and the lock shown in the third picture? Thanks a lot, \
        and have a nice day. Greetings, Jo";
    let percentiles = |mut times: Vec<Duration>| {
        times.sort_unstable();
        format!("p50 {:?} p99 {:?}", times[times.len() / 2], times[times.len() * 99 / 100])
    };
    for filter in &loaded.filters {
        let time = |_| {
            let subject = crate::support::subject(text);
            let started = Instant::now();
            filter.inspect(&subject, &[]).expect("inspected");
            started.elapsed()
        };
        println!("{}: {}", filter.name(), percentiles((0..5_000).map(time).collect()));
    }
    let mut times = Vec::new();
    for _ in 0..5_000 {
        let started = Instant::now();
        pipeline.judge(inspection(text)).await.expect("judged");
        times.push(started.elapsed());
    }
    println!("whole pipeline, {} bytes: {}", text.len(), percentiles(times));
}
