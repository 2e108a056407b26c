//! Traced: one message's way through all rooms arrives at a collector as one trace, and none of its words with it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::routing::post;
use rialto_client::Client;
use serde_json::{Value, json};

use crate::support::{EVENTS, Engine, PATIENCE, SEND, next_durable, next_event, start};

const TEXT: &str = "zanzibarmarmalade";

/// What an OpenTelemetry collector would have: spans by OTLP over HTTP.
struct Collector {
    url: String,
    spans: Arc<Mutex<Vec<Value>>>,
    raw: Arc<Mutex<String>>,
}

impl Collector {
    async fn start() -> Self {
        let (spans, raw) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(String::new())));
        let (taken, text) = (Arc::clone(&spans), Arc::clone(&raw));
        let take = move |body: Bytes| {
            let body = String::from_utf8(body.to_vec()).expect("JSON is text");
            let request: Value = serde_json::from_str(&body).expect("JSON");
            let scopes = request["resourceSpans"][0]["scopeSpans"].as_array().expect("scopes");
            let found = scopes.iter().flat_map(|scope| scope["spans"].as_array().expect("spans"));
            taken.lock().expect("no panic").extend(found.cloned());
            text.lock().expect("no panic").push_str(&body);
            async { "{}" }
        };
        let app = axum::Router::new().route("/v1/traces", post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, spans, raw }
    }

    /// The trace's spans, once they are as they should be.
    async fn trace(&self, id: &str, whole: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let spans = self.spans.lock().expect("no panic").clone();
            let mine: Vec<Value> = spans.into_iter().filter(|it| it["traceId"] == id).collect();
            if whole(&mine) {
                return mine;
            }
            assert!(Instant::now() < deadline, "trace {id} has only {:#?}", names(&mine));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn names(spans: &[Value]) -> BTreeMap<&str, usize> {
    let mut names = BTreeMap::new();
    for span in spans {
        *names.entry(span["name"].as_str().unwrap_or_default()).or_default() += 1;
    }
    names
}

fn named<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn a_message_leaves_one_trace_through_all_rooms() {
    let collector = Collector::start().await;
    let settings = [
        ("RIALTO_TRACING__OTLP_ENDPOINT", collector.url.as_str()),
        ("RIALTO_TRACING__SAMPLE_RATIO", "0"),
    ];
    let mut engine = Engine::with(&settings);
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let id = start(&ann, "listing-0", "first", "Is it still there?").await;
    let mut events = sam.subscribe(EVENTS, json!({ "id": id }));
    next_event(&mut events).await;

    // Followed because the connection says so.
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let init = json!({
        "authorization": format!("Bearer {}", engine.token("ann", "user")),
        "traceparent": format!("00-{trace}-b7ad6b7169203331-01"),
    });
    let traced = Client::connect_with(&engine.ws_url(), init).await.expect("a socket");
    let send = json!({ "id": id, "clientId": "one", "body": format!("{TEXT} one") });
    traced.execute(SEND, send).await.expect("sent");
    next_durable(&mut events).await;
    let rooms = [
        "mutation sendMessage",
        "conversation",
        "actor",
        "filters",
        "filter",
        "policy",
        "store queue",
        "store commit",
        "deliver",
        "inbox",
        "search",
    ];
    // Without findings there is nothing for the policy to judge.
    let rooms: Vec<&str> = rooms.into_iter().filter(|room| *room != "policy").collect();
    let spans = collector
        .trace(trace, |spans| rooms.iter().all(|room| names(spans).contains_key(room)))
        .await;
    well_formed(&spans);
    assert!(names(&spans)["filter"] >= 7, "each filter has its span: {:#?}", names(&spans));
    let links = named(&spans, "store commit")["links"].as_array().expect("links").clone();
    assert_eq!(links.len(), 1, "the commit names its group");
    let group = links[0]["traceId"].as_str().expect("an id").to_owned();
    let group = collector.trace(&group, |spans| !spans.is_empty()).await;
    assert_eq!(group[0]["name"], "store group");
    assert_eq!(group[0]["links"][0]["traceId"], trace, "and the group its commits");

    // Followed because the header, or the operation, says so; what is found is judged.
    let (by_header, by_operation) =
        ("11111111111111111111111111111111", "22222222222222222222222222222222");
    let masked = |client_id: &str| json!({ "id": id, "clientId": client_id, "body": format!("{TEXT}: +49 170 1234567") });
    let parent = |trace: &str| format!("00-{trace}-b7ad6b7169203331-01");
    let requests = [
        (Some(parent(by_header)), json!({ "query": SEND, "variables": masked("two") })),
        (
            None,
            json!({ "query": SEND, "variables": masked("three"),
                       "extensions": { "traceparent": parent(by_operation) } }),
        ),
        // Not followed by its client, and not among the sampled.
        (
            Some(parent("33333333333333333333333333333333").replace("-01", "-00")),
            json!({ "query": SEND, "variables": masked("four") }),
        ),
    ];
    for (header, body) in requests {
        let mut request = reqwest::Client::new()
            .post(format!("{}/graphql", engine.url))
            .header("authorization", format!("Bearer {}", engine.token("ann", "user")))
            .header("content-type", "application/json");
        if let Some(header) = header {
            request = request.header("traceparent", header);
        }
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }
    for trace in [by_header, by_operation] {
        let spans = collector.trace(trace, |spans| names(spans).contains_key("search")).await;
        well_formed(&spans);
        assert!(names(&spans).contains_key("policy"), "{:#?}", names(&spans));
        let verdict = &named(&spans, "filters")["attributes"];
        assert_eq!(verdict, &json!([{ "key": "verdict", "value": { "stringValue": "mask" } }]));
    }
    engine.terminate();
    let all = collector.spans.lock().expect("no panic").clone();
    let traces: std::collections::BTreeSet<_> =
        all.iter().map(|it| it["traceId"].to_string()).collect();
    assert!(traces.iter().all(|it| !it.contains("3333")), "not to be followed");
    let raw = collector.raw.lock().expect("no panic").clone();
    for private in [TEXT, "ann", "sam", "Bicycle", "170 1234567", "Bearer"] {
        assert!(!raw.contains(private), "`{private}` left the engine in a trace");
    }
}

/// Every span but the first has its parent in the trace, and lies within time.
fn well_formed(spans: &[Value]) {
    let moment = |span: &Value, key: &str| -> u64 {
        span[key].as_str().and_then(|text| text.parse().ok()).expect("nanoseconds")
    };
    for span in spans {
        let (began, ended) = (moment(span, "startTimeUnixNano"), moment(span, "endTimeUnixNano"));
        assert!(began <= ended && began > 1_700_000_000_000_000_000, "{span}");
        if span["name"] == "mutation sendMessage" {
            assert_eq!(span["parentSpanId"], "b7ad6b7169203331");
            assert_eq!(span["kind"], 2, "a server's span");
            continue;
        }
        let parent = spans.iter().find(|it| it["spanId"] == span["parentSpanId"]);
        let parent = parent.unwrap_or_else(|| panic!("no parent of {span}"));
        assert!(moment(parent, "startTimeUnixNano") <= began + 1_000_000, "{parent}\n{span}");
    }
    let filters = named(spans, "filters");
    let filter = spans.iter().filter(|span| span["name"] == "filter");
    filter.for_each(|span| assert_eq!(span["parentSpanId"], filters["spanId"]));
}

#[tokio::test]
async fn a_collector_that_is_away_costs_messages_nothing() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let engine = Engine::with(&[
        ("RIALTO_TRACING__OTLP_ENDPOINT", url.as_str()),
        ("RIALTO_TRACING__SAMPLE_RATIO", "1"),
    ]);
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "first", "Is it still there?").await;
    for n in 0..20 {
        let send = json!({ "id": id, "clientId": format!("c{n}"), "body": "I could come by" });
        let answer = ann.execute(SEND, send).await.expect("sent");
        assert_eq!(answer["sendMessage"]["userErrors"], json!([]));
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let page = reqwest::get(format!("{}/metrics", engine.url)).await.expect("an answer");
        let page = String::from_utf8(page.bytes().await.expect("a body").to_vec()).expect("text");
        let lost =
            page.lines().find_map(|line| line.strip_prefix("rialto_trace_spans_lost_total "));
        if lost.is_some_and(|lost| lost != "0") {
            return;
        }
        assert!(Instant::now() < deadline, "lost spans are not told");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
