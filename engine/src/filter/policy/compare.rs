//! What is different between two policies: row by row, and as text.

use std::collections::{BTreeMap, HashSet};

use similar::TextDiff;

use super::words::Words;
use super::{Consequence, Policy};

/// What changes from one policy to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChanges {
    /// By table, in the order of the newer policy; what was removed comes last.
    pub changes: Vec<Change>,
    /// The two texts as a unified difference with three lines of context; empty if they are the same.
    pub text: String,
}

/// How an entry changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Only the newer policy has it.
    Added,
    /// Only the older policy has it.
    Removed,
    /// Both have it, with different fields.
    Changed,
    /// Both have it alike, but other rows come before it now.
    Moved,
}

/// An entry that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// `row`, `sum`, `group`, `weight`, `words` or `setting`.
    pub table: &'static str,
    /// What it is about, such as `contact.*`.
    pub name: String,
    /// Its number in the older policy, counted from 1; only rows, sums and groups have one.
    pub from: Option<usize>,
    /// Its number in the newer policy.
    pub to: Option<usize>,
    /// Every field that is different; of an added or removed entry, every field.
    pub fields: Vec<FieldChange>,
}

/// A field that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Such as `min_confidence` or `notice.de`.
    pub field: String,
    /// Its value in the older policy.
    pub from: Option<String>,
    /// Its value in the newer policy.
    pub to: Option<String>,
}

/// An entry as fields.
#[derive(PartialEq)]
struct Entry {
    name: String,
    fields: BTreeMap<String, String>,
}

/// One table of a policy.
struct Entries {
    table: &'static str,
    ordered: bool,
    rows: Vec<Entry>,
}

pub(super) fn compare(older: &Policy, newer: &Policy) -> PolicyChanges {
    let changes = entries(older)
        .into_iter()
        .zip(entries(newer))
        .flat_map(|(older, newer)| changes(&older, &newer))
        .collect();
    let text = if older.text == newer.text {
        String::new()
    } else {
        let names = (format!("policy {}", older.version), format!("policy {}", newer.version));
        TextDiff::from_lines(&*older.text, &*newer.text)
            .unified_diff()
            .context_radius(3)
            .header(&names.0, &names.1)
            .to_string()
    };
    PolicyChanges { changes, text }
}

fn changes(older: &Entries, newer: &Entries) -> Vec<Change> {
    let pairs = pairs(&older.rows, &newer.rows);
    let stayed = if newer.ordered { longest_rising(&pairs) } else { HashSet::new() };
    let number = |place: usize| newer.ordered.then_some(place + 1);
    let mut changes = Vec::new();
    for (to, entry) in newer.rows.iter().enumerate() {
        let pair = pairs.iter().find(|(_, place)| *place == to);
        let from = pair.map(|(from, _)| *from);
        let before = from.map(|from| &older.rows[from]);
        let fields = differences(before, Some(entry));
        let kind = match from {
            None => ChangeKind::Added,
            Some(_) if !fields.is_empty() => ChangeKind::Changed,
            Some(_) if newer.ordered && !stayed.contains(&to) => ChangeKind::Moved,
            Some(_) => continue,
        };
        let (table, name) = (newer.table, entry.name.clone());
        changes.push(Change {
            kind,
            table,
            name,
            from: from.and_then(number),
            to: number(to),
            fields,
        });
    }
    let is_gone = |from: &usize| pairs.iter().all(|(paired, _)| paired != from);
    for from in (0..older.rows.len()).filter(is_gone) {
        let entry = &older.rows[from];
        changes.push(Change {
            kind: ChangeKind::Removed,
            table: older.table,
            name: entry.name.clone(),
            from: number(from),
            to: None,
            fields: differences(Some(entry), None),
        });
    }
    changes
}

fn differences(older: Option<&Entry>, newer: Option<&Entry>) -> Vec<FieldChange> {
    let value = |entry: Option<&Entry>, field: &String| entry?.fields.get(field).cloned();
    let mut fields: Vec<&String> =
        [older, newer].into_iter().flatten().flat_map(|entry| entry.fields.keys()).collect();
    fields.sort_unstable();
    fields.dedup();
    let change = |field: &String| FieldChange {
        field: field.clone(),
        from: value(older, field),
        to: value(newer, field),
    };
    fields.into_iter().map(change).filter(|change| change.from != change.to).collect()
}

