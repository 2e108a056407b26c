//! The binary as a person uses it: real processes, a real store, real HTTP.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rialto_engine::config;
use rialto_engine::demo::FIRST_QUERY;
use rialto_engine::domain::{Clock, Role};
use rialto_engine::identity::Identity;
use serde_json::{Value, json};

const LISTINGS: &str = r#"{"externalId": "L1", "title": "A lamp", "category": "household", "price": 12.5, "currency": "EUR", "seller": "u1"}
{"externalId": "L2", "title": "A chair", "price": 30, "currency": "EUR"}
{"externalId": "L3", "title": "A book", "price": 3.999, "currency": "EUR"}

{"externalId": "L4", "title": "A bicycle"}
not JSON
"#;

/// Longer than anything here takes, so that a hang fails instead of waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

fn rialto(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rialto"));
    command.current_dir(dir).args(arguments);
    // What happens to be set around the test must not matter.
    command.env_clear();
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    rialto(dir, arguments).output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Rows of a printed table as name and value.
fn cell(table: &str, name: &str) -> String {
    let row = table.lines().find(|line| line.contains(name));
    let row = row.unwrap_or_else(|| panic!("no row {name:?} in\n{table}"));
    row.split(['│', '┆']).nth(2).unwrap_or_default().trim().to_owned()
}

#[test]
fn a_token_stands_alone_on_standard_output() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let arguments =
        ["token", "--data-dir", "d", "--sub", "u1", "--role", "moderator", "--expires-in", "30d"];
    let output = run(dir.path(), &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let token = text(&output.stdout);
    assert_eq!(token.lines().count(), 1, "only the token: {token:?}");
    let identity = Identity::open(&config::Identity::default(), &dir.path().join("d"))
        .expect("the secret was made");
    let now = Clock::system().now();
    let viewer = identity.verify(token.trim(), now).expect("it is believed");
    assert_eq!((viewer.id.as_str(), viewer.role), ("u1", Role::Moderator));
    let days = (viewer.expires_at - now).num_hours();
    assert!((719..=720).contains(&days), "30 days, not {days} hours");
}

#[test]
fn a_wrong_setting_is_refused_by_name() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("rialto.toml"), "[store]\nwriters = 0\n").expect("written");
    let output = run(dir.path(), &["serve"]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("`store.writers` in rialto.toml"), "{message}");
    assert!(message.contains("allowed: 1 to 64"), "{message}");

    let mut command = rialto(dir.path(), &["serve", "--config", "other.toml"]);
    std::fs::write(dir.path().join("other.toml"), "").expect("written");
    let output = command.env("RIALTO_SERVER__LISTN", "x").output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("RIALTO_SERVER__LISTN"), "{message}");
    assert!(message.contains("RIALTO_SERVER__LISTEN"), "it says what is allowed: {message}");
}

#[test]
fn the_schema_is_printed_and_written_alike() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let printed = run(dir.path(), &["export-schema"]);
    assert!(text(&printed.stdout).contains("type Mutation"), "{}", text(&printed.stderr));
    let written = run(dir.path(), &["export-schema", "--output", "schema.graphql"]);
    assert!(written.status.success() && written.stdout.is_empty());
    let file = std::fs::read(dir.path().join("schema.graphql")).expect("it was written");
    assert_eq!(text(&file), text(&printed.stdout));
}

#[test]
fn an_import_takes_what_is_right_and_lists_what_is_wrong() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("l.jsonl"), LISTINGS).expect("written");
    let import = ["import", "listings", "l.jsonl", "--data-dir", "d"];
    // Twice, because importing again must change nothing.
    for _ in 0..2 {
        let output = run(dir.path(), &import);
        let (table, errors) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "there are wrong lines: {errors}");
        let cells =
            ["lines", "imported", "wrong", "active listings", "… with messaging", "coverage"];
        assert_eq!(cells.map(|name| cell(&table, name)), ["5", "3", "2", "3", "1", "33.3 %"]);
        assert_eq!(cell(&table, "without: no seller"), "2", "coverage says why");
        assert!(errors.contains("line 3: `price` 3.999 has more than the 2 decimals"), "{errors}");
        assert!(errors.contains("line 6: "), "every wrong line is listed: {errors}");
    }
    let output = run(dir.path(), &[&import[..], &["--sellers", "2"]].concat());
    assert_eq!(cell(&text(&output.stdout), "coverage"), "100.0 %", "made-up sellers took the rest");
}

