//! `rialto filter logs`: what a filter wrote to its log, and what it writes next.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::FilterError;
use super::paint::Paint;
use super::remote::{Connection, Engine};
use crate::cli::{CliError, runtime};

const LOGS: &str = "query ($name: String!, $last: Int!) {
  result: filter(name: $name) { logs(last: $last) { at level text } }
}";
/// Lines asked for when following: what a filter writes between two questions should be fewer.
const FOLLOWED: u32 = 500;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The filter
    name: String,
    /// How many of the last lines
    #[arg(long, value_name = "LINES", default_value_t = 100)]
    last: u32,
    /// Go on with new lines, asking every so many seconds
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "2",
        value_parser = clap::value_parser!(u64).range(1..=3_600)
    )]
    follow: Option<u64>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Line {
    at: DateTime<Utc>,
    level: String,
    text: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let engine = arguments.connection.open()?;
    runtime()?.block_on(async {
        let mut known = ask(&engine, &arguments.name, arguments.last).await?;
        known.iter().for_each(tell);
        let Some(seconds) = arguments.follow else {
            if known.is_empty() {
                eprintln!("{} has written nothing", arguments.name);
            }
            return Ok(());
        };
        loop {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            let lines = ask(&engine, &arguments.name, FOLLOWED).await?;
            lines[fresh(&known, &lines)..].iter().for_each(tell);
            known = lines;
        }
    })
}

async fn ask(engine: &Engine, name: &str, last: u32) -> Result<Vec<Line>, FilterError> {
    #[derive(Deserialize)]
    struct Filter {
        logs: Vec<Line>,
    }
    let filter: Option<Filter> = engine.query(LOGS, json!({"name": name, "last": last})).await?;
    filter
        .map(|filter| filter.logs)
        .ok_or_else(|| FilterError::Usage(format!("the engine has no filter called {name}")))
}

/// Where the lines begin that were not known: after the longest run of known ones.
fn fresh(known: &[Line], lines: &[Line]) -> usize {
    let Some(last) = known.last() else { return 0 };
    let ends = lines.iter().enumerate().rev().filter(|(_, line)| *line == last);
    let known_up_to = |end: usize| {
        lines[..=end].iter().rev().zip(known.iter().rev()).all(|(line, known)| line == known)
    };
    ends.map(|(end, _)| end).find(|end| known_up_to(*end)).map_or(0, |end| end + 1)
}

fn tell(line: &Line) {
    let paint = Paint::stdout();
    let at = paint.dim(line.at.format("%Y-%m-%d %H:%M:%S%.3f"));
    let level = format!("{:<5}", line.level.to_lowercase());
    let level = match line.level.to_ascii_lowercase().as_str() {
        "error" => paint.red(level),
        "warn" => paint.yellow(level),
        _ => paint.dim(level),
    };
    println!("{at} {level} {}", line.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn following_shows_each_line_once() {
        let line = |n: u32| Line {
            at: DateTime::default(),
            level: "INFO".into(),
            text: (n / 2).to_string(),
        };
        let lines = |range: std::ops::Range<u32>| range.map(line).collect::<Vec<_>>();
        assert_eq!(fresh(&[], &lines(0..3)), 0);
        assert_eq!(fresh(&lines(0..4), &lines(0..4)), 4);
        assert_eq!(fresh(&lines(0..4), &lines(0..7)), 4);
        assert_eq!(fresh(&lines(2..4), &lines(0..7)), 4, "more is asked for than at first");
        assert_eq!(fresh(&lines(0..4), &lines(2..9)), 2, "the oldest fell out");
        assert_eq!(fresh(&lines(0..4), &lines(8..10)), 0, "all of them did");
    }
}
