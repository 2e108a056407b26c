//! Everybody's list of conversations: a projection that one outbox consumer writes.

use surrealdb::types::{Array, Value};

use super::catalogue::variable;
use super::db::Fall;
use super::desk::desk_statements;
use super::group::{NewRecord, REPLACE, Table, put};
use super::outbox::CURSOR;
use super::value::{LAST_TEXT, NewRow, Row, as_text, int, millis, record, serde_value, text};
use super::{OutboxCursor, Store, StoreError};
use crate::domain::{ConversationId, InboxRow, UserId};

/// The name of the consumer that writes inboxes.
pub const INBOX_CONSUMER: &str = "inbox";

pub(super) const INBOX: Table = Table {
    one: REPLACE,
    many: "INSERT INTO inbox $rows ON DUPLICATE KEY UPDATE kind = $input.kind, \
           state = $input.state, last_seq = $input.last_seq, last_at = $input.last_at, \
           unread = $input.unread, last_read = $input.last_read, \
           waiting_since = $input.waiting_since, category = $input.category RETURN NONE",
};

/// A list's row before something happened, if there was one, and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxChange {
    /// As it was.
    pub before: Option<InboxRow>,
    /// As it is.
    pub after: InboxRow,
}

impl Store {
    /// Writes rows and the inbox consumer's cursor, both or neither.
    pub async fn apply_inbox(
        &self,
        changes: &[InboxChange],
        cursor: &OutboxCursor,
    ) -> Result<(), StoreError> {
        let mut statements = Vec::new();
        put(&mut statements, &INBOX, changes.iter().map(|change| inbox_row(&change.after)));
        desk_statements(&mut statements, changes);
        put(&mut statements, &CURSOR, [cursor.row(INBOX_CONSUMER)]);
        match self.inner.projector.lock().await.transact(statements).await {
            Ok(()) => Ok(()),
            Err(Fall::Unknown(error)) => Err(error),
            Err(Fall::Exists | Fall::Retry) => {
                Err(StoreError::Unavailable("inboxes are being written by somebody else".into()))
            }
        }
    }

    /// A user's whole list, in no particular order.
    pub async fn inbox(&self, user: &UserId) -> Result<Vec<InboxRow>, StoreError> {
        let mut variables = variable("user", text(user.as_str()));
        variables.insert("last", text(LAST_TEXT));
        let sql = "SELECT * FROM inbox:[$user, '']..=[$user, $last]";
        let rows = self.inner.db.ask(sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_inbox_row).collect()
    }

    /// Certain rows, those that exist, in no particular order.
    pub async fn inbox_rows(
        &self,
        keys: &[(UserId, ConversationId)],
    ) -> Result<Vec<InboxRow>, StoreError> {
        let ids: Array =
            keys.iter().map(|(user, conversation)| inbox_id(user, conversation)).collect();
        let variables = variable("ids", Value::Array(ids));
        let rows = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        rows.into_iter().map(read_inbox_row).collect()
    }
}

fn inbox_id(user: &UserId, conversation: &ConversationId) -> surrealdb::types::RecordId {
    record("inbox", [text(user.as_str()), text(conversation.as_str())])
}

pub(super) fn inbox_row(row: &InboxRow) -> NewRecord {
    let fields = NewRow::new()
        .with("kind", serde_value(row.kind))
        .with("state", serde_value(row.state))
        .with("last_seq", int(row.last_seq))
        .with("last_at", millis(row.last_at))
        .with("unread", int(row.unread))
        .with("last_read", int(row.last_read))
        .maybe("waiting_since", row.waiting_since.map(millis))
        .maybe("category", row.category.as_ref().map(text));
    (inbox_id(&row.user, &row.conversation), fields)
}

fn read_inbox_row(value: Value) -> Result<InboxRow, StoreError> {
    let row = &mut Row::new(value, "inbox")?;
    let [user, conversation] = row.key::<2>()?.map(as_text);
    let user = user.map_err(|value| row.corrupt("id", &value))?;
    let conversation = conversation.map_err(|value| row.corrupt("id", &value))?;
    Ok(InboxRow {
        user: UserId::trusted(user),
        conversation: ConversationId::trusted(conversation),
        kind: row.serde("kind")?,
        state: row.serde("state")?,
        last_seq: row.count("last_seq")?,
        last_at: row.time("last_at")?,
        unread: row.count("unread")?,
        last_read: row.count("last_read")?,
        waiting_since: row.maybe_time("waiting_since")?,
        category: row.maybe_text("category")?,
    })
}
