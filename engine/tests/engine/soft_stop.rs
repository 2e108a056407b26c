//! A restart under load: clients that come back and send again what was not answered see no error, and nothing is lost or doubled.

use std::collections::BTreeMap;
use std::time::Duration;

use rialto_client::{Client, ClientError};
use serde_json::json;

use crate::support::{EVENTS, Engine, all_messages, next_event, send, start};

const CONVERSATIONS: usize = 6;
const ROUNDS: usize = 3;

/// What one sender went through until its socket was closed.
struct Life {
    /// Next message to send; the one before was answered.
    next: usize,
    /// Client id and sequence number of what was answered.
    acknowledged: Vec<(String, u64)>,
    /// How its socket ended.
    code: u16,
}

/// Sends, four at a time, until the socket is closed; anything but an answer or the close is a failure.
async fn sender(url: String, token: String, id: String, mut next: usize) -> Life {
    let client = Client::connect(&url, &token).await.expect("a socket");
    let mut acknowledged = Vec::new();
    loop {
        let ids: Vec<String> = (next..next + 4).map(|n| format!("m{n}")).collect();
        let sends = ids.iter().map(|client_id| send(&client, &id, client_id, "still here?"));
        let answers = futures_util::future::join_all(sends).await;
        let (mut closed, mut in_order) = (None, true);
        for (client_id, answer) in ids.into_iter().zip(answers) {
            match answer {
                Ok(payload) => {
                    assert_eq!(payload["userErrors"], json!([]), "an error a user would see");
                    let seq = payload["message"]["seq"].as_u64().expect("a number");
                    acknowledged.push((client_id, seq));
                    next += usize::from(in_order);
                }
                Err(ClientError::Closed { code, .. }) => (closed, in_order) = (Some(code), false),
                Err(other) => panic!("an error a user would see: {other}"),
            }
        }
        if let Some(code) = closed {
            return Life { next, acknowledged, code };
        }
    }
}

/// Sends by HTTP until nobody listens; a connection that ends without an answer is none, an answer must be good.
async fn poster(url: String, token: String, id: String, round: usize) -> BTreeMap<String, u64> {
    let http = reqwest::Client::new();
    let mut acknowledged = BTreeMap::new();
    for n in 0.. {
        let client_id = format!("http-{round}-{n}");
        let query = crate::support::SEND;
        let variables = json!({ "id": id, "clientId": client_id, "body": "by HTTP" });
        let request = http
            .post(format!("{url}/graphql"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(json!({ "query": query, "variables": variables }).to_string());
        let Ok(answer) = request.send().await else { break };
        assert_eq!(answer.status(), 200, "an error a user would see");
        let Ok(body) = answer.bytes().await else { break };
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        let seq = body["data"]["sendMessage"]["message"]["seq"].as_u64();
        acknowledged.insert(client_id, seq.unwrap_or_else(|| panic!("no number: {body}")));
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_under_load_shows_no_client_an_error() {
    let mut engine = Engine::with(&[
        ("RIALTO_LIMITS__SENDS_PER_SECOND", "1000000"),
        ("RIALTO_LIMITS__SEND_BURST", "1000000"),
    ]);
    engine.seed(CONVERSATIONS + 1).await;
    let ann = engine.token("ann", "user");
    let opener = engine.client("ann", "user").await;
    let mut ids = Vec::new();
    for n in 0..=CONVERSATIONS {
        ids.push(start(&opener, &format!("listing-{n}"), "first", "Hello").await);
    }
    drop(opener);
    let by_http = ids.pop().expect("one more than the others");
    let mut acknowledged: Vec<BTreeMap<String, u64>> = vec![BTreeMap::new(); CONVERSATIONS];
    let (mut posted, mut next) = (BTreeMap::new(), [0; CONVERSATIONS]);
    for round in 0..ROUNDS {
        let spawn =
            |n: usize| tokio::spawn(sender(engine.ws_url(), ann.clone(), ids[n].clone(), next[n]));
        let senders: Vec<_> = (0..CONVERSATIONS).map(spawn).collect();
        let poster = poster(engine.url.clone(), ann.clone(), by_http.clone(), round);
        let poster = tokio::spawn(poster);
        tokio::time::sleep(Duration::from_millis(700)).await;
        engine.ask_to_stop();
        for (n, sender) in senders.into_iter().enumerate() {
            let life = sender.await.expect("no client sees an error");
            assert_eq!(life.code, 1001, "going away, so that clients connect again");
            next[n] = life.next;
            for (client_id, seq) in life.acknowledged {
                let before = acknowledged[n].insert(client_id, seq);
                assert!(before.is_none_or(|before| before == seq), "one client id, one message");
            }
        }
        posted.extend(poster.await.expect("no client sees an error"));
        assert_eq!(engine.ended(), Some(0), "softly");
        engine.restart();
    }
    assert!(acknowledged.iter().all(|all| all.len() > 8) && posted.len() > 8, "too little load");
    let reader = engine.client("sam", "user").await;
    for (id, told) in ids.iter().zip(&acknowledged).chain([(&by_http, &posted)]) {
        let messages = all_messages(&reader, id).await;
        let seqs: Vec<u64> = messages.iter().filter_map(|it| it["seq"].as_u64()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "no gap, nothing doubled");
        assert!(told.values().all(|seq| seqs.contains(seq)), "what was acknowledged is there");
        let different: std::collections::BTreeSet<_> = told.values().collect();
        assert_eq!(different.len(), told.len(), "each under a number of its own");
    }
}

#[tokio::test]
async fn balancers_have_time_to_turn_away() {
    let mut engine = Engine::with(&[("RIALTO_SERVER__DRAIN_SECONDS", "2")]);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let mut events = ann.subscribe(EVENTS, json!({ "id": id, "after": 1 }));
    next_event(&mut events).await;
    let asked = std::time::Instant::now();
    engine.ask_to_stop();
    let ready = loop {
        let ready = reqwest::get(format!("{}/health/ready", engine.url)).await.expect("an answer");
        if ready.status() == 503 || asked.elapsed() > Duration::from_secs(1) {
            break ready;
        }
    };
    assert_eq!(ready.status(), 503, "told at once");
    let body = ready.bytes().await.expect("a body");
    assert!(String::from_utf8_lossy(&body).contains("\"stopping\""), "{body:?}");
    let token = engine.token("sam", "user");
    let sam = Client::connect(&engine.ws_url(), &token).await.expect("still served");
    let payload = send(&sam, &id, "2", "It is").await.expect("still served");
    assert_eq!(payload["message"]["status"], "SENT");
    assert_eq!(next_event(&mut events).await["seq"], 2);
    assert!(asked.elapsed() < Duration::from_secs(2), "too slow a machine to show anything");
    assert_eq!(ann.closed().await.0, 1001);
    assert!(asked.elapsed() >= Duration::from_secs(2), "not before its time");
    assert_eq!(engine.ended(), Some(0));
}
