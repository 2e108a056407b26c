//! `rialto filter` as a person uses it: the real binary, real components, exit codes a build can rely on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::Engine;

/// Cases that a bundled filter meets.
const CASES: &str = r#"{"text": "Call me on 07911 123456 after six", "expect": [["contact.phone", "07911 123456"]]}
{"text": "🙂 Größe? Mail me at jo@example.com 🚚", "expect": [["contact.email", "jo@example.com"]]}

{"text": "Is it still available?", "expect": []}
"#;
/// The same, two of them wrong.
const WRONG_CASES: &str = r#"{"text": "Call me on 07911 123456 after six", "expect": []}
{"text": "🙂 Größe? Mail me at jo@example.com 🚚", "expect": [["contact.email", "jo@example.com"]]}

{"text": "Is it still available?", "expect": [["contact.phone", "still"]]}
"#;

fn component(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/dist").join(name);
    path.canonicalize().expect("`make filters` was run")
}

/// Runs `rialto filter …` in a directory of its own, with compiled filters kept for the other tests.
fn filter(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rialto"));
    command.current_dir(dir).env_clear().arg("filter").args(arguments);
    command.env("RIALTO_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
    command.output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

#[test]
fn a_new_filter_is_a_whole_project_and_nothing_is_overwritten() {
    let dir = temporary();
    for (lang, source, next) in [
        ("rust", "src/lib.rs", "cargo build --target wasm32-wasip2"),
        ("js", "src/filter.js", "npm run build"),
        ("python", "filter.py", "make"),
    ] {
        let name = format!("my-{lang}");
        let output = filter(dir.path(), &["new", "--lang", lang, &name]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(
            text(&output.stdout).contains(next),
            "it says what is next: {}",
            text(&output.stdout)
        );
        let project = dir.path().join(&name);
        let code = std::fs::read_to_string(project.join(source)).expect("the filter's source");
        assert!(code.contains(&name), "{source} bears the filter's name");
        let cases = std::fs::read_to_string(project.join("cases.jsonl")).expect("its cases");
        assert!(rialto_filter_cases::parse(&cases).expect("cases").len() >= 5);
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/filter.wit");
        assert_eq!(
            std::fs::read(project.join("wit/filter.wit")).expect("its contract"),
            std::fs::read(ours).expect("the contract"),
        );
        let again = filter(dir.path(), &["new", "--lang", lang, &name]);
        assert_eq!(again.status.code(), Some(2), "it must not write over somebody's work");
        assert!(text(&again.stderr).contains("is not empty"), "{}", text(&again.stderr));
    }
}

#[test]
fn a_check_says_what_a_component_is_or_why_it_is_refused() {
    let dir = temporary();
    let good = component("contact_guard.wasm");
    let output = filter(dir.path(), &["check", good.to_str().expect("UTF-8")]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", text(&output.stderr));
    for part in ["contact-guard", "contact.phone", "contact.email"] {
        assert!(told.contains(part), "{part} in\n{told}");
    }

    std::fs::write(dir.path().join("core.wasm"), b"\0asm\x01\0\0\0").expect("written");
    let output = filter(dir.path(), &["check", "core.wasm"]);
    assert_eq!(output.status.code(), Some(1), "no is an answer, not a failure");
    let told = text(&output.stdout);
    assert!(told.contains("core module") && told.contains("wasm32-wasip2"), "{told}");

    std::fs::write(dir.path().join("config.json"), r#"{"minDigit": 8}"#).expect("written");
    let good = good.to_str().expect("UTF-8");
    let output = filter(dir.path(), &["check", good, "--config", "config.json"]);
    assert_eq!(output.status.code(), Some(1), "a wrong configuration is refused");
    assert!(text(&output.stdout).contains("minDigit"), "{}", text(&output.stdout));

    let output = filter(dir.path(), &["check", "missing.wasm"]);
    assert_eq!(output.status.code(), Some(2), "nothing could be checked");
}

#[test]
fn a_test_shows_what_differs_and_its_exit_code_tells_a_build() {
    let dir = temporary();
    let component = component("contact_guard.wasm");
    let component = component.to_str().expect("UTF-8");
    std::fs::write(dir.path().join("cases.jsonl"), CASES).expect("written");
    let output = filter(dir.path(), &["test", component]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", text(&output.stderr));
    assert!(told.contains("3 cases pass"), "{told}");

    std::fs::write(dir.path().join("cases.jsonl"), WRONG_CASES).expect("written");
    let output = filter(dir.path(), &["test", component]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("2 of 3 cases differ"), "{told}");
    let lines: Vec<&str> = told.lines().map(str::trim_end).collect();
    let shown = lines.iter().position(|line| line.contains("cases.jsonl:1"));
    let shown = shown.unwrap_or_else(|| panic!("no line 1 in\n{told}"));
    assert_eq!(lines[shown + 1], "    Call me on 07911 123456 after six");
    let mark = lines[shown + 2];
    assert!(mark.starts_with("               ^^^^^^^^^^^^ + contact.phone found"), "{told}");
    assert!(told.contains("^^^^^ - contact.phone expected, not found"), "{told}");

    let output = filter(dir.path(), &["test", component, "--update"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let updated = std::fs::read_to_string(dir.path().join("cases.jsonl")).expect("the cases");
    assert_eq!(updated, CASES, "what is found became what is expected, and nothing else changed");

    std::fs::write(dir.path().join("broken.jsonl"), "{\"text\": 1}").expect("written");
    let output = filter(dir.path(), &["test", component, "broken.jsonl"]);
    assert_eq!(output.status.code(), Some(2), "no case could be run");
    assert!(text(&output.stderr).contains("broken.jsonl: line 1"), "{}", text(&output.stderr));
}

#[test]
fn an_evaluation_counts_exactly_and_refuses_labels_it_does_not_know() {
    let dir = temporary();
    let messages = "spam\tcall 07911 123456\nham\tstill available?\nspam\tsend it to me\n\
                    ham\twrite to jo@example.com\nham\tok\n";
    std::fs::write(dir.path().join("m.tsv"), messages).expect("written");
    let measures = |arguments: &[&str]| -> Value {
        let output = filter(
            dir.path(),
            &[&["eval", "contact-guard", "m.tsv", "--json"], arguments].concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON and nothing else")
    };
    let counts = |measures: &Value| {
        ["truePositive", "falsePositive", "trueNegative", "falseNegative"]
            .map(|name| measures[name].as_u64().expect("a count"))
    };
    let all = measures(&[]);
    assert_eq!(counts(&all), [1, 1, 2, 1]);
    assert_eq!((&all["accuracy"], &all["spamCaught"]), (&0.6.into(), &0.5.into()));
    assert!(all["microsPerMessage"]["p50"].as_f64().is_some_and(|micros| micros > 0.0));
    assert_eq!(counts(&measures(&["--signal", "contact.phone"])), [1, 0, 3, 1]);
    assert_eq!(counts(&measures(&["--threshold", "1"])), [0, 0, 3, 2]);
    assert_eq!(counts(&measures(&["--positive", "ham"])), [1, 1, 1, 2]);

    let table = filter(dir.path(), &["eval", "contact-guard", "m.tsv"]);
    for part in ["60.00 %", "MCC", "ham blocked", "33.33 %", "time per message"] {
        assert!(text(&table.stdout).contains(part), "{part} in\n{}", text(&table.stdout));
    }
    std::fs::write(dir.path().join("m.tsv"), format!("{messages}maybe\tx\n")).expect("written");
    for arguments in [&["eval", "contact-guard", "m.tsv"][..], &["eval", "no-such", "m.tsv"]] {
        let output = filter(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let output = filter(dir.path(), &["eval", "contact-guard", "m.tsv"]);
    assert!(text(&output.stderr).contains("m.tsv: line 6: the label \"maybe\""));
}

#[test]
fn a_bench_measures_and_leaves_nothing_behind() {
    let dir = temporary();
    let cache = dir.path().join("cache");
    let cache = cache.to_str().expect("UTF-8");
    let output = filter(
        dir.path(),
        &["bench", "contact-guard", "--cache-dir", cache, "--deadline-ms", "2000"],
    );
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for part in ["warm instance", "fresh instance", "p99", "component", "compiled in", "memory"] {
        assert!(told.contains(part), "{part} in\n{told}");
    }
    let left = std::fs::read_dir(cache).expect("the cache directory").count();
    assert_eq!(left, 0, "what was compiled to be measured is gone");
}

/// `rialto filter …` to a running engine.
fn remote(engine: &Engine, role: &str, arguments: &[&str]) -> Output {
    let token = engine.token("tester", role);
    let connection = ["--url", engine.url.as_str(), "--token", token.as_str()];
    filter(&engine.dir, &[arguments, &connection[..]].concat())
}

/// What a command to a running engine printed; it must succeed.
fn done(engine: &Engine, arguments: &[&str]) -> String {
    let output = remote(engine, "admin", arguments);
    let (told, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}{errors}");
    told
}

#[test]
fn a_filter_lives_its_life_from_the_command_line() {
    let engine = Engine::start();
    let fixture = component("fixtures/misbehaving.wasm");
    let fixture = fixture.to_str().expect("UTF-8");
    let pushed = done(&engine, &["push", fixture, "--grant", "log", "--note", "a first try"]);
    assert!(pushed.contains("misbehaving version 1") && pushed.contains("draft"), "{pushed}");
    let config = engine.dir.join("config.json");
    std::fs::write(&config, r#"{"reject": false}"#).expect("written");
    let config = config.to_str().expect("UTF-8");
    let pushed = done(&engine, &["push", fixture, "--config", config, "--mode", "shadow"]);
    assert!(pushed.contains("misbehaving version 2") && pushed.contains("shadow"), "{pushed}");

    let row = |mode: &str| {
        let list = done(&engine, &["list"]);
        let found = list.lines().find(|line| line.contains("misbehaving") && line.contains(mode));
        found.unwrap_or_else(|| panic!("no {mode} misbehaving in\n{list}")).to_owned()
    };
    assert!(row("shadow").contains("2 (0.1.0)") && row("shadow").contains("log"));
    assert!(done(&engine, &["list"]).contains("contact-guard"), "bundled filters are listed too");
    done(&engine, &["mode", "misbehaving", "1", "live"]);
    done(&engine, &["mode", "misbehaving", "2", "canary=10", "--reason", "it looks good"]);
    assert!(row("live").contains("1 (0.1.0)") && row("canary 10 %").contains("2 (0.1.0)"));
    done(&engine, &["mode", "misbehaving", "2", "live"]);
    assert!(row("live").contains("2 (0.1.0)"));
    let told = done(&engine, &["rollback", "misbehaving", "1"]);
    assert!(told.contains("misbehaving version 1 is live"), "{told}");
    assert!(row("live").contains("1 (0.1.0)"));
    done(&engine, &["logs", "misbehaving"]);

    for (arguments, part) in [
        (&["mode", "misbehaving", "9", "live"][..], "9"),
        (&["logs", "no-such-filter"], "no-such-filter"),
        (&["push", fixture, "--grant", "network"], "network"),
    ] {
        let output = remote(&engine, "admin", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(part), "{arguments:?}: {}", text(&output.stderr));
    }
    std::fs::write(config, r#"{"misdeeds": 1}"#).expect("written");
    let output = remote(&engine, "admin", &["push", fixture, "--config", config]);
    assert!(text(&output.stderr).contains("misdeeds"), "the problem is named");
    let output = remote(&engine, "user", &["list"]);
    assert_eq!(output.status.code(), Some(2), "users don't see filters: {}", text(&output.stdout));
}

#[test]
fn a_backtest_reports_what_would_change() {
    let engine = Engine::start();
    let file = engine.dir.join("messages.tsv");
    let messages = "spam\tcall 07911 123456\nham\tstill available?\nspam\tmisbehave\n";
    std::fs::write(&file, messages.repeat(20)).expect("written");
    let file = file.to_str().expect("UTF-8");
    let policy = engine.dir.join("policy.toml");
    std::fs::write(&policy, "failure_notice = \"We are checking this.\"").expect("written");
    let policy = policy.to_str().expect("UTF-8");
    let told = done(&engine, &["backtest", "--policy", policy, "--file", file, "--share", "1"]);
    assert!(told.contains("60 messages judged again"), "{told}");
    for part in ["20 newly released", "newly released", "07911 123456", "recall", "contact.phone"] {
        assert!(told.contains(part), "an empty policy lets everything through: {part} in\n{told}");
    }
    let told = done(&engine, &["backtest", "contact-guard", "--file", file, "--share", "1"]);
    assert!(told.contains("60 messages judged again: 0 would change"), "{told}");
    let output = remote(&engine, "admin", &["backtest", "contact-guard@77", "--file", file]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
}
