//! `rialto filter push`: a component into a running engine, as a new version.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::component::{Source, spinner};
use super::mode::{self, Mode};
use super::paint::{self, Paint};
use super::remote::{Connection, Engine};
use super::{FilterError, read_text};
use crate::cli::{CliError, runtime};

const UPLOAD: &str = "mutation ($input: UploadFilterInput!) {
  result: uploadFilter(input: $input) {
    filter { name }
    version { number semver digest }
    userErrors { message field }
  }
}";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    component: PathBuf,
    /// Its configuration, a JSON file [default: as in the live version, else {}]
    #[arg(long, value_name = "FILE.json")]
    config: Option<PathBuf>,
    /// What it may call; may be given again [default: as in the live version, else nothing]
    #[arg(long, value_name = "GRANT", value_parser = ["log", "counters", "lists", "history"])]
    grant: Vec<String>,
    /// How it runs: draft, shadow, canary=PERCENT or live
    #[arg(long, default_value = "draft")]
    mode: Mode,
    /// What is new, for the people who look at its versions
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Deserialize)]
struct Uploaded {
    filter: Named,
    version: Version,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Version {
    number: u32,
    semver: String,
    digest: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    let source = Source::file(&arguments.component)?;
    let config = arguments.config.as_deref().map(read_json).transpose()?;
    let engine = arguments.connection.open()?;
    runtime()?.block_on(async {
        let bar = spinner(&format!(
            "uploading {} ({}); the engine compiles it",
            source.name,
            paint::size(source.bytes.len() as u64)
        ));
        let uploaded = upload(&engine, &source, config, arguments).await;
        bar.finish_and_clear();
        let Uploaded { filter, version } = uploaded?;
        if arguments.mode != Mode::Draft {
            mode::set(
                &engine,
                &filter.name,
                version.number,
                arguments.mode,
                arguments.note.as_deref(),
            )
            .await?;
        }
        let paint = Paint::stdout();
        let digest = version.digest.get(..8).unwrap_or_default();
        println!(
            "{} {} version {} ({}+{digest}), {}",
            paint.green("✓"),
            paint.bold(&filter.name),
            version.number,
            version.semver,
            arguments.mode
        );
        Ok(())
    })
}

async fn upload(
    engine: &Engine,
    source: &Source,
    config: Option<Value>,
    arguments: &Arguments,
) -> Result<Uploaded, FilterError> {
    let mut input = json!({"component": null, "note": arguments.note});
    if !arguments.grant.is_empty() {
        input["grants"] = arguments.grant.iter().map(|grant| grant.to_uppercase()).collect();
    }
    if let Some(config) = config {
        input["config"] = config;
    }
    let name = arguments.component.file_name().unwrap_or_default().to_string_lossy();
    engine.upload(UPLOAD, input, ("component", &name, &source.bytes)).await
}

fn read_json(path: &Path) -> Result<Value, FilterError> {
    serde_json::from_str(&read_text(path)?)
        .map_err(|error| FilterError::content(path, format!("it is no JSON: {error}")))
}
