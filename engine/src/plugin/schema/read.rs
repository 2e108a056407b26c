//! Reading a schema: each part once, every keyword known, every pattern compiled.

use std::collections::HashMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::{ConfigProblem, Counted, Id, Kind, Node, Number, Object, Rule, Schema, child, problem};

/// Schemas within a schema.
const MAX_NODES: usize = 4_096;
const MAX_PATTERN: usize = 1 << 20;
/// Keywords that say something about a setting but refuse nothing.
const NOTES: [&str; 13] = [
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "format",
];
/// Keywords that mean something only beside another, which reads them.
const PARTS: [&str; 2] = ["then", "else"];

impl Schema {
    /// Reads a schema's text; the error names the place and what is wrong there.
    pub(in super::super) fn parse(text: &str) -> Result<Self, ConfigProblem> {
        let root: Value = serde_json::from_str(text)
            .map_err(|error| problem("", format!("is no JSON: {error}")))?;
        let mut reader = Reader { root: &root, nodes: Vec::new(), known: HashMap::new() };
        reader.node(&root, "")?;
        Ok(Self { nodes: reader.nodes })
    }
}

struct Reader<'a> {
    root: &'a Value,
    nodes: Vec<Node>,
    /// By JSON pointer, so that each is read once, also one that refers to itself.
    known: HashMap<String, Id>,
}

type Read<T> = Result<T, ConfigProblem>;

impl Reader<'_> {
    fn node(&mut self, schema: &Value, at: &str) -> Read<Id> {
        if let Some(id) = self.known.get(at) {
            return Ok(*id);
        }
        if self.nodes.len() == MAX_NODES {
            return Err(problem(at, format!("a schema has at most {MAX_NODES} parts")));
        }
        let id = self.nodes.len();
        self.nodes.push(Node::default());
        self.known.insert(at.to_owned(), id);
        self.nodes[id].0 = match schema {
            Value::Bool(true) => Vec::new(),
            Value::Bool(false) => vec![Rule::Never],
            Value::Object(keywords) => self.rules(keywords, at)?,
            _ => return Err(problem(at, "a schema is an object, `true` or `false`")),
        };
        Ok(id)
    }

    fn rules(&mut self, keywords: &Map<String, Value>, at: &str) -> Read<Vec<Rule>> {
        let mut rules = Vec::new();
        for (keyword, value) in keywords {
            let here = child(at, keyword);
            if let Some(rule) = self.rule(keywords, keyword, value, &here)? {
                rules.push(rule);
            }
        }
        // These explain each other, so they are one rule.
        if ["properties", "patternProperties", "additionalProperties"]
            .iter()
            .any(|k| keywords.contains_key(*k))
        {
            rules.push(Rule::Object(Box::new(self.object(keywords, at)?)));
        }
        if keywords.contains_key("items") || keywords.contains_key("prefixItems") {
            let first = match keywords.get("prefixItems") {
                Some(list) => self.list(list, &child(at, "prefixItems"))?,
                None => Vec::new(),
            };
            let rest = self.optional(keywords, "items", at)?;
            rules.push(Rule::Items { first, rest });
        }
        for (of, least, most) in [
            (Counted::Characters, "minLength", "maxLength"),
            (Counted::Items, "minItems", "maxItems"),
            (Counted::Properties, "minProperties", "maxProperties"),
        ] {
            if keywords.contains_key(least) || keywords.contains_key(most) {
                let count = |key: &str, default| match keywords.get(key) {
                    Some(value) => value.as_u64().ok_or_else(|| {
                        problem(&child(at, key), "must be a whole number, 0 or more")
                    }),
                    None => Ok(default),
                };
                rules.push(Rule::Count {
                    of,
                    least: count(least, 0)?,
                    most: count(most, u64::MAX)?,
                });
            }
        }
        Ok(rules)
    }

    /// The rule of one keyword, if it stands for itself.
    fn rule(
        &mut self,
        keywords: &Map<String, Value>,
        keyword: &str,
        value: &Value,
        at: &str,
    ) -> Read<Option<Rule>> {
        Ok(Some(match keyword {
            "type" => Rule::Type(kinds(value, at)?),
            "enum" => match value {
                Value::Array(values) if !values.is_empty() => Rule::OneOfValues(values.clone()),
                _ => return Err(problem(at, "must be a list of values")),
            },
            "const" => Rule::OneOfValues(vec![value.clone()]),
            "minimum" => bounds(Number::Minimum, value, at)?,
            "maximum" => bounds(Number::Maximum, value, at)?,
            "exclusiveMinimum" => bounds(Number::Above, value, at)?,
            "exclusiveMaximum" => bounds(Number::Below, value, at)?,
            "multipleOf" => match bounds(Number::MultipleOf, value, at)? {
                Rule::Bounds { bound, .. } if bound <= 0.0 => {
                    return Err(problem(at, "must be more than 0"));
                }
                rule => rule,
            },
            "pattern" => Rule::Pattern(pattern(value.as_str(), at)?),
            "uniqueItems" => match value {
                Value::Bool(true) => Rule::Unique,
                Value::Bool(false) => return Ok(None),
                _ => return Err(problem(at, "must be true or false")),
            },
            "contains" => Rule::Contains(self.node(value, at)?),
            "required" => Rule::Required(names(value, at)?),
            "dependentRequired" => {
                let Value::Object(lists) = value else {
                    return Err(problem(at, "must be an object"));
                };
                let lists = lists
                    .iter()
                    .map(|(name, list)| Ok((name.clone(), names(list, &child(at, name))?)));
                Rule::DependentRequired(lists.collect::<Read<_>>()?)
            }
            "propertyNames" => Rule::Names(self.node(value, at)?),
            "allOf" => Rule::All(self.list(value, at)?),
            "anyOf" => Rule::Any(self.list(value, at)?),
            "oneOf" => Rule::One(self.list(value, at)?),
            "not" => Rule::Not(self.node(value, at)?),
            "$ref" => Rule::All(vec![self.reference(value, at)?]),
            "if" => {
                let parent = at.rsplit_once('/').map_or("", |(parent, _)| parent);
                Rule::If {
                    condition: self.node(value, at)?,
                    then: self.optional(keywords, "then", parent)?,
                    otherwise: self.optional(keywords, "else", parent)?,
                }
            }
            _ if is_read_elsewhere(keyword) => return Ok(None),
            _ => {
                return Err(problem(
                    at,
                    "is a keyword this engine doesn't know; schema/README.md lists those it does",
                ));
            }
        }))
    }

    fn object(&mut self, keywords: &Map<String, Value>, at: &str) -> Read<Object> {
        let mut object = Object {
            others: self.optional(keywords, "additionalProperties", at)?,
            ..Object::default()
        };
        let schemas = |key: &str| match keywords.get(key) {
            Some(Value::Object(schemas)) => Ok(Some((schemas.clone(), child(at, key)))),
            Some(_) => Err(problem(&child(at, key), "must be an object of schemas")),
            None => Ok(None),
        };
        if let Some((schemas, at)) = schemas("properties")? {
            for (name, schema) in &schemas {
                let id = self.node(schema, &child(&at, name))?;
                object.properties.insert(name.clone(), id);
            }
        }
        if let Some((schemas, at)) = schemas("patternProperties")? {
            for (name, schema) in &schemas {
                let at = child(&at, name);
                object.patterns.push((pattern(Some(name), &at)?, self.node(schema, &at)?));
            }
        }
        Ok(object)
    }

    fn optional(&mut self, keywords: &Map<String, Value>, key: &str, at: &str) -> Read<Option<Id>> {
        keywords.get(key).map(|schema| self.node(schema, &child(at, key))).transpose()
    }

    fn list(&mut self, value: &Value, at: &str) -> Read<Vec<Id>> {
        match value {
            Value::Array(schemas) if !schemas.is_empty() => {
                let read = |(index, schema)| self.node(schema, &format!("{at}/{index}"));
                schemas.iter().enumerate().map(read).collect()
            }
            _ => Err(problem(at, "must be a list of schemas")),
        }
    }

    fn reference(&mut self, value: &Value, at: &str) -> Read<Id> {
        let pointer = value.as_str().and_then(|text| text.strip_prefix('#'));
        let Some(pointer) =
            pointer.filter(|pointer| pointer.is_empty() || pointer.starts_with('/'))
        else {
            return Err(problem(at, "must point into the same schema, such as \"#/$defs/host\""));
        };
        let root = self.root;
        match root.pointer(pointer) {
            Some(schema) => self.node(schema, pointer),
            None => Err(problem(at, format!("{pointer} is not in the schema"))),
        }
    }
}

