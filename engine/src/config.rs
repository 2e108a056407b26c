//! Every setting there is: one documented struct per concern, defaults included.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

mod limits;
mod load;
mod validate;
mod watch;

pub use limits::Limits;
pub use load::{ConfigError, DEFAULT_FILE, FILE_VARIABLE, Origin, Override, Sources, load};
pub use validate::Fault;
pub use watch::{Log, LogFormat, Tracing};

/// The whole configuration: file (`rialto.toml`), then environment (`RIALTO_SECTION__FIELD`), then flags.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it listens and what it serves.
    pub server: Server,
    /// Where the truth is kept.
    pub store: Store,
    /// Whose tokens are believed.
    pub identity: Identity,
    /// How staff sign in.
    pub staff: Staff,
    /// What a message may be.
    pub messages: Messages,
    /// How conversation actors live.
    pub conversations: Conversations,
    /// How filters run.
    pub filters: Filters,
    /// Where the search index is.
    pub search: Search,
    /// What one client may ask.
    pub limits: Limits,
    /// What is logged, and how.
    pub log: Log,
    /// Where traces go.
    pub tracing: Tracing,
}

/// Where it listens and what it serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Holds the embedded store, the signing secret and compiled filters; made if missing.
    pub data_dir: PathBuf,
    /// Serve GraphiQL at `/` and answer introspection.
    pub development: bool,
    /// Serve figures for Prometheus at `/metrics`, to anybody who can reach it.
    pub metrics: bool,
    /// Origins browsers may call from; empty allows none but the same origin, `*` all.
    pub cors_origins: Vec<String>,
    /// How long everything is still served after a stop was asked for, so that balancers see that the engine is not ready any
    /// more, seconds.
    pub drain_seconds: u64,
    /// How long a soft stop may take before connections are cut, seconds.
    pub shutdown_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 4000)),
            data_dir: PathBuf::from("data"),
            development: true,
            metrics: true,
            cors_origins: Vec::new(),
            drain_seconds: 0,
            shutdown_seconds: 20,
        }
    }
}

/// Where the truth is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `embedded` (in the data directory), `memory` (nothing survives), or a server's `ws://` address.
    pub address: String,
    /// Namespace on the server.
    pub namespace: String,
    /// Database in the namespace.
    pub database: String,
    /// User name for a server.
    pub username: Option<String>,
    /// Password for a server.
    pub password: Option<String>,
    /// Longest wait for a server when the engine starts, seconds.
    pub connect_seconds: u64,
    /// Writers that commit groups side by side; conversations are spread over them.
    pub writers: usize,
    /// Conversations' writes in one group at most.
    pub group_size: usize,
    /// Writes that may wait for a writer; more are answered `BUSY`.
    pub queue: usize,
    /// Size of the embedded engine's memtable before it is flushed, MiB.
    pub memtable_mib: usize,
    /// Size of the embedded engine's block cache, MiB.
    pub block_cache_mib: usize,
    /// Users kept in memory.
    pub cached_users: usize,
    /// Listings kept in memory.
    pub cached_listings: usize,
    /// Events kept in memory after they were committed, for followers and for clients that come back.
    pub recent_events: usize,
    /// Commit events to a journal and file them by conversation a moment later. With a server, which several engines may
    /// use, each event is filed with its commit whatever this says.
    pub journal: bool,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            address: "embedded".into(),
            namespace: "rialto".into(),
            database: "rialto".into(),
            username: None,
            password: None,
            connect_seconds: 20,
            writers: 1,
            group_size: 512,
            queue: 8_192,
            memtable_mib: 64,
            block_cache_mib: 256,
            cached_users: 100_000,
            cached_listings: 100_000,
            recent_events: 20_000,
            journal: true,
        }
    }
}

/// Whose tokens are believed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    /// HS256 secret, at least 32 bytes; if neither this nor a public key is set, one is made in the data directory.
    pub secret: Option<String>,
    /// PEM file with the marketplace's RS256 or `EdDSA` public key, instead of a secret.
    pub public_key_file: Option<PathBuf>,
    /// Required `iss`, if set.
    pub issuer: Option<String>,
    /// Required `aud`, if set.
    pub audience: Option<String>,
    /// Tolerated clock difference, seconds.
    pub leeway_seconds: u64,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            secret: None,
            public_key_file: None,
            issuer: None,
            audience: None,
            leeway_seconds: 5,
        }
    }
}

