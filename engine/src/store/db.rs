//! The connection: where the database is, and how questions are put to it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use surrealdb::engine::any::{self, Any};
use surrealdb::opt::auth::Root;
use surrealdb::types::{AlreadyExistsError, Object, QueryError, Value};
use surrealdb::{IndexedResults, Surreal};

use super::StoreError;
use crate::config;

/// The one connection every part of the store shares (a clone would open a session of its own).
pub(super) struct Db(Surreal<Any>);

/// One statement and its variables.
pub(super) struct Statement {
    pub(super) sql: &'static str,
    pub(super) variables: Object,
}

impl Db {
    /// Connects, signs in where there is something to sign in to, and selects the database.
    pub(super) async fn connect(
        config: &config::Store,
        data_dir: &Path,
    ) -> Result<Self, StoreError> {
        let address = address(config, data_dir)?;
        let connecting = Self::connected(config, &address);
        // An embedded database may have a long log to read; a server has nothing to do but answer.
        if !address.starts_with("ws") {
            return connecting.await;
        }
        let wait = config.connect_seconds;
        let connected = tokio::time::timeout(Duration::from_secs(wait), connecting).await;
        connected.unwrap_or_else(|_| {
            let words = format!("{address} does not answer within {wait} seconds");
            Err(StoreError::Unavailable(words))
        })
    }

    async fn connected(config: &config::Store, address: &str) -> Result<Self, StoreError> {
        let unavailable = |error: surrealdb::Error| StoreError::Unavailable(error.to_string());
        let db = any::connect(address).await.map_err(unavailable)?;
        if let (Some(username), Some(password)) = (&config.username, &config.password) {
            let root = Root { username: username.clone(), password: password.clone() };
            db.signin(root).await.map_err(unavailable)?;
        }
        db.use_ns(&config.namespace).use_db(&config.database).await.map_err(unavailable)?;
        Ok(Self(db))
    }

    /// Puts a question (one or more statements) and gives its answers; the first error counts.
    pub(super) async fn ask(&self, sql: &str, variables: Object) -> Result<Answers, StoreError> {
        let mut results = self.0.query(sql).bind(variables).await?;
        match root_cause(&mut results) {
            Some(error) => Err(error.into()),
            None => Ok(Answers(results)),
        }
    }

    /// Waits until everything is written and the files are closed.
    pub(super) async fn shutdown(&self) -> Result<(), StoreError> {
        Ok(self.0.shutdown().await?)
    }
}

/// A writer's own session, for transactions.
pub(super) struct Session {
    db: Arc<Db>,
    /// Lost when a transaction ends badly; then the next one opens another.
    own: Option<Surreal<Any>>,
}

impl Session {
    pub(super) fn new(db: Arc<Db>) -> Self {
        Self { db, own: None }
    }

    /// Runs statements that stand and fall together, telling apart how they may fall.
    ///
    /// One by one rather than as one `BEGIN … COMMIT` text: the database keeps a statement compiled
    /// only if it comes alone, and compiling takes several times as long as running it.
    pub(super) async fn transact(&mut self, statements: Vec<Statement>) -> Result<(), Fall> {
        let own = self.own.take().unwrap_or_else(|| self.db.0.clone());
        let transaction = own.begin().await?;
        for Statement { sql, variables } in statements {
            let failed = match transaction.query(sql).bind(variables).await {
                Ok(mut results) => root_cause(&mut results),
                Err(error) => Some(error),
            };
            if let Some(error) = failed {
                self.own = transaction.cancel().await.ok();
                return Err(error.into());
            }
        }
        self.own = Some(transaction.commit().await?);
        Ok(())
    }
}

/// How a transaction can fail.
pub(super) enum Fall {
    /// A row that must be new exists; nothing was written.
    Exists,
    /// Another transaction came first; nothing was written and trying again is safe.
    Retry,
    /// It may or may not have been written.
    Unknown(StoreError),
}

impl From<surrealdb::Error> for Fall {
    fn from(error: surrealdb::Error) -> Self {
        if matches!(error.already_exists_details(), Some(AlreadyExistsError::Record { .. })) {
            Self::Exists
        } else if matches!(error.query_details(), Some(QueryError::TransactionConflict)) {
            Self::Retry
        } else {
            Self::Unknown(error.into())
        }
    }
}

/// In a failed transaction every statement reports an error, all but one of them "not executed".
fn root_cause(results: &mut IndexedResults) -> Option<surrealdb::Error> {
    let mut errors: Vec<_> = results.take_errors().into_iter().collect();
    errors.sort_unstable_by_key(|(index, _)| *index);
    let incidental = |error: &surrealdb::Error| {
        matches!(error.query_details(), Some(QueryError::NotExecuted | QueryError::Cancelled))
    };
    let cause = errors.iter().position(|(_, error)| !incidental(error)).unwrap_or(0);
    (!errors.is_empty()).then(|| errors.swap_remove(cause).1)
}

/// Answers by statement, counted from 0.
pub(super) struct Answers(IndexedResults);

impl Answers {
    /// The statement's value, `Value::None` if it found nothing.
    pub(super) fn value(&mut self, statement: usize) -> Result<Value, StoreError> {
        Ok(self.0.take::<Value>(statement)?)
    }

    /// The statement's rows.
    pub(super) fn rows(&mut self, statement: usize) -> Result<Vec<Value>, StoreError> {
        match self.value(statement)? {
            Value::Array(rows) => Ok(rows.into_vec()),
            Value::None | Value::Null => Ok(Vec::new()),
            one => Ok(vec![one]),
        }
    }
}

fn address(config: &config::Store, data_dir: &Path) -> Result<String, StoreError> {
    match config.address.as_str() {
        "memory" => Ok("mem://".into()),
        "embedded" => embedded_address(config, data_dir),
        other => Ok(other.into()),
    }
}

/// Values of more bytes go into a log of their own, which is synced besides: nothing that messages are made of should.
const VALUE_LOG: usize = 64 * 1024;

fn embedded_address(config: &config::Store, data_dir: &Path) -> Result<String, StoreError> {
    const MIB: usize = 1024 * 1024;
    let unusable = |fault: &str| {
        StoreError::Unavailable(format!("the data directory {} {fault}", data_dir.display()))
    };
    let path = std::path::absolute(data_dir.join("store"))
        .map_err(|error| unusable(&format!("can't be found: {error}")))?;
    std::fs::create_dir_all(&path)
        .map_err(|error| unusable(&format!("can't be written: {error}")))?;
    let path = path.to_str().ok_or_else(|| unusable("has a name that is not UTF-8"))?;
    Ok(format!(
        "surrealkv://{}?sync=every&max_memtable_size={}&block_cache_capacity={}&vlog_threshold={}",
        percent_encoded(path),
        config.memtable_mib.max(1) * MIB,
        config.block_cache_mib.max(1) * MIB,
        VALUE_LOG,
    ))
}

/// The database takes its path from an address, where some characters would mean something else.
fn percent_encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
