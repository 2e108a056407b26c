//! One conversation of a replay: the buyer sends in a closed loop, the seller listens.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rialto_client::{Client, ClientError, Operation};
use serde_json::json;

use crate::figures::Figures;

const START: &str = "mutation($listingId: ID!) { startConversation(input: {listingId: $listingId, \
    clientId: \"start\", body: \"Hello, is this still available?\"}) { conversation { id } userErrors { code message } } }";
const SEND: &str = "mutation($id: ID!, $clientId: String!, $body: String!) { \
    sendMessage(input: {conversationId: $id, clientId: $clientId, body: $body}) { \
    message { seq status } userErrors { code retryAfterSeconds } } }";
const EVENTS: &str = "subscription($id: ID!) { conversationEvents(conversationId: $id) { \
    __typename ... on MessagePosted { seq message { body } } } }";

/// A buyer and a seller, connected.
pub struct Talk {
    buyer: Client,
    _seller: Client,
    events: Operation,
    id: String,
}

impl Talk {
    /// Starts the conversation and the seller's subscription.
    pub async fn start(buyer: Client, seller: Client, listing: &str) -> Result<Self, ClientError> {
        let answer = buyer.execute(START, json!({ "listingId": listing })).await?;
        let payload = &answer["startConversation"];
        let id = payload["conversation"]["id"]
            .as_str()
            .ok_or_else(|| ClientError::Unexpected(payload.to_string()))?
            .to_owned();
        let mut events = seller.subscribe(EVENTS, json!({ "id": id }));
        // The snapshot: from here on the subscription is live.
        events.next().await.ok_or_else(|| ClientError::Unexpected("no snapshot".into()))??;
        Ok(Self { buyer, _seller: seller, events, id })
    }

    /// Sends what `next` gives until it gives nothing; each send waits for its acknowledgement.
    pub async fn run(
        self,
        next: impl Fn() -> Option<(usize, String)>,
    ) -> Result<Figures, ClientError> {
        let Self { buyer, _seller, mut events, id } = self;
        let received = tokio::spawn(async move {
            let mut received = HashMap::new();
            // Quiet for this long after the last send: nothing more will come.
            let quiet = Duration::from_secs(2);
            while let Ok(Some(Ok(data))) = tokio::time::timeout(quiet, events.next()).await {
                if let Some(seq) = data["conversationEvents"]["seq"].as_u64() {
                    received.insert(seq, Instant::now());
                }
            }
            received
        });
        let mut figures = Figures::default();
        let mut sent = HashMap::new();
        while let Some((n, body)) = next() {
            let started = Instant::now();
            let variables = json!({ "id": id, "clientId": n.to_string(), "body": body });
            let answer = buyer.execute(SEND, variables).await?;
            figures.to_ack.push(started.elapsed());
            let payload = &answer["sendMessage"];
            let outcome =
                payload["message"]["status"].as_str().or(payload["userErrors"][0]["code"].as_str());
            *figures.outcomes.entry(outcome.unwrap_or("UNKNOWN").to_owned()).or_default() += 1;
            if let Some(seq) = payload["message"]["seq"].as_u64() {
                sent.insert(seq, started);
            }
        }
        let received = received.await.unwrap_or_default();
        let latency = |(seq, at): (&u64, &Instant)| Some(received.get(seq)?.duration_since(*at));
        figures.to_receive = sent.iter().filter_map(latency).collect();
        Ok(figures)
    }
}
