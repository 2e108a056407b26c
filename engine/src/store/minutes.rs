//! Counts of messages by the minute, kept so that live figures survive a restart.

use surrealdb::types::{Array, SurrealValue, Value};

use super::catalogue::variable;
use super::group::{REPLACE, Table, put};
use super::value::{NewRow, Row, as_int, record, serde_value};
use super::{Store, StoreError};

const MINUTE: Table = Table {
    one: REPLACE,
    many: "INSERT INTO minute $rows ON DUPLICATE KEY UPDATE counts = $input.counts RETURN NONE",
};

/// A minute's number since 1970, and its counts in an order that whoever writes them knows.
pub type MinuteRow = (i64, Vec<u64>);

impl Store {
    /// Keeps minutes, and forgets those of the numbers `old`.
    pub async fn keep_minutes(
        &self,
        minutes: &[MinuteRow],
        old: std::ops::Range<i64>,
    ) -> Result<(), StoreError> {
        let mut statements = Vec::new();
        let rows = minutes.iter().map(|(number, counts)| {
            let row = NewRow::new().with("counts", serde_value(counts.clone()));
            (record("minute", [number.into_value()]), row)
        });
        put(&mut statements, &MINUTE, rows);
        for statement in statements {
            self.inner.db.ask(statement.sql, statement.variables).await?;
        }
        let ids: Array =
            old.map(|number| Value::RecordId(record("minute", [number.into_value()]))).collect();
        let variables = variable("ids", Value::Array(ids));
        self.inner.db.ask("DELETE $ids RETURN NONE", variables).await.map(|_| ())
    }

    /// Minutes of these numbers, those that were kept.
    pub async fn minutes(
        &self,
        numbers: std::ops::RangeInclusive<i64>,
    ) -> Result<Vec<MinuteRow>, StoreError> {
        let ids: Array = numbers
            .map(|number| Value::RecordId(record("minute", [number.into_value()])))
            .collect();
        let variables = variable("ids", Value::Array(ids));
        let rows = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        rows.into_iter().map(read).collect()
    }
}

fn read(value: Value) -> Result<MinuteRow, StoreError> {
    let row = &mut Row::new(value, "minute")?;
    let [number] = row.key::<1>()?;
    let number = as_int(&number).ok_or_else(|| row.corrupt("id", &number))?;
    Ok((number, row.serde("counts")?))
}
