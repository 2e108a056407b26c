//! Figures, not a test: `cargo test --release --test store speed -- --ignored --nocapture`.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rialto_engine::config;
use rialto_engine::domain::{Event, Seq};
use rialto_engine::store::{Page, Store, Write};

use crate::support::{TempDir, close, conversation, conversation_id, open, posted, write};

/// Seconds of processor time this process has used.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// A line of the plain log, and whom to tell that it is on disk.
type Line = (Vec<u8>, tokio::sync::oneshot::Sender<()>);

/// Where events are committed to.
#[derive(Clone)]
enum Log {
    Store(Store),
    /// A thread that appends lines to a file, as many as wait at once, and syncs it.
    Plain(std::sync::mpsc::SyncSender<Line>),
}

impl Log {
    async fn commit(&self, event: Event) {
        match self {
            Self::Store(store) => {
                let id = event.conversation.clone();
                write(store, &id, vec![Write::Event(event)]).await.expect("committed");
            }
            Self::Plain(lines) => {
                let mut line = serde_json::to_vec(&event).expect("JSON");
                line.push(b'\n');
                let (done, synced) = tokio::sync::oneshot::channel();
                lines.send((line, done)).expect("the thread lives");
                synced.await.expect("synced");
            }
        }
    }

    fn plain(path: &Path) -> Self {
        let mut file = std::fs::File::create(path).expect("a file");
        let (lines, waiting) = std::sync::mpsc::sync_channel::<Line>(4_096);
        std::thread::spawn(move || {
            while let Ok(first) = waiting.recv() {
                let group: Vec<_> =
                    std::iter::once(first).chain(waiting.try_iter().take(511)).collect();
                let bytes: Vec<u8> = group.iter().flat_map(|(line, _)| line).copied().collect();
                file.write_all(&bytes).expect("written");
                file.sync_data().expect("synced");
                group.into_iter().for_each(|(_, done)| done.send(()).expect("somebody waits"));
            }
        });
        Self::Plain(lines)
    }
}

async fn client(log: Log, name: String, until: Instant, done: Arc<AtomicU64>) -> Vec<u64> {
    let id = conversation_id(&name);
    let body = "x".repeat(60);
    let mut took = Vec::new();
    for seq in 1.. {
        let started = Instant::now();
        if started > until {
            break;
        }
        log.commit(posted(&id, seq, &body)).await;
        took.push(u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
        done.fetch_add(1, Ordering::Relaxed);
    }
    took
}

async fn commits(config: &config::Store, clients: usize) {
    let dir = TempDir::new();
    let store = open(config, dir.path()).await.expect("opens");
    let what = format!(
        "{:9} {} writers, {:8}",
        config.address,
        config.writers,
        if config.journal { "journal," } else { "at once," }
    );
    measure(&what, &Log::Store(store.clone()), clients).await;
    close(store).await;
}

async fn measure(what: &str, log: &Log, clients: usize) {
    let done = Arc::new(AtomicU64::new(0));
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let until = started + Duration::from_secs(4);
    let tasks: Vec<_> = (0..clients)
        .map(|n| tokio::spawn(client(log.clone(), n.to_string(), until, Arc::clone(&done))))
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.expect("runs"));
    }
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or(0);
    let count = done.load(Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let rate = count as f64 / started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let each = (cpu_seconds() - cpu) * 1e6 / count as f64;
    println!(
        "{what} {clients:4} clients: {rate:7.0} commits/s, {each:4.0} µs CPU each, p50 {} µs, p99 {} µs",
        at(50),
        at(99),
    );
}

async fn pages(length: Seq) {
    let dir = TempDir::new();
    let config = config::Store::default();
    let store = open(&config, dir.path()).await.expect("opens");
    let id = conversation_id("long");
    let mut record = conversation(&id);
    record.sealed_chunks = length / 256;
    write(&store, &id, vec![Write::Conversation(record)]).await.expect("committed");
    for first in (1..=length).step_by(1_000) {
        let events =
            (first..first + 1_000).map(|seq| Write::Event(posted(&id, seq, "hello there")));
        write(&store, &id, events.collect()).await.expect("committed");
    }
    let mut took = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        let page = Page { after: 0, before: Seq::MAX, limit: 50, newest: true };
        let found = store.messages(&id, page, |_| true).await.expect("answers");
        assert_eq!(found.messages.len(), 50);
        took.push(started.elapsed());
    }
    took.sort_unstable();
    println!("last 50 of {length}: p50 {:?}, p99 {:?}", took[100], took[198]);
    let started = Instant::now();
    store.load(&id).await.expect("answers").expect("is there");
    println!("load with a tail of {}: {:?}", length % 256, started.elapsed());
    close(store).await;
    let started = Instant::now();
    let store = open(&config, dir.path()).await.expect("opens");
    println!("opening {length} events: {:?}", started.elapsed());
    close(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints the figures of benches/README.md, which takes over a minute"]
async fn figures() {
    for address in ["memory", "embedded"] {
        for (clients, writers) in [(1, 2), (64, 1), (64, 2), (512, 1), (512, 2)] {
            let config =
                config::Store { address: address.into(), writers, ..config::Store::default() };
            commits(&config, clients).await;
            if address == "embedded" {
                commits(&config::Store { journal: false, ..config }, clients).await;
            }
        }
    }
    for clients in [1, 64, 512] {
        let dir = TempDir::new();
        let log = Log::plain(&dir.path().join("log"));
        measure("a plain file, synced in groups,", &log, clients).await;
    }
    pages(100_000).await;
}
