//! Accounts of the marketplace's staff, their sessions and one-time links. Secrets are stored hashed only.

use chrono::{DateTime, Utc};
use surrealdb::types::{Array, Object, RecordId, SurrealValue, Value};

use super::audit::entry_row;
use super::catalogue::variable;
use super::db::{Fall, Statement};
use super::group::{CREATE, NewRecord, REPLACE};
use super::value::{NewRow, Row, int, millis, named, serde_value, text};
use super::{AuditEntry, Store, StoreError};
use crate::domain::{Role, UserId};

/// Somebody's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Such as `staff:0f3a…`.
    pub id: UserId,
    /// Folded to lower case; unique.
    pub email: String,
    /// The name others see.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password's argon2id hash in PHC form.
    pub password: String,
    /// Whether they may sign in.
    pub active: bool,
    /// Sessions of another epoch are over.
    pub epoch: u64,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When they last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// A session; its key is a hash of what the cookie holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Whose.
    pub staff: UserId,
    /// The account's epoch when it began.
    pub epoch: u64,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// A one-time link; its key is a hash of its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// The hash.
    pub hash: String,
    /// Whether it is for the first admin.
    pub first_admin: bool,
    /// What its user will be.
    pub role: Role,
    /// Whom it is for; `None`: whoever has it.
    pub email: Option<String>,
    /// Who made it; `None`: the engine.
    pub by: Option<UserId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it is worth nothing any more.
    pub expires_at: DateTime<Utc>,
}

/// Why a change of accounts was not made.
#[derive(Debug, thiserror::Error)]
pub enum StaffChangeError {
    /// The address, or the link, was used before.
    #[error("somebody else was first")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One change; several are made together or not at all.
#[derive(Debug, Clone)]
pub enum StaffWrite {
    /// A new account; fails if its address has one.
    Join(StaffRow),
    /// Replaces an account; its address stays.
    Replace(StaffRow),
    /// Begins a session.
    Session {
        /// Hash of what the cookie holds.
        hash: String,
        /// The session.
        row: SessionRow,
    },
    /// Ends one.
    EndSession(String),
    /// A new link.
    Link(LinkRow),
    /// Uses one up; fails if it was used.
    UseLink(String),
    /// Makes one worthless.
    DropLink(String),
    /// Adds to the audit log.
    Audit(AuditEntry),
}

impl Store {
    /// Makes the changes together or not at all.
    pub async fn change_staff(&self, writes: Vec<StaffWrite>) -> Result<(), StaffChangeError> {
        let mut statements = Vec::new();
        for write in writes {
            add(&mut statements, write);
        }
        match self.inner.administrator.lock().await.transact(statements).await {
            Ok(()) => Ok(()),
            Err(Fall::Exists | Fall::Retry) => Err(StaffChangeError::Taken),
            Err(Fall::Unknown(error)) => Err(error.into()),
        }
    }

    /// An account.
    pub async fn staff(&self, id: &UserId) -> Result<Option<StaffRow>, StoreError> {
        self.one(named("staff", id.as_str())).await?.map(read_staff).transpose()
    }

    /// The account of an address.
    pub async fn staff_of_email(&self, email: &str) -> Result<Option<StaffRow>, StoreError> {
        let Some(found) = self.one(named("staff_email", email)).await? else { return Ok(None) };
        let id = Row::new(found, "staff_email")?.text("staff")?;
        self.staff(&UserId::trusted(id)).await
    }

    /// Every account, in no particular order.
    pub async fn all_staff(&self) -> Result<Vec<StaffRow>, StoreError> {
        let rows = self.inner.db.ask("SELECT * FROM staff", Object::new()).await?.rows(0)?;
        rows.into_iter().map(read_staff).collect()
    }

    /// A session, by the hash of what its cookie holds.
    pub async fn staff_session(&self, hash: &str) -> Result<Option<SessionRow>, StoreError> {
        let Some(found) = self.one(named("staff_session", hash)).await? else { return Ok(None) };
        let row = &mut Row::new(found, "staff_session")?;
        Ok(Some(SessionRow {
            staff: UserId::trusted(row.text("staff")?),
            epoch: row.count("epoch")?,
            expires_at: row.time("expires_at")?,
        }))
    }

