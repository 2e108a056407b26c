//! Promise 1: whatever was acknowledged survives `kill -9`. A child process writes through the real store while its
//! memtable rotates; it is killed at a random moment; the store is reopened and every acknowledged write compared.
//!
//! `RIALTO_CRASH_ROUNDS` sets the number of kills per variant (default 4).

#![expect(
    clippy::disallowed_methods,
    reason = "parent and child processes talk through the environment and a pipe, on threads of their own"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rialto_engine::config;
use rialto_engine::domain::conversation::EVENTS_PER_CHUNK;
use rialto_engine::domain::{ConversationId, EventKind, Seq};
use rialto_engine::store::{OutboxCursor, OutboxEntry, Store, Write};

use crate::support::{
    TempDir, close, conversation, conversation_id, embedded, open, posted, user, write,
};

/// Set for the child: the data directory.
const CHILD: &str = "RIALTO_CRASH_CHILD";
/// Set for the child: names its conversations.
const ROUND: &str = "RIALTO_CRASH_ROUND";
const WRITERS: usize = 64;
const ROUNDS_PER_DIRECTORY: u64 = 6;

/// By conversation, the last acknowledged event.
type Acknowledged = BTreeMap<String, Seq>;

/// What a message says follows from where it is, so that a wrong one shows. Every 61st is so large
/// that the engine keeps it in its value log.
fn body(name: &str, seq: Seq) -> String {
    let hash = blake3::hash(format!("{name}/{seq}").as_bytes());
    let repeat =
        if seq.is_multiple_of(61) { 1_100 } else { 8 + usize::from(hash.as_bytes()[0] % 24) };
    hash.to_hex().repeat(repeat)
}

/// One client: commits of one to five messages, each acknowledged on standard output.
async fn client(store: Store, name: String) {
    let id = conversation_id(&name);
    let mut record = conversation(&id);
    let (mut seq, mut prints) = (0, Vec::new());
    let mut writes = vec![Write::Conversation(record.clone())];
    loop {
        for _ in 0..=seq % 5 {
            seq += 1;
            let event = posted(&id, seq, &body(&name, seq));
            prints.push(event.fingerprint().unwrap_or(0));
            writes.push(Write::Event(event));
            if seq % EVENTS_PER_CHUNK == 0 {
                let fingerprints = std::mem::take(&mut prints);
                writes.push(Write::Sealed { chunk: record.sealed_chunks, fingerprints });
                record.sealed_chunks += 1;
                writes.push(Write::Conversation(record.clone()));
            }
        }
        writes.push(Write::Read { user: user("bob"), seq });
        write(&store, &id, std::mem::take(&mut writes)).await.expect("the commit is made");
        let mut line = String::new();
        writeln!(line, "ack {name} {seq}").expect("written to memory");
        std::io::stdout().lock().write_all(line.as_bytes()).expect("the parent listens");
    }
}

async fn child(dir: &Path, round: &str) {
    // In turns with the journal and without, on one directory.
    let journal = round.parse::<u64>().is_ok_and(|round| round.is_multiple_of(2));
    let config = config::Store { journal, ..embedded() };
    let store = open(&config, dir).await.expect("the store opens in the child");
    println!("\nopen");
    let clients =
        (0..WRITERS).map(|n| tokio::spawn(client(store.clone(), format!("r{round}w{n}"))));
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("clients write until the process is killed");
    }
}

/// Collects acknowledgements until the pipe ends; a last line that was cut off doesn't count.
fn listen(output: ChildStdout) -> (mpsc::Receiver<()>, JoinHandle<Acknowledged>) {
    let (opened, when_opened) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut acknowledged = Acknowledged::new();
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8(line.expect("the pipe is readable")).expect("text");
            if line == "open" {
                opened.send(()).expect("the test waits");
            }
            let mut words = line.split(' ');
            if let (Some("ack"), Some(name), Some(seq)) = (words.next(), words.next(), words.next())
            {
                // Sequence numbers of a cut-off line are too small, which proves less but is not wrong.
                let seq = seq.parse().unwrap_or(0);
                let last = acknowledged.entry(name.to_owned()).or_default();
                *last = seq.max(*last);
            }
        }
        acknowledged
    });
    (when_opened, reader)
}

