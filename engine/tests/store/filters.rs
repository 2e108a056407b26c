//! Filters, policies and lists: what is changed together, what a half upload leaves, who comes second.

use chrono::TimeDelta;
use rialto_engine::config::FailMode;
use rialto_engine::domain::{Action, ClientId};
use rialto_engine::store::{
    AuditEntry, CandidateRow, ChangeError, ComponentFacts, ComponentRow, FilterChange, FilterRow,
    FilterWrite, ListChange, ListEntry, ListRow, PolicyRow, QuarantineRow, ShadowPlace, ShadowRow,
    ShadowTally, SignalFacts, Store, VersionRow,
};

use crate::support::{
    TempDir, at, close, conversation_id, embedded, in_memory, open, user, verdict,
};

fn filter(name: &str) -> FilterRow {
    FilterRow {
        name: name.into(),
        revision: 0,
        position: 3,
        versions: 2,
        live: Some(1),
        candidate: Some(CandidateRow { version: 2, canary_percent: Some(25), since: at(5) }),
        previous: vec![],
        pinned: true,
        bundled: false,
        fail_mode: FailMode::Hold,
        max_actions_per_day: Some(1_000),
        max_flagged_share: Some(0.5),
        quarantine: Some(QuarantineRow {
            version: 1,
            kind: "crashes".into(),
            reason: "three in an hour".into(),
            at: at(6),
        }),
        created_at: at(1),
        changed_at: at(1),
    }
}

fn version(filter: &str, number: u32, digest: &str) -> VersionRow {
    VersionRow {
        filter: filter.into(),
        number,
        digest: digest.into(),
        config: r#"{"a":"é"}"#.into(),
        config_hash: "c".repeat(64),
        grants: vec!["log".into(), "lists".into()],
        created_at: at(7),
        created_by: Some("ada".into()),
        note: None,
        bundled: false,
    }
}

fn component(digest: &str, bytes: u64) -> ComponentRow {
    ComponentRow {
        digest: digest.into(),
        bytes,
        at: at(8),
        about: ComponentFacts {
            name: "words".into(),
            semver: "1.2.3".into(),
            config_schema: r#"{"type":"object"}"#.into(),
            signals: vec![SignalFacts {
                id: "words.bad".into(),
                description: "A bad word".into(),
                default_weight: 0.25,
            }],
            imports: vec!["lists".into()],
            warnings: vec![],
            compile_ms: 12,
        },
    }
}

fn change(base: u64, action: &str, writes: Vec<FilterWrite>) -> FilterChange {
    let audit = AuditEntry {
        at: at(100),
        actor: user("ada"),
        action: action.into(),
        target: "filter:words".into(),
        reason: Some("because".into()),
    };
    FilterChange { base, policy: 0, policies: 0, at: at(100), writes, audit: vec![audit] }
}

