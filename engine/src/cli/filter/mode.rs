//! `rialto filter mode` and `rialto filter rollback`: which version judges, and which is tried.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::FilterError;
use super::paint::Paint;
use super::remote::{Connection, Engine};
use crate::cli::{CliError, runtime};

const SET: &str = "mutation ($input: SetFilterModeInput!) {
  result: setFilterMode(input: $input) { userErrors { message field } }
}";
const ROLL_BACK: &str = "mutation ($input: RollBackFilterInput!) {
  result: rollBackFilter(input: $input) { filter { live { number } } userErrors { message field } }
}";

#[derive(Deserialize)]
struct RolledBack {
    filter: Option<Standing>,
}

#[derive(Deserialize)]
struct Standing {
    live: Option<Version>,
}

#[derive(Deserialize)]
struct Version {
    number: u32,
}

/// What a version does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Draft,
    Shadow,
    Canary(u8),
    Live,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draft => f.write_str("draft"),
            Self::Shadow => f.write_str("shadow"),
            Self::Canary(percent) => write!(f, "canary {percent} %"),
            Self::Live => f.write_str("live"),
        }
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "draft" => Ok(Self::Draft),
            "shadow" => Ok(Self::Shadow),
            "live" => Ok(Self::Live),
            _ => text
                .strip_prefix("canary=")
                .and_then(|percent| percent.trim_end_matches('%').parse().ok())
                .filter(|percent| (1..=99).contains(percent))
                .map(Self::Canary)
                .ok_or_else(|| "use draft, shadow, canary=PERCENT (1 to 99) or live".to_owned()),
        }
    }
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The filter
    name: String,
    /// The version's number
    version: u32,
    /// draft, shadow, canary=PERCENT or live
    mode: Mode,
    /// Why, for the audit log
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RollbackArguments {
    /// The filter
    name: String,
    /// The version that shall judge again; the one that was live before, if not given
    version: Option<u32>,
    /// Why, for the audit log
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let Arguments { name, version, mode, reason, connection } = arguments;
    let engine = connection.open()?;
    runtime()?.block_on(set(&engine, name, *version, *mode, reason.as_deref()))?;
    tell(name, *version, *mode);
    Ok(())
}

pub(super) fn roll_back(arguments: &RollbackArguments) -> Result<(), CliError> {
    let RollbackArguments { name, version, reason, connection } = arguments;
    let engine = connection.open()?;
    let input = json!({"name": name, "version": version, "reason": reason});
    let done: RolledBack = runtime()?.block_on(engine.mutate(ROLL_BACK, input))?;
    if let Some(version) = done.filter.and_then(|filter| filter.live) {
        tell(name, version.number, Mode::Live);
    }
    Ok(())
}

fn tell(name: &str, version: u32, mode: Mode) {
    let paint = Paint::stdout();
    println!("{} {} version {version} is {mode}", paint.green("✓"), paint.bold(name));
}

/// Gives a version its mode.
pub(super) async fn set(
    engine: &Engine,
    name: &str,
    version: u32,
    mode: Mode,
    reason: Option<&str>,
) -> Result<(), FilterError> {
    let (word, percent) = match mode {
        Mode::Draft => ("DRAFT", None),
        Mode::Shadow => ("SHADOW", None),
        Mode::Canary(percent) => ("CANARY", Some(percent)),
        Mode::Live => ("LIVE", None),
    };
    let input = json!({
        "name": name, "version": version, "mode": word, "canaryPercent": percent, "reason": reason,
    });
    engine.mutate::<IgnoredAny>(SET, input).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_words_and_a_share() {
        for (text, mode) in [
            ("draft", Mode::Draft),
            ("shadow", Mode::Shadow),
            ("canary=10", Mode::Canary(10)),
            ("canary=1%", Mode::Canary(1)),
            ("live", Mode::Live),
        ] {
            assert_eq!(text.parse(), Ok(mode), "{text}");
        }
        for text in ["", "Live", "canary", "canary=0", "canary=100", "canary=-1", "canary=x"] {
            assert!(text.parse::<Mode>().is_err(), "{text:?} is no mode");
        }
    }
}
