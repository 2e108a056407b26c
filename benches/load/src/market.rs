//! The marketplace a run needs: users, listings and conversations, made on the running server.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::error::LoadError;
use crate::json;
use crate::operations::Operations;
use crate::token::{Minter, unix_time};

/// Users or listings in one bulk mutation.
const BULK: usize = 1_000;

/// A server whose secret we have.
#[derive(Debug)]
pub struct Market {
    /// What it understands.
    pub operations: Operations,
    /// Where it listens.
    pub server: SocketAddr,
    minter: Minter,
    /// Makes the names of this run its own.
    run: String,
    /// How often conversations were made: each time they are others.
    times: AtomicUsize,
}

/// A conversation and the tokens of those who listen to it; the first is the buyer, who started it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The conversation's id.
    pub id: String,
    /// Tokens of everyone on it, by socket.
    pub tokens: Vec<String>,
}

impl Market {
    /// `url`: the server's `http://host:port`; `data_dir`: where its secret is.
    pub fn open(operations: Operations, url: &str, data_dir: &Path) -> Result<Self, LoadError> {
        let server = address(url)?;
        let minter = Minter::open(&data_dir.join(&operations.secret_file))?;
        let run = format!("load-{}", unix_time().as_millis());
        Ok(Self { operations, server, minter, run, times: AtomicUsize::new(0) })
    }

    /// A name of this run's own.
    pub fn name(&self, what: &str, n: usize) -> String {
        format!("{}-{}-{what}-{n}", self.run, self.times.load(Ordering::Relaxed))
    }

    /// A token of a user.
    pub fn user_token(&self, name: &str) -> Result<String, LoadError> {
        self.minter.mint(name, &self.operations.user_role)
    }

    /// A token of somebody in this role.
    pub fn token(&self, name: &str, role: &str) -> Result<String, LoadError> {
        self.minter.mint(name, role)
    }

    /// A signed-in socket.
    pub fn caller(&self, token: &str) -> Result<Caller, LoadError> {
        Caller::connect(self.server, &self.operations.path, token)
    }

    /// New conversations of fresh buyers and sellers. Both have one socket each, or, if `sockets` is more than two,
    /// take turns.
    pub fn places(&self, count: usize, sockets: usize) -> Result<Vec<Place>, LoadError> {
        self.times.fetch_add(1, Ordering::Relaxed);
        self.push(count)?;
        let bar = crate::progress::bar(count as u64, "conversations");
        let places = (0..count).map(|n| {
            bar.inc(1);
            self.place(n, sockets)
        });
        let places = places.collect();
        ProgressBar::finish_and_clear(&bar);
        places
    }

    fn push(&self, count: usize) -> Result<(), LoadError> {
        let users = (0..count).flat_map(|n| [self.name("buyer", n), self.name("seller", n)]);
        let users = users.map(|id| json!({ "id": id, "name": id })).collect();
        let listings = (0..count).map(|n| {
            let (id, seller) = (self.name("listing", n), self.name("seller", n));
            json!({ "externalId": id, "title": format!("Load {n}"), "sellerId": seller, "category": "load" })
        });
        let service = self.minter.mint("load", &self.operations.service_role)?;
        let rows: [(Option<&String>, Vec<Value>); 2] = [
            (self.operations.users.as_ref(), users),
            (self.operations.listings.as_ref(), listings.collect()),
        ];
        for (document, rows) in rows {
            let Some(document) = document else { continue };
            let mut caller = self.caller(&service)?;
            for bulk in rows.chunks(BULK) {
                caller.call(document, &json!({ "rows": bulk }))?;
            }
        }
        Ok(())
    }

    fn place(&self, n: usize, sockets: usize) -> Result<Place, LoadError> {
        let buyer = self.user_token(&self.name("buyer", n))?;
        let seller = self.user_token(&self.name("seller", n))?;
        let variables = json!({ "listingId": self.name("listing", n), "buyerId": self.name("buyer", n),
            "sellerId": self.name("seller", n), "clientId": "start",
            "body": "Hello, is this still available?" });
        let data = self.caller(&buyer)?.call(&self.operations.start, &variables)?;
        let text = data.to_string();
        let id = self.operations.conversation.find(text.as_bytes()).and_then(json::string);
        let id =
            id.ok_or_else(|| LoadError::Setup(format!("no conversation was started: {text}")))?;
        let id = String::from_utf8_lossy(id).into_owned();
        let tokens = [buyer, seller].into_iter().cycle().take(sockets).collect();
        Ok(Place { id, tokens })
    }
}

/// The address behind `http://host:port`.
pub fn address(url: &str) -> Result<SocketAddr, LoadError> {
    let wrong = || LoadError::Setup(format!("{url:?} is no address like http://localhost:4000"));
    let host = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    let mut found = host.to_socket_addrs().map_err(|_| wrong())?;
    found.find(SocketAddr::is_ipv4).ok_or_else(wrong)
}
