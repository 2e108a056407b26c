//! `rialto filter backtest`: what another version of a filter, or another policy, would have changed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::json;

use super::component::progress;
use super::remote::{Connection, Engine};
use super::{FilterError, read_text};
use crate::cli::{CliError, runtime};

mod report;

use report::Report;

const START: &str = "mutation ($input: StartBacktestInput!) {
  result: startBacktest(input: $input) { backtest { id } userErrors { message field } }
}";
const PROGRESS: &str = "query ($id: ID!) {
  result: backtest(id: $id) { progress { state done total problem } }
}";
const NEWEST: &str = "query ($name: String!) {
  result: filter(name: $name) {
    candidate { version { number } }
    versions(first: 1) { nodes { number } }
  }
}";
const POLL: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("candidate").required(true).args(["filter", "policy", "policy_version"]))]
pub(in crate::cli) struct Arguments {
    /// The version to try; without a number the one on trial, else the newest
    #[arg(value_name = "NAME[@VERSION]")]
    filter: Option<String>,
    /// Try this policy instead, a TOML file; it need not be saved
    #[arg(long, value_name = "FILE.toml")]
    policy: Option<PathBuf>,
    /// Try this saved policy instead
    #[arg(long, value_name = "VERSION")]
    policy_version: Option<u32>,
    /// On messages that were sent here (this is the default)
    #[arg(long, conflicts_with = "file")]
    history: bool,
    /// Not before this day or RFC 3339 time, UTC
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "file")]
    from: Option<DateTime<Utc>>,
    /// Not after this day or RFC 3339 time, UTC
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "file")]
    to: Option<DateTime<Utc>>,
    /// The latest so many messages
    #[arg(long, value_name = "MESSAGES", conflicts_with = "file")]
    limit: Option<u32>,
    /// On the messages of a file: label TAB text (.tsv), or JSON with a `text` and perhaps a `label` a line
    #[arg(long, value_name = "FILE.tsv|FILE.jsonl")]
    file: Option<PathBuf>,
    /// Share of one core the engine may take for it, 0.01 to 1 [default: 0.25]
    #[arg(long)]
    share: Option<f64>,
    /// Samples shown of what would be newly caught and newly released, at most 50 each
    #[arg(long, value_name = "N", default_value_t = 5)]
    samples: usize,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Deserialize)]
struct Started {
    backtest: Id,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct Progress {
    state: String,
    done: u64,
    total: Option<u64>,
    problem: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, CliError> {
    let engine = arguments.connection.open()?;
    runtime()?.block_on(async {
        let id = start(&engine, arguments).await?;
        let end = follow(&engine, &id).await?;
        if let Some(report) = Report::of(&engine, &id).await? {
            report.tell(arguments.samples);
        }
        match end.state.as_str() {
            "DONE" => Ok(ExitCode::SUCCESS),
            state => {
                let why = end.problem.map(|why| format!(": {why}")).unwrap_or_default();
                let text = format!("the backtest {id} was {}{why}", state.to_lowercase());
                Err(FilterError::Usage(text).into())
            }
        }
    })
}

async fn start(engine: &Engine, arguments: &Arguments) -> Result<String, FilterError> {
    let candidate = match (&arguments.filter, &arguments.policy, arguments.policy_version) {
        (Some(filter), ..) => {
            let (name, version) = named(engine, filter).await?;
            json!({"filter": {"name": name, "version": version}})
        }
        (_, Some(file), _) => json!({"policyText": read_text(file)?}),
        (_, _, version) => json!({"policyVersion": version}),
    };
    let mut input = json!({"candidate": candidate});
    if let Some(share) = arguments.share {
        input["share"] = json!(share);
    }
    let started: Started = match &arguments.file {
        Some(file) => {
            input["source"] = json!({"file": {"upload": null, "format": format(file)}});
            let bytes = std::fs::read(file).map_err(|error| FilterError::file(file, error))?;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            engine.upload(START, input, ("source.file.upload", &name, &bytes)).await?
        }
        None => {
            let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
            input["source"] = json!({"history": {
                "from": arguments.from.map(text),
                "to": arguments.to.map(text),
                "limit": arguments.limit,
            }});
            engine.mutate(START, input).await?
        }
    };
    Ok(started.backtest.id)
}

/// `name@3`, or a name whose version the engine knows.
async fn named(engine: &Engine, text: &str) -> Result<(String, u32), FilterError> {
    #[derive(Deserialize)]
    struct Number {
        number: u32,
    }
    #[derive(Deserialize)]
    struct Candidate {
        version: Number,
    }
    #[derive(Deserialize)]
    struct Nodes {
        nodes: Vec<Number>,
    }
    #[derive(Deserialize)]
    struct Filter {
        candidate: Option<Candidate>,
        versions: Nodes,
    }
    if let Some((name, version)) = text.split_once('@') {
        let number = version.parse().map_err(|_| {
            FilterError::Usage(format!("{text}: after @ stands a version's number, such as @3"))
        })?;
        return Ok((name.to_owned(), number));
    }
    let filter: Option<Filter> = engine.query(NEWEST, json!({"name": text})).await?;
    let number = filter.and_then(|filter| {
        let on_trial = filter.candidate.map(|candidate| candidate.version.number);
        on_trial.or_else(|| filter.versions.nodes.first().map(|version| version.number))
    });
    let number = number
        .ok_or_else(|| FilterError::Usage(format!("the engine has no filter called {text}")))?;
    Ok((text.to_owned(), number))
}

fn format(file: &Path) -> &'static str {
    let tabs = file.extension().is_some_and(|kind| kind == "tsv" || kind == "txt");
    if tabs { "TSV" } else { "JSON_LINES" }
}

/// Shows how far it is until it ended.
async fn follow(engine: &Engine, id: &str) -> Result<Progress, FilterError> {
    #[derive(Deserialize)]
    struct Backtest {
        progress: Progress,
    }
    let bar = progress(0);
    loop {
        let asked: Option<Backtest> = engine.query(PROGRESS, json!({"id": id})).await?;
        let Some(Backtest { progress }) = asked else {
            return Err(FilterError::Usage(format!("the engine has no backtest {id} any more")));
        };
        bar.set_length(progress.total.unwrap_or(0));
        bar.set_position(progress.done);
        if !matches!(progress.state.as_str(), "QUEUED" | "RUNNING") {
            bar.finish_and_clear();
            return Ok(progress);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc()).ok();
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .ok()
        .or_else(day)
        .ok_or_else(|| {
            "write a day such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z".into()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_or_exact() {
        let millis = |text: &str| time(text).map(|time| time.timestamp()).ok();
        assert_eq!(millis("2026-01-31"), Some(1_769_817_600));
        assert_eq!(millis("2026-01-31T01:00:00+01:00"), Some(1_769_817_600));
        assert_eq!(millis("yesterday"), None);
    }

    #[test]
    fn files_are_read_by_their_names() {
        assert_eq!(format(Path::new("sms.tsv")), "TSV");
        assert_eq!(format(Path::new("a/messages.jsonl")), "JSON_LINES");
    }
}
