//! Holding a schema against a configuration.

use serde_json::Value;

use super::{ConfigProblem, Counted, Id, Kind, Number, Object, Rule, Schema, child, problem};

/// Problems told of one configuration.
const MAX_PROBLEMS: usize = 32;
/// Schemas within schemas that may be looked at in one place of the configuration.
const MAX_DEPTH: usize = 96;
/// Looks at a (schema, value) pair per configuration: schemas that fan out are ended here.
const MAX_STEPS: usize = 200_000;
/// Characters shown of a value.
const SHOWN: usize = 60;

impl Schema {
    /// What is wrong in a configuration; nothing, if it fits.
    pub(in super::super) fn check(&self, config: &Value) -> Vec<ConfigProblem> {
        let mut checking = Checking { schema: self, steps: MAX_STEPS };
        let mut problems = Vec::new();
        checking.node(0, config, "", MAX_DEPTH, &mut problems);
        if checking.steps == 0 {
            problems.truncate(MAX_PROBLEMS - 1);
            problems.push(problem("", "can't be checked: the filter's schema is too intricate"));
        }
        problems
    }
}

struct Checking<'a> {
    schema: &'a Schema,
    steps: usize,
}

type Found = Vec<ConfigProblem>;

fn add(found: &mut Found, path: &str, text: impl Into<String>) {
    if found.len() < MAX_PROBLEMS {
        found.push(problem(path, text));
    }
}

impl Checking<'_> {
    fn node(&mut self, id: Id, value: &Value, path: &str, depth: usize, found: &mut Found) {
        self.steps = self.steps.saturating_sub(1);
        if self.steps == 0 || found.len() >= MAX_PROBLEMS {
            return;
        }
        let Some(depth) = depth.checked_sub(1) else {
            return add(found, path, "can't be checked: the filter's schema goes too deep");
        };
        let schema = self.schema;
        for rule in &schema.nodes[id].0 {
            self.rule(rule, value, path, depth, found);
        }
    }

    fn fits(&mut self, id: Id, value: &Value, path: &str, depth: usize) -> bool {
        self.problems(id, value, path, depth).is_empty()
    }

    fn problems(&mut self, id: Id, value: &Value, path: &str, depth: usize) -> Found {
        let mut found = Vec::new();
        self.node(id, value, path, depth, &mut found);
        found
    }

    fn rule(&mut self, rule: &Rule, value: &Value, path: &str, depth: usize, found: &mut Found) {
        match rule {
            Rule::Never => add(found, path, "is not allowed"),
            Rule::Type(kinds) => check_type(kinds, value, path, found),
            Rule::OneOfValues(values) => check_values(values, value, path, found),
            Rule::Bounds { number, bound } => check_bounds(*number, *bound, value, path, found),
            Rule::Count { of, least, most } => {
                check_count(*of, (*least, *most), value, path, found);
            }
            Rule::Pattern(regex) => {
                if value.as_str().is_some_and(|text| !regex.is_match(text)) {
                    add(
                        found,
                        path,
                        format!("{} doesn't fit the pattern {}", shown(value), regex.as_str()),
                    );
                }
            }
            Rule::Unique => check_unique(value, path, found),
            Rule::Items { first, rest } => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    if let Some(id) = first.get(index).or(rest.as_ref()) {
                        self.node(*id, item, &format!("{path}/{index}"), depth, found);
                    }
                }
            }
            Rule::Contains(id) => {
                let Value::Array(items) = value else { return };
                if !items.iter().any(|item| self.fits(*id, item, path, depth)) {
                    add(found, path, "lacks an entry of the needed form");
                }
            }
            Rule::Object(object) => self.object(object, value, path, depth, found),
            Rule::Required(names) => check_required(names, value, path, found),
            Rule::DependentRequired(lists) => {
                let present = lists.iter().filter(|(name, _)| value.get(name.as_str()).is_some());
                present.for_each(|(_, names)| check_required(names, value, path, found));
            }
            Rule::Names(id) => {
                for name in value.as_object().into_iter().flat_map(|object| object.keys()) {
                    self.node(*id, &Value::String(name.clone()), &child(path, name), depth, found);
                }
            }
            Rule::All(ids) => ids.iter().for_each(|id| self.node(*id, value, path, depth, found)),
            Rule::Any(ids) => {
                let tried: Vec<_> =
                    ids.iter().map(|id| self.problems(*id, value, path, depth)).collect();
                if !tried.iter().any(Vec::is_empty) {
                    add(found, path, none_fits(&tried));
                }
            }
            Rule::One(ids) => {
                let tried: Vec<_> =
                    ids.iter().map(|id| self.problems(*id, value, path, depth)).collect();
                match tried.iter().filter(|problems| problems.is_empty()).count() {
                    1 => {}
                    0 => add(found, path, none_fits(&tried)),
                    many => add(
                        found,
                        path,
                        format!("fits {many} of the forms, and must fit exactly one"),
                    ),
                }
            }
            Rule::Not(id) => {
                if self.fits(*id, value, path, depth) {
                    add(found, path, "has a form that is not allowed");
                }
            }
            Rule::If { condition, then, otherwise } => {
                let branch =
                    if self.fits(*condition, value, path, depth) { then } else { otherwise };
                if let Some(id) = branch {
                    self.node(*id, value, path, depth, found);
                }
            }
        }
    }

    fn object(
        &mut self,
        object: &Object,
        value: &Value,
        path: &str,
        depth: usize,
        found: &mut Found,
    ) {
        for (name, value) in value.as_object().into_iter().flatten() {
            let here = child(path, name);
            let named = object.properties.get(name);
            let matching =
                object.patterns.iter().filter(|(regex, _)| regex.is_match(name)).map(|(_, id)| id);
            let mut known = false;
            for id in named.into_iter().chain(matching) {
                known = true;
                self.node(*id, value, &here, depth, found);
            }
            let Some(others) = object.others.filter(|_| !known) else { continue };
            if matches!(self.schema.nodes[others].0[..], [Rule::Never]) {
                let names: Vec<_> = object.properties.keys().take(24).map(String::as_str).collect();
                add(
                    found,
                    &here,
                    format!("is not a known setting; there are: {}", names.join(", ")),
                );
            } else {
                self.node(others, value, &here, depth, found);
            }
        }
    }
}

