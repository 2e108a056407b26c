//! How fast an index is written and searched: `MESSAGES` (100,000 unless set) made-up messages, in the embedded index or, if
//! `MEILI_URL` is set (and `MEILI_KEY`), in Meilisearch. `BATCH` documents at once (1,000 unless set), then `SMALL` batches of 64
//! (200 unless set).

#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod corpus;
mod queries;

use std::sync::Arc;
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table};
use criterion::{BatchSize, Criterion, Throughput};
use rialto_search::embedded::{EmbeddedShelf, Options};
use rialto_search::meilisearch::{self, MeilisearchShelf};
use rialto_search::{Changes, Index, Shelf};
use tokio::runtime::Runtime;

use corpus::{Corpus, Dice};

/// Queries of each kind.
const QUERIES: usize = 200;
const BATCH: usize = 1_000;
const SMALL_BATCH: usize = 64;

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    let shelf = shelf(dir.path());
    let index = runtime.block_on(shelf.begin()).expect("a new index");
    let messages = number("MESSAGES", 100_000);
    let mut corpus = Corpus::new();
    runtime.block_on(fill(&*index, &mut corpus, messages));
    runtime.block_on(shelf.adopt()).expect("adopted");
    let table = runtime.block_on(latencies(&index, &corpus));
    println!("{} · {messages} messages\n{table}", shelf.kind());
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(3))
        .sample_size(10)
        .configure_from_args();
    writes(&mut criterion, &runtime, &index, &mut corpus);
    criterion.final_summary();
}

#[expect(clippy::disallowed_methods, reason = "a benchmark has no configuration")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number(name: &str, default: usize) -> usize {
    setting(name).map_or(default, |text| text.parse().expect("a number"))
}

fn shelf(dir: &std::path::Path) -> Box<dyn Shelf> {
    if let Some(url) = setting("MEILI_URL") {
        let options = meilisearch::Options::new(url, setting("MEILI_KEY"), "benchmark");
        return Box::new(MeilisearchShelf::connect(&options).expect("an address"));
    }
    Box::new(EmbeddedShelf::open(dir, Options::default()).expect("a directory for the index"))
}

async fn fill(index: &dyn Index, corpus: &mut Corpus, messages: usize) {
    for conversations in corpus.conversations().chunks(BATCH) {
        let changes = Changes { conversations: conversations.to_vec(), ..Changes::default() };
        index.write(changes, "conversations").await.expect("conversations are written");
    }
    let small = (messages / 10).min(SMALL_BATCH * number("SMALL", 200));
    for (count, batch) in [(messages - small, number("BATCH", BATCH)), (small, SMALL_BATCH)] {
        let mut times = Vec::new();
        let mut written = 0;
        while written < count {
            let changes = corpus.messages(batch.min(count - written));
            written += changes.messages.len();
            let start = Instant::now();
            index.write(changes, "messages").await.expect("messages are written");
            times.push(start.elapsed());
        }
        let total: Duration = times.iter().sum();
        times.sort_unstable();
        println!(
            "written in batches of {batch}: {:.0} messages/s, a batch p50 {:.1} ms, p99 {:.1} ms",
            count as f64 / total.as_secs_f64(),
            millis(percentile(&times, 50)),
            millis(percentile(&times, 99)),
        );
    }
    let stats = index.stats().await.expect("it is there");
    println!("{stats:?}");
}

async fn latencies(index: &Arc<dyn Index>, corpus: &Corpus) -> Table {
    let mut table = Table::new();
    table.set_header(["query", "scope", "p50 ms", "p99 ms", "hits on the page"]);
    for kind in &queries::KINDS {
        for staff in [false, true] {
            let mut dice = Dice::new(3);
            let (mut times, mut hits) = (Vec::new(), 0);
            for _ in 0..QUERIES {
                let query = (kind.make)(corpus, &mut dice);
                let query = queries::for_scope(query, staff, corpus, &mut dice);
                let start = Instant::now();
                let found = index.messages(&query).await.expect("an answer");
                times.push(start.elapsed());
                hits += found.hits.len();
            }
            row(&mut table, kind.name, if staff { "staff" } else { "user" }, times, hits);
        }
    }
    let mut dice = Dice::new(3);
    let (mut times, mut hits) = (Vec::new(), 0);
    for _ in 0..QUERIES {
        let query = queries::conversations(corpus, &mut dice);
        let start = Instant::now();
        hits += index.conversations(&query).await.expect("an answer").hits.len();
        times.push(start.elapsed());
    }
    row(&mut table, "conversations", "staff", times, hits);
    for column in 2..5 {
        table
            .column_mut(column)
            .into_iter()
            .for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    }
    table
}

fn row(table: &mut Table, kind: &str, scope: &str, mut times: Vec<Duration>, hits: usize) {
    times.sort_unstable();
    let time = |percent| format!("{:.2}", millis(percentile(&times, percent)));
    let hits = format!("{:.1}", hits as f64 / times.len() as f64);
    table.add_row([kind.to_owned(), scope.to_owned(), time(50), time(99), hits]);
}

fn writes(
    criterion: &mut Criterion,
    runtime: &Runtime,
    index: &Arc<dyn Index>,
    corpus: &mut Corpus,
) {
    let mut group = criterion.benchmark_group("write");
    for batch in [SMALL_BATCH, BATCH] {
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(batch.to_string(), |bencher| {
            bencher.to_async(runtime).iter_batched(
                || corpus.messages(batch),
                |changes| async {
                    index.write(changes, "more").await.expect("messages are written");
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get((sorted.len() * percent / 100).min(sorted.len() - 1)).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
