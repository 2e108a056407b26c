//! Stores to test with, and conversations to put into them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rialto_engine::config;
use rialto_engine::domain::{
    Action, ClientId, Clock, Conversation, ConversationId, ConversationKind, ConversationState,
    Event, EventKind, FilterRun, ListingId, Participant, ParticipantRole, RecordedSignal, RunMode,
    Seq, Span, UserId, Verdict,
};
use rialto_engine::store::{Commit, CommitError, Store, StoreError, Write};

/// A directory that is gone when the test is over.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        let name = format!("rialto-test-{}-{:016x}", std::process::id(), rand::random::<u64>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("the temporary directory can be written");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub fn memory() -> config::Store {
    config::Store { address: "memory".into(), ..config::Store::default() }
}

pub fn embedded() -> config::Store {
    config::Store { memtable_mib: 1, block_cache_mib: 16, ..config::Store::default() }
}

pub async fn open(config: &config::Store, dir: &Path) -> Result<Store, StoreError> {
    Store::open(config, dir, Clock::system()).await
}

/// A store in memory.
pub async fn in_memory() -> Store {
    open(&memory(), Path::new("unused")).await.expect("a store in memory opens")
}

/// Closes the store and lets go of its files.
pub async fn close(store: Store) {
    store.close().await.expect("the store closes");
}

pub fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).expect("a time")
}

pub fn user(name: &str) -> UserId {
    UserId::trusted(name)
}

pub fn conversation_id(name: &str) -> ConversationId {
    ConversationId::direct(&ListingId::trusted(name), &user("ann"))
}

pub fn conversation(id: &ConversationId) -> Conversation {
    Conversation {
        id: id.clone(),
        kind: ConversationKind::Direct,
        listing: Some(ListingId::trusted("bike-1")),
        category: None,
        participants: vec![
            Participant { user: user("ann"), role: ParticipantRole::Buyer },
            Participant { user: user("bob"), role: ParticipantRole::Seller },
        ],
        state: ConversationState::Open,
        blocks: vec![],
        created_at: at(1_700_000_000_123),
        sealed_chunks: 0,
    }
}

pub fn event(id: &ConversationId, seq: Seq, kind: EventKind) -> Event {
    let at = at(1_700_000_000_000 + i64::try_from(seq).expect("small"));
    Event { conversation: id.clone(), seq, at, actor: user("ann"), kind }
}

/// A message without signals.
pub fn posted(id: &ConversationId, seq: Seq, body: &str) -> Event {
    let kind = EventKind::MessagePosted {
        client_id: ClientId::trusted(format!("client-{seq}")),
        body: Arc::from(body),
        verdict: None,
    };
    event(id, seq, kind)
}

pub fn verdict(action: Action) -> Arc<Verdict> {
    Arc::new(Verdict {
        action,
        policy_version: 7,
        signals: vec![RecordedSignal {
            filter: "contact-guard".into(),
            filter_version: "1.0.0+9f86d081".into(),
            id: "contact.phone".into(),
            confidence: 0.875,
            weight: 1.5,
            spans: vec![Span { start: 5, end: 8 }],
            evidence: vec![("digits".into(), "555".into()), ("country".into(), "é".into())],
        }],
        mask: vec![Span { start: 5, end: 8 }],
        notice: Some("for the sender".into()),
        warning: None,
    })
}

pub async fn write(
    store: &Store,
    id: &ConversationId,
    writes: Vec<Write>,
) -> Result<(), CommitError> {
    store.commit(Commit { conversation: id.clone(), writes }).await
}

/// What a filter's look leaves behind.
pub fn run() -> FilterRun {
    FilterRun {
        filter: "contact-guard".into(),
        version: 3,
        digest: "9f86d081".repeat(8),
        config_hash: "00".repeat(32),
        mode: RunMode::Canary,
        micros: 41,
        signals: 1,
        fault: None,
    }
}
