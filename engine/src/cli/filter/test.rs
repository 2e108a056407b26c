//! `rialto filter test`: a filter's cases through the real host, and what differs.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rialto_filter_cases::{Case, Expected};

use super::cases::{self, Found};
use super::component::{Bench, Limits, Source, progress};
use super::excerpt::{self, Mark};
use super::paint::{self, Paint};
use super::{FilterError, read_text, update};
use crate::filter::{Filter as _, FilterFault, Signal};
use crate::plugin::PluginFilter;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    component: PathBuf,
    /// The cases: a message and what must be found in it a line
    #[arg(value_name = "CASES.jsonl", default_value = "cases.jsonl")]
    cases: PathBuf,
    /// The configuration, a JSON file [default: cases.config.json beside the cases if there is one, else {}]
    #[arg(long, value_name = "FILE.json")]
    config: Option<PathBuf>,
    /// Write what is found into the cases instead of comparing
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    limits: Limits,
}

/// What one case gave.
struct Outcome {
    line: usize,
    text: String,
    result: Result<Vec<Mark>, FilterFault>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, FilterError> {
    let text = read_text(&arguments.cases)?;
    let mut cases = rialto_filter_cases::parse(&text)
        .map_err(|problem| FilterError::content(&arguments.cases, problem))?;
    if cases.is_empty() {
        return Err(FilterError::content(&arguments.cases, "it has no cases"));
    }
    let source = Source::file(&arguments.component)?;
    let bench = Bench::open(&arguments.limits, &arguments.limits.cache())?;
    let beside = arguments.cases.with_file_name("cases.config.json");
    let beside = beside.exists().then_some(beside.as_path());
    let filter = bench.load(&source, arguments.config.as_deref().or(beside), None)?;
    let skipped = leave_out_untellable(&mut cases, &arguments.cases);
    if arguments.update {
        return rewrite(&arguments.cases, &text, &cases, &bench, &filter);
    }

    let started = Instant::now();
    let bar = progress(cases.len());
    let mut outcomes = Vec::new();
    for (line, case) in &cases {
        let found = inspect(&bench, &filter, case);
        let result = found.map(|signals| differences(case, &signals));
        outcomes.push(Outcome { line: *line, text: case.text.clone(), result });
        bar.inc(1);
    }
    bar.finish_and_clear();
    let wrong: Vec<&Outcome> = outcomes
        .iter()
        .filter(|one| one.result.as_ref().map_or(true, |it| !it.is_empty()))
        .collect();
    for outcome in &wrong {
        tell(outcome, &arguments.cases);
    }
    summary(&filter, (cases.len(), wrong.len(), skipped), started.elapsed());
    if !wrong.is_empty() {
        tell_log(&filter);
    }
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Removes cases that need what a component can't be told, and says which; how many there were.
fn leave_out_untellable(cases: &mut Vec<(usize, Case)>, file: &Path) -> usize {
    let before = cases.len();
    cases.retain(|(line, case)| {
        let what = cases::untellable(&case.context);
        if let Some(what) = what {
            let place = format!("{}:{line}", file.display());
            let skipped = Paint::stdout().yellow("skipped");
            println!("{skipped} {place}: an engine has no `{what}` to tell a component yet");
        }
        what.is_none()
    });
    before - cases.len()
}

fn inspect(bench: &Bench, filter: &PluginFilter, case: &Case) -> Result<Vec<Signal>, FilterFault> {
    // A list that is too long is the case's fault as much as the filter's.
    cases::arrange_lists(&bench.lists, case)
        .map_err(|error| FilterFault::new(crate::filter::FaultKind::Fault, error.to_string()))?;
    filter.inspect(&cases::subject(case), &[])
}

/// What is missing and what is too much, in the order of the text.
fn differences(case: &Case, signals: &[Signal]) -> Vec<Mark> {
    let mut extra: Vec<Option<Found<'_>>> = cases::places(signals).into_iter().map(Some).collect();
    let mut missing = Vec::new();
    for expected in &case.expect {
        let same = extra.iter_mut().find(|found| {
            found.as_ref().is_some_and(|found| {
                let text = found.range.clone().and_then(|range| case.text.get(range));
                found.id == expected.id() && text == expected.matched()
            })
        });
        match same {
            Some(found) => *found = None,
            None => missing.push(missing_mark(&case.text, expected)),
        }
    }
    let mut marks = missing;
    marks.extend(extra.into_iter().flatten().map(|found| extra_mark(&found)));
    marks.sort_by_key(|mark| mark.range.as_ref().map_or(usize::MAX, |range| range.start));
    marks
}

fn missing_mark(text: &str, expected: &Expected) -> Mark {
    let place = |matched: &str| -> Option<Range<usize>> {
        text.find(matched).map(|start| start..start + matched.len())
    };
    let range = expected.matched().and_then(place);
    let label = match expected.matched() {
        Some(matched) if range.is_none() => {
            format!("{} expected, but {matched:?} is not in the text", expected.id())
        }
        _ => format!("{} expected, not found", expected.id()),
    };
    Mark { range, sign: '-', label }
}

fn extra_mark(found: &Found<'_>) -> Mark {
    let evidence = found.signal.evidence.iter().map(|(name, value)| format!(" · {name}: {value}"));
    let label = format!(
        "{} found, not expected ({:.2}{})",
        found.id,
        found.signal.confidence,
        evidence.collect::<String>()
    );
    Mark { range: found.range.clone(), sign: '+', label }
}

fn tell(outcome: &Outcome, file: &Path) {
    let paint = Paint::stdout();
    let place = format!("{}:{}", file.display(), outcome.line);
    println!("{} {}", paint.red("✗"), paint.bold(place));
    match &outcome.result {
        Ok(marks) => print!("{}", excerpt::show(&outcome.text, marks, paint)),
        Err(fault) => {
            print!("{}", excerpt::show(&outcome.text, &[], paint));
            println!("    {}", paint.red(format!("could not be judged: {fault}")));
        }
    }
    println!();
}

fn summary(filter: &PluginFilter, (cases, wrong, skipped): (usize, usize, usize), took: Duration) {
    let paint = Paint::stdout();
    let (name, version) = (filter.name(), filter.version());
    let mut took = paint.dim(format!("in {}", paint::time(took)));
    if skipped > 0 {
        took = format!("{took}, {}", paint.yellow(format!("{skipped} skipped")));
    }
    if wrong == 0 {
        println!("{} {name} {version}: {cases} cases pass {took}", paint.green("✓"));
    } else {
        println!("{} {name} {version}: {wrong} of {cases} cases differ {took}", paint.red("✗"));
    }
}

/// What the filter said itself helps to find out why.
fn tell_log(filter: &PluginFilter) {
    let (lines, _) = filter.log();
    for line in lines.iter().rev().take(10).rev() {
        println!("  {}", Paint::stdout().dim(format!("log: {}", line.text)));
    }
}

fn rewrite(
    path: &Path,
    text: &str,
    cases: &[(usize, Case)],
    bench: &Bench,
    filter: &PluginFilter,
) -> Result<ExitCode, FilterError> {
    let mut found = Vec::new();
    for (line, case) in cases {
        let signals = inspect(bench, filter, case)
            .map_err(|fault| FilterError::content(path, format!("line {line}: {fault}")))?;
        let same = differences(case, &signals).is_empty();
        found.push((*line, (!same).then(|| update::expectation(&case.text, &signals))));
    }
    let (text, changed) =
        update::rewritten(text, &found).map_err(|problem| FilterError::content(path, problem))?;
    if changed > 0 {
        std::fs::write(path, text).map_err(|source| FilterError::file(path, source))?;
    }
    println!("{changed} of {} cases changed in {}", cases.len(), path.display());
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    fn signal(id: &str, spans: &[(u32, u32)]) -> Signal {
        Signal {
            id: id.into(),
            confidence: 0.9,
            spans: spans.iter().map(|&(start, end)| Span { start, end }).collect(),
            evidence: vec![("why".into(), "so".into())],
        }
    }

    fn case(text: &str, expect: &str) -> Case {
        let line = format!(r#"{{"text": {text:?}, "expect": {expect}}}"#);
        rialto_filter_cases::parse(&line).expect("a case").remove(0).1
    }

    #[test]
    fn a_case_is_met_only_by_the_same_signals_at_the_same_text() {
        let met = |expect: &str, signals: &[Signal]| {
            differences(&case("aä aä b", expect), signals).is_empty()
        };
        let twice = [signal("x.y", &[(0, 3), (4, 7)]), signal("x.z", &[])];
        assert!(met(r#"[["x.y", "aä"], ["x.y", "aä"], ["x.z"]]"#, &twice));
        assert!(!met(r#"[["x.y", "aä"], ["x.z"]]"#, &twice), "one place too many");
        assert!(!met(r#"[["x.y", "aä"], ["x.y", "aä"], ["x.y", "aä"], ["x.z"]]"#, &twice));
        assert!(!met(r#"[["x.y", "aä"], ["x.y", "b"], ["x.z"]]"#, &twice), "another text");
        assert!(!met(r#"[["x.y", "aä"], ["x.y", "aä"]]"#, &twice), "one without a place");
        assert!(!met(r#"[["x.z"]]"#, &[]));
    }

    #[test]
    fn a_difference_says_what_and_why() {
        let marks = differences(&case("ab", r#"[["x.z", "b"]]"#), &[signal("x.y", &[(0, 1)])]);
        let told: Vec<_> = marks.iter().map(|mark| (mark.sign, mark.label.as_str())).collect();
        let expected =
            [('+', "x.y found, not expected (0.90 · why: so)"), ('-', "x.z expected, not found")];
        assert_eq!(told, expected);
    }
}