fn none_fits(tried: &[Found]) -> String {
    let first = tried.iter().filter_map(|problems| problems.first()).take(3);
    let reasons: Vec<_> = first.map(ToString::to_string).collect();
    format!("fits none of the {} forms: {}", tried.len(), reasons.join("; or "))
}

fn check_type(kinds: &[Kind], value: &Value, path: &str, found: &mut Found) {
    if kinds.iter().any(|kind| kind.holds(value)) {
        return;
    }
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    add(found, path, format!("must be {}, is {}", names.join(" or "), shown(value)));
}

impl Kind {
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::String => "text",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }
}

fn check_values(values: &[Value], value: &Value, path: &str, found: &mut Found) {
    if !values.iter().any(|allowed| same(allowed, value)) {
        let allowed: Vec<_> = values.iter().take(24).map(shown).collect();
        let text = if values.len() == 1 { "must be" } else { "must be one of" };
        add(found, path, format!("{text} {}, is {}", allowed.join(", "), shown(value)));
    }
}

/// Equal as JSON Schema means it: 1 is 1.0.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => a == b,
    }
}

fn check_bounds(number: Number, bound: f64, value: &Value, path: &str, found: &mut Found) {
    let Some(given) = value.as_f64() else { return };
    let (fits, text) = match number {
        Number::Minimum => (given >= bound, "at least"),
        Number::Maximum => (given <= bound, "at most"),
        Number::Above => (given > bound, "more than"),
        Number::Below => (given < bound, "less than"),
        Number::MultipleOf => {
            let quotient = given / bound;
            ((quotient - quotient.round()).abs() < 1e-9, "a multiple of")
        }
    };
    if !fits {
        add(found, path, format!("must be {text} {bound}, is {given}"));
    }
}

fn check_count(
    of: Counted,
    (least, most): (u64, u64),
    value: &Value,
    path: &str,
    found: &mut Found,
) {
    let (count, noun) = match (of, value) {
        (Counted::Characters, Value::String(text)) => (text.chars().count(), "characters"),
        (Counted::Items, Value::Array(items)) => (items.len(), "entries"),
        (Counted::Properties, Value::Object(object)) => (object.len(), "settings"),
        _ => return,
    };
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    if count < least {
        add(found, path, format!("must have at least {least} {noun}, has {count}"));
    } else if count > most {
        add(found, path, format!("must have at most {most} {noun}, has {count}"));
    }
}

fn check_unique(value: &Value, path: &str, found: &mut Found) {
    let mut seen = std::collections::HashSet::new();
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if !seen.insert(item.to_string()) {
            add(found, &format!("{path}/{index}"), format!("{} is there twice", shown(item)));
        }
    }
}

fn check_required(names: &[String], value: &Value, path: &str, found: &mut Found) {
    let Value::Object(object) = value else { return };
    for name in names.iter().filter(|name| !object.contains_key(name.as_str())) {
        add(found, path, format!("the setting `{name}` is missing"));
    }
}

/// A value as JSON, cut.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
