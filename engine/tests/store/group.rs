//! Group commit: who fails, who doesn't; what the outbox says; what happens when too much waits.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use futures_util::future::join_all;
use rialto_engine::config;
use rialto_engine::domain::{
    Action, ClientId, ConversationId, ConversationKind, ConversationState, Seq, User, UserId,
};
use rialto_engine::store::{
    AsideEntry, CatalogueEntry, CommitError, Decision, InboxChange, OutboxCursor, OutboxEntry,
    OutboxRow, Standing, Store, StoreError, Write,
};

use crate::support::{
    TempDir, at, close, conversation_id, embedded, in_memory, memory, open, posted, run, user,
    verdict, write,
};

async fn one_writer() -> Store {
    one_writer_and(true).await
}

async fn one_writer_and(journal: bool) -> Store {
    let config = config::Store { writers: 1, journal, ..memory() };
    open(&config, Path::new("unused")).await.expect("a store in memory opens")
}

async fn post(store: &Store, id: &ConversationId, seq: Seq) -> Result<(), CommitError> {
    write(store, id, vec![Write::Event(posted(id, seq, "hi"))]).await
}

#[tokio::test]
async fn a_taken_sequence_number_fails_its_own_commit_only() {
    for journal in [true, false] {
        a_taken_number(&one_writer_and(journal).await).await;
    }
}

async fn a_taken_number(store: &Store) {
    let ids: Vec<ConversationId> = (0..40).map(|n| conversation_id(&n.to_string())).collect();
    post(store, &ids[7], 1).await.expect("the number is free");
    let groups_before = *store.outbox_signal().borrow();
    // Handed in together, so that the writer takes them as one group.
    let outcomes = join_all(ids.iter().map(|id| post(store, id, 1))).await;
    for (n, outcome) in outcomes.into_iter().enumerate() {
        let expected = if n == 7 { Err(CommitError::Conflict) } else { Ok(()) };
        assert_eq!(outcome, expected, "commit {n}");
    }
    let groups = *store.outbox_signal().borrow() - groups_before;
    assert_eq!(groups, 1, "it was known before the group was written");
    for id in &ids {
        assert_eq!(store.last_seq(id).await, Ok(1), "nobody is doubled or lost");
    }
}

#[tokio::test]
async fn what_waits_is_committed_together() {
    let store = one_writer().await;
    let ids: Vec<ConversationId> = (0..200).map(|n| conversation_id(&n.to_string())).collect();
    for outcome in join_all(ids.iter().map(|id| post(&store, id, 1))).await {
        outcome.expect("committed");
    }
    let groups = *store.outbox_signal().borrow();
    assert!(groups <= 2, "200 waiting commits took {groups} transactions");
}

#[tokio::test]
async fn a_failed_commit_takes_its_successors_along() {
    let store = one_writer().await;
    let (id, other) = (conversation_id("a"), conversation_id("b"));
    post(&store, &id, 1).await.expect("the number is free");
    let (stale, next, unrelated) =
        tokio::join!(post(&store, &id, 1), post(&store, &id, 3), post(&store, &other, 1));
    assert_eq!(stale, Err(CommitError::Conflict), "1 is taken");
    assert_eq!(next, Err(CommitError::Conflict), "3 would leave a gap");
    assert_eq!(unrelated, Ok(()));
    assert_eq!(post(&store, &id, 4).await, Err(CommitError::Conflict), "still no 3");
    assert_eq!(post(&store, &id, 2).await, Ok(()), "after loading again it goes on");
    assert_eq!(post(&store, &id, 3).await, Ok(()));
    let seqs: Vec<Seq> =
        store.events(&id, 1..=9).await.expect("answers").iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [1, 2, 3], "no gap, nothing doubled");
}

#[tokio::test]
async fn a_commit_is_all_or_nothing() {
    let store = in_memory().await;
    let id = conversation_id("a");
    post(&store, &id, 1).await.expect("the number is free");
    let writes = vec![
        Write::Read { user: user("bob"), seq: 1 },
        Write::Block { by: user("bob"), blocked: user("ann") },
        Write::Event(posted(&id, 1, "again")),
    ];
    assert_eq!(write(&store, &id, writes).await, Err(CommitError::Conflict));
    assert_eq!(store.is_blocked(&user("bob"), &user("ann")).await, Ok(false), "not half of it");
}

#[tokio::test]
async fn events_with_a_gap_are_refused() {
    let store = in_memory().await;
    let (id, other) = (conversation_id("a"), conversation_id("b"));
    for events in
        [[posted(&id, 1, "a"), posted(&id, 3, "c")], [posted(&id, 1, "a"), posted(&other, 2, "b")]]
    {
        let writes = events.into_iter().map(Write::Event).collect();
        let refused = write(&store, &id, writes).await;
        assert!(matches!(refused, Err(CommitError::Store(StoreError::Query(_)))), "{refused:?}");
    }
    assert_eq!(store.last_seq(&id).await, Ok(0), "nothing was written");
}