fn is_read_elsewhere(keyword: &str) -> bool {
    const GROUPS: [&str; 11] = [
        "properties",
        "patternProperties",
        "additionalProperties",
        "items",
        "prefixItems",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    ];
    keyword.starts_with("x-")
        || [&NOTES[..], &PARTS, &GROUPS].iter().any(|list| list.contains(&keyword))
}

fn kinds(value: &Value, at: &str) -> Read<Vec<Kind>> {
    let kind = |value: &Value| {
        Ok(match value.as_str() {
            Some("null") => Kind::Null,
            Some("boolean") => Kind::Boolean,
            Some("integer") => Kind::Integer,
            Some("number") => Kind::Number,
            Some("string") => Kind::String,
            Some("array") => Kind::Array,
            Some("object") => Kind::Object,
            _ => return Err(problem(at, format!("{value} is no type"))),
        })
    };
    match value {
        Value::Array(values) if !values.is_empty() => values.iter().map(kind).collect(),
        value => Ok(vec![kind(value)?]),
    }
}

fn bounds(number: Number, value: &Value, at: &str) -> Read<Rule> {
    let bound = value.as_f64().ok_or_else(|| problem(at, "must be a number"))?;
    Ok(Rule::Bounds { number, bound })
}

fn pattern(value: Option<&str>, at: &str) -> Read<Regex> {
    let text = value.ok_or_else(|| problem(at, "must be text"))?;
    let built = regex::RegexBuilder::new(text).size_limit(MAX_PATTERN).build();
    // Its own message draws the pattern over several lines.
    built.map_err(|error| {
        let error = error.to_string();
        let last = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        problem(at, format!("the pattern can't be used: {last}"))
    })
}

fn names(value: &Value, at: &str) -> Read<Vec<String>> {
    let names = value.as_array().and_then(|values| {
        values.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    names.ok_or_else(|| problem(at, "must be a list of names"))
}
