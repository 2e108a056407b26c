//! What is not a filter doesn't come in, and is told why.

use std::time::{Duration, Instant};

use rialto_engine::config::Filters;
use rialto_engine::domain::Clock;
use rialto_engine::filter::FaultKind;
use rialto_engine::plugin::{Grants, PluginError, Refusal};

use crate::support::{component, limits, load, start};

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
