//! Everybody drops and comes back at once: each goes on where it was, and senders hardly notice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rialto_client::Client;
use serde_json::json;
use tokio::sync::Barrier;

use crate::raw::{figure, figure_until};
use crate::support::{EVENTS, Engine, PATIENCE, next_durable, send, start};

const CLIENTS: usize = 240;
const CONVERSATIONS: usize = 4;
const ROUNDS: u64 = 3;
/// Messages a client misses while it is away, each time.
const MISSED: u64 = 10;

/// Comes back at the same moment as everybody else, and reads what it missed; how long that took.
async fn come_back(
    url: String,
    token: String,
    id: String,
    after: u64,
    everybody: Arc<Barrier>,
) -> (Client, Duration) {
    everybody.wait().await;
    let began = Instant::now();
    let client = Client::connect(&url, &token).await.expect("let in");
    let mut events = client.subscribe(EVENTS, json!({ "id": id, "after": after }));
    for seq in after + 1..=after + MISSED {
        assert_eq!(next_durable(&mut events).await["seq"], seq, "where it was, without a gap");
    }
    let took = began.elapsed();
    drop(events);
    (client, took)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_reconnections_is_weathered() {
    let engine = Engine::start();
    engine.seed(CONVERSATIONS).await;
    let (ann, sam) = (engine.token("ann", "user"), engine.token("sam", "user"));
    let sender = engine.client("ann", "user").await;
    let mut ids = Vec::new();
    for n in 0..CONVERSATIONS {
        ids.push(start(&sender, &format!("listing-{n}"), "first", "Hello").await);
    }
    let mut clients: Vec<Client> = Vec::new();
    for round in 0..ROUNDS {
        // Without a goodbye, as when a network goes.
        clients.clear();
        for n in 0..MISSED {
            for id in &ids {
                let payload = send(&sender, id, &format!("r{round}n{n}"), "Are you there?").await;
                assert_eq!(payload.expect("an answer")["message"]["status"], "SENT");
            }
        }
        let everybody = Arc::new(Barrier::new(CLIENTS));
        let coming = (0..CLIENTS).map(|n| {
            let token = if n % 2 == 0 { &ann } else { &sam };
            let (id, after) = (ids[n % CONVERSATIONS].clone(), 1 + round * MISSED);
            let (url, everybody) = (engine.ws_url(), Arc::clone(&everybody));
            tokio::spawn(come_back(url, token.clone(), id, after, everybody))
        });
        let coming: Vec<_> = coming.collect();
        let began = Instant::now();
        let mut slowest = Duration::ZERO;
        for one in coming {
            let (client, took) = one.await.expect("nobody is turned away");
            slowest = slowest.max(took);
            clients.push(client);
        }
        assert!(slowest < PATIENCE / 3, "the last was back after {slowest:?}");
        assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let all = CLIENTS as f64;
    assert!(figure(&engine, "rialto_connections", "websocket").await >= all);
    assert!(figure(&engine, "rialto_resyncs_total", "").await < 1.0, "all could be replayed");
    clients.clear();
    figure_until(&engine, "rialto_connections", "websocket", |open| open < 2.0).await;
    figure_until(&engine, "rialto_subscriptions", "conversationEvents", |open| open < 1.0).await;
}
