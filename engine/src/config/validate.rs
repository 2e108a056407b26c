//! What each setting may be: one table of ranges, one of words, and the rules between settings.

use serde_json::{Map, Value};
use tracing_subscriber::EnvFilter;

use super::Config;

/// A setting with a value it can't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: {reason}; allowed: {}", self.allowed())]
pub struct Fault {
    /// The setting, such as `store.writers`.
    pub setting: String,
    /// What is wrong with its value; never the value of a secret.
    pub reason: String,
}

/// Every number there is: setting, smallest, largest.
const RANGES: &[(&str, u64, u64)] = &[
    ("server.drain_seconds", 0, 3_600),
    ("server.shutdown_seconds", 0, 3_600),
    ("store.connect_seconds", 1, 600),
    ("store.writers", 1, 64),
    ("store.group_size", 1, 10_000),
    ("store.queue", 1, 1_000_000),
    ("store.memtable_mib", 1, 4_096),
    ("store.block_cache_mib", 1, 1_048_576),
    ("store.cached_users", 1, 100_000_000),
    ("store.cached_listings", 1, 100_000_000),
    ("store.recent_events", 0, 100_000_000),
    ("identity.leeway_seconds", 0, 300),
    ("staff.session_hours", 1, 8_760),
    ("staff.link_hours", 1, 8_760),
    ("messages.max_bytes", 1, 1_048_576),
    ("messages.edit_window_seconds", 0, 31_536_000),
    ("conversations.max_live", 1, 10_000_000),
    ("conversations.idle_seconds", 1, 86_400),
    ("conversations.mailbox", 1, 65_536),
    ("conversations.intake", 1, 1_000_000),
    ("conversations.subscriber_buffer", 1, 65_536),
    ("conversations.max_replay", 1, 1_000_000),
    ("filters.deadline_ms", 1, 10_000),
    ("filters.memory_mib", 1, 4_096),
    ("filters.max_component_mib", 1, 512),
    ("filters.threads", 0, 1_024),
    ("filters.queue", 1, 1_000_000),
    ("filters.recycle_after", 1, 1_000_000),
    ("filters.max_crashes", 1, 10_000),
    ("filters.shadow_days", 1, 3_650),
    ("filters.decision_days", 1, 36_500),
    ("search.memory_mib", 16, 4_096),
    ("search.timeout_seconds", 1, 600),
    ("limits.request_bytes", 1_024, 104_857_600),
    ("limits.depth", 1, 100),
    ("limits.complexity", 1, 1_000_000),
    ("limits.aliases", 0, 10_000),
    ("limits.page_size", 1, 1_000),
    ("limits.persisted_queries", 1, 1_000_000),
    ("limits.operations_per_socket", 1, 10_000),
    ("limits.subscriptions_per_user", 1, 10_000_000),
    ("limits.connections", 1, 10_000_000),
    ("limits.connections_per_user", 1, 10_000_000),
    ("limits.tcp_connections", 1, 10_000_000),
    ("limits.tcp_connections_per_address", 0, 10_000_000),
    ("limits.head_seconds", 1, 3_600),
    ("limits.idle_seconds", 1, 86_400),
    ("limits.write_seconds", 1, 3_600),
    ("limits.ping_seconds", 1, 3_600),
    ("limits.memory_mib", 0, 16_777_216),
    ("limits.bodies_mib", 1, 1_048_576),
    ("limits.sends_per_second", 1, 1_000_000),
    ("limits.send_burst", 1, 1_000_000),
    ("limits.request_seconds", 1, 3_600),
    ("limits.bulk", 1, 10_000),
];

/// What settings that are no numbers may be.
const WORDS: &[(&str, &str)] = &[
    ("server.listen", "an address and port, such as 127.0.0.1:4000"),
    ("server.data_dir", "a directory"),
    ("server.development", "true or false"),
    ("store.journal", "true or false"),
    ("server.metrics", "true or false"),
    ("server.cors_origins", "`*`, or origins such as https://market.example, without a path"),
    ("store.address", "`embedded`, `memory`, or a server's ws:// or wss:// address"),
    ("store.namespace", "a name that is not empty"),
    ("store.database", "a name that is not empty"),
    ("store.username", "a text, together with `store.password`"),
    ("store.password", "a text, together with `store.username`"),
    ("identity.secret", "a text of at least 32 bytes, and no `identity.public_key_file`"),
    ("identity.public_key_file", "a PEM file, and no `identity.secret`"),
    ("identity.issuer", "a text"),
    ("identity.audience", "a text"),
    ("filters.bundled", "true or false"),
    ("filters.files", "a list of .wasm files"),
    ("filters.config_files", "JSON files by filter name"),
    ("filters.policy_file", "a TOML file"),
    ("filters.fail_mode", "`open` or `hold`"),
    ("search.address", "`embedded`, or a server's http:// or https:// address"),
    ("search.key", "a text, together with a server's `search.address`"),
    ("search.prefix", "at most 32 letters, digits, - or _"),
    ("tracing.otlp_endpoint", "a collector's http:// or https:// address"),
    ("tracing.sample_ratio", "0 to 1"),
    ("log.filter", "tracing directives, such as `info` or `rialto_engine=debug,warn`"),
    ("log.format", "`text` or `json`"),
];

const MIN_SECRET_BYTES: usize = 32;