async fn audit(store: &Store) -> Vec<String> {
    let entries = store.audit_log(at(0)..=at(1_000)).await.expect("the log");
    entries.into_iter().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn a_change_is_written_whole_and_the_next_process_reads_it() {
    let dir = TempDir::new();
    let store = open(&embedded(), dir.path()).await.expect("a new store");
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let digest = blake3::hash(&bytes).to_hex().to_string();
    let component = component(&digest, bytes.len() as u64);
    store.put_component(&digest, &bytes, at(8)).await.expect("the bytes");
    assert_eq!(store.component(&digest).await, Ok(None), "not before a change completes it");
    assert_eq!(store.component_bytes(&digest).await, Ok(None));
    let policy = PolicyRow {
        version: 1,
        text: "default_language = \"en\"".into(),
        note: Some("first".into()),
        created_at: at(9),
        created_by: None,
    };
    let writes = vec![
        FilterWrite::Component(component.clone()),
        FilterWrite::Version(version("words", 1, &digest)),
        FilterWrite::Version(version("words", 2, &digest)),
        FilterWrite::Filter(filter("words")),
        FilterWrite::Policy(policy.clone()),
        FilterWrite::ActivatePolicy(1),
    ];
    let first = FilterChange { policy: 1, policies: 1, ..change(0, "filter.upload", writes) };
    assert_eq!(store.change_filters(first).await, Ok(1));
    close(store).await;

    let store = open(&embedded(), dir.path()).await.expect("it opens again");
    let state = store.filter_state().await.expect("the state");
    assert_eq!((state.revision, state.policy, state.policies), (1, 1, 1));
    let expected = FilterRow { revision: 1, changed_at: at(100), ..filter("words") };
    assert_eq!(state.filters, [expected]);
    assert_eq!(store.component(&digest).await, Ok(Some(component)));
    assert_eq!(store.component_bytes(&digest).await, Ok(Some(bytes)), "in three parts");
    assert_eq!(store.filter_version("words", 2).await, Ok(Some(version("words", 2, &digest))));
    assert_eq!(store.filter_version("words", 3).await, Ok(None));
    let both = store.filter_versions("words", 1, 9).await.expect("versions");
    assert_eq!(both.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(store.policies(1, 5).await, Ok(vec![policy.clone()]));
    assert_eq!(store.policy(1).await, Ok(Some(policy)));
    assert_eq!(audit(&store).await, ["filter.upload"]);
    close(store).await;
}

#[tokio::test]
async fn of_two_changes_based_on_the_same_state_the_second_writes_nothing() {
    let store = in_memory().await;
    let mine = change(0, "mine", vec![FilterWrite::Filter(filter("mine"))]);
    let theirs = change(0, "theirs", vec![FilterWrite::Filter(filter("theirs"))]);
    let (one, other) = tokio::join!(store.change_filters(mine), store.change_filters(theirs));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!((won, lost), (Ok(1), Err(ChangeError::Conflict)));
    let state = store.filter_state().await.expect("the state");
    assert_eq!(state.filters.len(), 1, "only the first is there");
    assert_eq!(audit(&store).await, [state.filters[0].name.clone()], "audited alike");
    let stale = change(0, "stale", vec![]);
    assert_eq!(store.change_filters(stale).await, Err(ChangeError::Conflict));
    assert_eq!(store.change_filters(change(1, "next", vec![])).await, Ok(2));
    assert_eq!(store.filter_revision().await, Ok(2));
    close(store).await;
}

#[tokio::test]
async fn what_a_broken_upload_left_is_swept_and_nothing_else() {
    let store = in_memory().await;
    for (content, when) in [(b"left", 10), (b"kept", 10), (b"just", 99)] {
        let digest = blake3::hash(content).to_hex().to_string();
        store.put_component(&digest, content, at(when)).await.expect("the bytes");
    }
    let kept = blake3::hash(b"kept").to_hex().to_string();
    let writes = vec![FilterWrite::Component(component(&kept, 4))];
    store.change_filters(change(0, "filter.upload", writes)).await.expect("a change");
    assert_eq!(store.sweep_components(at(50)).await, Ok(1), "one is old and incomplete");
    assert_eq!(store.component_bytes(&kept).await, Ok(Some(b"kept".to_vec())));
    let just = blake3::hash(b"just").to_hex().to_string();
    let writes = vec![FilterWrite::Component(component(&just, 4))];
    store.change_filters(change(1, "filter.upload", writes)).await.expect("a change");
    assert_eq!(store.component_bytes(&just).await, Ok(Some(b"just".to_vec())));
    close(store).await;
}

fn entry(text: &str) -> ListEntry {
    ListEntry { key: format!("k-{text}"), text: text.into(), at: at(3), by: Some("ada".into()) }
}

fn list(entries: u64) -> ListRow {
    ListRow {
        name: "hosts".into(),
        revision: 0,
        entries,
        changed_at: at(0),
        changed_by: Some("ada".into()),
        note: None,
    }
}

fn list_change(list: Option<ListRow>, add: &[String], remove: &[String]) -> Vec<FilterWrite> {
    let add = add.iter().map(|text| entry(text)).collect();
    let remove = remove.iter().map(|text| format!("k-{text}")).collect();
    vec![FilterWrite::List(ListChange { list, name: "hosts".into(), add, remove })]
}

#[tokio::test]
async fn a_list_is_paged_in_order_changed_and_deleted() {
    let store = in_memory().await;
    let words: Vec<String> = (0..40).map(|n| format!("{n:02}")).collect();
    let writes = list_change(Some(list(40)), &words, &[]);
    store.change_filters(change(0, "list.change", writes)).await.expect("a change");
    let writes = list_change(Some(list(38)), &["07".into()], &words[38..]);
    store.change_filters(change(1, "list.change", writes)).await.expect("a change");
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_entries("hosts", after.as_deref(), 15).await.expect("a page");
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        seen.extend(page.into_iter().map(|entry| entry.text));
    }
    assert_eq!(seen, words[..38], "each once, in order, without the removed ones");
    let keys = ["k-07".to_owned(), "k-39".to_owned()];
    let has = store.list_has("hosts", &keys).await.expect("an answer");
    assert_eq!(has.into_values().collect::<Vec<_>>(), [entry("07")]);
    let state = store.filter_state().await.expect("the state");
    assert_eq!((state.lists[0].entries, state.lists[0].revision), (38, 2));
    let gone = list_change(None, &[], &[]);
    store.change_filters(change(2, "list.delete", gone)).await.expect("a change");
    assert!(store.list_entries("hosts", None, 5).await.expect("a page").is_empty());
    assert!(store.filter_state().await.expect("the state").lists.is_empty());
    close(store).await;
}

fn shadow(millis: i64, n: u32, would_be: Action) -> ShadowRow {
    ShadowRow {
        filter: "words".into(),
        version: 2,
        at: at(millis),
        n,
        conversation: conversation_id("bike"),
        seq: Some(4),
        client_id: ClientId::trusted("c"),
        sender: user("ann"),
        signals: verdict(would_be).signals.clone(),
        fault: None,
        micros: 300,
        live_action: Action::Deliver,
        would_be,
    }
}

#[tokio::test]
async fn shadow_results_are_paged_newest_first_tallied_and_trimmed() {
    let dir = TempDir::new();
    let store = open(&embedded(), dir.path()).await.expect("a new store");
    let rows: Vec<ShadowRow> =
        (0..50).map(|n| shadow(1_000 + i64::from(n / 2), n, Action::Mask)).collect();
    let mut tally = ShadowTally::default();
    rows.iter().for_each(|row| tally.add(row));
    store.add_shadow(("words", 2), &rows, &tally).await.expect("written");
    let other = ShadowRow { version: 3, ..shadow(1_000, 1, Action::Hold) };
    let mut others = ShadowTally::default();
    others.add(&other);
    store.add_shadow(("words", 3), std::slice::from_ref(&other), &others).await.expect("written");
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.shadow(("words", 2), after, 7).await.expect("a page");
        let Some(last) = page.last() else { break };
        after = Some(ShadowPlace { at: last.at, n: last.n });
        seen.extend(page);
    }
    assert!(seen.is_sorted_by(|a, b| a.at > b.at || (a.at == b.at && a.n < b.n)), "newest first");
    let mut numbers: Vec<u32> = seen.iter().map(|row| row.n).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..50).collect::<Vec<_>>(), "every row once, none of version 3");
    assert!(seen.contains(&rows[17]), "unchanged");
    close(store).await;

    let store = open(&embedded(), dir.path()).await.expect("it opens again");
    let late = shadow(5_000, 1, Action::Deliver);
    let mut second = ShadowTally::default();
    second.add(&late);
    store.add_shadow(("words", 2), &[late], &second).await.expect("written");
    let all = store.shadow_tally("words", 2).await.expect("a tally");
    assert_eq!((all.inspected, all.flagged, all.faults), (51, 51, 0), "of both openings");
    let (masked, delivered) = ((Action::Deliver, Action::Mask), (Action::Deliver, Action::Deliver));
    let mut outcomes = all.outcomes();
    outcomes.sort_unstable();
    assert_eq!(outcomes, [(delivered.0, delivered.1, 1), (masked.0, masked.1, 50)]);
    assert_eq!(all.latency_micros(0.5), Some(512), "300 µs, rounded up to a power of two");
    assert_eq!(store.trim_shadow(at(1_010), 15).await, Ok(15), "no more than asked for");
    assert_eq!(store.trim_shadow(at(1_010), 100).await, Ok(6), "the rest of 20, and of version 3");
    let left = store.shadow(("words", 2), None, 100).await.expect("a page");
    assert_eq!(left.len(), 31);
    assert!(left.iter().all(|row| row.at >= at(1_010)));
    assert_eq!(left[0].at - left[1].at, TimeDelta::milliseconds(5_000 - 1_024));
    assert_eq!(store.shadow_tally("words", 2).await.expect("a tally").inspected, 51, "it stays");
    close(store).await;
}
