//! Health tells the truth: not ready while starting, what failed by name, ready again when it is over.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Engine, PATIENCE, send, start};

/// Status and body; `None` if nobody answers.
pub async fn ask(url: &str, path: &str) -> Option<(u16, Value)> {
    let answer = reqwest::get(format!("{url}{path}")).await.ok()?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// Asks until the answer is good.
pub async fn until(url: &str, path: &str, good: impl Fn(u16, &Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = ask(url, path).await;
        match answer {
            Some((status, body)) if good(status, &body) => return body,
            other => assert!(Instant::now() < deadline, "{path} says {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An engine on a port that was free, not waited for; and its address.
fn started(dir: &TempDir, log: Stdio) -> (Killed, String) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let child = Command::new(env!("CARGO_BIN_EXE_rialto"))
        .args(["serve", "--listen", &address.to_string(), "--data-dir"])
        .arg(dir.path())
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn();
    (Killed(child.expect("the engine starts")), format!("http://{address}"))
}

#[tokio::test]
async fn an_engine_that_starts_lives_but_is_not_ready_and_says_why() {
    let dir = TempDir::new().expect("a directory");
    let (_child, url) = started(&dir, Stdio::null());
    let (mut waited_for, mut lived, mut turned_away) = (Vec::new(), false, false);
    let deadline = Instant::now() + 2 * PATIENCE;
    let ready = loop {
        assert!(Instant::now() < deadline, "it is not ready; seen so far: {waited_for:?}");
        let Some((status, body)) = ask(&url, "/health/ready").await else { continue };
        if status == 200 {
            break body;
        }
        // The one moment between the two that answer here may end a connection.
        assert_eq!((status, &body["status"]), (503, &json!("starting")), "{body}");
        let reason = body["reason"].as_str().unwrap_or_default().to_owned();
        if waited_for.last() != Some(&reason) {
            waited_for.push(reason);
        }
        lived |= ask(&url, "/health/live").await.is_some_and(|(status, _)| status == 200);
        turned_away |= ask(&url, "/graphql").await.is_some_and(|(status, _)| status == 503);
    };
    let loading = "filters and policy are being loaded".to_owned();
    assert!(waited_for.contains(&loading), "a first start compiles filters: {waited_for:?}");
    assert!(lived && turned_away, "lived: {lived}, turned away: {turned_away}");
    for check in ["running", "store", "filters", "commits", "disk"] {
        assert_eq!(ready["checks"][check]["ok"], true, "{ready}");
    }
    assert!(ready["checks"]["filters"]["live"].as_u64() >= Some(7), "{ready}");
    assert_eq!((&ready["status"], &ready["reason"]), (&json!("ready"), &Value::Null));
}

/// A small file system of its own, gone when dropped.
pub struct SmallDisk(pub PathBuf, #[expect(dead_code, reason = "removed when dropped")] TempDir);

impl SmallDisk {
    /// `None` where that is not allowed.
    pub fn mount(mebibytes: u32) -> Option<Self> {
        let dir = TempDir::new().expect("a directory");
        let path = dir.path().to_owned();
        let size = format!("size={mebibytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "none"]).arg(&path).stderr(Stdio::null());
        let mounted = mount.status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(path, dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Writes until nothing more fits.
pub fn fill(path: &Path) {
    let mut file = File::create(path).expect("a file");
    for size in [1 << 20, 1 << 12, 1] {
        let block = vec![0_u8; size];
        while file.write_all(&block).is_ok() {}
    }
}

#[tokio::test]
async fn a_full_disk_is_told_until_there_is_room_again() {
    let Some(disk) = SmallDisk::mount(256) else {
        eprintln!("skipped: mounting a file system is not allowed here");
        return;
    };
    let engine = Engine::at(&disk.0.join("data"), &[("RIALTO_STORE__MEMTABLE_MIB", "1")]);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "first", "Is it still there?").await;
    until(&engine.url, "/health/ready", |status, _| status == 200).await;
    let filler = disk.0.join("filler");
    fill(&filler);
    let mut failed = 0;
    for n in 0..200 {
        failed +=
            usize::from(send(&ann, &id, &format!("full{n}"), &"a".repeat(8_000)).await.is_err());
    }
    assert!(failed > 0, "nothing failed on a full disk");
    let told = until(&engine.url, "/health/ready", |status, _| status == 503).await;
    assert_eq!(told["checks"]["disk"]["ok"], false, "{told}");
    let live = ask(&engine.url, "/health/live").await.expect("an answer");
    assert_eq!(live.0, 200, "a full disk is nothing a restart would mend: {}", live.1);
    std::fs::remove_file(&filler).expect("removed");
    until(&engine.url, "/health/ready", |status, _| status == 200).await;
    let sent = send(&ann, &id, "room again", "There is room again").await.expect("sent");
    assert_eq!(sent["userErrors"], json!([]));
}

#[tokio::test]
async fn an_engine_whose_log_nobody_reads_goes_on_and_stops_when_it_is_told() {
    let dir = TempDir::new().expect("a directory");
    let (mut child, url) = started(&dir, Stdio::piped());
    drop(child.0.stderr.take());
    until(&url, "/health/ready", |status, _| status == 200).await;
    let pid = child.0.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
    let deadline = Instant::now() + PATIENCE;
    let ended = loop {
        if let Some(status) = child.0.try_wait().expect("a child") {
            break status;
        }
        assert!(Instant::now() < deadline, "it does not stop");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(ended.code(), Some(0), "softly");
}