#[tokio::test]
async fn a_full_queue_answers_busy() {
    let config = config::Store { writers: 1, queue: 10, group_size: 4, ..memory() };
    let store = open(&config, Path::new("unused")).await.expect("opens");
    let ids: Vec<ConversationId> = (0..50).map(|n| conversation_id(&n.to_string())).collect();
    let outcomes = join_all(ids.iter().map(|id| post(&store, id, 1))).await;
    let busy = outcomes.iter().filter(|outcome| **outcome == Err(CommitError::Busy)).count();
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(busy + done, 50, "{outcomes:?}");
    assert_eq!(done, 10, "as many as may wait");
    for (id, outcome) in ids.iter().zip(outcomes) {
        let expected = u64::from(outcome.is_ok());
        assert_eq!(store.last_seq(id).await, Ok(expected), "busy means that nothing was written");
    }
}

#[tokio::test]
async fn closing_finishes_what_was_accepted_and_refuses_the_rest() {
    let dir = TempDir::new();
    let store = open(&embedded(), dir.path()).await.expect("opens");
    let ids: Vec<ConversationId> = (0..100).map(|n| conversation_id(&n.to_string())).collect();
    let accepted = join_all(ids.iter().map(|id| post(&store, id, 1)));
    let (outcomes, closed) = tokio::join!(accepted, store.close());
    assert_eq!(closed, Ok(()));
    assert!(outcomes.iter().all(Result::is_ok), "accepted before closing: {outcomes:?}");
    let late = post(&store, &ids[0], 2).await;
    assert!(matches!(late, Err(CommitError::Store(StoreError::Unavailable(_)))), "{late:?}");
    drop(store);
    let store = open(&embedded(), dir.path()).await.expect("opens again at once");
    for id in &ids {
        assert_eq!(store.last_seq(id).await, Ok(1));
    }
    close(store).await;
}

/// Everything after the cursor, in small steps; the cursor ends at the end.
async fn drain(store: &Store, cursor: &mut OutboxCursor) -> Vec<OutboxRow> {
    let mut all = Vec::new();
    loop {
        let rows = store.outbox_after(cursor, 7).await.expect("answers");
        if rows.is_empty() {
            return all;
        }
        rows.iter().for_each(|row| cursor.pass(row));
        all.extend(rows);
    }
}

/// Adds the events the rows name; each must follow its predecessor.
fn follow(rows: &[OutboxRow], known: &mut HashMap<ConversationId, Seq>) {
    for entry in rows.iter().flat_map(|row| &row.entries).filter_map(OutboxEntry::conversation) {
        let Some((first, last)) = entry.events else { continue };
        let before = known.insert(entry.conversation.clone(), last).unwrap_or(0);
        assert_eq!(first, before + 1, "{}: each event once, in order", entry.conversation);
        assert_eq!(entry.started(), first == 1);
    }
}

#[tokio::test]
async fn the_outbox_names_every_event_once_across_openings_and_numbers_of_writers() {
    let dir = TempDir::new();
    let ids: Vec<ConversationId> = (0..25).map(|n| conversation_id(&n.to_string())).collect();
    let (mut written, mut known) = (0, HashMap::new());
    let mut cursor = OutboxCursor::default();
    for (opening, writers) in [3, 1, 2, 5].into_iter().enumerate() {
        let config = config::Store { writers, ..embedded() };
        let store = open(&config, dir.path()).await.expect("opens");
        for _ in 0..4 {
            written += 1;
            for outcome in join_all(ids.iter().map(|id| post(&store, id, written))).await {
                outcome.expect("committed");
            }
        }
        // A consumer that sleeps through one opening still gets everything.
        if opening != 1 {
            follow(&drain(&store, &mut cursor).await, &mut known);
            assert!(ids.iter().all(|id| known.get(id) == Some(&written)), "{known:?}");
            store.save_cursor("test", &cursor).await.expect("saved");
        }
        if opening == 2 {
            store.trim_outbox(&cursor).await.expect("trimmed");
            let rest = drain(&store, &mut OutboxCursor::default()).await;
            assert!(
                rest.len() <= 2,
                "only what the cursor stands on is left of 2 writers: {rest:?}"
            );
            // cursor, what it is worth
            let start = OutboxCursor::default();
            let future = "99:0=1".parse().expect("a cursor");
            let undone = "3:0=4000".parse().expect("a cursor");
            for (cursor, expected) in [
                (&cursor, Standing::Good),
                (&store.outbox_end(), Standing::Good),
                (&start, Standing::Behind),
                (&future, Standing::Foreign),
                (&undone, Standing::Foreign),
            ] {
                assert_eq!(store.standing(cursor).await, Ok(expected), "{cursor}");
            }
        }
        close(store).await;
    }
    let store = open(&embedded(), dir.path()).await.expect("opens");
    assert_eq!(store.cursor("test").await, Ok(cursor), "the saved cursor");
    let mut fresh = store.cursor("another").await.expect("answers");
    let rows = drain(&store, &mut fresh).await;
    let named: usize = rows.iter().flat_map(|row| &row.entries).count();
    assert_eq!(named, 4 * 25, "a new consumer gets what was not trimmed: the last opening");
    close(store).await;
}

