//! Promises 2 and 3: one order for everybody, one message per client id.

use serde_json::{Value, json};

use crate::raw::figure;
use crate::shims::Dial;
use crate::support::{
    CONTACT, EVENTS, Engine, all_messages, next_durable, next_event, send, start,
};

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_senders_get_contiguous_sequence_numbers() {
    let engine = Engine::start();
    engine.seed(0).await;
    let ann = engine.client("ann", "user").await;
    let answer = ann.execute(CONTACT, json!({ "clientId": "1", "body": "Help" })).await;
    let answer = answer.expect("contactSupport");
    let id = answer["contactSupport"]["conversation"]["id"].as_str().expect("an id").to_owned();
    let mut events = ann.subscribe(EVENTS, json!({ "id": id, "after": 0 }));
    next_event(&mut events).await;
    // Every agent joins with its first message: 64 senders at once, each sending ten times.
    let token = engine.token("gil", "agent");
    let mut senders = Vec::new();
    for n in 0..64 {
        let (url, id) = (engine.ws_url(), id.clone());
        let token =
            if n % 8 == 0 { engine.token(&format!("agent-{n}"), "agent") } else { token.clone() };
        senders.push(tokio::spawn(async move {
            let client = rialto_client::Client::connect(&url, &token).await.expect("a socket");
            let mut seqs = Vec::new();
            for m in 0..10 {
                let payload = send(&client, &id, &format!("{n}-{m}"), "on it").await.expect("sent");
                assert_eq!(payload["userErrors"], json!([]));
                seqs.push(payload["message"]["seq"].as_u64().expect("a number"));
            }
            assert!(seqs.is_sorted(), "one sender's messages keep their order");
            seqs
        }));
    }
    let mut acknowledged = vec![1];
    for sender in senders {
        acknowledged.extend(sender.await.expect("every send succeeds"));
    }
    acknowledged.sort_unstable();
    acknowledged.dedup();
    assert_eq!(acknowledged.len(), 641, "no sequence number was given twice");
    let total = 641 + 9; // nine different agents joined
    let mut seen = Vec::new();
    for _ in 0..total {
        seen.push(next_durable(&mut events).await["seq"].as_u64().expect("a number"));
    }
    assert_eq!(seen, (1..=total).collect::<Vec<u64>>(), "contiguous and in order");
    let listed: Vec<u64> = all_messages(&ann, &id)
        .await
        .iter()
        .filter_map(|message| message["seq"].as_u64())
        .collect();
    assert_eq!(listed, acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_one_conversation_do_not_wait_for_each_other() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let disk = Dial::of_slow_disk(dir.path());
    let engine = Engine::with(&disk.settings());
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "first", "Hello").await;
    let groups = || figure(&engine, "rialto_store_commit_seconds_count", "");
    let before = groups().await;
    disk.set(100_000);
    let ids: Vec<String> = (0..40).map(|n| format!("{n}")).collect();
    let sends = ids.iter().map(|client_id| send(&ann, &id, client_id, "at once"));
    let mut seqs = Vec::new();
    for payload in futures_util::future::join_all(sends).await {
        seqs.push(payload.expect("sent")["message"]["seq"].as_u64().expect("a number"));
    }
    let groups = groups().await - before;
    assert!(groups <= 20.0, "40 messages of one conversation took {groups} commits");
    assert_eq!(seqs, (2..=41).collect::<Vec<u64>>(), "in the order they came");
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_however_late() {
    let mut engine = Engine::start();
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "first", "Hello").await;
    let first = send(&ann, &id, "mine", "one").await.expect("sent");
    let again = send(&ann, &id, "mine", "another text").await.expect("answered");
    assert_eq!(first["message"], again["message"], "the first result, whatever the retry says");
    let same =
        futures_util::future::join_all((0..20).map(|_| send(&ann, &id, "race", "two"))).await;
    let seqs: Vec<Value> = same
        .into_iter()
        .map(|payload| payload.expect("answered")["message"]["seq"].clone())
        .collect();
    assert!(seqs.iter().all(|seq| *seq == seqs[0]), "twenty at once are one message: {seqs:?}");
    let sam = engine.client("sam", "user").await;
    let other = send(&sam, &id, "mine", "sam's own").await.expect("sent");
    assert_ne!(other["message"]["seq"], first["message"]["seq"], "client ids are per sender");
    // Far beyond what an actor remembers exactly, and after a restart.
    for n in 0..700 {
        send(&ann, &id, &format!("filler-{n}"), "filler").await.expect("sent");
    }
    engine.kill_and_restart();
    let ann = engine.client("ann", "user").await;
    for (client_id, seq) in [("mine", 2), ("race", 3), ("filler-0", 5), ("filler-699", 704)] {
        let late = send(&ann, &id, client_id, "late").await.expect("answered");
        assert_eq!(late["message"]["seq"], seq, "{client_id} was sent before");
    }
    assert_eq!(all_messages(&ann, &id).await.len(), 704);
}
