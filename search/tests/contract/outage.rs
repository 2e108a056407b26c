//! What the network and operators do to a Meilisearch server.

use std::time::{Duration, Instant};

use rialto_search::meilisearch::{MeilisearchShelf, Options};
use rialto_search::{Changes, Index, IndexError, Shelf};
use serde_json::json;

use super::server::{Server, is_lost, is_unavailable, own};
use super::stage::{NONE, Stage, conversation, message, query, search, seqs, user};

/// A server of our own and a shelf on it with one message and one conversation.
async fn set(
    arguments: &[&str],
) -> Option<(Server, std::sync::Arc<dyn Shelf>, std::sync::Arc<dyn Index>)> {
    let server = own(arguments).await?;
    let shelf = server.shelf("shelf");
    let index = shelf.begin().await.expect("begun");
    let changes = Changes {
        messages: vec![message("c", 1, "the first")],
        conversations: vec![conversation("c", "Bike", &[("ann", "Ann"), ("bob", "Bob")])],
        ..Changes::default()
    };
    index.write(changes, "1").await.expect("written");
    shelf.adopt().await.expect("adopted");
    index.check().await.expect("whole");
    Some((server, shelf, index))
}

fn batch(n: u64) -> Changes {
    Changes {
        messages: (0..200).map(|i| message("c", n * 200 + i, "one of many")).collect(),
        ..Changes::default()
    }
}

/// Writes until it is done, as the indexer does.
async fn insist(index: &dyn Index, changes: &Changes, position: &str) -> u32 {
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut refused = 0;
    loop {
        match index.write(changes.clone(), position).await {
            Ok(()) => return refused,
            Err(IndexError::Unavailable(reason)) => {
                assert!(Instant::now() < deadline, "it does not come back: {reason}");
                refused += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(other) => panic!("a server that is away loses nothing: {other}"),
        }
    }
}

/// The server is killed in the middle of writes, three times: all is found in the end, and nothing twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_is_written() {
    let Some((mut server, _shelf, index)) = set(&[]).await else {
        return;
    };
    let writer = {
        let index = index.clone();
        tokio::spawn(async move {
            let mut refused = 0;
            for n in 1..=50 {
                refused += insist(&*index, &batch(n), &n.to_string()).await;
            }
            refused
        })
    };
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.kill();
        assert!(is_unavailable(&index.messages(&query(user("ann"), "")).await));
        assert!(is_unavailable(&index.position().await));
        assert!(is_unavailable(&index.check().await));
        server.start().await;
    }
    let refused = writer.await.expect("everything was written");
    assert!(refused > 0, "the server was killed while nothing was written");
    assert_eq!(index.position().await, Ok(Some("50".to_owned())));
    index.check().await.expect("whole");
    let stats = index.stats().await.expect("counted");
    assert_eq!((stats.messages, stats.conversations), (10_001, 1), "all, and none twice");
    let mut all = Vec::new();
    let mut query = query(user("bob"), "many");
    query.limit = 1_000;
    loop {
        query.offset = all.len();
        let page = search(&*index, &query).await;
        all.extend(page.hits.iter().map(|hit| hit.seq));
        if !page.has_more || query.offset + 1_000 == rialto_search::query::DEEPEST {
            break;
        }
    }
    all.sort_unstable();
    assert_eq!(all, (200..10_200).collect::<Vec<_>>(), "each message once");
}