/// How staff sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Staff {
    /// How long a session lasts, hours.
    pub session_hours: u64,
    /// How long an invitation, or the first admin's link, is good for, hours.
    pub link_hours: u64,
}

impl Default for Staff {
    fn default() -> Self {
        Self { session_hours: 24, link_hours: 24 }
    }
}

/// What a message may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Messages {
    /// Longest text, bytes of UTF-8.
    pub max_bytes: usize,
    /// How long a sender may edit or retract, seconds.
    pub edit_window_seconds: u64,
}

impl Default for Messages {
    fn default() -> Self {
        Self { max_bytes: 8_192, edit_window_seconds: 900 }
    }
}

/// How conversation actors live.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conversations {
    /// Actors alive at once; over it idle ones make room, and if none is idle the answer is `BUSY`.
    pub max_live: usize,
    /// An actor nobody used for this long is passivated, seconds.
    pub idle_seconds: u64,
    /// Commands waiting for one conversation; more are answered `BUSY`.
    pub mailbox: usize,
    /// Commands under way in all conversations; more are answered `BUSY`.
    pub intake: usize,
    /// Live events a subscriber may lag behind before it is told to resync.
    pub subscriber_buffer: usize,
    /// Events replayed to one subscription at most; a client further behind is told to resync.
    pub max_replay: u64,
}

impl Default for Conversations {
    fn default() -> Self {
        Self {
            max_live: 50_000,
            idle_seconds: 300,
            mailbox: 256,
            intake: 8_192,
            subscriber_buffer: 256,
            max_replay: 10_000,
        }
    }
}

/// What becomes of a message when a filter fails on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailMode {
    /// The message goes on without this filter's signals.
    Open,
    /// The message is held for a moderator.
    Hold,
}

/// How filters run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filters {
    /// Run the filters that are part of the binary.
    pub bundled: bool,
    /// Further components (`.wasm`) to load at start, in this order, after the bundled ones.
    pub files: Vec<PathBuf>,
    /// JSON files with a filter's configuration, by the filter's name.
    pub config_files: std::collections::BTreeMap<String, PathBuf>,
    /// The policy table; without one the documented default is used.
    pub policy_file: Option<PathBuf>,
    /// Fail mode a filter begins with; later its own setting counts.
    pub fail_mode: FailMode,
    /// Wall clock for one inspection, milliseconds.
    pub deadline_ms: u64,
    /// Memory of one instance, MiB.
    pub memory_mib: usize,
    /// Largest component, MiB.
    pub max_component_mib: usize,
    /// Threads that run filters; 0 takes one per core.
    pub threads: usize,
    /// Messages waiting for such a thread; more are answered `BUSY`.
    pub queue: usize,
    /// Calls after which an instance is replaced, an eighth of them if its memory grows by them.
    pub recycle_after: u32,
    /// Crashes within an hour after which a filter is quarantined.
    pub max_crashes: usize,
    /// How long the results of filters in shadow are kept, days.
    pub shadow_days: u32,
    /// How long the record of why a message was treated as it was is kept, days.
    pub decision_days: u32,
}

impl Default for Filters {
    fn default() -> Self {
        Self {
            bundled: true,
            files: Vec::new(),
            config_files: std::collections::BTreeMap::new(),
            policy_file: None,
            fail_mode: FailMode::Hold,
            deadline_ms: 20,
            memory_mib: 64,
            max_component_mib: 32,
            threads: 0,
            queue: 4_096,
            recycle_after: 1_024,
            max_crashes: 3,
            shadow_days: 30,
            decision_days: 180,
        }
    }
}

/// Where the search index is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// `embedded` (in the data directory), or the `http://` or `https://` address of a Meilisearch server.
    pub address: String,
    /// Key for the server, with rights to indexes, documents, settings, tasks and stats.
    pub key: Option<String>,
    /// Begins the names of the server's indexes.
    pub prefix: String,
    /// Memory for documents on their way into the embedded index, MiB.
    pub memory_mib: usize,
    /// Longest wait for one answer of the server, seconds.
    pub timeout_seconds: u64,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            address: "embedded".into(),
            key: None,
            prefix: "rialto".into(),
            memory_mib: 64,
            timeout_seconds: 10,
        }
    }
}
