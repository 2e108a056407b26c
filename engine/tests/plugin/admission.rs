//! What is not a filter doesn't come in, and is told why.

use std::time::{Duration, Instant};

use rialto_engine::config::Filters;
use rialto_engine::domain::{Clock, Span};
use rialto_engine::filter::{FaultKind, Filter as _};
use rialto_engine::plugin::{Grants, PluginError, Refusal, admit};

use crate::support::{component, host, limits, load, start, subject};

const COMPONENT: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

fn refusal(bytes: &[u8], filters: &Filters) -> Refusal {
    match load(bytes, filters, Grants::ALL, "{}", &Clock::from_fn(start)) {
        Err(PluginError::Refused(refusal)) => refusal,
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("it was admitted"),
    }
}

/// A component that imports an empty instance of this name and has nothing else.
fn importing(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).expect("a short name");
    let mut bytes = COMPONENT.to_vec();
    bytes.extend([7, 3, 1, 0x42, 0]); // one type: an instance without exports
    bytes.extend([10, length + 5, 1, 0, length]);
    bytes.extend(name.as_bytes());
    bytes.extend([5, 0]); // of that type
    bytes
}

#[test]
fn other_files_are_refused_with_the_reason() {
    let core_module = [0, b'a', b's', b'm', 1, 0, 0, 0];
    let real = component("fixtures/misbehaving.wasm");
    for (name, bytes, expected) in [
        ("a core module", &core_module[..], "it is a core module"),
        ("garbage", b"#!/bin/sh\necho hello\n", "it doesn't start like WebAssembly"),
        ("nothing", b"", "it doesn't start like WebAssembly"),
        ("an unknown version", b"\0asm\x99\0\x01\0", "its WebAssembly version is unknown"),
        ("half a component", &real[..real.len() / 2], "not a WebAssembly component"),
        ("an empty component", &COMPONENT, "it doesn't export `describe`"),
        ("sockets", &importing("wasi:sockets/network@0.2.0"), "filters get no network"),
        ("http", &importing("wasi:http/types@0.2.0"), "filters get no network"),
        (
            "another world",
            &importing("acme:brain/thoughts@1.0.0"),
            "acme:brain/thoughts@1.0.0, which filters are not offered",
        ),
    ] {
        let refusal = refusal(bytes, &limits()).to_string();
        assert!(refusal.contains(expected), "{name}: {refusal:?} should say {expected:?}");
    }
}

#[test]
fn a_large_component_is_refused_before_it_is_compiled() {
    let limits = Filters { max_component_mib: 0, ..limits() };
    let bytes = component("fixtures/misbehaving.wasm");
    assert_eq!(refusal(&bytes, &limits), Refusal::TooLarge { bytes: bytes.len(), limit: 0 });
}

/// A filter whose `describe` has this body.
fn describing(body: &str) -> Vec<u8> {
    let text = include_str!("describe.wat").replace("BODY)", &format!("{body})"));
    wat::parse_str(text).expect("good component text")
}

/// A whole filter of a few hundred bytes: it finds `tiny.one` in the first byte of every message.
pub fn tiny() -> Vec<u8> {
    const DATA: &str = r#"
        (data (i32.const 0) "\64\00\00\00\04\00\00\00\6e\00\00\00\05\00\00\00\78\00\00\00\02\00\00\00\c8\00\00\00\01\00\00\00")
        (data (i32.const 100) "tiny")
        (data (i32.const 110) "1.0.0")
        (data (i32.const 120) "{}")
        (data (i32.const 130) "tiny.one")
        (data (i32.const 140) "one")
        (data (i32.const 200) "\82\00\00\00\08\00\00\00\8c\00\00\00\03\00\00\00\00\00\80\3f")
        (data (i32.const 324) "\90\01\00\00\01\00\00\00")
        (data (i32.const 400) "\82\00\00\00\08\00\00\00\00\00\00\3f\b8\01\00\00\01\00\00\00")
        (data (i32.const 440) "\00\00\00\00\01\00\00\00")"#;
    let text =
        include_str!("describe.wat").replace("BODY)", "i32.const 0)").replace(";; DATA", DATA);
    wat::parse_str(text).expect("good component text")
}

