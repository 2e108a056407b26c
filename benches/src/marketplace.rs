//! Makes the users, listings and conversations a replay needs, on a running engine.

use std::path::Path;

use rialto_client::Client;
use rialto_engine::config;
use rialto_engine::domain::{Clock, Role, UserId};
use rialto_engine::identity::Identity;
use serde_json::{Value, json};

use crate::talk::Talk;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const USERS: &str = "mutation($rows: [UserInput!]!) { \
    upsertUsers(input: {users: $rows}) { userErrors { message } } }";
const LISTINGS: &str = "mutation($rows: [ListingInput!]!) { \
    upsertListings(input: {listings: $rows}) { userErrors { message } } }";

/// A running engine whose secret we have.
pub struct Marketplace {
    socket: String,
    identity: Identity,
}

impl Marketplace {
    /// `url`: the engine's `http://…`; `data_dir`: where its signing secret is.
    pub fn open(url: &str, data_dir: &Path) -> Result<Self, Failure> {
        let identity = Identity::open(&config::Identity::default(), data_dir)?;
        let socket = format!("{}/graphql", url.trim_end_matches('/').replacen("http", "ws", 1));
        Ok(Self { socket, identity })
    }

    /// `count` conversations of fresh buyers with fresh sellers, both sides connected.
    pub async fn talks(&self, count: usize) -> Result<Vec<Talk>, Failure> {
        let run = Clock::system().now().timestamp_millis();
        let (buyer, seller) = (
            |n: usize| format!("replay-{run}-buyer-{n}"),
            |n: usize| format!("replay-{run}-seller-{n}"),
        );
        let service = self.client("replay", Role::Service).await?;
        let users: Vec<Value> = (0..count)
            .flat_map(|n| [buyer(n), seller(n)])
            .map(|id| json!({ "id": id, "name": id }))
            .collect();
        let listings: Vec<Value> = (0..count)
            .map(|n| {
                json!({ "externalId": format!("replay-{run}-{n}"), "title": format!("Replay {n}"),
                        "sellerId": seller(n), "category": "replay" })
            })
            .collect();
        for (query, rows) in [(USERS, users), (LISTINGS, listings)] {
            for bulk in rows.chunks(1_000) {
                service.execute(query, json!({ "rows": bulk })).await?;
            }
        }
        let mut talks = Vec::with_capacity(count);
        for n in 0..count {
            let buyer = self.client(&buyer(n), Role::User).await?;
            let seller = self.client(&seller(n), Role::User).await?;
            talks.push(Talk::start(buyer, seller, &format!("replay-{run}-{n}")).await?);
        }
        Ok(talks)
    }

    async fn client(&self, sub: &str, role: Role) -> Result<Client, Failure> {
        let now = Clock::system().now();
        let day = chrono::TimeDelta::days(1);
        let token = self.identity.mint(&UserId::new(sub)?, role, None, day, now)?;
        Ok(Client::connect(&self.socket, &token).await?)
    }
}
