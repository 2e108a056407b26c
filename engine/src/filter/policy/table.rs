//! Reads the policy table: TOML in, a checked `Policy` or the list of everything that is wrong with it out.

mod check;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use toml::{Spanned, Table, Value};

use super::Policy;
use super::words::{self, Words};

/// Bytes of a whole table.
const MAX_BYTES: usize = 512 * 1024;
const MAX_ROWS: usize = 1_000;
const DEFAULT_LANGUAGE: &str = "en";

/// Why a policy table is refused: all that is wrong, in the table's order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", shown(.problems))]
pub struct PolicyError {
    /// At least one.
    pub problems: Vec<PolicyProblem>,
}

fn shown(problems: &[PolicyProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// One thing that is wrong with a policy table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// `row`, `sum`, `group`, `words`, `weights`, or a setting such as `failure_notice`; empty if it is the text as a whole.
    pub table: String,
    /// Which of its rows, counted from 1.
    pub number: Option<usize>,
    /// Line of the text, counted from 1, if known.
    pub line: Option<usize>,
    /// What is wrong and what to do; continues a sentence that begins with the place.
    pub text: String,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.table.as_str(), self.number) {
            ("", _) => f.write_str("policy table ")?,
            (table, Some(number)) => write!(f, "policy {table} {number} ")?,
            (table, None) => write!(f, "policy {table} ")?,
        }
        f.write_str(&self.text)?;
        self.line.map_or(Ok(()), |line| write!(f, " (line {line})"))
    }
}

/// Where the rows of each table begin, for messages.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Places {
    row: Vec<Spanned<IgnoredAny>>,
    sum: Vec<Spanned<IgnoredAny>>,
    group: Vec<Spanned<IgnoredAny>>,
}

/// Reads on after a problem, so that all of them are found.
struct Reader<'a> {
    text: &'a str,
    problems: Vec<PolicyProblem>,
    lines: HashMap<(&'static str, usize), usize>,
    default_language: String,
    words: BTreeMap<String, Words>,
}

/// Parses and checks.
pub(super) fn parse(text: &str, version: u32) -> Result<Policy, PolicyError> {
    let whole = |line, text: String| {
        let problem = PolicyProblem { table: String::new(), number: None, line, text };
        PolicyError { problems: vec![problem] }
    };
    if text.len() > MAX_BYTES {
        return Err(whole(None, format!("has {} bytes; at most {MAX_BYTES}", text.len())));
    }
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| line_at(text, &span));
        whole(line, format!("can't be read: {}", error.message()))
    })?;
    let mut reader = Reader::new(text);
    reader.settings(&mut table);
    let words = table.remove("words");
    reader.words(words);
    let failure_notice = reader.failure_notice(table.remove("failure_notice"));
    let weights = reader.weights(table.remove("weights"));
    let groups = reader.rows("group", table.remove("group"), Reader::group);
    let rows = reader.rows("row", table.remove("row"), Reader::row);
    let sums = reader.rows("sum", table.remove("sum"), Reader::sum);
    if rows.len() + sums.len() + groups.len() > MAX_ROWS {
        let advice = "are too many: at most 1,000; use prefixes such as `contact.*`";
        reader.problem("rows", None, advice);
    }
    reader.unknown(&table);
    reader.ambiguities(&rows, &groups);
    let Reader { mut problems, default_language, words, .. } = reader;
    match failure_notice {
        Some(failure_notice) if problems.is_empty() => Ok(Policy {
            version,
            text: text.into(),
            rows: rows.into_iter().map(|(_, row)| row).collect(),
            sums: sums.into_iter().map(|(_, sum)| sum).collect(),
            groups: groups.into_iter().map(|(_, group)| group).collect(),
            weights,
            words: words.into_iter().collect(),
            default_language,
            failure_notice,
        }),
        _ => {
            problems.sort_by_key(|problem| problem.line.unwrap_or(0));
            Err(PolicyError { problems })
        }
    }
}