/// A server that lost everything, or an index, or its settings, or documents, is noticed, and is built anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wiped_and_tampered_with() {
    let Some((mut server, shelf, index)) = set(&[]).await else {
        return;
    };
    server.kill();
    server.wipe();
    server.start().await;
    lost(&*index, "wiped").await;
    assert!(shelf.current().await.expect("asked").is_none(), "there is nothing left");
    assert_eq!(server.indexes("shelf").await, [""; 0], "and nothing was made by writing to it");

    let part = ["conversations", "messages"];
    for (part, method, path, body) in [
        (part[0], "DELETE", "", json!({})),
        (part[1], "DELETE", "", json!({})),
        (part[1], "DELETE", "/documents", json!({})),
        (part[1], "PATCH", "/settings", json!({"filterableAttributes": ["at"]})),
        (part[0], "PATCH", "/settings", json!({"synonyms": {"bike": ["car"]}})),
    ] {
        let index = shelf.begin().await.expect("begun");
        let changes = Changes {
            messages: vec![message("c", 1, "the first")],
            conversations: vec![conversation("c", "Bike", &[("ann", "Ann")])],
            ..Changes::default()
        };
        index.write(changes, "1").await.expect("written");
        shelf.adopt().await.expect("adopted");
        index.check().await.expect("whole");
        let indexes = server.indexes("shelf").await;
        let uid = indexes.iter().rev().find(|uid| uid.contains(part)).expect("there");
        server.operator(method, &format!("/indexes/{uid}{path}"), body).await;
        assert!(is_lost(&index.check().await), "{method} {part}{path} must be noticed");
        assert!(shelf.current().await.expect("asked").is_none(), "{method} {part}{path}");
        // Nor is it found whole by another process.
        let other = server.shelf("shelf").current().await.expect("asked");
        assert!(other.is_none(), "{method} {part}{path} must be noticed at the start");
    }
    let stage = Stage {
        open: std::sync::Arc::new(move |name| server.shelf(name)),
        name: "shelf".to_owned(),
    };
    let (_shelf, index) = stage.with(vec![message("c", 1, "anew")], Vec::new()).await;
    assert_eq!(seqs(&*index, user("ann"), "anew").await, [1], "it can be built anew");
}

async fn lost(index: &dyn Index, why: &str) {
    assert!(is_lost(&index.check().await), "{why}: check");
    assert!(is_lost(&index.position().await), "{why}: position");
    assert!(is_lost(&index.messages(&query(user("ann"), "")).await), "{why}: search");
    assert!(is_lost(&index.write(batch(1), "2").await), "{why}: write");
    assert!(is_lost(&index.stats().await), "{why}: stats");
}

/// Indexes of other settings serve until new ones are built; those of another store are none of ours.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outdated_and_foreign() {
    let Some((server, shelf, index)) = set(&[]).await else {
        return;
    };
    drop((shelf, index));
    let before = server.indexes("shelf").await;
    let state = before.iter().find(|uid| uid.ends_with("state")).expect("there").clone();
    let documents = format!("/indexes/{state}/documents");
    let mut in_use = server.operator("GET", &format!("{documents}/in-use"), json!({})).await;
    in_use["settings"] = json!("of another version");
    server.operator("POST", &documents, in_use.clone()).await;
    let shelf = server.shelf("shelf");
    let current = shelf.current().await.expect("asked").expect("there");
    assert!(current.outdated, "it was made with other settings");
    assert_eq!(seqs(&*current.index, user("ann"), "first").await, [1], "and serves");
    current.index.write(batch(1), "2").await.expect("and is written");
    let index = shelf.begin().await.expect("begun");
    index.write(batch(1), "2").await.expect("written");
    shelf.adopt().await.expect("adopted");
    assert_eq!(server.indexes("shelf").await.len(), 5, "the former one is still used");
    drop(current);
    let current = shelf.current().await.expect("asked").expect("there");
    assert!(!current.outdated, "and this one is as it should be");
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.indexes("shelf").await.len() > 3 {
        assert!(Instant::now() < deadline, "the former one goes when nobody uses it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // The same server, another store: nothing is shared, nothing is in the way.
    let other = server.shelf("another");
    assert!(other.current().await.expect("asked").is_none());
    let begun = other.begin().await.expect("begun");
    begun.write(batch(2), "7").await.expect("written");
    other.adopt().await.expect("adopted");
    assert_eq!(current.index.position().await, Ok(Some("2".to_owned())));
    current.index.check().await.expect("whole");
    in_use["identity"] = json!("0000");
    server.operator("POST", &documents, in_use).await;
    assert!(
        server.shelf("shelf").current().await.expect("asked").is_none(),
        "what says that it is another store's is not used"
    );
}

/// Keys: one of few rights is enough, a wrong one is told apart from a server that is away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_and_addresses() {
    let Some((server, _shelf, _index)) = set(&[]).await else {
        return;
    };
    let with_key = |key: Option<&str>| {
        let mut options = server.options("shelf");
        options.key = key.map(str::to_owned);
        MeilisearchShelf::connect(&options)
    };
    for key in [None, Some("wrong")] {
        let shelf = with_key(key).expect("that it is wrong is for the server to say");
        let Err(IndexError::Unavailable(text)) = shelf.current().await.map(|_| ()) else {
            panic!("a wrong key must be told");
        };
        assert!(text.contains("key is refused") && !text.contains("wrong"), "{text}");
    }
    assert!(with_key(Some("two\nlines")).is_err(), "no header can have it");

    let uids =
        format!("{}*", server.indexes("shelf").await[0].split('-').next().expect("a prefix"));
    let actions = ["search", "documents.*", "indexes.*", "tasks.get", "settings.*", "stats.get"];
    let ours = json!({ "actions": actions, "indexes": [uids], "expiresAt": null });
    let key = server.operator("POST", "/keys", ours).await;
    let shelf = with_key(key["key"].as_str()).expect("right");
    let current = shelf.current().await.expect("allowed").expect("there");
    assert_eq!(seqs(&*current.index, user("ann"), "first").await, [1]);
    current.index.write(batch(1), "2").await.expect("allowed");
    assert_eq!(current.index.stats().await.expect("allowed").messages, 201);
    let begun = shelf.begin().await.expect("allowed");
    begun.write(batch(1), "2").await.expect("allowed");
    shelf.adopt().await.expect("allowed");

    let searching = json!({ "actions": ["search"], "indexes": ["*"], "expiresAt": null });
    let key = server.operator("POST", "/keys", searching).await;
    let shelf = with_key(key["key"].as_str()).expect("right");
    assert!(is_unavailable(&shelf.current().await.map(|_| ())), "it may only search");

    for url in ["", "localhost:7700", "ftp://localhost", "http://"] {
        let refused = MeilisearchShelf::connect(&Options::new(url, None, "ab"));
        assert!(matches!(refused, Err(IndexError::Rejected(_))), "{url:?} is no address");
    }
    let nobody = MeilisearchShelf::connect(&Options::new("http://127.0.0.1:9", None, "ab"))
        .expect("a server may be away when connecting");
    assert!(is_unavailable(&nobody.current().await.map(|_| ())));
    assert!(is_unavailable(&nobody.begin().await.map(|_| ())));
}