#[tokio::test]
async fn the_outbox_names_read_markers_and_decisions_too() {
    let store = in_memory().await;
    let id = conversation_id("a");
    let mut signal = store.outbox_signal();
    let decision = Decision {
        at: at(1_000),
        sender: user("ann"),
        client_id: ClientId::trusted("c"),
        body: "call 555".into(),
        verdict: verdict(Action::Refuse),
        seq: None,
        runs: vec![run()],
        micros: 77,
    };
    let writes = vec![Write::Read { user: user("bob"), seq: 3 }, Write::Decision(decision)];
    write(&store, &id, writes).await.expect("committed");
    signal.changed().await.expect("consumers are woken");
    let rows = drain(&store, &mut OutboxCursor::default()).await;
    let [OutboxRow { entries, .. }] = rows.as_slice() else { panic!("one group: {rows:?}") };
    let [OutboxEntry::Conversation(entry)] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(entry.events, None);
    assert_eq!(entry.reads, [user("bob")]);
    assert_eq!(entry.decisions, [(at(1_000), ClientId::trusted("c"))]);
}

#[tokio::test]
async fn users_and_listings_are_named_by_the_outbox_that_changed_with_them() {
    let store = in_memory().await;
    let user =
        |id: &str| User { id: user(id), name: id.to_uppercase(), locale: None, created_at: None };
    store.upsert_users(vec![user("ann"), user("bob")]).await.expect("written");
    store.ensure_user(&user("ann")).await.expect("known already");
    store.ensure_user(&user("eve")).await.expect("introduced");
    let rows = drain(&store, &mut OutboxCursor::default()).await;
    let named: Vec<_> = rows.iter().flat_map(|row| &row.entries).collect();
    let entry = |users: &[&str]| {
        let users = users.iter().map(UserId::trusted).collect();
        OutboxEntry::Catalogue(CatalogueEntry { users, listings: Vec::new() })
    };
    assert_eq!(named, [&entry(&["ann", "bob"]), &entry(&["eve"])]);
}

#[tokio::test]
async fn entries_set_aside_are_kept_by_consumer_until_put_back() {
    let store = in_memory().await;
    post(&store, &conversation_id("a"), 1).await.expect("committed");
    let rows = drain(&store, &mut OutboxCursor::default()).await;
    let aside = AsideEntry {
        place: rows[0].place(0),
        at: at(7),
        reason: "it is odd".to_owned(),
        entry: rows[0].entries[0].clone(),
    };
    store.set_aside("search", std::slice::from_ref(&aside)).await.expect("kept");
    store.set_aside("searching", std::slice::from_ref(&aside)).await.expect("kept");
    assert_eq!(store.aside("search", 10).await, Ok(vec![aside.clone()]));
    store.put_back("search", &[aside.place]).await.expect("forgotten");
    assert_eq!(store.aside("search", 10).await, Ok(vec![]));
    store.forget_aside("search").await.expect("nothing to forget");
    assert_eq!(store.aside("searching", 10).await, Ok(vec![aside]), "another consumer's stays");
}

#[tokio::test]
async fn inbox_rows_and_their_cursor_are_written_together() {
    let store = in_memory().await;
    let ids = [conversation_id("a"), conversation_id("b")];
    post(&store, &ids[0], 1).await.expect("committed");
    let mut cursor = store.cursor("inbox").await.expect("answers");
    drain(&store, &mut cursor).await;
    let row = |name: &str, id: &ConversationId, unread| rialto_engine::domain::InboxRow {
        user: user(name),
        conversation: id.clone(),
        kind: ConversationKind::Direct,
        state: ConversationState::Open,
        last_seq: 1,
        last_at: at(5),
        unread,
        last_read: 0,
        waiting_since: None,
        category: None,
    };
    let rows = vec![row("bob", &ids[0], 1), row("bob", &ids[1], 2), row("bobby", &ids[0], 3)];
    let changes = |rows: Vec<rialto_engine::domain::InboxRow>| -> Vec<InboxChange> {
        rows.into_iter().map(|after| InboxChange { before: None, after }).collect()
    };
    store.apply_inbox(&changes(rows), &cursor).await.expect("applied");
    let changed = row("bob", &ids[1], 0);
    store.apply_inbox(&changes(vec![changed.clone()]), &cursor).await.expect("applied");
    store.apply_inbox(&[], &cursor).await.expect("a cursor alone");
    assert_eq!(store.cursor("inbox").await, Ok(cursor));
    let list: BTreeMap<ConversationId, u64> = store
        .inbox(&user("bob"))
        .await
        .expect("answers")
        .into_iter()
        .map(|row| (row.conversation, row.unread))
        .collect();
    assert_eq!(list, BTreeMap::from([(ids[0].clone(), 1), (ids[1].clone(), 0)]), "bob's alone");
    let keys = [(user("bob"), ids[1].clone()), (user("eve"), ids[1].clone())];
    assert_eq!(store.inbox_rows(&keys).await, Ok(vec![changed]), "those that exist");
}
