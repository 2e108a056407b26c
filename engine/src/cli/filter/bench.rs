//! `rialto filter bench`: what a filter costs, on this machine and in this build.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use comfy_table::Cell;
use serde::Deserialize;

use super::component::{Bench, Limits, Source, spinner};
use super::paint::{self, Paint, number};
use super::{FilterError, cases, read_text, samples};
use crate::filter::{Filter as _, Subject};
use crate::plugin::PluginFilter;

/// How long each of the two is measured.
const WARM: Duration = Duration::from_secs(2);
const FRESH: Duration = Duration::from_secs(1);
/// At least and at most so many inspections.
const FEWEST: usize = 200;
const MOST: usize = 100_000;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The component, or the name of a bundled filter such as `spam`
    #[arg(value_name = "FILE.wasm|NAME")]
    filter: String,
    /// Messages to measure with: a text a line, or JSON with a `text` a line (.jsonl) [default: twelve of a marketplace]
    #[arg(value_name = "MESSAGES")]
    messages: Option<PathBuf>,
    /// The configuration, a JSON file [default: {}]
    #[arg(long, value_name = "FILE.json")]
    config: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

/// Times of many inspections.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(super) fn mean(&self) -> Duration {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.iter().sum::<Duration>().checked_div(count).unwrap_or_default()
    }

    /// Half are at most the first, 99 of 100 the second, all the third.
    pub(super) fn quantiles(&self) -> [Duration; 3] {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100);
            sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        [at(50), at(99), at(100)]
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), FilterError> {
    let texts = texts(arguments.messages.as_deref())?;
    let source = Source::file_or_bundled(&arguments.filter)?;
    let config = arguments.config.as_deref();
    // Compiled anew, because how long that takes is asked.
    let empty = Scratch::new(&arguments.limits.cache())?;
    let bench = Bench::open(&arguments.limits, &empty.0)?;
    let started = Instant::now();
    let warm = bench.load(&source, config, None)?;
    let compiled = started.elapsed();
    // An instance has been used once when it was configured: each is dropped after its first message.
    let fresh = bench.load(&source, config, Some(1))?;

    let subjects = subjects(&texts, &bench);
    let bar = spinner("measuring");
    let warm_run = measure(&bench, &warm, &subjects, WARM)?;
    let fresh_run = measure(&bench, &fresh, &subjects, FRESH)?;
    bar.finish_and_clear();

    let paint = Paint::stdout();
    let mean = texts.iter().map(String::len).sum::<usize>() / texts.len();
    println!(
        "{} {} on {} messages of {mean} bytes on average, {} with a signal",
        paint.bold(warm.name()),
        warm.version(),
        texts.len(),
        warm_run.flagged
    );
    let mut table = paint::table(["time per message", "p50", "p99", "max", "measured"]);
    for (name, run) in [("warm instance", &warm_run), ("fresh instance", &fresh_run)] {
        let cells = run.times.quantiles().map(|time| number(paint::time(time)));
        let count = number(run.times.0.len());
        table.add_row([Cell::new(name)].into_iter().chain(cells).chain([count]));
    }
    println!("{table}");
    let mut table = paint::table(["once", ""]);
    let mut row = |name: &str, value: String| {
        table.add_row([Cell::new(name), number(value)]);
    };
    row("component", paint::size(source.bytes.len() as u64));
    row("compiled in", paint::time(compiled));
    row("memory of an instance", paint::size(warm.description().memory as u64));
    row("… at most, after a message", paint::size(warm_run.memory as u64));
    println!("{table}");
    if cfg!(debug_assertions) {
        println!("{}", paint.dim("The host is a development build; its release build is faster."));
    }
    Ok(())
}

/// What inspecting messages for a while gave.
#[derive(Default)]
struct Measured {
    times: Times,
    /// Messages with a signal.
    flagged: usize,
    /// The most linear memory that instances waiting for their next message had, bytes.
    memory: usize,
}

/// Inspects one message after another for so long, but each at least once.
fn measure(
    bench: &Bench,
    filter: &PluginFilter,
    subjects: &[Subject],
    time: Duration,
) -> Result<Measured, FilterError> {
    let mut measured = Measured::default();
    let started = Instant::now();
    for (number, subject) in subjects.iter().cycle().take(MOST.max(subjects.len())).enumerate() {
        if number >= FEWEST.max(subjects.len()) && started.elapsed() >= time {
            break;
        }
        let begun = Instant::now();
        let found = filter.inspect(subject, &[]);
        measured.times.add(begun.elapsed());
        let found = found.map_err(|fault| {
            FilterError::Usage(format!("{} failed on {:?}: {fault}", filter.name(), &*subject.text))
        })?;
        if number < subjects.len() && !found.is_empty() {
            measured.flagged += 1;
        }
        measured.memory = measured.memory.max(bench.host.usage().idle_bytes);
    }
    Ok(measured)
}

fn subjects(texts: &[String], bench: &Bench) -> Vec<Subject> {
    let now = bench.clock.now();
    let subject = |(number, text): (usize, &String)| {
        let subject = cases::stranger(text, number, now);
        let _ = (subject.normalized(), subject.links());
        subject
    };
    texts.iter().enumerate().map(subject).collect()
}

fn texts(file: Option<&Path>) -> Result<Vec<String>, FilterError> {
    #[derive(Deserialize)]
    struct Row {
        text: String,
    }
    let Some(path) = file else {
        return Ok(samples::MESSAGES.map(str::to_owned).to_vec());
    };
    let file = read_text(path)?;
    let json = path.extension().is_some_and(|kind| kind == "jsonl");
    let lines = file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let text = |(at, line): (usize, &str)| match json {
        true => serde_json::from_str::<Row>(line)
            .map(|row| row.text)
            .map_err(|error| FilterError::content(path, format!("line {}: {error}", at + 1))),
        false => Ok(line.to_owned()),
    };
    let texts: Vec<String> = lines.map(text).collect::<Result<_, _>>()?;
    if texts.is_empty() {
        return Err(FilterError::content(path, "it has no messages"));
    }
    Ok(texts)
}

/// An empty directory that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(beside: &Path) -> Result<Self, FilterError> {
        let path = beside.join(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| FilterError::file(&path, error))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is a cache that nobody uses.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_measured_times() {
        let times = Times((1..=200).rev().map(Duration::from_micros).collect());
        assert_eq!(times.quantiles(), [100, 198, 200].map(Duration::from_micros));
        assert_eq!(Times(vec![Duration::from_micros(7)]).quantiles()[1], Duration::from_micros(7));
        assert_eq!(Times::default().mean(), Duration::ZERO);
    }
}