/// A server that takes little at a time gets little at a time; what is too large by itself is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_payloads() {
    let Some((_server, _shelf, index)) = set(&["--http-payload-size-limit", "20000"]).await else {
        return;
    };
    index.write(batch(1), "2").await.expect("some 60 kB, split");
    index.check().await.expect("whole");
    let large = Changes {
        messages: vec![message("c", 999, &"large ".repeat(5_000))],
        ..Changes::default()
    };
    let refused = index.write(large, "3").await;
    assert!(matches!(refused, Err(IndexError::Rejected(_))), "{refused:?}");
    assert_eq!(index.position().await, Ok(Some("2".to_owned())), "it was not written");
    index.write(batch(2), "4").await.expect("others are");
    assert_eq!(seqs(&*index, user("ann"), "large").await, NONE);
    assert_eq!(index.stats().await.expect("counted").messages, 401);
}

/// Very many values in a filter, over which the server would brood for minutes, are refused; as many as people choose not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_lists() {
    let Some((_server, _shelf, index)) = set(&[]).await else {
        return;
    };
    let mut query = query(user("ann"), "first");
    let many = |n: u64| (0..n).map(|n| format!("Somebody {n}")).chain(["ann".to_owned()]).collect();
    query.filter.senders = Some(many(500));
    assert_eq!(search(&*index, &query).await.hits.len(), 1);
    query.filter.senders = Some(many(50_000));
    let refused = index.messages(&query).await;
    assert!(matches!(refused, Err(IndexError::Rejected(_))), "{refused:?}");
    let people: Vec<_> = many(1_000);
    assert_eq!(index.about(&[], &people).await.expect("any number").len(), 1);
    let erase = Changes {
        erased: ["c".to_owned()].into_iter().chain(people).collect(),
        ..Changes::default()
    };
    index.write(erase, "2").await.expect("any number");
    assert_eq!(index.stats().await.expect("counted").messages, 0);
}

/// A message is found well within a second of being written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soon_found() {
    let Some((_server, _shelf, index)) = set(&[]).await else {
        return;
    };
    let mut took = Vec::new();
    for n in 10..20 {
        let changes =
            Changes { messages: vec![message("c", n, "found soon")], ..Changes::default() };
        let began = Instant::now();
        index.write(changes, &n.to_string()).await.expect("written");
        assert!(seqs(&*index, user("ann"), "soon").await.contains(&n));
        took.push(began.elapsed());
    }
    took.sort();
    assert!(took[5] < Duration::from_secs(1), "half of them took {:?} and more", took[5]);
}