#[test]
fn an_admitted_component_is_reported() {
    let report = admit(host(), &tiny(), &limits()).expect("nothing is wrong with it");
    assert_eq!(
        (report.name.as_str(), report.semver.as_str(), report.bytes),
        ("tiny", "1.0.0", tiny().len())
    );
    assert_eq!(report.digest.as_ref(), blake3::hash(&tiny()).to_hex().as_str());
    assert_eq!((report.signals[0].id.as_str(), report.config_schema.as_str()), ("tiny.one", "{}"));
    assert_eq!((report.wants, report.memory), (Grants::NONE, 64 * 1024));
    assert_eq!(
        (report.imports.as_slice(), report.warnings.as_slice()),
        (&["rialto:filter/types@1.0.0".to_owned()][..], &[][..])
    );
    let filter =
        load(&tiny(), &limits(), Grants::NONE, " {\"b\": 1, \"a\": 2.0}", &Clock::from_fn(start))
            .expect("it takes anything");
    assert_eq!(filter.config(), r#"{"a":2.0,"b":1}"#, "in one way of writing");
    assert_eq!(
        filter.config_hash().as_ref(),
        blake3::hash(filter.config().as_bytes()).to_hex().as_str()
    );
    assert_eq!(
        filter.inspect(&subject("hello"), &[]).expect("judged")[0].spans[0],
        Span { start: 0, end: 1 }
    );

    let report =
        admit(host(), &component("fixtures/misbehaving.wasm"), &limits()).expect("admitted");
    assert_eq!(report.wants, Grants::ALL, "it calls everything: {:?}", report.imports);
}

#[test]
fn a_configuration_is_held_against_the_schema_before_the_filter_sees_it() {
    let bytes = component("fixtures/misbehaving.wasm");
    for (config, path, problem) in [
        (r#"{"reject": "yes"}"#, "/reject", "must be true or false, is \"yes\""),
        (
            r#"{"rejct": true}"#,
            "/rejct",
            "is not a known setting; there are: misdeed, reject, trap",
        ),
        ("[]", "", "must be an object, is []"),
        ("{", "", "is no JSON: EOF while parsing"),
        ("", "", "is no JSON"),
    ] {
        let refused = load(&bytes, &limits(), Grants::ALL, config, &Clock::from_fn(start));
        let Err(PluginError::Config(problems)) = refused.map(|_| ()) else {
            panic!("{config:?} is taken")
        };
        assert_eq!(problems[0].path, path, "{config}: {problems:?}");
        assert!(problems[0].problem.starts_with(problem), "{config}: {problems:?}");
    }
    let large = format!("{{\"misdeed\": \"{}\"}}", "x".repeat(256 * 1024));
    let refused = load(&bytes, &limits(), Grants::ALL, &large, &Clock::from_fn(start));
    assert!(
        refused
            .map(|_| ())
            .expect_err("too large")
            .to_string()
            .contains("at most 262144 are taken")
    );
}

#[test]
fn a_describe_that_misbehaves_is_refused() {
    for (body, kind, text) in [
        ("unreachable", FaultKind::Trap, "unreachable"),
        ("(loop $forever br $forever) unreachable", FaultKind::Timeout, "deadline"),
        ("i32.const -4", FaultKind::Trap, ""),
        ("(drop (memory.grow (i32.const 60000))) unreachable", FaultKind::Memory, "64 MiB"),
    ] {
        let started = Instant::now();
        let refusal = refusal(&describing(body), &limits());
        let Refusal::Describe(fault) = refusal else { panic!("{body}: {refusal}") };
        assert_eq!(fault.kind, kind, "{body}: {fault}");
        assert!(fault.text.contains(text), "{body}: {fault}");
        assert!(started.elapsed() < Duration::from_secs(20), "loading has a deadline too");
    }
    // Four empty texts and lists, at address 0.
    let refusal = refusal(&describing("i32.const 0"), &limits());
    assert!(matches!(refusal, Refusal::Description(_)), "an empty description: {refusal}");
}