/// Tables and log segments: each new name is a memtable that was rotated.
fn engine_files(dir: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for part in ["sstables", "wal"] {
        for entry in std::fs::read_dir(dir.join("store").join(part)).into_iter().flatten().flatten()
        {
            names.insert(format!("{part}/{}", entry.file_name().to_string_lossy()));
        }
    }
    names
}

fn count(files: &BTreeSet<String>, part: &str) -> usize {
    files.iter().filter(|name| name.starts_with(part)).count()
}

/// A library that makes every sync slow, built for this test.
fn slow_sync(dir: &Path) -> PathBuf {
    let library = dir.join("slow_sync.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shims/slow_sync.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .args([source, "-ldl"])
        .status()
        .expect("a C compiler (`cc`) is there, as it is wherever Rust links");
    assert!(built.success(), "{source} must compile");
    library
}

/// Every acknowledged event is there, once, unchanged, in an unbroken sequence.
async fn verify(store: &Store, acknowledged: &Acknowledged) {
    for (name, last) in acknowledged {
        let id = conversation_id(name);
        let loaded = store.load(&id).await.expect("answers").expect("an acknowledged conversation");
        let end = loaded.last_seq();
        assert!(end >= *last, "LOST: {name} ends at {end}, acknowledged was {last}");
        let events = store.events(&id, 1..=end).await.expect("readable");
        assert_eq!(events.len() as u64, end, "{name} has gaps");
        let mut prints = Vec::new();
        for (seq, event) in (1..).zip(&events) {
            assert_eq!(event.seq, seq, "LOST or doubled: {name} has a gap");
            let EventKind::MessagePosted { body: text, .. } = &event.kind else {
                panic!("{name}/{seq} is something else: {event:?}")
            };
            assert_eq!(**text, body(name, seq), "WRONG: {name}/{seq}");
            prints.push(event.fingerprint().unwrap_or(0));
        }
        assert_eq!(prints.iter().collect::<HashSet<_>>().len() as u64, end, "{name} has doubles");
        let sealed = loaded.conversation.sealed_chunks;
        assert_eq!(sealed, end / EVENTS_PER_CHUNK, "{name}: its record is as old as its log");
        let kept = store.fingerprints(&id, sealed).await.expect("whole");
        assert_eq!(kept, prints[..kept.len()], "{name}: fingerprints of sealed chunks");
        assert_eq!(loaded.reads.get(&user("bob")), Some(&end), "{name}: read marker");
    }
    outbox_names_everything(store, acknowledged).await;
}

/// The outbox names every event once, in order.
async fn outbox_names_everything(store: &Store, acknowledged: &Acknowledged) {
    let mut cursor = OutboxCursor::default();
    let mut named: BTreeMap<ConversationId, Seq> = BTreeMap::new();
    loop {
        let rows = store.outbox_after(&cursor, 1_000).await.expect("answers");
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            cursor.pass(row);
            for entry in row.entries.iter().filter_map(OutboxEntry::conversation) {
                let Some((first, last)) = entry.events else { continue };
                let known = named.insert(entry.conversation.clone(), last).unwrap_or(0);
                assert_eq!(first, known + 1, "the outbox skips or repeats events");
            }
        }
    }
    for name in acknowledged.keys() {
        let id = conversation_id(name);
        let end = store.last_seq(&id).await.expect("answers");
        assert_eq!(named.get(&id), Some(&end), "{name}: the outbox knows every event");
    }
}

struct Tally {
    kills: u64,
    acknowledged: u64,
    log_segments: usize,
    tables: usize,
}

