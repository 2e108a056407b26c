//! Replays a labelled file of messages against a running engine: buyers write, sellers receive, both over WebSockets.

mod figures;
mod marketplace;
mod talk;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use figures::Figures;
use marketplace::Marketplace;

/// Sends the messages of a `label TAB text` file as buyers to sellers, and measures.
#[derive(Debug, Parser)]
#[command(name = "rialto-replay", version)]
struct Arguments {
    /// The file: one message a line, `label TAB text`.
    file: PathBuf,
    /// The engine.
    #[arg(long, default_value = "http://localhost:4000")]
    url: String,
    /// The engine's data directory, whose secret signs the tokens.
    #[arg(long, default_value = "data")]
    data_dir: PathBuf,
    /// Conversations that run side by side, a buyer and a seller each.
    #[arg(long, default_value_t = 50)]
    conversations: usize,
    /// Go through the file this many times.
    #[arg(long, default_value_t = 1)]
    rounds: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rialto-replay: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let text = std::fs::read_to_string(&arguments.file)
        .map_err(|error| format!("{}: {error}", arguments.file.display()))?;
    let once: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('\t')?.1)).collect();
    if once.is_empty() {
        return Err(format!("{}: no `label TAB text` lines", arguments.file.display()).into());
    }
    let messages: Arc<Vec<String>> = Arc::new(
        once.iter()
            .cycle()
            .take(once.len() * arguments.rounds)
            .map(|it| (*it).to_owned())
            .collect(),
    );
    let marketplace = Marketplace::open(&arguments.url, &arguments.data_dir)?;
    let talks = marketplace.talks(arguments.conversations).await?;

    let bar = ProgressBar::new(messages.len() as u64).with_style(ProgressStyle::with_template(
        "{bar:40.cyan/blue} {pos}/{len} messages  {per_sec}  {elapsed}",
    )?);
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = talks
        .into_iter()
        .map(|talk| {
            let (messages, next, bar) = (Arc::clone(&messages), Arc::clone(&next), bar.clone());
            tokio::spawn(talk.run(move || {
                let n = next.fetch_add(1, Ordering::Relaxed);
                bar.inc(u64::from(n < messages.len()));
                messages.get(n).map(|text| (n, text.clone()))
            }))
        })
        .collect();
    let mut figures = Figures::default();
    for task in tasks {
        figures.add(task.await??);
    }
    let elapsed = started.elapsed();
    bar.finish_and_clear();
    println!("{}", figures.table(elapsed));
    Ok(())
}