fn line_at(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// The first line of what serde says; the rest draws the place, which we name ourselves.
fn message(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or("can't be read").to_owned()
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let places: Places = toml::from_str(text).unwrap_or_default();
        let tables = [("row", places.row), ("sum", places.sum), ("group", places.group)];
        let lines = tables.into_iter().flat_map(|(table, rows)| {
            rows.into_iter().enumerate().map(move |(at, row)| ((table, at + 1), row.span()))
        });
        let lines = lines.map(|(place, span)| (place, line_at(text, &span))).collect();
        Self {
            text,
            problems: Vec::new(),
            lines,
            default_language: DEFAULT_LANGUAGE.to_owned(),
            words: BTreeMap::new(),
        }
    }

    fn problem(&mut self, table: &'static str, number: Option<usize>, text: impl Into<String>) {
        let line = match number {
            Some(number) => self.lines.get(&(table, number)).copied(),
            None => self.line_of(table),
        };
        self.problems.push(PolicyProblem {
            table: table.to_owned(),
            number,
            line,
            text: text.into(),
        });
    }

    /// The line where a setting or table is written, if it begins a line.
    fn line_of(&self, key: &str) -> Option<usize> {
        let begins = |line: &str| {
            let line = line.trim_start().trim_start_matches('[');
            line.strip_prefix(key).is_some_and(|rest| {
                rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '=' | '.' | ']'))
            })
        };
        self.text.lines().position(begins).map(|place| place + 1)
    }

    fn settings(&mut self, table: &mut Table) {
        if table.remove("version").is_some() {
            self.problem(
                "version",
                None,
                "is not yours to give: the engine numbers policies; remove the line",
            );
        }
        match table.remove("default_language") {
            None => {}
            Some(Value::String(tag)) if words::language(&tag).is_some() => {
                self.default_language = tag.to_ascii_lowercase();
            }
            Some(_) => {
                self.problem("default_language", None, "must be a language tag such as \"en\"");
            }
        }
    }

    fn words(&mut self, table: Option<Value>) {
        let Some(table) = table else { return };
        let Value::Table(table) = table else {
            self.problem("words", None, "must be tables such as [words.contact-hidden]");
            return;
        };
        for (id, texts) in table {
            if !super::is_signal_id(&id) || id.contains('.') {
                let text =
                    format!("has the id {id:?}; write lower case letters, digits and hyphens");
                self.problem("words", None, text);
                continue;
            }
            match self.by_language(&texts) {
                Ok(words) => {
                    self.words.insert(id.clone(), words.named(id));
                }
                Err(text) => self.problem("words", None, format!("{id} has {text}")),
            }
        }
    }

    fn by_language(&self, texts: &Value) -> Result<Words, String> {
        let Value::Table(texts) = texts else {
            return Err("no table of texts by language, such as { en = \"…\", de = \"…\" }".into());
        };
        let mut pairs = Vec::with_capacity(texts.len());
        for (tag, text) in texts {
            let text = text.as_str().ok_or_else(|| format!("{tag}, which is no text"))?;
            pairs.push((tag.as_str(), text));
        }
        Words::table(&self.default_language, pairs)
    }

    /// Words as a row has them: a text, a table by language, or `@id`.
    fn words_of(&self, field: &str, value: Option<Value>) -> Result<Option<Words>, String> {
        let named = |why: String| format!("has a {field} with {why}");
        match value {
            None => Ok(None),
            Some(Value::String(text)) => match text.trim().strip_prefix('@') {
                Some(id) => self.words.get(id).cloned().map(Some).ok_or_else(|| {
                    format!("has the {field} \"@{id}\", but there is no [words.{id}]")
                }),
                None => Words::single(&self.default_language, &text)
                    .map(Some)
                    .map_err(|why| format!("has a {field} that, in {why}")),
            },
            Some(table @ Value::Table(_)) => self.by_language(&table).map(Some).map_err(named),
            Some(_) => Err(named("neither a text nor a table of texts by language".into())),
        }
    }

    fn failure_notice(&mut self, value: Option<Value>) -> Option<Words> {
        let found = match self.words_of("text", value) {
            Ok(Some(words)) => return Some(words),
            Ok(None) => {
                "is missing: the sender's words when a filter fails and fail mode is hold".into()
            }
            Err(why) => why,
        };
        self.problem("failure_notice", None, found);
        None
    }

    /// The rows of one table that are right, with their numbers.
    fn rows<Raw: DeserializeOwned, T>(
        &mut self,
        table: &'static str,
        rows: Option<Value>,
        read: impl Fn(&mut Self, usize, Raw) -> Option<T>,
    ) -> Vec<(usize, T)> {
        let rows = match rows {
            None => return Vec::new(),
            Some(Value::Array(rows)) => rows,
            Some(_) => {
                self.problem(table, None, format!("must be written [[{table}]]"));
                return Vec::new();
            }
        };
        let mut right = Vec::with_capacity(rows.len());
        for (place, row) in rows.into_iter().enumerate() {
            let number = place + 1;
            match row.try_into::<Raw>() {
                Ok(raw) => right.extend(read(self, number, raw).map(|row| (number, row))),
                Err(error) => {
                    let text = format!("can't be read: {}", message(&error));
                    self.problem(table, Some(number), text);
                }
            }
        }
        right
    }

    fn unknown(&mut self, rest: &Table) {
        for key in rest.keys() {
            let line = self.line_of(key);
            let text = "is no setting; there are default_language, failure_notice, words, weights, group, row and sum";
            self.problems.push(PolicyProblem {
                table: key.clone(),
                number: None,
                line,
                text: text.to_owned(),
            });
        }
    }
}
