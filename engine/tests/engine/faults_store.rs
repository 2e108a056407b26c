//! The store's server goes away while messages are sent, and comes back: what was acknowledged stays, and the engine finds
//! it again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::healthy::until;
use crate::program::Program;
use crate::support::{Engine, all_messages, send, start};

/// Longer than any request may take, and a try more.
const LONGEST: Duration = Duration::from_secs(40);

#[tokio::test]
async fn a_store_server_that_goes_away_and_comes_back_loses_and_doubles_nothing() {
    let server = Program::start("surreal", "a store's server", |command, address, dir| {
        command
            .args(["start", "--no-banner", "--unauthenticated", "--log", "none", "--bind", address])
            .arg(format!("surrealkv://{}?sync=every", dir.join("data").display()));
    });
    let Some(mut server) = server else { return };
    let store = format!("ws://{}", server.address());
    let settings = [("RIALTO_STORE__ADDRESS", &*store), ("RIALTO_LIMITS__REQUEST_SECONDS", "3")];
    let engine = Engine::with(&settings);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "first", "Hello").await;
    let mut acknowledged = BTreeMap::from([("first".to_owned(), 1)]);
    for turn in 0..3 {
        for n in 0..10 {
            let client_id = format!("{turn}-{n}");
            if n == 5 {
                server.stop();
                let refused = send(&ann, &id, &client_id, "Is anybody there?").await;
                assert!(refused.is_err(), "nothing is acknowledged without a store: {refused:?}");
                until(&engine.url, "/health/ready", |status, _| status == 503).await;
                server.resume();
            }
            // As a client would: again, with the same id, until it is told what became of it.
            let began = Instant::now();
            let seq = loop {
                if let Ok(sent) = send(&ann, &id, &client_id, "Is anybody there?").await
                    && sent["userErrors"] == json!([])
                {
                    break sent["message"]["seq"].as_u64().expect("a number");
                }
                assert!(began.elapsed() < LONGEST, "turn {turn}: it does not find its store again");
                tokio::time::sleep(Duration::from_millis(200)).await;
            };
            acknowledged.insert(client_id, seq);
        }
        until(&engine.url, "/health/ready", |status, _| status == 200).await;
    }
    let found = all_messages(&ann, &id).await.into_iter().map(|message| {
        let client_id = message["clientId"].as_str().expect("her own").to_owned();
        (client_id, message["seq"].as_u64().expect("a number"))
    });
    let found: Vec<(String, u64)> = found.collect();
    assert_eq!(found.len(), acknowledged.len(), "each once: {found:?}");
    assert_eq!(BTreeMap::from_iter(found), acknowledged);
}
