//! Watchable: what `/metrics` tells is what happened, dashboards and alerts ask for what there is, and clients can't make it grow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;
use rialto_engine::telemetry::catalogue::{self, Kind, Metric};
use serde_json::{Value, json};

use crate::support::{EVENTS, Engine, PATIENCE, next_durable, send, start};

/// A line of the page: name with labels, value.
type Samples = BTreeMap<String, f64>;

async fn page(engine: &Engine) -> String {
    let answer = reqwest::get(format!("{}/metrics", engine.url)).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    String::from_utf8(answer.bytes().await.expect("a body").to_vec()).expect("text")
}

fn samples(page: &str) -> Samples {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let parsed = lines.map(|line| {
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value in `{line}`"));
        (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number in `{line}`")))
    });
    let mut samples = Samples::new();
    for (name, value) in parsed {
        assert!(samples.insert(name.clone(), value).is_none(), "{name} is there twice");
    }
    samples
}

/// The sum of all samples of a metric whose labels hold all of these.
fn sum(samples: &Samples, metric: &str, labels: &[&str]) -> f64 {
    let mine = |name: &str| {
        name.split_once('{').map_or(name, |(bare, _)| bare) == metric
            && labels.iter().all(|label| name.contains(label))
    };
    samples.iter().filter(|(name, _)| mine(name)).map(|(_, value)| value).sum()
}

/// Waits until the figures are as they should be.
async fn until(engine: &Engine, what: &str, good: impl Fn(&Samples) -> bool) -> Samples {
    let waiting = async {
        loop {
            let seen = samples(&page(engine).await);
            if good(&seen) {
                return seen;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    if let Ok(seen) = tokio::time::timeout(PATIENCE, waiting).await {
        return seen;
    }
    panic!("{what} did not come about:\n{}", page(engine).await)
}

/// Messages of every fate, errors of every kind, a subscriber, searches.
async fn traffic(engine: &Engine) -> rialto_client::Operation {
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let id = start(&ann, "listing-0", "first", "Is it still there?").await;
    let mut events = sam.subscribe(EVENTS, json!({ "id": id }));
    // The snapshot: from here on everything is live.
    crate::support::next_event(&mut events).await;
    for n in 0..5 {
        let sent = send(&ann, &id, &format!("c{n}"), "I could come by on Friday").await;
        assert_eq!(sent.expect("sent")["userErrors"], json!([]));
        next_durable(&mut events).await;
    }
    let masked = send(&ann, &id, "phone", "Call me: +49 170 1234567, or ann@example.org").await;
    assert_eq!(masked.expect("judged")["userErrors"], json!([]));
    let empty = send(&ann, &id, "empty", "  ").await.expect("answered");
    assert_eq!(empty["userErrors"][0]["code"], "BODY_EMPTY");
    ann.execute("{ conversation(id: 7) { nothing } }", Value::Null).await.expect_err("no field");
    ann.execute("{ conversation(id: ", Value::Null).await.expect_err("no document");
    let staff_only = ann.execute("{ searchIndex { kind } }", Value::Null).await;
    staff_only.expect_err("for staff");
    let search = "{ searchMessages(query: \"friday\") { edges { cursor } } }";
    let answer = ann.execute(search, Value::Null);
    // The index may not be there yet.
    let _ = answer.await;
    let client = reqwest::Client::new();
    let body = json!({ "query": "{ a: viewer { id } b: viewer { id } }" }).to_string();
    let request = client
        .post(format!("{}/graphql", engine.url))
        .header("authorization", format!("Bearer {}", engine.token("ann", "user")))
        .header("content-type", "application/json")
        .body(body);
    assert_eq!(request.send().await.expect("an answer").status(), 200);
    let nobody = client.post(format!("{}/graphql", engine.url)).header("authorization", "Bearer x");
    let nobody = nobody.header("content-type", "application/json").body("{}").send().await;
    assert_eq!(nobody.expect("an answer").status(), 401);
    events
}

#[tokio::test]
async fn figures_tell_what_happened() {
    let engine = Engine::start();
    let events = traffic(&engine).await;
    let seen = until(&engine, "seven messages taken", |seen| {
        sum(seen, "rialto_fanout_lag_seconds_count", &[]) >= 6.0
            && sum(seen, "rialto_outbox_lag_groups", &[]) == 0.0
    })
    .await;
    let send = &["kind=\"mutation\"", "field=\"sendMessage\""];
    let is = |metric: &str, labels: &[&str], expected: f64| {
        let found = sum(&seen, metric, labels);
        assert!((found - expected).abs() < 1e-9, "{metric} {labels:?}: {found}, not {expected}");
    };
    is("rialto_operations_total", &[send[0], send[1], "transport=\"websocket\""], 7.0);
    is("rialto_operation_seconds_count", send, 7.0);
    is("rialto_operations_total", &["field=\"viewer\"", "transport=\"http\""], 1.0);
    is("rialto_sends_total", &["kind=\"direct\""], 7.0);
    is("rialto_sends_total", &["kind=\"direct\"", "verdict=\"deliver\""], 6.0);
    is("rialto_pipeline_seconds_count", &[], 7.0);
    is("rialto_filter_inspections_total", &["contact-guard", "mode=\"live\""], 7.0);
    is("rialto_filter_seconds_count", &["contact-guard"], 7.0);
    is("rialto_filter_verdicts_total", &["contact-guard"], 1.0);
    is("rialto_refusals_total", &["BODY_EMPTY"], 1.0);
    is("rialto_requests_refused_total", &["GRAPHQL_PARSE_FAILED"], 1.0);
    is("rialto_requests_refused_total", &["UNAUTHENTICATED"], 1.0);
    is("rialto_operation_errors_total", &["conversation", "GRAPHQL_VALIDATION_FAILED"], 1.0);
    is("rialto_operation_errors_total", &["searchIndex", "FORBIDDEN"], 1.0);
    is("rialto_subscriptions", &["conversationEvents"], 1.0);
    is("rialto_operations_under_way", &["subscription"], 1.0);
    is("rialto_operations_under_way", &["mutation"], 0.0);
    is("rialto_connections", &["websocket"], 1.0);
    is("rialto_conversation_actors", &[], 1.0);
    is("rialto_store_waiting_commits", &[], 0.0);
    is("rialto_store_stalled_seconds", &[], 0.0);
    is(
        "rialto_store_commits_total",
        &["outcome=\"ok\""],
        sum(&seen, "rialto_store_queue_seconds_count", &[]),
    );
    assert!(sum(&seen, "rialto_store_group_commits_sum", &[]) >= 8.0, "{seen:#?}");
    assert!(sum(&seen, "rialto_store_commit_seconds_sum", &[]) > 0.0, "a sync takes time");
    assert!(sum(&seen, "process_resident_memory_bytes", &[]) > 1e7, "{seen:#?}");
    assert!(sum(&seen, "rialto_runtime_busy_seconds_total", &[]) > 0.0, "{seen:#?}");
    drop(events);
    until(&engine, "no subscription", |seen| {
        sum(seen, "rialto_subscriptions", &["conversationEvents"]) == 0.0
            && sum(seen, "rialto_connections", &[]) == 0.0
            && sum(seen, "rialto_connections_closed_total", &[]) >= 2.0
    })
    .await;
}

#[tokio::test]
async fn clients_cannot_make_the_figures_grow() {
    let engine = Engine::start();
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let ask = |n: usize| {
        let query = format!(
            "query Invented{n} {{ alias{n}: viewer {{ id }} }} query B{n} {{ made{n} }} query C {{ node(id: \"{n}\") {{ id }} }}"
        );
        let name = match n % 3 {
            0 => format!("Invented{n}"),
            1 => format!("B{n}"),
            _ => "C".to_owned(),
        };
        json!({ "query": query, "operationName": name })
    };
    let client = reqwest::Client::new();
    let token = engine.token("ann", "user");
    let post = async |n: usize| {
        let request = client
            .post(format!("{}/graphql", engine.url))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(ask(n).to_string());
        request.send().await.expect("an answer");
    };
    for n in 0..3 {
        post(n).await;
    }
    let _ = ann.execute("{ nothing0 }", Value::Null).await;
    let before = samples(&page(&engine).await);
    for n in 3..1_000 {
        post(n).await;
    }
    for n in 1..100 {
        let _ = ann.execute(&format!("subscription S{n} {{ nothing{n} }}"), Value::Null).await;
        let _ = ann.execute(&format!("{{ nothing{n} }}"), Value::Null).await;
    }
    let text = page(&engine).await;
    let after = samples(&text);
    let fresh: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    // The first subscription that fails brings its own.
    let fresh: Vec<_> = fresh.iter().filter(|name| !name.contains("subscription")).collect();
    let fresh: Vec<_> = fresh.iter().filter(|name| !name.contains("field=\"unknown\"")).collect();
    assert!(fresh.is_empty(), "{fresh:#?}");
    assert!(!Regex::new("Invented|made\\d|alias\\d|nothing").expect("a pattern").is_match(&text));
    assert!(sum(&after, "rialto_operations_total", &[]) >= 1_000.0);
}

/// Names of metrics in a text, without what Prometheus adds to histograms' names.
fn named(text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(r"\b(rialto|process)_[a-z_]+\b").expect("a pattern");
    let bare = |name: &str| {
        let cut = ["_bucket", "_sum", "_count"].into_iter().find_map(|end| name.strip_suffix(end));
        cut.unwrap_or(name).to_owned()
    };
    pattern.find_iter(text).map(|found| bare(found.as_str())).collect()
}

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every expression of the dashboard, with what its legend says.
fn expressions(value: &Value, found: &mut Vec<(String, String)>) {
    if let (Some(expression), legend) = (value["expr"].as_str(), &value["legendFormat"]) {
        found.push((expression.to_owned(), legend.as_str().unwrap_or_default().to_owned()));
    }
    let inside: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => vec![],
    };
    inside.into_iter().for_each(|value| expressions(value, found));
}

#[tokio::test]
async fn dashboard_and_alerts_ask_for_what_there_is() {
    let engine = Engine::start();
    let _events = traffic(&engine).await;
    until(&engine, "search", |seen| {
        sum(seen, "rialto_search_ready", &[]) > 0.0
            && sum(seen, "rialto_search_documents", &[]) > 0.0
    })
    .await;
    let text = page(&engine).await;
    let seen: BTreeSet<String> = samples(&text).keys().flat_map(|name| named(name)).collect();
    // What has no sample until it happens.
    let rare = ["rialto_filter_faults_total"];
    for metric in catalogue::ALL {
        assert!(text.contains(&format!("# TYPE {} ", metric.name)), "{} is not told", metric.name);
        let there = seen.contains(metric.name) || rare.contains(&metric.name);
        assert!(there, "{} has no sample after some traffic", metric.name);
    }
    let dashboard = file("deploy/grafana/rialto.json");
    let alerts = file("deploy/prometheus/alerts.yml");
    let mut asked = named(&alerts);
    let mut queries = Vec::new();
    let json: Value = serde_json::from_str(&dashboard).expect("the dashboard is JSON");
    expressions(&json, &mut queries);
    assert!(queries.len() > 50, "only {} queries", queries.len());
    for (query, legend) in &queries {
        let names = named(query);
        assert!(!names.is_empty(), "no metric in {query}");
        let metrics: Vec<&Metric> = names
            .iter()
            .map(|name| catalogue::ALL.iter().copied().find(|it| it.name == name))
            .map(|found| found.unwrap_or_else(|| panic!("no such metric in {query}")))
            .collect();
        check_labels(query, legend, &metrics);
        asked.extend(names);
    }
    let unknown: Vec<_> = asked
        .iter()
        .filter(|name| !seen.contains(*name) && !rare.contains(&name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "asked for but not told: {unknown:?}");
    let unused: Vec<_> =
        catalogue::ALL.iter().filter(|it| !asked.contains(it.name)).map(|it| it.name).collect();
    assert!(unused.is_empty(), "told but shown nowhere: {unused:?}");
}

/// A query groups by, chooses by and shows labels its metrics have; histograms are asked for buckets, sums or counts.
fn check_labels(query: &str, legend: &str, metrics: &[&Metric]) {
    let mut known: BTreeSet<&str> = metrics.iter().flat_map(|it| it.labels).copied().collect();
    known.extend(["instance", "le", "job"]);
    let patterns = [r"by \(([a-z, ]+)\)", r"[{,]\s*([a-z_]+)\s*(?:=~|!=|=)", r"\{\{([a-z_]+)\}\}"];
    for pattern in patterns {
        let pattern = Regex::new(pattern).expect("a pattern");
        for text in [query, legend] {
            for found in pattern.captures_iter(text) {
                for label in found[1].split(", ") {
                    assert!(known.contains(label), "no label `{label}`: {query}, {legend}");
                }
            }
        }
    }
    for metric in metrics.iter().filter(|it| it.kind == Kind::Histogram) {
        let used = ["_bucket", "_sum", "_count"]
            .iter()
            .any(|end| query.contains(&format!("{}{end}", metric.name)));
        assert!(used, "{} is a histogram: {query}", metric.name);
    }
}
