//! `rialto filter list`: every filter of an engine, which versions run, and how they do.

use comfy_table::Cell;
use serde::Deserialize;
use serde_json::Value;

use super::paint::{self, Paint, number};
use super::remote::Connection;
use crate::cli::{CliError, runtime};

const LIST: &str = "fragment Doing on FilterVersionHealth {
  version inspected flagged faults { count } p50Micros p99Micros
}
query {
  result: filters {
    name mode failMode
    live { number semver grants }
    candidate { version { number semver grants } mode canaryPercent }
    newest: versions(first: 1) { nodes { number semver grants } }
    quarantine { reason }
    health { live { ...Doing } candidate { ...Doing } problem }
  }
}";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    connection: Connection,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    name: String,
    mode: String,
    fail_mode: String,
    live: Option<Version>,
    candidate: Option<Candidate>,
    newest: Nodes,
    quarantine: Option<Quarantine>,
    health: Health,
}

#[derive(Deserialize)]
struct Nodes {
    nodes: Vec<Version>,
}

#[derive(Clone, Deserialize)]
struct Version {
    number: u32,
    semver: String,
    grants: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    version: Version,
    mode: String,
    canary_percent: Option<u8>,
}

#[derive(Deserialize)]
struct Quarantine {
    reason: String,
}

#[derive(Deserialize)]
struct Health {
    live: Option<Doing>,
    candidate: Option<Doing>,
    problem: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Doing {
    inspected: u64,
    flagged: u64,
    faults: Vec<Count>,
    p50_micros: f64,
    p99_micros: f64,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let engine = arguments.connection.open()?;
    let filters: Vec<Filter> = runtime()?.block_on(engine.query(LIST, Value::Null))?;
    if filters.is_empty() {
        println!("The engine has no filters.");
        return Ok(());
    }
    let mut table = paint::table([
        "filter",
        "mode",
        "version",
        "of",
        "may ask for",
        "on fault",
        "seen",
        "flagged",
        "faults",
        "p50",
        "p99",
    ]);
    for filter in &filters {
        for row in rows(filter) {
            table.add_row(row);
        }
    }
    println!("{table}");
    let paint = Paint::stdout();
    for filter in &filters {
        let quarantine = filter.quarantine.as_ref().map(|it| &it.reason);
        for why in quarantine.into_iter().chain(&filter.health.problem) {
            println!("{} {}: {why}", paint.red("!"), filter.name);
        }
    }
    Ok(())
}

/// A row for the live version, one for the candidate; one for the newest if none runs.
fn rows(filter: &Filter) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let newest = filter.newest.nodes.first();
    if let Some(live) = &filter.live {
        let mode = if filter.quarantine.is_some() { "quarantined" } else { "live" };
        rows.push(row(filter, mode, live, filter.health.live.as_ref()));
    }
    if let Some(candidate) = &filter.candidate {
        let mode = match candidate.canary_percent {
            Some(percent) => format!("canary {percent} %"),
            None => candidate.mode.to_lowercase(),
        };
        rows.push(row(filter, &mode, &candidate.version, filter.health.candidate.as_ref()));
    }
    if let (true, Some(newest)) = (rows.is_empty(), newest) {
        rows.push(row(filter, &filter.mode.to_lowercase(), newest, None));
    }
    rows
}

fn row(filter: &Filter, mode: &str, version: &Version, doing: Option<&Doing>) -> Vec<Cell> {
    let newest = filter.newest.nodes.first().map_or(version.number, |newest| newest.number);
    let grants: Vec<String> = version.grants.iter().map(|grant| grant.to_lowercase()).collect();
    let mut cells = vec![
        Cell::new(&filter.name),
        Cell::new(mode),
        Cell::new(format!("{} ({})", version.number, version.semver)),
        number(newest),
        Cell::new(if grants.is_empty() { "–".to_owned() } else { grants.join(", ") }),
        Cell::new(filter.fail_mode.to_lowercase()),
    ];
    cells.extend(match doing {
        Some(doing) => [
            number(doing.inspected),
            number(share(doing.flagged, doing.inspected)),
            number(doing.faults.iter().map(|fault| fault.count).sum::<u64>()),
            number(micros(doing.p50_micros)),
            number(micros(doing.p99_micros)),
        ],
        None => [(); 5].map(|()| number("–")),
    });
    cells
}

/// Such as `1.25 %`.
#[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
fn share(part: u64, of: u64) -> String {
    if of == 0 { "–".into() } else { format!("{:.2} %", part as f64 * 100.0 / of as f64) }
}

/// A time of an engine's answer.
pub(super) fn micros(micros: f64) -> String {
    let time = std::time::Duration::try_from_secs_f64(micros / 1e6).unwrap_or_default();
    if time.is_zero() { "–".into() } else { paint::time(time) }
}
