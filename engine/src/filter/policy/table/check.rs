//! The checks of single rows, and of rows against each other.

use serde::Deserialize;
use toml::Value;

use super::super::scope::{Pattern, Scope, is_category, is_signal_id};
use super::super::words::Words;
use super::super::{Consequence, Group, Row, Sum};
use super::Reader;
use crate::domain::{Action, ConversationKind};

const MAX_WEIGHT: f32 = 100.0;
const MAX_SUM: f32 = 100_000.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRow {
    signal: String,
    #[serde(default)]
    min_confidence: f32,
    action: Action,
    notice: Option<Value>,
    warning: Option<Value>,
    conversation_kinds: Option<Vec<ConversationKind>>,
    categories: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSum {
    at_least: f32,
    action: Action,
    notice: Option<Value>,
    warning: Option<Value>,
    conversation_kinds: Option<Vec<ConversationKind>>,
    categories: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGroup {
    name: String,
    signals: Vec<String>,
    cap: f32,
}

/// Something is wrong, and is among the problems already.
struct Noted;

/// What rows and sums have in common, as written.
struct RawConsequence {
    action: Action,
    notice: Option<Value>,
    warning: Option<Value>,
    kinds: Option<Vec<ConversationKind>>,
    categories: Option<Vec<String>>,
}

impl Reader<'_> {
    pub(super) fn row(&mut self, number: usize, raw: RawRow) -> Option<Row> {
        let confidence = (0.0..=1.0).contains(&raw.min_confidence);
        if !confidence {
            let text = format!("has min_confidence {}; it must be 0 to 1", raw.min_confidence);
            self.problem("row", Some(number), text);
        }
        let pattern = self.pattern("row", number, &raw.signal);
        let consequence = RawConsequence {
            action: raw.action,
            notice: raw.notice,
            warning: raw.warning,
            kinds: raw.conversation_kinds,
            categories: raw.categories,
        };
        let consequence = self.consequence("row", number, consequence);
        let (pattern, consequence) = (pattern?, consequence?);
        confidence.then_some(Row { pattern, min_confidence: raw.min_confidence, consequence })
    }

    pub(super) fn sum(&mut self, number: usize, raw: RawSum) -> Option<Sum> {
        let threshold = raw.at_least > 0.0 && raw.at_least <= MAX_SUM;
        if !threshold {
            let text = format!("has at_least {}; it must be more than 0", raw.at_least);
            self.problem("sum", Some(number), text);
        }
        let consequence = RawConsequence {
            action: raw.action,
            notice: raw.notice,
            warning: raw.warning,
            kinds: raw.conversation_kinds,
            categories: raw.categories,
        };
        let consequence = self.consequence("sum", number, consequence)?;
        threshold.then_some(Sum { at_least: raw.at_least, consequence })
    }

    pub(super) fn group(&mut self, number: usize, raw: RawGroup) -> Option<Group> {
        let RawGroup { name, signals, cap: limit } = raw;
        let cap = limit > 0.0 && limit <= MAX_SUM;
        if !cap {
            let text = format!("has cap {limit}; it must be more than 0");
            self.problem("group", Some(number), text);
        }
        let name = name.trim();
        let named = !name.is_empty() && name.len() <= 64;
        if !named {
            self.problem("group", Some(number), "needs a name of 1 to 64 bytes");
        }
        if signals.is_empty() {
            self.problem("group", Some(number), "needs signals, such as [\"contact.*\"]");
            return None;
        }
        let signals: Vec<_> =
            signals.into_iter().map(|signal| self.pattern("group", number, &signal)).collect();
        let signals = signals.into_iter().collect::<Option<Vec<_>>>()?;
        (cap && named).then(|| Group { name: name.to_owned(), signals, cap: limit })
    }

    fn pattern(&mut self, table: &'static str, number: usize, signal: &str) -> Option<Pattern> {
        let pattern = Pattern::parse(signal, is_signal_id);
        if pattern.is_none() {
            let text = format!(
                "has signal {signal:?}; write an id such as \"contact.phone\" or a prefix such as \"contact.*\""
            );
            self.problem(table, Some(number), text);
        }
        if is_engines(signal) {
            let text = format!(
                "has signal {signal:?}; `filter.` is the engine's own: a filter's fail mode decides"
            );
            self.problem(table, Some(number), text);
            return None;
        }
        pattern
    }

    fn consequence(
        &mut self,
        table: &'static str,
        number: usize,
        raw: RawConsequence,
    ) -> Option<Consequence> {
        let action = raw.action;
        let notice = self.words_checked(table, number, "notice", raw.notice);
        let warning = self.words_checked(table, number, "warning", raw.warning);
        let scope = self.scope(table, number, raw.kinds.as_deref(), raw.categories.as_deref());
        let (notice, warning, scope) = (notice.ok()?, warning.ok()?, scope?);
        let tells_sender = matches!(action, Action::Mask | Action::Hold | Action::Refuse);
        let tells_recipient = matches!(action, Action::Warn | Action::Mask);
        let faults = [
            (tells_sender && notice.is_none(), "needs a notice: the words the sender sees"),
            (
                !tells_sender && notice.is_some(),
                "has a notice that nobody would see; only mask, hold and refuse tell the sender: remove it",
            ),
            (
                action == Action::Warn && warning.is_none(),
                "needs a warning: the words the recipient sees",
            ),
            (
                !tells_recipient && warning.is_some(),
                "has a warning that nobody would see; only warn and mask tell the recipient: remove it",
            ),
        ];
        let mut clean = true;
        for (_, text) in faults.into_iter().filter(|(wrong, _)| *wrong) {
            self.problem(table, Some(number), text);
            clean = false;
        }
        clean.then_some(Consequence { action, notice, warning, scope })
    }

    /// The words if there are any.
    fn words_checked(
        &mut self,
        table: &'static str,
        number: usize,
        field: &str,
        value: Option<Value>,
    ) -> Result<Option<Words>, Noted> {
        self.words_of(field, value).map_err(|text| {
            self.problem(table, Some(number), text);
            Noted
        })
    }

    fn scope(
        &mut self,
        table: &'static str,
        number: usize,
        kinds: Option<&[ConversationKind]>,
        categories: Option<&[String]>,
    ) -> Option<Scope> {
        if kinds.is_some_and(<[_]>::is_empty) {
            let text = "has no conversation_kinds; name \"direct\" or \"support\", or leave it out for both";
            self.problem(table, Some(number), text);
            return None;
        }
        let has = |kind| kinds.is_none_or(|kinds| kinds.contains(&kind));
        let categories = match categories {
            None => None,
            Some([]) => {
                let text = "has no categories; name some, or leave it out for all";
                self.problem(table, Some(number), text);
                return None;
            }
            Some(names) => {
                let mut patterns = Vec::with_capacity(names.len());
                for name in names {
                    if let Some(pattern) = Pattern::parse(name, is_category) {
                        patterns.push(pattern);
                    } else {
                        let text = format!(
                            "has category {name:?}; write one such as \"car\" or a prefix such as \"real-estate.*\""
                        );
                        self.problem(table, Some(number), text);
                        return None;
                    }
                }
                Some(patterns)
            }
        };
        let (direct, support) = (has(ConversationKind::Direct), has(ConversationKind::Support));
        Some(Scope { direct, support, categories })
    }

    pub(super) fn weights(&mut self, table: Option<Value>) -> Vec<(String, f32)> {
        let table = match table {
            None => return Vec::new(),
            Some(Value::Table(table)) => table,
            Some(_) => {
                self.problem("weights", None, "must be a table such as \"contact.phone\" = 2.0");
                return Vec::new();
            }
        };
        let mut weights = Vec::with_capacity(table.len());
        for (id, weight) in table {
            if !is_signal_id(&id) || is_engines(&id) {
                let text = format!("name {id:?}, which is no signal id such as \"contact.phone\"");
                self.problem("weights", None, text);
                continue;
            }
            match weight.try_into::<f32>() {
                Ok(weight) if (0.0..=MAX_WEIGHT).contains(&weight) => weights.push((id, weight)),
                found => {
                    let found = found.map_or("no number".to_owned(), |weight| weight.to_string());
                    let text = format!("give {id} {found}; a weight is 0 to {MAX_WEIGHT}");
                    self.problem("weights", None, text);
                }
            }
        }
        weights.sort_by(|(a, _), (b, _)| a.cmp(b));
        weights
    }

    /// What two rows would fight about, or a row that has nothing left to decide.
    pub(super) fn ambiguities(&mut self, rows: &[(usize, Row)], groups: &[(usize, Group)]) {
        for (place, (number, row)) in rows.iter().enumerate() {
            if let Some((earlier, _)) = rows[..place].iter().find(|(_, other)| hides(other, row)) {
                let text = format!(
                    "is never reached, because row {earlier} takes all its signals; move it up or remove it"
                );
                self.problem("row", Some(*number), text);
            }
        }
        for (place, (number, group)) in groups.iter().enumerate() {
            for (earlier, other) in &groups[..place] {
                if other.name == group.name {
                    let text = format!("has the name of group {earlier}, {:?}", group.name);
                    self.problem("group", Some(*number), text);
                }
                let shared = group.signals.iter().find(|mine| {
                    other.signals.iter().any(|its| its.covers(mine) || mine.covers(its))
                });
                if let Some(shared) = shared {
                    let text = format!(
                        "has {shared}, which group {earlier} has too; a signal counts in one group only"
                    );
                    self.problem("group", Some(*number), text);
                }
            }
        }
    }
}

fn hides(earlier: &Row, later: &Row) -> bool {
    earlier.pattern.covers(&later.pattern)
        && earlier.min_confidence <= later.min_confidence
        && earlier.consequence.scope.covers(&later.consequence.scope)
}

fn is_engines(signal: &str) -> bool {
    signal == "filter" || signal.starts_with("filter.")
}
