//! How far a consumer has come in the outbox, and what a cursor found elsewhere is worth.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use surrealdb::types::{Array, Value};

use super::OutboxRow;
use crate::store::StoreError;
use crate::store::group::{NewRecord, REPLACE, Table};
use crate::store::value::{NewRow, Row, as_int, int, named};

pub(in crate::store) const CURSOR: Table = Table {
    one: REPLACE,
    many: "INSERT INTO cursor $rows ON DUPLICATE KEY UPDATE boot = $input.boot, \
           passed = $input.passed RETURN NONE",
};

/// How far a consumer has come. The default is the beginning. As text: `boot:shard=n,shard=n`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxCursor {
    /// The opening of the store whose rows are being consumed; those of earlier ones are done.
    pub(super) boot: u64,
    /// By shard, the last row of that opening that was consumed.
    pub(super) passed: BTreeMap<u64, u64>,
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no outbox cursor, which look like `3:0=17,1=4`")]
pub struct NoCursor(String);

impl OutboxCursor {
    /// Moves past a row. Rows must be passed in the order `outbox_after` gave them.
    pub fn pass(&mut self, row: &OutboxRow) {
        if row.boot > self.boot {
            self.boot = row.boot;
            self.passed.clear();
        }
        self.passed.insert(row.shard, row.n);
    }

    pub(super) fn passed(&self, boot: u64, shard: u64) -> u64 {
        if boot == self.boot { self.passed.get(&shard).copied().unwrap_or(0) } else { 0 }
    }

    /// The place from which both have something to consume: nothing before it matters to either.
    #[must_use]
    pub fn earlier(&self, other: &Self) -> Self {
        match self.boot.cmp(&other.boot) {
            Ordering::Less => self.clone(),
            Ordering::Greater => other.clone(),
            Ordering::Equal => {
                let shared = self.passed.iter().filter_map(|(shard, n)| {
                    other.passed.get(shard).map(|theirs| (*shard, *n.min(theirs)))
                });
                Self { boot: self.boot, passed: shared.collect() }
            }
        }
    }

    /// Whether it is at the beginning of its opening.
    pub fn is_start(&self) -> bool {
        self.passed.is_empty()
    }

    /// Whether everything the other has consumed is consumed here too.
    pub fn covers(&self, other: &Self) -> bool {
        match self.boot.cmp(&other.boot) {
            Ordering::Less => false,
            Ordering::Greater => true,
            Ordering::Equal => {
                other.passed.iter().all(|(shard, n)| self.passed(self.boot, *shard) >= *n)
            }
        }
    }

    pub(in crate::store) fn row(&self, name: &str) -> NewRecord {
        let pair = |(shard, n): (&u64, &u64)| Value::Array(Array::from(vec![int(*shard), int(*n)]));
        let fields = NewRow::new()
            .with("boot", int(self.boot))
            .with("passed", Value::Array(self.passed.iter().map(pair).collect()));
        (named("cursor", name), fields)
    }

    pub(super) fn read(value: Value) -> Result<Self, StoreError> {
        let row = &mut Row::new(value, "cursor")?;
        let mut passed = BTreeMap::new();
        for pair in row.list("passed")? {
            let number = |at: usize| as_int(pair.get(at)).and_then(|n| u64::try_from(n).ok());
            let (Some(shard), Some(n)) = (number(0), number(1)) else {
                return Err(row.corrupt("passed", &pair));
            };
            passed.insert(shard, n);
        }
        Ok(Self { boot: row.count("boot")?, passed })
    }
}

impl fmt::Display for OutboxCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.boot)?;
        for (at, (shard, n)) in self.passed.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{shard}={n}")?;
        }
        Ok(())
    }
}

impl FromStr for OutboxCursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let read = || {
            let (boot, shards) = text.split_once(':')?;
            let mut passed = BTreeMap::new();
            for pair in shards.split(',').filter(|pair| !pair.is_empty()) {
                let (shard, n) = pair.split_once('=')?;
                passed.insert(shard.parse().ok()?, n.parse().ok()?);
            }
            Some(Self { boot: boot.parse().ok()?, passed })
        };
        read().ok_or_else(|| NoCursor(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(text: &str) -> OutboxCursor {
        text.parse().expect(text)
    }

    #[test]
    fn a_cursor_comes_back_from_its_text() {
        for text in ["0:", "7:0=12", "7:0=12,3=1,4294967295=9"] {
            assert_eq!(cursor(text).to_string(), text);
        }
        for text in ["", "7", "x:0=1", "7:0", "7:0=x", ":"] {
            assert!(text.parse::<OutboxCursor>().is_err(), "`{text}` is refused");
        }
    }

    #[test]
    fn the_earlier_of_two_is_behind_both() {
        // one, other, the earlier of both
        let cases = [
            ("3:0=5", "3:0=7", "3:0=5"),
            ("3:0=5", "2:0=7", "2:0=7"),
            ("3:0=5,1=9", "3:0=7,1=2", "3:0=5,1=2"),
            ("3:0=5,1=9", "3:0=7", "3:0=5"),
            ("0:", "3:0=7", "0:"),
        ];
        for (one, other, expected) in cases {
            let (one, other) = (cursor(one), cursor(other));
            let earlier = one.earlier(&other);
            assert_eq!(earlier.to_string(), expected);
            assert_eq!(other.earlier(&one), earlier);
            assert!(one.covers(&earlier) && other.covers(&earlier), "{one} and {other}");
        }
        assert!(!cursor("3:0=5").covers(&cursor("3:0=5,1=1")), "it has not seen shard 1");
        assert!(cursor("4:").covers(&cursor("3:0=5,1=1")), "earlier openings are done");
    }
}
