//! Every metric there is: name, kind, labels and what it says. The table in `deploy/README.md` is held against this.

/// What a metric's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How values are spread.
    Histogram,
}

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// As Prometheus names it.
    pub name: &'static str,
    /// What its samples are.
    pub kind: Kind,
    /// Names of its labels.
    pub labels: &'static [&'static str],
    /// One sentence.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($constant:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal)*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub static $constant: Metric = Metric {
                name: $name, kind: Kind::$kind, labels: &[$($label),*], help: $help,
            };
        )*
        /// All of them, in the order of the page.
        pub static ALL: &[&Metric] = &[$(&$constant),*];
    };
}

metrics! {
    OPERATIONS: Counter "rialto_operations_total" ["kind", "field", "transport"]
        "Operations begun, by kind, root field of the schema and transport; several root fields count as several."
    OPERATION_ERRORS: Counter "rialto_operation_errors_total" ["kind", "field", "code"]
        "GraphQL errors of operations, by code; TIMEOUT and CANCELLED are operations that gave no answer."
    OPERATION_SECONDS: Histogram "rialto_operation_seconds" ["kind", "field"]
        "From a query or mutation read to its answer ready."
    OPERATIONS_UNDER_WAY: Gauge "rialto_operations_under_way" ["kind"]
        "Operations under way, subscriptions included."
    REQUESTS_REFUSED: Counter "rialto_requests_refused_total" ["code"]
        "Requests answered without executing anything: malformed, over a limit, not signed in, no room."
    REFUSALS: Counter "rialto_refusals_total" ["code"]
        "Errors in payloads, for users to handle: BUSY, RATE_LIMITED, REFUSED_BY_POLICY and so on."
    TCP_CONNECTIONS: Gauge "rialto_tcp_connections" []
        "TCP connections open, those of WebSockets and streams included."
    TCP_CUT: Counter "rialto_tcp_connections_cut_total" ["why"]
        "TCP connections refused or ended by a bound: full, address, head (a request came too slowly), stalled (it took none of what was written)."
    CONNECTIONS: Gauge "rialto_connections" ["transport"]
        "WebSockets and SSE streams open."
    CONNECTIONS_OPENED: Counter "rialto_connections_opened_total" ["transport"]
        "WebSockets and SSE streams opened."
    CONNECTIONS_CLOSED: Counter "rialto_connections_closed_total" ["code"]
        "WebSockets ended, by the close code the engine sent; client: the other side closed, gone: it vanished."
    SUBSCRIPTIONS: Gauge "rialto_subscriptions" ["field"]
        "Subscriptions open, by root field."
    SUBSCRIPTION_ANSWERS: Counter "rialto_subscription_answers_total" ["field"]
        "Events given to subscriptions' sockets."
    FANOUT_LAG_SECONDS: Histogram "rialto_fanout_lag_seconds" []
        "From an event published after its commit to a subscriber's connection taking it."
    RESYNCS: Counter "rialto_resyncs_total" ["reason"]
        "Subscribers told to fetch afresh."
    SENDS: Counter "rialto_sends_total" ["kind", "verdict"]
        "Messages judged and committed or refused, by kind of conversation and what became of them."
    ACTORS: Gauge "rialto_conversation_actors" []
        "Conversations that have a running actor."
    ACTOR_STARTS: Counter "rialto_conversation_actor_starts_total" []
        "Actors started, read from the store."
    ACTOR_STOPS: Counter "rialto_conversation_actor_stops_total" []
        "Actors ended: idle, making room, failed or stopping."
    ACTOR_FAILURES: Counter "rialto_conversation_actor_failures_total" []
        "Actors that ended by a failure."
    COMMANDS_UNDER_WAY: Gauge "rialto_conversation_commands_under_way" []
        "Commands waiting or at work in all conversations."
    COMMANDS_LIMIT: Gauge "rialto_conversation_commands_limit" []
        "How many there may be before the answer is BUSY; lowered while they take too long."
    MAILBOX_DEPTH: Histogram "rialto_conversation_mailbox_depth" []
        "Commands in a conversation's mailbox when one comes in, itself included."
    BUSY: Counter "rialto_busy_total" ["bound"]
        "Calls answered BUSY, by the bound they met: intake, pressure, mailbox, actors, filters, store, memory."
    PIPELINE_SECONDS: Histogram "rialto_pipeline_seconds" []
        "A message's way through all filters and the policy, waiting for a thread included."
    PIPELINE_WAITING: Gauge "rialto_pipeline_waiting" []
        "Messages waiting for an inspector thread."
    SHADOWS_MISSED: Counter "rialto_pipeline_shadows_missed_total" []
        "Shadow runs left out because their queue was full."
    FILTER_INSPECTIONS: Counter "rialto_filter_inspections_total" ["filter", "version", "mode"]
        "Messages a version of a filter looked at."
    FILTER_FLAGGED: Counter "rialto_filter_flagged_total" ["filter", "version"]
        "Of those, how many it gave a signal for."
    FILTER_FAULTS: Counter "rialto_filter_faults_total" ["filter", "version", "fault"]
        "How often it failed."
    FILTER_VERDICTS: Counter "rialto_filter_verdicts_total" ["filter", "version", "verdict"]
        "Messages by the strictest action its signals led to."
    FILTER_SECONDS: Histogram "rialto_filter_seconds" ["filter", "version"]
        "One inspection."
    STORE_COMMITS: Counter "rialto_store_commits_total" ["outcome"]
        "Commits answered: ok, busy, conflict, space, unavailable, failed."
    STORE_GROUP_COMMITS: Histogram "rialto_store_group_commits" []
        "Commits in one synced group."
    STORE_GROUP_ROWS: Histogram "rialto_store_group_rows" []
        "Writes in one synced group, the outbox row included."
    STORE_COMMIT_SECONDS: Histogram "rialto_store_commit_seconds" []
        "One group written and synced."
    STORE_GROUP_FAILURES: Counter "rialto_store_group_failures_total" []
        "Groups the database did not take."
    STORE_QUEUE_SECONDS: Histogram "rialto_store_queue_seconds" []
        "A commit's wait for its writer."
    STORE_WAITING: Gauge "rialto_store_waiting_commits" []
        "Commits waiting or being written."
    STORE_UNFILED: Gauge "rialto_store_unfiled_events" []
        "Events in the journal that are not filed by conversation yet; writers wait at 20,000."
    STORE_STALLED_SECONDS: Gauge "rialto_store_stalled_seconds" []
        "How long commits have waited without a writer getting on; 0 if none wait."
    OUTBOX_LAG_GROUPS: Gauge "rialto_outbox_lag_groups" ["consumer"]
        "Committed groups a follower of the log has not consumed yet."
    OUTBOX_LAG_SECONDS: Gauge "rialto_outbox_lag_seconds" ["consumer"]
        "Age of the oldest of them."
    OUTBOX_SET_ASIDE: Gauge "rialto_outbox_set_aside_entries" ["consumer"]
        "Entries a follower refused, which were set aside."
    OUTBOX_FAILING: Gauge "rialto_outbox_failing" ["consumer"]
        "1 if a follower's last batch failed."
    SEARCH_READY: Gauge "rialto_search_ready" []
        "1 if searches are answered."
    SEARCH_QUERY_SECONDS: Histogram "rialto_search_query_seconds" ["what"]
        "A search, what it found looked up and checked included."
    SEARCH_FAILURES: Counter "rialto_search_failures_total" []
        "Questions the index did not answer."
    SEARCH_STALE_HITS: Counter "rialto_search_stale_hits_total" []
        "Hits the index gave that the viewer is not shown."
    SEARCH_DOCUMENTS: Gauge "rialto_search_documents" ["what"]
        "Documents in the index."
    SEARCH_BYTES: Gauge "rialto_search_index_bytes" []
        "Size of the index on disk, if it says."
    BUILD_INFO: Gauge "rialto_build_info" ["version"]
        "1, with the version."
    SPANS_LOST: Counter "rialto_trace_spans_lost_total" []
        "Spans the collector did not take, or that were too many."
    RUNTIME_BUSY: Counter "rialto_runtime_busy_seconds_total" []
        "Time the runtime's worker threads were at work."
    RUNTIME_WORKERS: Gauge "rialto_runtime_workers" []
        "The runtime's worker threads."
    RUNTIME_TASKS: Gauge "rialto_runtime_tasks" []
        "Tasks alive."
    RUNTIME_QUEUE: Gauge "rialto_runtime_queue_depth" []
        "Tasks waiting in the runtime's shared queue."
    RUNTIME_DELAY: Histogram "rialto_runtime_delay_seconds" []
        "How late the runtime gets round to a task that is due, looked at once a second."
    PROCESS_MEMORY: Gauge "process_resident_memory_bytes" []
        "Memory the process occupies."
    PROCESS_FILES: Gauge "process_open_fds" []
        "Files and sockets open."
    PROCESS_FILES_MOST: Gauge "process_max_fds" []
        "How many there may be."
    PROCESS_THREADS: Gauge "process_threads" []
        "Threads."
    PROCESS_CPU: Counter "process_cpu_seconds_total" []
        "CPU time, user and system."
    PROCESS_START: Gauge "process_start_time_seconds" []
        "When the process started, seconds since 1970."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_is_this_one() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/README.md");
        let document = std::fs::read_to_string(path).expect("deploy/README.md is there");
        for Metric { name, kind, labels, help } in ALL {
            let kind = format!("{kind:?}").to_lowercase();
            let row = format!("| `{name}` | {kind} | {} | {help} |", labels.join(", "));
            assert!(document.contains(&row), "deploy/README.md has no line\n{row}");
        }
        let rows = document
            .lines()
            .filter(|line| line.starts_with("| `rialto_") || line.starts_with("| `process_"));
        assert_eq!(rows.count(), ALL.len(), "deploy/README.md has rows of metrics that are gone");
    }

    #[test]
    fn names_follow_the_conventions() {
        for metric in ALL {
            let Metric { name, kind, help, .. } = metric;
            assert!(name.starts_with("rialto_") || name.starts_with("process_"), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(help.ends_with('.') && !help.contains(['\n', '\\']), "{name}");
        }
        let mut names: Vec<_> = ALL.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len(), "every name once");
    }
}
