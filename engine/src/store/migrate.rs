//! Brings the database to this binary's schema, and counts how often it was opened.

use rand::RngCore;
use surrealdb::types::{Bytes, Object, SurrealValue, Value};

use super::StoreError;
use super::db::Db;
use super::value::{Row, as_int, int};
use crate::domain::Clock;

/// Every migration, in order: number `n` is entry `n - 1`. Never edited once released.
const MIGRATIONS: [&str; 7] = [
    include_str!("../../../schema/store/0001_tables.surql"),
    include_str!("../../../schema/store/0002_filters.surql"),
    include_str!("../../../schema/store/0003_decisions.surql"),
    include_str!("../../../schema/store/0004_outbox.surql"),
    include_str!("../../../schema/store/0005_staff.surql"),
    include_str!("../../../schema/store/0006_journal.surql"),
    include_str!("../../../schema/store/0007_outbox_text.surql"),
];

/// What the store knows of itself.
pub(super) struct Meta {
    /// How often it was opened, this time included.
    pub(super) boot: u64,
    /// The most writers it ever had at once, this time included.
    pub(super) shards: u64,
    /// Random bytes made with the store.
    pub(super) key: [u8; 32],
}

/// Applies what is missing, refuses a newer store, and notes this opening.
pub(super) async fn open(db: &Db, clock: &Clock, writers: usize) -> Result<Meta, StoreError> {
    db.ask("DEFINE TABLE IF NOT EXISTS meta SCHEMALESS", Object::new()).await?;
    let found = schema_version(db).await?;
    let supported = MIGRATIONS.len() as u64;
    if found > supported {
        return Err(StoreError::Newer { found, supported });
    }
    for (number, migration) in (1u64..).zip(MIGRATIONS) {
        if number > found {
            apply(db, number, migration, clock).await?;
        }
    }
    note_opening(db, writers as u64).await
}

async fn schema_version(db: &Db) -> Result<u64, StoreError> {
    let version =
        db.ask("SELECT VALUE version FROM ONLY meta:schema", Object::new()).await?.value(0)?;
    match &version {
        Value::None | Value::Null => Ok(0),
        version => {
            as_int(version).and_then(|version| u64::try_from(version).ok()).ok_or_else(|| {
                StoreError::Corrupt { what: "meta:schema.version is no whole number".into() }
            })
        }
    }
}

// In one transaction with its record, so that a crash leaves it applied and recorded, or neither.
async fn apply(db: &Db, number: u64, migration: &str, clock: &Clock) -> Result<(), StoreError> {
    let sql = format!(
        "BEGIN;\n{migration}\n\
         UPSERT meta:schema SET version = $number, applied += {{ version: $number, at: $at }};\n\
         COMMIT;"
    );
    let mut variables = Object::new();
    variables.insert("number", int(number));
    variables.insert("at", clock.now().timestamp_millis());
    db.ask(&sql, variables).await.map(|_| ())
}

async fn note_opening(db: &Db, writers: u64) -> Result<Meta, StoreError> {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    let mut variables = Object::new();
    variables.insert("key", Bytes::from(key.to_vec()));
    variables.insert("writers", int(writers));
    let mut answers = db
        .ask(
            "UPSERT meta:store SET boot = (boot ?? 0) + 1, key = key ?? $key, \
             shards = math::max([shards ?? 0, $writers])",
            variables,
        )
        .await?;
    let row = answers.rows(0)?.pop().unwrap_or_default();
    let row = &mut Row::new(row, "meta:store")?;
    let kept = row.bytes("key")?;
    let key = kept.try_into().map_err(|_| row.corrupt("key", &"not 32 bytes".into_value()))?;
    Ok(Meta { boot: row.count("boot")?, shards: row.count("shards")?, key })
}