impl Fault {
    fn new(setting: &str, reason: impl Into<String>) -> Self {
        Self { setting: setting.to_owned(), reason: reason.into() }
    }

    /// What the setting may be, in words.
    pub fn allowed(&self) -> String {
        let named = |name: &str| {
            let tail = self.setting.strip_prefix(name);
            tail.is_some_and(|tail| tail.is_empty() || tail.starts_with(['.', '[']))
        };
        if let Some((_, min, max)) = RANGES.iter().find(|(name, ..)| named(name)) {
            return format!("{min} to {max}");
        }
        WORDS
            .iter()
            .find(|(name, _)| named(name))
            .map_or_else(|| "a table of settings".to_owned(), |(_, words)| (*words).to_owned())
    }
}

impl Config {
    /// Checks every setting's range and the rules between settings; names the first that is wrong.
    pub fn validate(&self) -> Result<(), Fault> {
        let json = as_json(self)?;
        for (setting, min, max) in RANGES {
            let value = setting
                .split_once('.')
                .and_then(|(section, field)| json.get(section)?.get(field)?.as_u64());
            if let Some(value) = value.filter(|value| !(min..=max).contains(&value)) {
                return Err(Fault::new(setting, format!("{value} is out of range")));
            }
        }
        self.check_server()?;
        self.check_store()?;
        self.check_search()?;
        self.check_identity()?;
        self.check_tracing()?;
        if self.messages.max_bytes > self.limits.request_bytes {
            let reason = format!(
                "{} is more than `limits.request_bytes`, so such a message could not arrive",
                self.messages.max_bytes
            );
            return Err(Fault::new("messages.max_bytes", reason));
        }
        EnvFilter::try_new(&self.log.filter)
            .map(drop)
            .map_err(|error| Fault::new("log.filter", error.to_string()))
    }

    fn check_server(&self) -> Result<(), Fault> {
        if self.server.data_dir.as_os_str().is_empty() {
            return Err(Fault::new("server.data_dir", "it is empty"));
        }
        for origin in &self.server.cors_origins {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            if origin != "*" && host.is_none_or(|host| host.is_empty() || host.contains('/')) {
                return Err(Fault::new("server.cors_origins", format!("`{origin}` is no origin")));
            }
        }
        Ok(())
    }

    fn check_store(&self) -> Result<(), Fault> {
        let store = &self.store;
        let server = ["ws://", "wss://"]
            .iter()
            .any(|scheme| store.address.strip_prefix(scheme).is_some_and(|host| !host.is_empty()));
        if !server && !matches!(store.address.as_str(), "embedded" | "memory") {
            return Err(Fault::new("store.address", format!("`{}` is neither", store.address)));
        }
        for (setting, name) in
            [("store.namespace", &store.namespace), ("store.database", &store.database)]
        {
            if name.is_empty() {
                return Err(Fault::new(setting, "it is empty"));
            }
        }
        match (&store.username, &store.password) {
            (Some(_), None) => Err(Fault::new("store.username", "there is no password")),
            (None, Some(_)) => Err(Fault::new("store.password", "there is no user name")),
            _ => Ok(()),
        }
    }

    fn check_search(&self) -> Result<(), Fault> {
        let search = &self.search;
        let server = ["http://", "https://"]
            .iter()
            .any(|scheme| search.address.strip_prefix(scheme).is_some_and(|host| !host.is_empty()));
        if !server && search.address != "embedded" {
            return Err(Fault::new("search.address", format!("`{}` is neither", search.address)));
        }
        if search.key.is_some() && !server {
            return Err(Fault::new("search.key", "there is no server"));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if search.prefix.is_empty() || search.prefix.len() > 32 || !search.prefix.chars().all(plain)
        {
            return Err(Fault::new("search.prefix", format!("`{}` is not", search.prefix)));
        }
        Ok(())
    }

    fn check_tracing(&self) -> Result<(), Fault> {
        let ratio = self.tracing.sample_ratio;
        if !(0.0..=1.0).contains(&ratio) {
            return Err(Fault::new("tracing.sample_ratio", format!("{ratio} is out of range")));
        }
        let Some(endpoint) = &self.tracing.otlp_endpoint else { return Ok(()) };
        let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
        match host {
            Some(host) if !host.is_empty() => Ok(()),
            _ => Err(Fault::new("tracing.otlp_endpoint", "it is no address")),
        }
    }

    fn check_identity(&self) -> Result<(), Fault> {
        let Some(secret) = &self.identity.secret else { return Ok(()) };
        if secret.len() < MIN_SECRET_BYTES {
            let reason = format!("it has {} bytes", secret.len());
            return Err(Fault::new("identity.secret", reason));
        }
        if self.identity.public_key_file.is_some() {
            return Err(Fault::new("identity.secret", "there is a public key as well"));
        }
        Ok(())
    }
}

/// Whether a setting's value must not be shown.
pub(super) fn is_secret(setting: &str) -> bool {
    matches!(setting, "identity.secret" | "store.password" | "search.key")
}

/// The settings as section → field → value.
pub(super) fn as_json(config: &Config) -> Result<Map<String, Value>, Fault> {
    // Only a path that is not UTF-8 can't be written as JSON.
    match serde_json::to_value(config) {
        Ok(Value::Object(sections)) => Ok(sections),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(Fault::new("server.data_dir", error.to_string())),
    }
}
