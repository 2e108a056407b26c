//! The audit log: newest first, page after page, filtered; and taken over whole from a store of before it was kept so.

use rialto_engine::store::{AuditEntry, AuditFilter, Store};
use surrealdb::engine::any;

use crate::support::{TempDir, at, close, embedded, in_memory, open, user};

fn entry(n: i64) -> AuditEntry {
    AuditEntry {
        // Three of each moment.
        at: at(1_700_000_000_000 + n / 3),
        actor: user(if n % 10 == 0 { "max" } else { "mia" }),
        action: if n % 4 == 0 { "filter.live" } else { "conversation.read" }.to_owned(),
        target: format!("conversation:{n}"),
        reason: (n % 2 == 0).then(|| "asked".to_owned()),
    }
}

async fn pages(store: &Store, filter: &AuditFilter, limit: usize) -> Vec<AuditEntry> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.audit_page(filter, after, limit).await.expect("a page");
        assert!(page.entries.len() <= limit, "a page is no longer than asked for");
        all.extend(page.entries.into_iter().map(|(_, entry)| entry));
        after = page.end;
        if !page.has_more {
            return all;
        }
    }
}

#[tokio::test]
async fn pages_join_newest_first_whatever_is_left_out() {
    let store = in_memory().await;
    for n in 0..200 {
        store.audit(&entry(n)).await.expect("kept");
    }
    for limit in [1, 7, 100, 200, 500] {
        let all = pages(&store, &AuditFilter::default(), limit).await;
        assert_eq!(all.len(), 200, "each once, {limit} at a time");
        assert!(all.is_sorted_by_key(|entry| std::cmp::Reverse(entry.at)), "newest first");
    }
    let by = AuditFilter { actor: Some(user("max")), ..AuditFilter::default() };
    assert_eq!(pages(&store, &by, 7).await.len(), 20);
    let doing =
        |action: &str| AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    assert_eq!(pages(&store, &doing("filter"), 7).await.len(), 50, "all that begin so");
    assert_eq!(pages(&store, &doing("filter.live"), 7).await.len(), 50);
    assert_eq!(pages(&store, &doing("filter.li"), 7).await.len(), 0, "words are whole");
    let to = AuditFilter { target: Some("conversation:7".into()), ..AuditFilter::default() };
    assert_eq!(pages(&store, &to, 7).await, [entry(7)]);
    let (from, until) = (Some(entry(30).at), Some(entry(59).at));
    let between = AuditFilter { from, to: until, ..AuditFilter::default() };
    assert_eq!(pages(&store, &between, 7).await.len(), 30, "both ends included");
    close(store).await;
}

#[tokio::test]
async fn entries_of_before_are_taken_over() {
    let dir = TempDir::new();
    close(open(&embedded(), dir.path()).await.expect("a store")).await;
    let path = dir.path().join("store");
    let db = any::connect(format!("surrealkv://{}", path.display())).await.expect("connects");
    db.use_ns(&embedded().namespace).use_db(&embedded().database).await.expect("selects");
    let before = "REMOVE TABLE held; REMOVE TABLE held_worst; REMOVE TABLE ruling; REMOVE TABLE desk; \
        REMOVE TABLE staff; REMOVE TABLE staff_email; REMOVE TABLE staff_session; REMOVE TABLE staff_link; \
        REMOVE TABLE staff_link_used; REMOVE TABLE minute; REMOVE TABLE audited; REMOVE TABLE journal; \
        CREATE audit:[1700000000000, 5] CONTENT { actor: 'mia', action: 'a', target: 't', reason: 'why' }; \
        CREATE audit:[1700000001000, 4] CONTENT { actor: 'max', action: 'b', target: 'u' }; \
        UPDATE meta:schema SET version = 4;";
    db.query(before).await.expect("runs").check().expect("as it was");
    db.shutdown().await.expect("closes");
    drop(db);
    let store = open(&embedded(), dir.path()).await.expect("opens again");
    let all = pages(&store, &AuditFilter::default(), 10).await;
    let entry =
        |millis, actor: &str, action: &str, target: &str, reason: Option<&str>| AuditEntry {
            at: at(millis),
            actor: user(actor),
            action: action.to_owned(),
            target: target.to_owned(),
            reason: reason.map(str::to_owned),
        };
    let expected = [
        entry(1_700_000_001_000, "max", "b", "u", None),
        entry(1_700_000_000_000, "mia", "a", "t", Some("why")),
    ];
    assert_eq!(all, expected);
    close(store).await;
}