async fn kill_and_compare(rounds: u64, test: &str, delay: Option<Duration>) -> Tally {
    let mut tally = Tally { kills: 0, acknowledged: 0, log_segments: 0, tables: 0 };
    let mut dir = TempDir::new();
    let mut acknowledged = Acknowledged::new();
    for round in 0..rounds {
        if round % ROUNDS_PER_DIRECTORY == 0 {
            dir = TempDir::new();
            acknowledged.clear();
        }
        let mut command = Command::new(std::env::current_exe().expect("this test's binary"));
        command.args([&format!("crash::{test}"), "--exact", "--nocapture"]).stdout(Stdio::piped());
        command.env(CHILD, dir.path()).env(ROUND, round.to_string());
        if let Some(delay) = delay {
            command.env("LD_PRELOAD", slow_sync(dir.path()));
            command.env("RIALTO_SYNC_DELAY_US", delay.as_micros().to_string());
        }
        let before = engine_files(dir.path());
        let mut child = command.spawn().expect("the child starts");
        let (opened, reader) = listen(child.stdout.take().expect("piped"));
        opened.recv_timeout(Duration::from_secs(30)).expect("the child opens the store");
        let mut files = BTreeSet::new();
        let end = Instant::now() + Duration::from_millis(500 + rand::random_range(0..2_000));
        let patience = Instant::now() + Duration::from_secs(20);
        let rotated = |files: &BTreeSet<String>| {
            let new: BTreeSet<String> = files.difference(&before).cloned().collect();
            count(&new, "wal").min(count(&new, "sstables")) >= 2
        };
        while Instant::now() < end || !rotated(&files) && Instant::now() < patience {
            files.extend(engine_files(dir.path()));
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("SIGKILL");
        child.wait().expect("it is gone");
        let new = reader.join().expect("the reader ends with the pipe");
        assert!(new.values().sum::<Seq>() > 0, "nothing was acknowledged, so nothing is proved");
        let files: BTreeSet<String> = files.difference(&before).cloned().collect();
        tally.kills += 1;
        tally.acknowledged += new.values().sum::<Seq>();
        tally.log_segments += count(&files, "wal");
        tally.tables += count(&files, "sstables");
        acknowledged.extend(new);
        let store = open(&embedded(), dir.path()).await.expect("reopens after the kill");
        verify(&store, &acknowledged).await;
        close(store).await;
    }
    tally
}

async fn crash_test(test: &str, delay: Option<Duration>) {
    if let Ok(dir) = std::env::var(CHILD) {
        return child(Path::new(&dir), &std::env::var(ROUND).expect("set with it")).await;
    }
    let rounds =
        std::env::var("RIALTO_CRASH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let tally = kill_and_compare(rounds, test, delay).await;
    println!(
        "{test}: {} kills, {} acknowledged, 0 lost; {} new log segments, {} new tables",
        tally.kills, tally.acknowledged, tally.log_segments, tally.tables
    );
    let rotations = tally.log_segments.min(tally.tables) as u64;
    assert!(
        rotations >= 2 * tally.kills,
        "the memtable must rotate while the child writes, or this test proves nothing: {rotations} \
         rotations in {} kills",
        tally.kills
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost() {
    crash_test("nothing_acknowledged_is_lost", None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_a_slow_disk() {
    let delay = Duration::from_millis(2);
    crash_test("nothing_acknowledged_is_lost_on_a_slow_disk", Some(delay)).await;
}

/// Set for the child of the test below: the data directory.
const COMMITTER: &str = "RIALTO_CRASH_COMMITTER";

/// A kill leaves what the system has in memory; power loss doesn't. With syncs that take 20 ms, each
/// acknowledgement must take that long: it waited for the disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledgement_waits_for_the_disk() {
    const COMMITS: u32 = 20;
    const SYNC: Duration = Duration::from_millis(20);
    if let Ok(dir) = std::env::var(COMMITTER) {
        let store = open(&embedded(), Path::new(&dir)).await.expect("the store opens");
        let id = conversation_id("one");
        let started = Instant::now();
        for seq in 1..=u64::from(COMMITS) {
            write(&store, &id, vec![Write::Event(posted(&id, seq, "hi"))])
                .await
                .expect("committed");
        }
        println!("\ntook {}", started.elapsed().as_millis());
        return close(store).await;
    }
    let dir = TempDir::new();
    let output = Command::new(std::env::current_exe().expect("this test's binary"))
        .args(["crash::every_acknowledgement_waits_for_the_disk", "--exact", "--nocapture"])
        .env(COMMITTER, dir.path())
        .env("LD_PRELOAD", slow_sync(dir.path()))
        .env("RIALTO_SYNC_DELAY_US", SYNC.as_micros().to_string())
        .output()
        .expect("the child runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let took = said.lines().find_map(|line| line.strip_prefix("took ")?.parse::<u64>().ok());
    let took = Duration::from_millis(took.unwrap_or_else(|| panic!("the child says: {said}")));
    assert!(
        took >= SYNC * COMMITS,
        "{COMMITS} commits one after the other took {took:?}, which is less than a sync each"
    );
}
