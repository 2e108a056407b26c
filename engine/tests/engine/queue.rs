//! A long queue pages in bounded time, in both orders, and is found again in a store of before there was one.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rialto_engine::app::Rooms;
use rialto_engine::domain::{
    Action, ClientId, Clock, Conversation, ConversationId, ConversationKind, ConversationState,
    Event, EventKind, Held, RecordedSignal, UserId, Verdict,
};
use rialto_engine::store::{Commit, QueueFilter, QueueOrder, Write};
use rialto_engine::trust::Moderation;
use tempfile::TempDir;

use crate::rooms::rooms;

const HELD: u64 = 10_000;
const EACH: u64 = 500;
const PAGE: usize = 100;
/// For a page in a debug build on a busy machine; a walk through the queue for each page would take many times as long.
const PATIENCE: Duration = Duration::from_millis(1_500);

fn held(conversation: &ConversationId, seq: u64, at: DateTime<Utc>) -> Event {
    #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
    let confidence = (seq % 7) as f32 / 10.0 + 0.1;
    let signal = RecordedSignal {
        filter: "contact-guard".into(),
        filter_version: "1".into(),
        id: if seq.is_multiple_of(1_000) { "contact.email" } else { "contact.phone" }.into(),
        confidence,
        weight: 1.0,
        spans: vec![],
        evidence: vec![],
    };
    let verdict = Verdict {
        action: Action::Hold,
        policy_version: 1,
        signals: vec![signal],
        mask: vec![],
        notice: None,
        warning: None,
    };
    Event {
        conversation: conversation.clone(),
        seq,
        at,
        actor: UserId::trusted("ann"),
        kind: EventKind::MessagePosted {
            client_id: ClientId::trusted(format!("c{seq}")),
            body: Arc::from("ring me"),
            verdict: Some(Arc::new(verdict)),
        },
    }
}

/// Commits held messages, with their entries in the queue if asked for.
async fn fill(rooms: &Rooms, queued: bool) {
    let begin = Clock::system().now() - TimeDelta::hours(5);
    let id = ConversationId::trusted("crowded");
    let conversation = Conversation {
        id: id.clone(),
        kind: ConversationKind::Direct,
        listing: None,
        category: None,
        participants: vec![],
        state: ConversationState::Open,
        blocks: vec![],
        created_at: begin,
        sealed_chunks: 0,
    };
    for first in (1..=HELD).step_by(usize::try_from(EACH).expect("fits")) {
        let mut writes = vec![Write::Conversation(conversation.clone())];
        for seq in first..first + EACH {
            let at = begin + TimeDelta::milliseconds(i64::try_from(seq).expect("fits"));
            let event = held(&id, seq, at);
            let entry = event.posted_message().as_ref().and_then(Held::of);
            writes.extend(entry.filter(|_| queued).map(Write::Held));
            writes.push(Write::Event(event));
        }
        rooms.store.commit(Commit { conversation: id.clone(), writes }).await.expect("committed");
    }
}

/// Every page of the queue: how many there were of what, in order.
async fn walk(moderation: &Moderation, order: QueueOrder) -> Vec<Held> {
    let (mut all, mut after) = (Vec::new(), None);
    let filter = QueueFilter::default();
    loop {
        let begin = Instant::now();
        let page = moderation.queue(&filter, order, after.as_ref(), PAGE).await.expect("a page");
        let took = begin.elapsed();
        assert!(took < PATIENCE, "page after {} took {took:?}", all.len());
        all.extend(page.waiting.into_iter().map(|waiting| waiting.held));
        after = page.end;
        if !page.has_more {
            return all;
        }
    }
}

#[tokio::test]
async fn ten_thousand_held_messages_page_fast_in_both_orders() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    fill(&rooms, true).await;
    let oldest = walk(&rooms.moderation, QueueOrder::Oldest).await;
    assert_eq!(oldest.len() as u64, HELD);
    assert!(oldest.is_sorted_by_key(|held| (held.at, held.seq)), "who waits longest comes first");
    let worst = walk(&rooms.moderation, QueueOrder::Severity).await;
    let places: HashSet<u64> = worst.iter().map(|held| held.seq).collect();
    assert_eq!(places.len() as u64, HELD, "each once");
    let sorted = worst.is_sorted_by_key(|held| (std::cmp::Reverse(held.severity), held.at));
    assert!(sorted, "what looks worst comes first");
    let filter = QueueFilter { signal: Some("contact.email".into()), ..QueueFilter::default() };
    let found = rooms.moderation.queue(&filter, QueueOrder::Oldest, None, PAGE).await;
    assert_eq!(found.expect("a page").waiting.len(), 10, "a filter looks through all of them");
    rooms.close().await.expect("closed");
}

#[tokio::test]
async fn a_store_of_before_the_queue_gets_one_from_its_log() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    fill(&rooms, false).await;
    rooms.store.forget_queue().await.expect("as if it had never been filled");
    let moderation = Moderation::start(rooms.store.clone(), rooms.fanout.clone()).await;
    let moderation = moderation.expect("started");
    assert_eq!(moderation.count_waiting(), HELD);
    assert_eq!(walk(&moderation, QueueOrder::Oldest).await.len() as u64, HELD);
    rooms.close().await.expect("closed");
}