    /// Every link that was not used, expired ones included.
    pub async fn staff_links(&self) -> Result<Vec<LinkRow>, StoreError> {
        let sql = "SELECT * FROM staff_link; SELECT VALUE record::id(id) FROM staff_link_used";
        let mut answers = self.inner.db.ask(sql, Object::new()).await?;
        let rows = answers.rows(0)?;
        let used = answers.rows(1)?;
        let used: Vec<String> =
            used.into_iter().filter_map(|it| super::value::as_text(it).ok()).collect();
        let links = rows.into_iter().map(read_link).collect::<Result<Vec<_>, _>>()?;
        Ok(links.into_iter().filter(|link| !used.contains(&link.hash)).collect())
    }

    /// A link that was not used, by the hash of its secret.
    pub async fn staff_link(&self, hash: &str) -> Result<Option<LinkRow>, StoreError> {
        if self.one(named("staff_link_used", hash)).await?.is_some() {
            return Ok(None);
        }
        self.one(named("staff_link", hash)).await?.map(read_link).transpose()
    }

    /// Deletes sessions and links that ended before `before`.
    pub async fn trim_staff(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        for sql in [
            "DELETE staff_session WHERE expires_at < $before RETURN NONE",
            "DELETE staff_link WHERE expires_at < $before RETURN NONE",
        ] {
            self.inner.db.ask(sql, variable("before", millis(before))).await?;
        }
        Ok(())
    }
}

fn add(statements: &mut Vec<Statement>, write: StaffWrite) {
    let mut put = |sql: &'static str, (id, row): NewRecord| {
        let mut variables = variable("id", Value::RecordId(id));
        variables.insert("row", row.value());
        statements.push(Statement { sql, variables });
    };
    match write {
        StaffWrite::Join(row) => {
            let owner = NewRow::new().with("staff", text(row.id.as_str()));
            put(CREATE, (named("staff_email", &row.email), owner));
            put(CREATE, staff_row(&row));
        }
        StaffWrite::Replace(row) => put(REPLACE, staff_row(&row)),
        StaffWrite::Session { hash, row } => {
            let fields = NewRow::new()
                .with("staff", text(row.staff.as_str()))
                .with("epoch", int(row.epoch))
                .with("expires_at", millis(row.expires_at));
            put(CREATE, (named("staff_session", &hash), fields));
        }
        StaffWrite::Link(row) => put(CREATE, link_row(&row)),
        StaffWrite::UseLink(hash) => put(CREATE, (named("staff_link_used", &hash), NewRow::new())),
        StaffWrite::Audit(entry) => put(CREATE, entry_row(&entry)),
        StaffWrite::EndSession(hash) => statements.push(gone(named("staff_session", &hash))),
        StaffWrite::DropLink(hash) => statements.push(gone(named("staff_link", &hash))),
    }
}

fn gone(id: RecordId) -> Statement {
    let ids: Array = std::iter::once(Value::RecordId(id)).collect();
    Statement { sql: "DELETE $ids RETURN NONE", variables: variable("ids", Value::Array(ids)) }
}

fn staff_row(row: &StaffRow) -> NewRecord {
    let fields = NewRow::new()
        .with("email", text(&row.email))
        .with("name", text(&row.name))
        .with("role", serde_value(row.role))
        .with("password", text(&row.password))
        .with("active", row.active.into_value())
        .with("epoch", int(row.epoch))
        .with("created_at", millis(row.created_at))
        .maybe("last_sign_in_at", row.last_sign_in_at.map(millis));
    (named("staff", row.id.as_str()), fields)
}

fn read_staff(value: Value) -> Result<StaffRow, StoreError> {
    let row = &mut Row::new(value, "staff")?;
    Ok(StaffRow {
        id: UserId::trusted(row.name()?),
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.serde("role")?,
        password: row.text("password")?,
        active: row.serde("active")?,
        epoch: row.count("epoch")?,
        created_at: row.time("created_at")?,
        last_sign_in_at: row.maybe_time("last_sign_in_at")?,
    })
}

fn link_row(row: &LinkRow) -> NewRecord {
    let fields = NewRow::new()
        .with("first_admin", row.first_admin.into_value())
        .with("role", serde_value(row.role))
        .maybe("email", row.email.as_ref().map(text))
        .maybe("by", row.by.as_ref().map(|by| text(by.as_str())))
        .with("created_at", millis(row.created_at))
        .with("expires_at", millis(row.expires_at));
    (named("staff_link", &row.hash), fields)
}

fn read_link(value: Value) -> Result<LinkRow, StoreError> {
    let row = &mut Row::new(value, "staff_link")?;
    Ok(LinkRow {
        hash: row.name()?,
        first_admin: row.serde("first_admin")?,
        role: row.serde("role")?,
        email: row.maybe_text("email")?,
        by: row.maybe_text("by")?.map(UserId::trusted),
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
