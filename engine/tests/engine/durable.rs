//! Promises 1 to 4 under SIGKILL: nothing acknowledged is lost or doubled, order holds, resuming has no gap.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rialto_client::Client;
use serde_json::{Value, json};

use crate::support::{EVENTS, Engine, all_messages, next_event, send, start};

const CONVERSATIONS: usize = 8;
const ROUNDS: usize = 4;

/// What a sender was told: (conversation, client id) → sequence number.
type Acknowledged = Arc<Mutex<BTreeMap<(String, String), u64>>>;

/// Sends until the engine is gone. What was not acknowledged is sent again next time, under the same client id.
async fn sender(
    engine_url: String,
    token: String,
    name: String,
    conversation: String,
    acknowledged: Acknowledged,
    from: usize,
) -> usize {
    let Ok(client) = Client::connect(&engine_url, &token).await else { return from };
    let mut next = from;
    loop {
        let client_id = format!("{name}-{next}");
        let body = format!("message {next} of {name} {}", "filler ".repeat(30));
        let Ok(payload) = send(&client, &conversation, &client_id, &body).await else {
            return next;
        };
        let Some(seq) = payload["message"]["seq"].as_u64() else {
            assert_eq!(payload["userErrors"][0]["code"], "BUSY", "only BUSY is retried: {payload}");
            continue;
        };
        let mut acknowledged = acknowledged.lock().expect("not poisoned");
        let before = acknowledged.insert((conversation.clone(), client_id), seq);
        assert!(before.is_none_or(|before| before == seq), "one client id, one message");
        next += 1;
    }
}

/// Follows a conversation until the engine is gone; returns the sequence numbers it saw.
async fn follower(url: String, token: String, conversation: String, after: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    let Ok(client) = Client::connect(&url, &token).await else { return seen };
    let mut events = client.subscribe(EVENTS, json!({ "id": conversation, "after": after }));
    while let Some(Ok(data)) = events.next().await {
        let event = &data["conversationEvents"];
        if event["__typename"] == "ResyncRequired" {
            break;
        }
        seen.extend(event["seq"].as_u64());
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn sigkill_under_load_loses_and_doubles_nothing() {
    // A memtable of 1 MiB is flushed many times while this runs: that is when an engine could lose commits.
    let mut engine = Engine::with(&[
        ("RIALTO_STORE__MEMTABLE_MIB", "1"),
        ("RIALTO_LIMITS__SENDS_PER_SECOND", "1000000"),
        ("RIALTO_LIMITS__SEND_BURST", "1000000"),
    ]);
    engine.seed(CONVERSATIONS).await;
    let (ann, sam) = (engine.token("ann", "user"), engine.token("sam", "user"));
    let mut conversations = Vec::new();
    let opener = engine.client("ann", "user").await;
    for n in 0..CONVERSATIONS {
        conversations.push(start(&opener, &format!("listing-{n}"), "first", "Hello").await);
    }
    drop(opener);
    let acknowledged = Acknowledged::default();
    let mut progress = [0; 2 * CONVERSATIONS];
    let mut followed: Vec<Vec<u64>> = vec![Vec::new(); CONVERSATIONS];
    for round in 0..ROUNDS {
        let url = engine.ws_url();
        let spawn_sender = |n: usize, id: &String, name: &str, token: &String, from: usize| {
            tokio::spawn(sender(
                url.clone(),
                token.clone(),
                format!("{name}{n}"),
                id.clone(),
                Arc::clone(&acknowledged),
                from,
            ))
        };
        let mut senders = Vec::new();
        let mut followers = Vec::new();
        for (n, id) in conversations.iter().enumerate() {
            senders.push(spawn_sender(n, id, "ann", &ann, progress[2 * n]));
            senders.push(spawn_sender(n, id, "sam", &sam, progress[2 * n + 1]));
            let after = followed[n].last().copied().unwrap_or(0);
            followers.push(tokio::spawn(follower(url.clone(), sam.clone(), id.clone(), after)));
        }
        tokio::time::sleep(Duration::from_millis(1_500 + 400 * round as u64)).await;
        engine.kill_and_restart();
        for (n, task) in senders.into_iter().enumerate() {
            progress[n] = task.await.expect("senders only stop when the engine does");
        }
        for (n, task) in followers.into_iter().enumerate() {
            followed[n].extend(task.await.expect("followers only stop when the engine does"));
        }
    }
    let acknowledged = acknowledged.lock().expect("not poisoned").clone();
    assert!(acknowledged.len() > 500, "too little load to prove anything: {}", acknowledged.len());
    let reader = engine.client("sam", "user").await;
    for (n, id) in conversations.iter().enumerate() {
        let messages = all_messages(&reader, id).await;
        let seqs: Vec<u64> = messages.iter().filter_map(|it| it["seq"].as_u64()).collect();
        let expected: Vec<u64> = (1..=seqs.len() as u64).collect();
        assert_eq!(seqs, expected, "contiguous, in order, nothing doubled");
        assert_eq!(followed[n], expected[..followed[n].len()], "a resuming client saw each once");
        let bodies: BTreeMap<u64, &Value> =
            messages.iter().map(|it| (it["seq"].as_u64().unwrap_or(0), &it["body"])).collect();
        for ((conversation, client_id), seq) in acknowledged.iter().filter(|((c, _), _)| c == id) {
            let (name, number) = client_id.split_once('-').expect("name-number");
            let body = bodies.get(seq).and_then(|body| body.as_str());
            let start = format!("message {number} of {name} ");
            assert!(
                body.is_some_and(|body| body.starts_with(&start)),
                "acknowledged {client_id} as {seq} in {conversation}, found {body:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_soft_stop_finishes_what_was_accepted_and_says_goodbye() {
    let mut engine = Engine::start();
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let mut events = ann.subscribe(EVENTS, json!({ "id": id, "after": 1 }));
    next_event(&mut events).await;
    let stop = tokio::task::spawn_blocking(move || {
        let code = engine.terminate();
        (engine, code)
    });
    assert_eq!(ann.closed().await.0, 1001, "going away, so that clients reconnect");
    let (mut engine, code) = stop.await.expect("it stopped");
    assert_eq!(code, Some(0), "a soft stop is a success");
    engine.kill_and_restart();
    let again = engine.client("ann", "user").await;
    assert_eq!(all_messages(&again, &id).await.len(), 1);
}
