//! Search after accidents: killed engines, index servers that are away or wiped, damaged files, and building anew.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::index_server::IndexServer;
use crate::search::{SEARCH, count, health, index, texts, until_ready};
use crate::support::{Engine, PATIENCE, send, start};

/// Sends `count` messages over several sockets, many at a time; all are acknowledged.
async fn flood(engine: &Engine, ids: &[(String, String)], from: usize, count: usize) {
    let clients = join_all(ids.iter().map(|(buyer, _)| engine.client(buyer, "user"))).await;
    let senders = ids.iter().zip(&clients).enumerate().map(|(n, ((_, id), client))| async move {
        let mine: Vec<usize> = (from..from + count).filter(|it| it % ids.len() == n).collect();
        for some in mine.chunks(16) {
            let sends = some.iter().map(|number| async move {
                let body = format!("parcel number{number} is on its way");
                let payload = send(client, id, &format!("m{number}"), &body).await.expect("sent");
                assert_eq!(payload["userErrors"], json!([]), "{payload}");
            });
            join_all(sends).await;
        }
    });
    join_all(senders).await;
}

/// Conversations of eight buyers with sam about one listing.
async fn eight(engine: &Engine) -> Vec<(String, String)> {
    engine.seed(1).await;
    let mut ids = Vec::new();
    for n in 0..8 {
        let buyer = format!("buyer-{n}");
        let client = engine.client(&buyer, "user").await;
        ids.push((buyer, start(&client, "listing-0", "first", "Hello").await));
    }
    ids
}

// The bundled filters would hold a flood like this; what they do is not the matter here.
const QUIET: (&str, &str) = ("RIALTO_FILTERS__BUNDLED", "false");

fn settings<'a>(server: Option<&'a [(&'static str, String)]>) -> Vec<(&'a str, &'a str)> {
    let server = server.unwrap_or_default().iter().map(|(name, value)| (*name, value.as_str()));
    server.chain([QUIET]).collect()
}

/// Waits until the index holds this many messages, then looks each up by paging: none missing, none double.
async fn all_found(engine: &Engine, messages: usize) {
    let deadline = Instant::now() + 4 * PATIENCE;
    loop {
        let index = index(engine).await;
        if index["state"] == "READY"
            && index["lagSeconds"] == json!(0.0)
            && index["messages"] == json!(messages)
        {
            break;
        }
        assert!(Instant::now() < deadline, "{messages} messages are not all indexed: {index}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let sam = engine.client("sam", "user").await;
    // 10,000 is as deep as pages go.
    assert_eq!(count(&sam, "").await, messages.min(10_000), "each of them once");
    for number in [8, 77, messages - 9] {
        let found = texts(&sam, &format!("\"number{number}\"")).await;
        assert_eq!(found, [format!("parcel number{number} is on its way")]);
    }
}

async fn killed_between_commit_and_indexing(settings: &[(&str, &str)]) {
    let mut engine = Engine::with(settings);
    let ids = eight(&engine).await;
    until_ready(&engine).await;
    let mut sent = 0;
    for round in 0..4 {
        flood(&engine, &ids, sent, 150).await;
        sent += 150;
        // The last acknowledgement is milliseconds old: the index, which waits for more, does not have it.
        engine.kill_and_restart();
        if round % 2 == 0 {
            until_ready(&engine).await;
        }
    }
    all_found(&engine, ids.len() + sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_commit_and_indexing_embedded_search_misses_nothing() {
    killed_between_commit_and_indexing(&settings(None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_commit_and_indexing_meilisearch_misses_nothing() {
    let Some(server) = IndexServer::start("kill -9 with Meilisearch") else { return };
    killed_between_commit_and_indexing(&settings(Some(&server.settings()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_index_server_is_away_messages_flow_and_afterwards_all_are_found() {
    let Some(mut server) = IndexServer::start("an index server that is away") else { return };
    let given = server.settings();
    let engine = Engine::with(&settings(Some(&given)));
    let ids = eight(&engine).await;
    until_ready(&engine).await;
    flood(&engine, &ids, 0, 500).await;
    server.stop();
    flood(&engine, &ids, 500, 10_000).await;
    let sam = engine.client("sam", "user").await;
    let told = sam.execute(SEARCH, json!({ "q": "parcel" })).await.expect_err("it is away");
    assert!(told.to_string().contains("not available"), "{told}");
    let health = health(&engine).await;
    assert_eq!(health["status"], "degraded", "{health}");
    server.resume();
    all_found(&engine, ids.len() + 10_500).await;
}

fn rialto(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rialto"))
        .args(arguments)
        .envs(settings.iter().copied())
        .output()
        .expect("rialto runs")
}

async fn rebuilt_beside_the_one_in_use(settings: &[(&str, &str)]) {
    let mut engine = Engine::with(settings);
    let ids = eight(&engine).await;
    until_ready(&engine).await;
    flood(&engine, &ids, 0, 800).await;
    all_found(&engine, ids.len() + 800).await;
    let (url, token) = (engine.url.clone(), engine.token("boss", "admin"));
    let given: Vec<(String, String)> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    // Messages are sent and searched for while the new index is built.
    let reindex = tokio::task::spawn_blocking(move || {
        let given: Vec<_> =
            given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        rialto(&["reindex", "--url", &url, "--token", &token], &given)
    });
    let sam = engine.client("sam", "user").await;
    let mut sent = 800;
    while !reindex.is_finished() {
        flood(&engine, &ids, sent, 40).await;
        sent += 40;
        assert_eq!(texts(&sam, "\"number3\"").await.len(), 1, "search answers all the while");
    }
    let output = reindex.await.expect("it ran");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    all_found(&engine, ids.len() + sent).await;
    assert_eq!(engine.terminate(), Some(0));
    // The same with nobody there, and the index thrown away.
    let dir = engine.dir.to_str().expect("a path").to_owned();
    let _ = std::fs::remove_dir_all(engine.dir.join("search"));
    let output = rialto(&["reindex", "--data-dir", &dir], settings);
    let (told, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}");
    assert!(told.contains(&format!("{} messages", ids.len() + sent)), "{told}");
    engine.restart();
    all_found(&engine, ids.len() + sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_index_is_built_anew_without_missing_a_message() {
    rebuilt_beside_the_one_in_use(&settings(None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meilisearch_index_is_built_anew_without_missing_a_message() {
    let Some(server) = IndexServer::start("reindexing Meilisearch") else { return };
    rebuilt_beside_the_one_in_use(&settings(Some(&server.settings()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_lost_or_damaged_is_noticed_and_built_again() {
    let mut engine = Engine::with(&settings(None));
    let ids = eight(&engine).await;
    flood(&engine, &ids, 0, 200).await;
    all_found(&engine, 208).await;
    assert_eq!(engine.terminate(), Some(0));
    for entry in walk(&engine.dir.join("search")) {
        std::fs::write(entry, b"not an index").expect("damaged");
    }
    engine.restart();
    all_found(&engine, 208).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_index_server_is_noticed_and_filled_again() {
    let Some(mut server) = IndexServer::start("a wiped index server") else { return };
    let given = server.settings();
    let engine = Engine::with(&settings(Some(&given)));
    let ids = eight(&engine).await;
    flood(&engine, &ids, 0, 200).await;
    all_found(&engine, 208).await;
    server.stop();
    server.wipe();
    server.resume();
    flood(&engine, &ids, 200, 40).await;
    all_found(&engine, 248).await;
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
