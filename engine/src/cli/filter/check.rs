//! `rialto filter check`: whether an engine would take a component, and as what.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use comfy_table::{Cell, Table};
use serde_json::Value;

use super::FilterError;
use super::component::{Bench, Limits, Source};
use super::paint::{self, Paint};
use crate::filter::Filter as _;
use crate::plugin::{AdmissionReport, Grants, PluginError, PluginFilter, Refusal};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    component: PathBuf,
    /// The configuration, a JSON file [default: {}]
    #[arg(long, value_name = "FILE.json")]
    config: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, FilterError> {
    let source = Source::file(&arguments.component)?;
    let bench = Bench::open(&arguments.limits, &arguments.limits.cache())?;
    match bench.load(&source, arguments.config.as_deref(), None) {
        Ok(filter) => {
            let (found_compiled, _) = bench.host.cache_use();
            tell(&source, &filter, found_compiled > 0);
            Ok(ExitCode::SUCCESS)
        }
        Err(FilterError::Plugin { error, .. }) => {
            refuse(&source, &error);
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error),
    }
}

fn tell(source: &Source, filter: &PluginFilter, found_compiled: bool) {
    let (paint, report) = (Paint::stdout(), filter.description());
    println!(
        "{} {} {} can be pushed",
        paint.green("✓"),
        paint.bold(&report.name),
        filter.version()
    );
    println!("{}", table(source, report, found_compiled));
    for warning in &report.warnings {
        println!("{} {warning}", paint.yellow("!"));
    }
}

fn table(source: &Source, report: &AdmissionReport, found_compiled: bool) -> Table {
    let mut table = paint::table([]);
    let mut row = |name: &str, value: String| {
        table.add_row([Cell::new(name), Cell::new(value)]);
    };
    row("component", format!("{}, {}", source.name, paint::size(report.bytes as u64)));
    row("digest", report.digest.to_string());
    let took = paint::time(Duration::from_millis(report.compile_ms));
    row("compiled", if found_compiled { "before".into() } else { format!("in {took}") });
    row("memory", format!("{} a new instance", paint::size(report.memory as u64)));
    row(
        "may ask for",
        match report.wants {
            Grants::NONE => "nothing".to_owned(),
            wants => format!("{} (each needs a grant)", wants.to_string().replace(',', ", ")),
        },
    );
    row("settings", settings(&report.config_schema));
    let signals = report.signals.iter().map(|signal| {
        format!("{} · weight {} · {}", signal.id, signal.default_weight, signal.description)
    });
    row("signals", signals.collect::<Vec<_>>().join("\n"));
    table
}

/// What can be set, with the defaults the schema states, a line each.
fn settings(schema: &str) -> String {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    let lines = properties.into_iter().flatten().map(|(name, of)| match of.get("default") {
        Some(default) => format!("{name} = {default}"),
        None => name.clone(),
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { "none".into() } else { lines.join("\n") }
}

fn refuse(source: &Source, error: &PluginError) {
    let paint = Paint::stdout();
    let mark = paint.red("✗");
    match error {
        PluginError::Refused(refusal) => {
            println!("{mark} {} is refused: {refusal}", source.name);
            if let Some(remedy) = remedy(refusal) {
                println!("  {remedy}");
            }
        }
        PluginError::Config(problems) => {
            println!("{mark} {}: the configuration is refused", source.name);
            for problem in problems {
                println!("  {problem}");
            }
        }
        PluginError::Configure(fault) => {
            println!("{mark} {}: its `configure` failed: {fault}", source.name);
        }
    }
}

/// What to do about it, where the reason doesn't say that itself.
fn remedy(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::Import { import, .. } if import.starts_with("wasi:") => Some(
            "Build without it: `--disable … http fetch-event` of componentize-js, `--stub-wasi` of componentize-py.",
        ),
        Refusal::Import { .. } | Refusal::World(_) => Some(
            "Build it against this engine's contract; `rialto filter new` writes a copy to wit/filter.wit.",
        ),
        Refusal::Describe(_) => Some(
            "`describe` runs before anything else: it must not need a configuration, a grant or much time.",
        ),
        Refusal::Description(_) => Some("Correct what `describe` returns."),
        Refusal::TooLarge { .. } | Refusal::NotAComponent(_) | Refusal::Busy => None,
    }
}
