//! A filter's own JSON Schema: read once, checked itself, then held against configurations. The part of JSON Schema that
//! settings need (`schema/README.md` lists it); a keyword outside of it is refused rather than ignored.

mod check;
mod read;

use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;
use serde_json::Value;

/// Something wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// JSON pointer to the setting, such as `/hosts/0`; empty for the whole.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the configuration" } else { &self.path };
        write!(f, "{path}: {}", self.problem)
    }
}

/// A schema that was read.
#[derive(Debug)]
pub(super) struct Schema {
    /// The first is the whole schema's.
    nodes: Vec<Node>,
}

type Id = usize;

#[derive(Debug, Default)]
struct Node(Vec<Rule>);

/// What a value must be.
#[derive(Debug)]
enum Rule {
    Never,
    Type(Vec<Kind>),
    OneOfValues(Vec<Value>),
    Bounds { number: Number, bound: f64 },
    Count { of: Counted, least: u64, most: u64 },
    Pattern(Regex),
    Unique,
    Items { first: Vec<Id>, rest: Option<Id> },
    Contains(Id),
    Object(Box<Object>),
    Required(Vec<String>),
    DependentRequired(BTreeMap<String, Vec<String>>),
    Names(Id),
    All(Vec<Id>),
    Any(Vec<Id>),
    One(Vec<Id>),
    Not(Id),
    If { condition: Id, then: Option<Id>, otherwise: Option<Id> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Debug, Clone, Copy)]
enum Number {
    Minimum,
    Maximum,
    Above,
    Below,
    MultipleOf,
}

#[derive(Debug, Clone, Copy)]
enum Counted {
    Characters,
    Items,
    Properties,
}

#[derive(Debug, Default)]
struct Object {
    properties: BTreeMap<String, Id>,
    patterns: Vec<(Regex, Id)>,
    others: Option<Id>,
}

fn problem(path: &str, problem: impl Into<String>) -> ConfigProblem {
    ConfigProblem { path: path.to_owned(), problem: problem.into() }
}

/// The pointer one level down.
fn child(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests;