/// Which entry of one is which of the other: the same first, then those of one name in their order.
fn pairs(older: &[Entry], newer: &[Entry]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let alike: [fn(&Entry, &Entry) -> bool; 3] = [
        |a, b| a == b,
        |a, b| a.name == b.name && a.fields.get("action") == b.fields.get("action"),
        |a, b| a.name == b.name,
    ];
    let mut taken = (vec![false; older.len()], vec![false; newer.len()]);
    for alike in alike {
        for (from, entry) in older.iter().enumerate() {
            if taken.0[from] {
                continue;
            }
            let fits = |to: &usize| !taken.1[*to] && alike(entry, &newer[*to]);
            if let Some(to) = (0..newer.len()).find(fits) {
                (taken.0[from], taken.1[to]) = (true, true);
                pairs.push((from, to));
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Places in the newer of a longest run of pairs that kept their order.
fn longest_rising(pairs: &[(usize, usize)]) -> HashSet<usize> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(pairs.len());
    for (at, (_, to)) in pairs.iter().enumerate() {
        let before = (0..at).filter(|other| pairs[*other].1 < *to);
        let before = before.max_by_key(|other| (best[*other].0, std::cmp::Reverse(*other)));
        best.push((before.map_or(1, |other| best[other].0 + 1), before));
    }
    let mut kept = HashSet::new();
    let mut at = (0..best.len()).max_by_key(|at| (best[*at].0, std::cmp::Reverse(*at)));
    while let Some(place) = at {
        kept.insert(pairs[place].1);
        at = best[place].1;
    }
    kept
}

fn entries(policy: &Policy) -> [Entries; 6] {
    let table = |table, ordered, rows| Entries { table, ordered, rows };
    let one = |field: &str, value: String| BTreeMap::from([(field.to_owned(), value)]);
    let rows = policy.rows.iter().map(|row| {
        let mut fields = of_consequence(&row.consequence);
        fields.insert("min_confidence".to_owned(), row.min_confidence.to_string());
        Entry { name: row.pattern.to_string(), fields }
    });
    let sums = policy.sums.iter().map(|sum| {
        let mut fields = of_consequence(&sum.consequence);
        fields.insert("at_least".to_owned(), sum.at_least.to_string());
        Entry {
            name: format!("{} ({})", word(sum.consequence.action), fields["conversation_kinds"]),
            fields,
        }
    });
    let groups = policy.groups.iter().map(|group| {
        let signals: Vec<_> = group.signals.iter().map(ToString::to_string).collect();
        let mut fields = one("signals", signals.join(", "));
        fields.insert("cap".to_owned(), group.cap.to_string());
        Entry { name: group.name.clone(), fields }
    });
    let weights = policy.weights.iter();
    let weights = weights
        .map(|(id, weight)| Entry { name: id.clone(), fields: one("weight", weight.to_string()) });
    let words = policy.words.iter().map(|(id, words)| {
        let texts = words.texts().map(|(tag, text)| (tag.to_owned(), text.to_owned()));
        Entry { name: id.clone(), fields: texts.collect() }
    });
    let mut notice = BTreeMap::new();
    of_words("text", Some(&policy.failure_notice), &mut notice);
    let settings = vec![
        Entry {
            name: "default_language".to_owned(),
            fields: one("value", policy.default_language.clone()),
        },
        Entry { name: "failure_notice".to_owned(), fields: notice },
    ];
    [
        table("row", true, rows.collect()),
        table("sum", true, sums.collect()),
        table("group", false, groups.collect()),
        table("weight", false, weights.collect()),
        table("words", false, words.collect()),
        table("setting", false, settings),
    ]
}

fn of_consequence(consequence: &Consequence) -> BTreeMap<String, String> {
    let scope = &consequence.scope;
    let mut fields = BTreeMap::from([
        ("action".to_owned(), word(consequence.action)),
        ("conversation_kinds".to_owned(), scope.kinds().to_owned()),
    ]);
    if let Some(categories) = &scope.categories {
        let names: Vec<_> = categories.iter().map(ToString::to_string).collect();
        fields.insert("categories".to_owned(), names.join(", "));
    }
    of_words("notice", consequence.notice.as_ref(), &mut fields);
    of_words("warning", consequence.warning.as_ref(), &mut fields);
    fields
}

fn of_words(field: &str, words: Option<&Words>, fields: &mut BTreeMap<String, String>) {
    let Some(words) = words else { return };
    if let Some(id) = &words.reference {
        fields.insert(field.to_owned(), format!("@{id}"));
        return;
    }
    fields.extend(words.texts().map(|(tag, text)| (format!("{field}.{tag}"), text.to_owned())));
}

fn word(action: crate::domain::Action) -> String {
    format!("{action:?}").to_lowercase()
}
