//! Hosts made to be taken for a protected one.

use crate::host::{Candidate, decoded, is_below, main_label, skeleton};

/// A host to protect, prepared.
#[derive(Debug)]
pub struct Protected {
    /// As configured, without `www.`.
    pub host: String,
    /// How all of it looks.
    looks: String,
    /// The label it is known by, and how that looks.
    name: String,
    name_looks: String,
    /// How what follows that label looks.
    ending: Vec<String>,
}

/// Shorter names are too easily hit by chance.
const SHORTEST_NAME: usize = 4;

impl Protected {
    /// Prepares a configured host.
    pub fn new(host: &str) -> Self {
        let host = decoded(host);
        let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        let labels: Vec<&str> = host.split('.').collect();
        let main = main_label(&labels);
        let name = labels[main].to_owned();
        let mut looks: Vec<String> = labels.iter().map(|label| skeleton(label)).collect();
        let ending = looks.split_off(main + 1);
        let name_looks = looks[main].clone();
        looks.extend_from_slice(&ending);
        Self { looks: looks.join("."), name_looks, name, ending, host }
    }

    /// How surely the host imitates this one, and by what means; `None` if it does not, or is it.
    pub fn imitated_by(&self, candidate: &Candidate) -> Option<(f32, &'static str)> {
        if is_below(&candidate.host, &self.host) {
            return None;
        }
        let labels = &candidate.looks;
        let looks = labels.join(".");
        if is_below(&looks, &self.looks) {
            return Some((0.97, "look-alike letters"));
        }
        if looks.contains(self.looks.as_str()) && self.looks.contains('.') {
            return Some((0.95, "protected host inside another"));
        }
        if self.name_looks.len() < SHORTEST_NAME {
            return None;
        }
        let main = main_label(labels);
        let written = candidate.host.split('.').nth(main).unwrap_or_default();
        let others = labels.iter().enumerate().filter(|(index, _)| *index != main);
        // The ending itself, as in `shop.market` for `market.com`, is no imitation.
        let mut below =
            others.filter(|(index, _)| index + 1 < labels.len()).map(|(_, label)| label);
        let same_ending = labels[main + 1..] == self.ending;
        self.name_imitated(&labels[main], written, same_ending).or_else(|| {
            below
                .any(|label| *label == self.name_looks)
                .then_some((0.85, "protected name as a subdomain"))
        })
    }

    fn name_imitated(
        &self,
        label: &str,
        written: &str,
        same_ending: bool,
    ) -> Option<(f32, &'static str)> {
        let name = self.name_looks.as_str();
        if label == name {
            return Some(if written == self.name {
                (0.6, "protected name with another ending")
            } else {
                (0.95, "look-alike letters")
            });
        }
        if label.contains('-') {
            if label.split('-').any(|part| part == name) {
                return Some((0.85, "protected name with a hyphen"));
            }
            if label.replace('-', "") == name {
                return Some((0.9, "protected name with a hyphen"));
            }
        }
        let rest = label.strip_prefix(name).or_else(|| label.strip_suffix(name));
        if rest.is_some_and(|rest| BAIT.contains(&rest.trim_matches('-'))) {
            return Some((0.8, "protected name with a word added"));
        }
        let allowed = match name.len() {
            0..=4 => return None,
            // `papal.va` is no `paypal.com`.
            5..=6 => usize::from(same_ending),
            7..=8 => 1,
            _ => 2,
        };
        (distance(label.as_bytes(), name.as_bytes(), allowed)? <= allowed)
            .then_some((0.75, "a letter or two from a protected name"))
    }
}

/// Words imitations add, as skeletons (`i` is `l`).
const BAIT: [&str; 30] = [
    "logln",
    "slgnln",
    "secure",
    "securlty",
    "safe",
    "pay",
    "payment",
    "payments",
    "support",
    "help",
    "verlfy",
    "verlflcatlon",
    "account",
    "accounts",
    "dellvery",
    "shlpplng",
    "offlclal",
    "onllne",
    "servlce",
    "servlces",
    "team",
    "escrow",
    "checkout",
    "order",
    "orders",
    "buyer",
    "seller",
    "refund",
    "conflrm",
    "protect",
];

/// Letters to insert, delete, change or swap; `None` if it is surely more than `most`.
fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, right) in b.iter().enumerate() {
            let change = last[j] + usize::from(left != right);
            row[j + 1] = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *left == b[j - 1] && a[i - 1] == *right {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_counts_a_swap_once() {
        for (a, b, expected) in [
            ("market", "market", Some(0)),
            ("market", "markte", Some(1)),
            ("market", "markett", Some(1)),
            ("market", "narket", Some(1)),
            ("market", "mrket", Some(1)),
            ("market", "mraekt", Some(2)),
            ("market", "marketplace", None),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes(), 2), expected, "{a} {b}");
        }
    }
}
