//! Filters in Rust, JavaScript and Python side by side: what `make templates` built, admitted, run and recycled.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rialto_engine::config::Filters;
use rialto_engine::domain::Clock;
use rialto_engine::filter::{Filter as _, Signal, Subject};
use rialto_engine::plugin::{Grants, Host, PluginFilter, Setup, admit};

use crate::support::{component, data_dir, inspection, start};

const MIB: usize = 1024 * 1024;
const WHY: &str = "run `make templates` first: it builds them, with npm and pip";

/// The component of the template in this language; `None` if this machine could not build it.
fn template(language: &str) -> Option<Vec<u8>> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../templates");
    let entries = std::fs::read_dir(&root).unwrap_or_else(|error| panic!("{error}: {WHY}"));
    let projects = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let of_language = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&format!("{language}-")) && path.join("filter.wasm").is_file()
    };
    let project = projects.filter(of_language).max()?;
    Some(std::fs::read(project.join("filter.wasm")).expect("readable"))
}

fn first_contact(text: &str) -> Subject {
    let mut inspection = inspection(text);
    inspection.conversation.is_first_contact = true;
    Subject::new(inspection)
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

/// Admits, loads without any grant, and judges more messages than an instance lives.
fn lives(language: &str, bytes: &[u8], config: &str) -> Vec<Signal> {
    let filters = Filters { recycle_after: 32, ..Filters::default() };
    let clock = Clock::from_fn(start);
    let mut hits = Vec::new();
    let mut found = Vec::new();
    for round in ["first", "again"] {
        let host = Host::start(&data_dir(), 64 * MIB).expect("the host starts");
        let started = Instant::now();
        let report =
            admit(&host, bytes, &filters).unwrap_or_else(|error| panic!("{language}: {error}"));
        let admitted = started.elapsed();
        let setup = Setup { grants: Grants::NONE, ..Setup::new(&filters, [7; 32], &clock) };
        let filter = PluginFilter::load(&host, bytes, config, &setup)
            .unwrap_or_else(|error| panic!("{language}: {error}"));
        let mut times = Vec::new();
        for turn in 0..100 {
            let subject = first_contact("Is it there? My courier é collects it tomorrow");
            let started = Instant::now();
            let result = filter.inspect(&subject, &[]);
            times.push(started.elapsed());
            found = result.unwrap_or_else(|fault| panic!("{language}, turn {turn}: {fault}"));
        }
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!(
            "{language}, {round}: {} KiB, admitted in {admitted:?} (compiled in {} ms), {} KiB of memory, p50 {p50:?}, p99 {p99:?}; wants {}; {:?}",
            bytes.len() / 1024,
            report.compile_ms,
            report.memory / 1024,
            report.wants,
            report.warnings
        );
        hits.push(host.cache_use());
    }
    assert_eq!(hits[1], (1, 0), "{language}: the second time it is found compiled");
    found
}

#[test]
#[ignore = "needs what `make templates` builds"]
fn filters_in_every_language_live_in_the_same_house() {
    for language in ["js", "python"] {
        let Some(component) = template(language) else {
            assert_eq!(language, "python", "{language}: {WHY}");
            eprintln!("SKIPPED: no filter in Python; {WHY}");
            continue;
        };
        let found = lives(language, &component, r#"{"words": ["courier"]}"#);
        assert_eq!(found.len(), 1, "{language}: {found:?}");
        let (start, end) = (found[0].spans[0].start as usize, found[0].spans[0].end as usize);
        let text = "Is it there? My courier é collects it tomorrow";
        assert_eq!(&text[start..end], "courier", "{language}");
        let clock = Clock::from_fn(crate::support::start);
        let refused = crate::support::load(
            &component,
            &Filters::default(),
            Grants::NONE,
            r#"{"words": ["two words"]}"#,
            &clock,
        );
        let problems = refused.map(|_| ()).expect_err("not one word").to_string();
        assert!(problems.contains("/words/0"), "{language}: {problems}");
    }
    let found = lives("rust", &component("contact_guard.wasm"), "{}");
    assert_eq!(found, Vec::new(), "nobody is called");
}
