//! Reads the policy table: TOML in, a checked `Policy` out, faults with the row's number and what to do.

use serde::Deserialize;

use crate::domain::{Action, ConversationKind};

use super::policy::{Consequence, Kinds, Pattern, Policy, PolicyError, Row, Sum};

const MAX_ROWS: usize = 1_000;
const MAX_WORDS: usize = 500;
const MAX_WEIGHT: f32 = 100.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    version: u32,
    failure_notice: String,
    #[serde(default)]
    weights: std::collections::BTreeMap<String, f32>,
    #[serde(default)]
    row: Vec<RawRow>,
    #[serde(default)]
    sum: Vec<RawSum>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    signal: String,
    #[serde(default)]
    min_confidence: f32,
    action: Action,
    notice: Option<String>,
    warning: Option<String>,
    conversation_kinds: Option<Vec<ConversationKind>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSum {
    at_least: f32,
    action: Action,
    notice: Option<String>,
    warning: Option<String>,
    conversation_kinds: Option<Vec<ConversationKind>>,
}

/// Parses and checks.
pub(super) fn parse(text: &str) -> Result<Policy, PolicyError> {
    let raw: RawPolicy =
        toml::from_str(text).map_err(|error| PolicyError::Syntax(error.to_string()))?;
    let field = |field, problem: &str| PolicyError::Field { field, problem: problem.to_owned() };
    if raw.version == 0 {
        return Err(field("version", "must be 1 or more; raise it with every change"));
    }
    if raw.failure_notice.trim().is_empty() || raw.failure_notice.len() > MAX_WORDS {
        return Err(field("failure_notice", "must have 1 to 500 bytes: the sender sees it"));
    }
    if raw.row.len() + raw.sum.len() > MAX_ROWS {
        return Err(field("rows", "are too many: at most 1,000; use prefixes such as `contact.*`"));
    }
    for (id, weight) in &raw.weights {
        if !is_signal_id(id) {
            let problem = format!("name {id:?}, which is no signal id such as \"contact.phone\"");
            return Err(PolicyError::Field { field: "weights", problem });
        }
        if !(0.0..=MAX_WEIGHT).contains(weight) {
            let problem = format!("give {id} {weight}; a weight is 0 to {MAX_WEIGHT}");
            return Err(PolicyError::Field { field: "weights", problem });
        }
    }
    let mut rows: Vec<Row> = Vec::with_capacity(raw.row.len());
    for (index, raw) in raw.row.into_iter().enumerate() {
        let number = index + 1;
        let row = row(raw).map_err(|problem| PolicyError::Row { table: "row", number, problem })?;
        if let Some(earlier) = rows.iter().position(|earlier| hides(earlier, &row)) {
            let problem = format!(
                "is never reached, because row {} takes all its signals; move it up or remove it",
                earlier + 1
            );
            return Err(PolicyError::Row { table: "row", number, problem });
        }
        rows.push(row);
    }
    let mut sums = Vec::with_capacity(raw.sum.len());
    for (index, raw) in raw.sum.into_iter().enumerate() {
        let number = index + 1;
        sums.push(sum(raw).map_err(|problem| PolicyError::Row {
            table: "sum",
            number,
            problem,
        })?);
    }
    let weights = raw.weights.into_iter().collect();
    Ok(Policy {
        version: raw.version,
        rows,
        sums,
        weights,
        failure_notice: raw.failure_notice.trim().to_owned(),
    })
}

fn hides(earlier: &Row, later: &Row) -> bool {
    earlier.pattern.covers(&later.pattern)
        && earlier.min_confidence <= later.min_confidence
        && earlier.consequence.kinds.covers(later.consequence.kinds)
}

fn row(raw: RawRow) -> Result<Row, String> {
    if !(0.0..=1.0).contains(&raw.min_confidence) {
        return Err(format!("has min_confidence {}; it must be 0 to 1", raw.min_confidence));
    }
    Ok(Row {
        pattern: pattern(&raw.signal)?,
        min_confidence: raw.min_confidence,
        consequence: consequence(raw.action, raw.notice, raw.warning, raw.conversation_kinds)?,
    })
}

fn sum(raw: RawSum) -> Result<Sum, String> {
    if !(raw.at_least.is_finite() && raw.at_least > 0.0) {
        return Err(format!("has at_least {}; it must be more than 0", raw.at_least));
    }
    Ok(Sum {
        at_least: raw.at_least,
        consequence: consequence(raw.action, raw.notice, raw.warning, raw.conversation_kinds)?,
    })
}

fn pattern(signal: &str) -> Result<Pattern, String> {
    let problem = || {
        format!(
            "has signal {signal:?}; write an id such as \"contact.phone\" or a prefix such as \"contact.*\""
        )
    };
    let pattern = match signal.strip_suffix(".*") {
        Some(prefix) if is_signal_id(prefix) => Pattern::Prefix(format!("{prefix}.")),
        None if is_signal_id(signal) => Pattern::Exact(signal.to_owned()),
        _ => return Err(problem()),
    };
    if signal.starts_with("filter.") {
        return Err(format!(
            "has signal {signal:?}; `filter.` is the engine's own: set filters.fail_mode in the configuration"
        ));
    }
    Ok(pattern)
}

fn consequence(
    action: Action,
    notice: Option<String>,
    warning: Option<String>,
    kinds: Option<Vec<ConversationKind>>,
) -> Result<Consequence, String> {
    let notice = words("notice", notice)?;
    let warning = words("warning", warning)?;
    let tells_sender = matches!(action, Action::Mask | Action::Hold | Action::Refuse);
    let tells_recipient = matches!(action, Action::Warn | Action::Mask);
    if tells_sender && notice.is_none() {
        return Err("needs a notice: the words the sender sees".into());
    }
    if !tells_sender && notice.is_some() {
        return Err("has a notice that nobody would see; only mask, hold and refuse tell the sender: remove it".into());
    }
    if action == Action::Warn && warning.is_none() {
        return Err("needs a warning: the words the recipient sees".into());
    }
    if !tells_recipient && warning.is_some() {
        return Err(
            "has a warning that nobody would see; only warn and mask tell the recipient: remove it"
                .into(),
        );
    }
    let kinds = match kinds {
        None => Kinds { direct: true, support: true },
        Some(kinds) if kinds.is_empty() => {
            return Err("has no conversation_kinds; name \"direct\" or \"support\", or leave it out for both".into());
        }
        Some(kinds) => Kinds {
            direct: kinds.contains(&ConversationKind::Direct),
            support: kinds.contains(&ConversationKind::Support),
        },
    };
    Ok(Consequence { action, notice, warning, kinds })
}

fn words(field: &str, words: Option<String>) -> Result<Option<String>, String> {
    let Some(words) = words else { return Ok(None) };
    let trimmed = words.trim();
    if trimmed.is_empty() || trimmed.len() > MAX_WORDS {
        return Err(format!(
            "has a {field} of {} bytes; 1 to {MAX_WORDS} are allowed",
            trimmed.len()
        ));
    }
    Ok(Some(trimmed.to_owned()))
}

/// Whether it looks like `contact.phone`: 1 to 4 parts of a-z, 0-9 and hyphens, starting with a letter, 64 bytes at most.
pub fn is_signal_id(id: &str) -> bool {
    let part_fits = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && !part.ends_with('-')
            && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    id.len() <= 64 && id.split('.').count() <= 4 && id.split('.').all(part_fits)
}
