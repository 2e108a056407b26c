//! What one client may ask, and what all of them together may take.

use serde::{Deserialize, Serialize};

/// What one client may ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest HTTP request or WebSocket message, bytes.
    pub request_bytes: usize,
    /// Deepest selection.
    pub depth: usize,
    /// Most complex operation: one per field, list fields times their page size.
    pub complexity: usize,
    /// Aliases in one operation.
    pub aliases: usize,
    /// Largest page of a connection.
    pub page_size: usize,
    /// Persisted queries kept in memory.
    pub persisted_queries: usize,
    /// Operations under way on one WebSocket, subscriptions included.
    pub operations_per_socket: usize,
    /// Subscriptions one user may have, on all WebSockets and SSE streams.
    pub subscriptions_per_user: usize,
    /// WebSockets and SSE streams open at once.
    pub connections: usize,
    /// WebSockets and SSE streams of one user.
    pub connections_per_user: usize,
    /// TCP connections open at once, whatever they are used for.
    pub tcp_connections: usize,
    /// TCP connections from one address; 0: any number, as behind a proxy all come from one.
    pub tcp_connections_per_address: usize,
    /// Longest a request's head may take to arrive, seconds.
    pub head_seconds: u64,
    /// Longest a TCP connection may wait for its next request, seconds.
    pub idle_seconds: u64,
    /// Longest a client may take nothing of what is written to it, seconds.
    pub write_seconds: u64,
    /// How often a WebSocket's client is asked whether it is still there, seconds; silent for twice as long, it is not.
    pub ping_seconds: u64,
    /// Memory the process may hold, MiB, files mapped into it left out; above it messages, subscriptions and connections are
    /// answered `BUSY`. 0: no ceiling.
    pub memory_mib: usize,
    /// Bodies of HTTP requests that are arriving, all together, MiB; more are answered `BUSY`.
    pub bodies_mib: usize,
    /// Messages one user may send per second, on average.
    pub sends_per_second: u32,
    /// Messages one user may send at once.
    pub send_burst: u32,
    /// Longest an HTTP operation may take, seconds.
    pub request_seconds: u64,
    /// Users or listings in one bulk mutation.
    pub bulk: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 1024 * 1024,
            depth: 15,
            complexity: 5_000,
            aliases: 30,
            page_size: 100,
            persisted_queries: 1_000,
            operations_per_socket: 128,
            subscriptions_per_user: 5_000,
            connections: 20_000,
            connections_per_user: 1_000,
            tcp_connections: 25_000,
            tcp_connections_per_address: 0,
            head_seconds: 10,
            idle_seconds: 75,
            write_seconds: 30,
            ping_seconds: 20,
            memory_mib: 0,
            bodies_mib: 256,
            sends_per_second: 1_000,
            send_burst: 2_000,
            request_seconds: 30,
            bulk: 1_000,
        }
    }
}
