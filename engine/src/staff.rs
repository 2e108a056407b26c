//! The marketplace's staff: accounts with passwords, sessions, invitations by one-time links, roles.

mod error;
mod limit;
mod link;
mod password;
mod session;
mod team;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex, broadcast};

pub use error::StaffError;
pub use link::{LinkFacts, NewAccount};
pub use session::SignedIn;
pub use team::{Invitation, Member};

use crate::config;
use crate::domain::{Clock, UserId};
use crate::store::{AuditEntry, StaffWrite, Store};
use limit::Failures;
use password::Passwords;

/// What tells staff's ids from those of the marketplace's users.
pub const ID_PREFIX: &str = "staff:";
/// Ended sessions a socket may lag behind; one that lags looks for itself.
const ENDED: usize = 64;

/// Staff accounts. Cheap to clone.
#[derive(Clone)]
pub struct Staff(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    config: config::Staff,
    passwords: Passwords,
    failures: Failures,
    /// Whose sessions just ended, or some of them.
    ended: broadcast::Sender<UserId>,
    /// Changes of accounts happen one after the other: they are decided on what is in the store.
    turn: Mutex<()>,
}

impl fmt::Debug for Staff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Staff")
    }
}

impl Staff {
    /// The accounts in the store.
    pub fn new(store: Store, config: config::Staff, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            store,
            clock,
            config,
            passwords: Passwords::default(),
            failures: Failures::default(),
            ended: broadcast::channel(ENDED).0,
            turn: Mutex::default(),
        }))
    }

    /// Whose sessions end from now on, for open sockets: whoever is named looks whether theirs is good still.
    pub fn ended(&self) -> broadcast::Receiver<UserId> {
        self.0.ended.subscribe()
    }

    /// Deletes what ended long ago; to be called now and then.
    pub async fn trim(&self) -> Result<(), StaffError> {
        Ok(self.0.store.trim_staff(self.now() - TimeDelta::days(1)).await?)
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    fn audit(
        &self,
        actor: &UserId,
        action: &str,
        target: &str,
        reason: Option<&str>,
    ) -> StaffWrite {
        StaffWrite::Audit(AuditEntry {
            at: self.now(),
            actor: actor.clone(),
            action: action.to_owned(),
            target: target.to_owned(),
            reason: reason.map(str::to_owned),
        })
    }
}

/// 32 random bytes for whoever should have them, and the hash that is kept.
fn secret() -> (String, String) {
    use base64::Engine as _;
    let bytes: [u8; 32] = rand::random();
    let secret = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let hash = hashed(&secret);
    (secret, hash)
}

/// What a secret is kept as. It is random, so it needs no salt.
fn hashed(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}