/// An engine as a child process; killed if a test fails.
struct Engine {
    child: Child,
    /// Lines of standard output; it ends with the process.
    lines: mpsc::Receiver<String>,
    url: String,
    banner: Vec<String>,
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Engine {
    /// Starts the demo and waits for the end of its banner.
    fn start(dir: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let listen = format!("127.0.0.1:{port}");
        let mut command =
            rialto(dir, &["serve", "--demo", "--data-dir", "d", "--listen", listen.as_str()]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary starts");
        let stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let (send, lines) = mpsc::sync_channel(1_024);
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line).map_err(drop))
        });
        let mut engine = Self { child, lines, url: format!("http://{listen}"), banner: Vec::new() };
        let until = Instant::now() + PATIENCE;
        while !engine.banner.iter().any(|line| line.contains("Control-C stops it")) {
            let wait = until.saturating_duration_since(Instant::now());
            engine
                .banner
                .push(engine.lines.recv_timeout(wait).expect("the banner is printed in time"));
        }
        engine
    }

    fn token_of(&self, part: &str) -> &str {
        let at = self.banner.iter().position(|line| line.starts_with(part));
        &self.banner[at.unwrap_or_else(|| panic!("no {part} in the banner")) + 1]
    }

    fn ask(&self, token: &str, query: &str) -> Value {
        let request = async {
            reqwest::Client::new()
                .post(format!("{}/graphql", self.url))
                .header("authorization", format!("Bearer {token}"))
                .header("content-type", "application/json")
                .body(json!({"query": query}).to_string())
                .send()
                .await?
                .bytes()
                .await
        };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let bytes = runtime.block_on(request).expect("the engine answers");
        serde_json::from_slice(&bytes).expect("the answer is JSON")
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(done.expect("kill starts").success(), "the engine is there");
    }
}

#[cfg(unix)]
#[test]
fn the_demo_can_be_used_as_its_banner_says() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut engine = Engine::start(dir.path());
    for part in ["buyer", "seller", "agent", "admin"] {
        let answer = engine.ask(engine.token_of(part), "{ viewer { role } }");
        assert!(answer["errors"].is_null(), "the {part}'s token works: {answer}");
    }
    let answer = engine.ask(engine.token_of("buyer"), FIRST_QUERY);
    assert_eq!(
        messages(&answer).len(),
        2,
        "the buyer talks about a bicycle and a camera: {answer}"
    );

    std::fs::write(dir.path().join("l.jsonl"), LISTINGS).expect("written");
    let import = ["import", "listings", "l.jsonl", "--data-dir", "d"];
    let output = run(dir.path(), &import);
    let message = text(&output.stderr);
    assert!(message.contains("--url"), "the store is in use, and there is a way: {message}");
    let output =
        run(dir.path(), &[&import[..], &["--url", &engine.url, "--sellers", "3"]].concat());
    let table = text(&output.stdout);
    assert_eq!(cell(&table, "imported"), "3", "{}", text(&output.stderr));
    assert_eq!(cell(&table, "active listings"), "15", "3 and the demo's 12");
    let wrong = ["--url", &engine.url, "--token", engine.token_of("buyer")];
    let output = run(dir.path(), &[&import[..], &wrong].concat());
    assert_eq!(output.status.code(), Some(1), "a buyer may not import");

    engine.signal("-TERM");
    let until = Instant::now() + PATIENCE;
    let ended = loop {
        match engine.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(_) => {}
            Err(ended) => break ended,
        }
    };
    assert_eq!(ended, mpsc::RecvTimeoutError::Disconnected, "it stops after SIGTERM");
    let status = engine.child.wait().expect("the child is ours");
    assert!(status.success(), "a soft stop is a success: {status}");
    drop(engine);

    let again = Engine::start(dir.path());
    let answer_again = again.ask(again.token_of("buyer"), FIRST_QUERY);
    assert_eq!(messages(&answer_again), messages(&answer), "the demo is filled once, and kept");
}

/// Every message in the answer to the first query, in no order between conversations.
fn messages(answer: &Value) -> Vec<String> {
    let nodes = answer.pointer("/data/viewer/conversations/nodes").and_then(Value::as_array);
    let conversations = nodes.unwrap_or_else(|| panic!("the first query works: {answer}"));
    let mut all: Vec<String> =
        conversations.iter().map(|one| one["messages"]["nodes"].to_string()).collect();
    all.sort();
    all
}
