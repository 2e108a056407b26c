//! Requests made to hurt: huge, deep, wide, circular, forged, and paths that lead elsewhere. Each is refused with a code, soon.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rialto_client::{Client, ClientError};
use rialto_engine::domain::Clock;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::raw::{connect, read_to_end};
use crate::support::{Engine, PATIENCE, SEND, send, start};

/// Longer than any of these may take on a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// Status and answer of a POST; panics if it takes long.
async fn post(engine: &Engine, token: &str, body: String) -> (u16, Value) {
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", engine.url))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body);
    let began = Instant::now();
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let body = answer.bytes().await.expect("a body");
    assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
    (status, serde_json::from_slice(&body).expect("JSON"))
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none")
}

#[tokio::test]
async fn what_is_huge_deep_wide_or_circular_is_refused_soon_and_by_name() {
    let engine = Engine::start();
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let token = engine.token("ann", "user");
    let query = |query: &str| json!({ "query": query }).to_string();
    let variables = |variables: &str| {
        format!(
            r#"{{"query":"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ id }} }}","variables":{variables}}}"#
        )
    };
    let ids = |count: usize| format!(r#"{{"ids":[{}]}}"#, vec![r#""x""#; count].join(","));
    let fields = |count: usize| vec!["__typename"; count].join(" ");
    let circle: String = (0..200)
        .map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", (n + 1) % 200))
        .chain(["{ ...F0 }".to_owned()])
        .collect();
    let aliases: String = (0..3_000).map(|n| format!("a{n}: __typename ")).collect();
    let operations: String = (0..2_000).map(|n| format!("query Q{n} {{ __typename }} ")).collect();
    let cases: Vec<(&str, String, &[&str])> = vec![
        ("braces", query(&"{a".repeat(30_000)), &["GRAPHQL_PARSE_FAILED"]),
        ("more braces", query(&"{a".repeat(200_000)), &["DOCUMENT_TOO_LARGE"]),
        (
            "lists in arguments",
            query(&format!("{{ a(b: {}) }}", "[".repeat(30_000))),
            &["GRAPHQL_PARSE_FAILED"],
        ),
        (
            "types in types",
            query(&format!("query($a: {}A{}) {{ a }}", "[".repeat(20_000), "]".repeat(20_000))),
            &["GRAPHQL_PARSE_FAILED"],
        ),
        ("levels", query(&format!("{}{}", "{ viewer ".repeat(40), "}".repeat(40))), &["TOO_DEEP"]),
        ("fields", query(&format!("{{ {} }}", fields(5_500))), &["TOO_COMPLEX"]),
        ("aliases", query(&format!("{{ {aliases} }}")), &["TOO_MANY_ALIASES"]),
        ("a circle", query(&circle), &["GRAPHQL_VALIDATION_FAILED", "TOO_DEEP"]),
        ("operations", query(&operations), &["OPERATION_RESOLUTION_FAILURE"]),
        ("many ids", variables(&ids(101)), &["BAD_USER_INPUT"]),
        ("very many ids", variables(&ids(200_000)), &["TOO_COMPLEX", "BAD_USER_INPUT"]),
        (
            "variables in variables",
            variables(&format!(r#"{{"ids":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000))),
            &["BAD_REQUEST"],
        ),
        (
            "extensions in extensions",
            format!(
                r#"{{"query":"{{ __typename }}","extensions":{}1{}}}"#,
                r#"{"a":"#.repeat(50_000),
                "}".repeat(50_000)
            ),
            &["BAD_REQUEST"],
        ),
        (
            "a batch",
            format!("[{}]", vec![r#"{"query":"{ __typename }"}"#; 1_000].join(",")),
            &["BATCHING_NOT_SUPPORTED"],
        ),
        ("a request", " ".repeat(2_000_000), &["PAYLOAD_TOO_LARGE"]),
    ];
    for (what, body, expected) in cases {
        let (status, answer) = post(&engine, &token, body).await;
        assert!(expected.contains(&code(&answer)), "{what}: {status}, {answer:.300}");
        assert_eq!(answer["data"]["viewer"], Value::Null, "{what} was executed");
    }

    let million = "x".repeat(1_000_000);
    let variables = json!({ "id": id, "clientId": "million", "body": million });
    let body = json!({ "query": SEND, "variables": variables }).to_string();
    let (_, answer) = post(&engine, &token, body.clone()).await;
    let told = &answer["data"]["sendMessage"]["userErrors"][0]["code"];
    assert_eq!(*told, "BODY_TOO_LONG", "{answer:.300}");
    let payload = send(&ann, &id, "million", &million).await.expect("an answer");
    assert_eq!(payload["userErrors"][0]["code"], "BODY_TOO_LONG");
    // Three million bytes: more than a request may have.
    let wide = "漢".repeat(1_000_000);
    let (status, answer) = post(&engine, &token, body.replace(&million, &wide)).await;
    assert_eq!((status, code(&answer)), (413, "PAYLOAD_TOO_LARGE"));
    let other = engine.client("ann", "user").await;
    match send(&other, &id, "wide", &wide).await {
        Err(ClientError::Closed { code, .. }) => assert_eq!(code, 1009),
        other => panic!("too much for one message of a socket: {other:?}"),
    }
    let payload = send(&ann, &id, "2", "And now something small").await.expect("an answer");
    assert_eq!(payload["message"]["seq"], 2, "nothing of all that was kept: {payload}");
}

fn now() -> DateTime<Utc> {
    Clock::system().now()
}

fn claims(change: impl FnOnce(&mut Value)) -> Value {
    let mut claims = json!({ "sub": "ann", "role": "admin", "exp": now().timestamp() + 3_600 });
    change(&mut claims);
    claims
}

fn signed(algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, key).expect("a token")
}

fn unsigned(algorithm: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": algorithm, "typ": "JWT" })), part(claims))
}

/// Turned away by every way in, with this code.
async fn refused(engine: &Engine, what: &str, token: &str, expected: &str) {
    let query = json!({ "query": "{ viewer { id } }" }).to_string();
    let (status, answer) = post(engine, token, query).await;
    assert_eq!((status, code(&answer)), (401, expected), "{what}: {answer}");
    let address = format!("{}/graphql?query=%7Bviewer%7Bid%7D%7D", engine.url);
    let http = reqwest::Client::new();
    for accept in ["application/json", "text/event-stream"] {
        let asked = http.get(&address).header("authorization", format!("Bearer {token}"));
        let answer = asked.header("accept", accept).send().await.expect("an answer");
        assert_eq!(answer.status(), 401, "{what} by GET, {accept}");
    }
    match Client::connect(&engine.ws_url(), token).await {
        Err(ClientError::Closed { code, .. }) => assert_eq!(code, 4403, "{what}"),
        other => panic!("{what}: {other:?}"),
    }
}

#[tokio::test]
async fn forged_and_stale_tokens_open_no_way_in() {
    let public = concat!(env!("CARGO_MANIFEST_DIR"), "/src/identity/tests/rsa.pub");
    let private = include_bytes!("../../src/identity/tests/rsa.pem");
    let pem = std::fs::read(public).expect("a key");
    let rsa = EncodingKey::from_rsa_pem(private).expect("a key");
    let secret = "0123456789abcdef0123456789abcdef";
    let hmac = |secret: &[u8]| EncodingKey::from_secret(secret);
    let by_secret = Engine::with(&[("RIALTO_IDENTITY__SECRET", secret)]);
    let by_key = Engine::with(&[("RIALTO_IDENTITY__PUBLIC_KEY_FILE", public)]);
    let good = claims(|_| {});
    let keys = [
        (&by_secret, Algorithm::HS256, hmac(secret.as_bytes())),
        (&by_key, Algorithm::RS256, rsa.clone()),
    ];
    for (engine, algorithm, key) in &keys {
        let good = signed(*algorithm, key, &good);
        let query = json!({ "query": "{ viewer { id } }" }).to_string();
        let (status, answer) = post(engine, &good, query).await;
        assert_eq!((status, code(&answer)), (200, "none"), "a good one is believed: {answer}");
        let stale = claims(|claims| claims["exp"] = json!(now().timestamp() - 60));
        refused(engine, "expired", &signed(*algorithm, key, &stale), "TOKEN_EXPIRED").await;
        let early = claims(|claims| claims["nbf"] = json!(now().timestamp() + 600));
        refused(engine, "too early", &signed(*algorithm, key, &early), "UNAUTHENTICATED").await;
        let parts: Vec<&str> = good.split('.').collect();
        let other = claims(|claims| claims["sub"] = json!("sam"));
        let swapped = URL_SAFE_NO_PAD.encode(other.to_string());
        let swapped = format!("{}.{swapped}.{}", parts[0], parts[2]);
        refused(engine, "another's name under it", &swapped, "UNAUTHENTICATED").await;
    }
    for engine in [&by_secret, &by_key] {
        let wrong = hmac(b"another secret, of the same length");
        refused(engine, "a wrong key", &signed(Algorithm::HS256, &wrong, &good), "UNAUTHENTICATED")
            .await;
        // The public key, which everybody has, taken for a secret.
        let confused = signed(Algorithm::HS256, &hmac(&pem), &good);
        refused(engine, "the public key as a secret", &confused, "UNAUTHENTICATED").await;
        let longer = signed(Algorithm::HS512, &hmac(secret.as_bytes()), &good);
        refused(engine, "another algorithm of the family", &longer, "UNAUTHENTICATED").await;
        for algorithm in ["none", "None", "NONE", "HS256", "RS256"] {
            let bare = unsigned(algorithm, &good);
            refused(engine, "no signature", &bare, "UNAUTHENTICATED").await;
        }
        refused(engine, "a very long one", &"a.".repeat(20_000), "UNAUTHENTICATED").await;
    }
    let foreign = signed(Algorithm::RS256, &rsa, &good);
    refused(&by_secret, "signed by somebody's key", &foreign, "UNAUTHENTICATED").await;
}

/// Asks for this path as it stands, which no library would send.
async fn get(engine: &Engine, path: &str) -> String {
    let mut stream = connect(engine).await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("written");
    read_to_end(&mut stream).await.expect("an answer and the end")
}

#[tokio::test]
async fn paths_lead_nowhere_but_to_the_files_that_are_served() {
    let engine = Engine::start();
    engine.token("ann", "user");
    let long = format!("/admin/{}", "a/".repeat(20_000));
    let paths = [
        "/admin/../token.secret",
        "/admin/../../../../etc/passwd",
        "/admin/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/admin/..%2f..%2f..%2f..%2fetc/passwd",
        "/admin/%252e%252e/etc/passwd",
        "/admin/..%5c..%5cetc%5cpasswd",
        "/admin//etc/passwd",
        "/admin/%2fetc%2fpasswd",
        "/admin/assets/../../token.secret",
        "/admin/assets/%2e%2e/%2e%2e/token.secret",
        "/admin/index.html%00.js",
        "/admin/%c0%ae%c0%ae/token.secret",
        "/admin/%ff%fe",
        "/admin/\u{7f}",
        "http://localhost/etc/passwd",
        "//etc/passwd",
        "/../etc/passwd",
        "/token.secret",
        "/data/token.secret",
        long.as_str(),
    ];
    let secret = std::fs::read_to_string(engine.dir.join("token.secret")).expect("a secret");
    for path in paths {
        let told = get(&engine, path).await;
        let status = told.split(' ').nth(1).unwrap_or_default().to_owned();
        let page = told.contains("<title>") && path.starts_with("/admin/");
        assert!(
            page || ["400", "404", "414", "431"].contains(&&*status),
            "{path:.60}: {told:.200}"
        );
        assert!(!told.contains("root:") && !told.contains(secret.trim()), "{path:.60}");
    }
    assert!(get(&engine, "/health/live").await.starts_with("HTTP/1.1 200"), "it goes on");
}

#[tokio::test]
async fn names_in_uploads_are_only_names() {
    let engine = Engine::start();
    let admin = engine.token("boss", "admin");
    let outside = format!("rialto-escaped-{}.wasm", std::process::id());
    let long = "n".repeat(12_000);
    let names = [
        format!("../../{outside}"),
        format!("/tmp/{outside}"),
        format!("..\\..\\{outside}"),
        format!("{outside}%00.wasm"),
        "CON".to_owned(),
        long,
    ];
    let places = [
        "variables.input.component",
        "variables.input.component.x",
        "variables.__proto__",
        "variables..",
        "../../x",
        "",
        &"variables.a".repeat(1_000),
    ];
    let query = "mutation($input: CheckFilterInput!) { checkFilter(input: $input) { userErrors { code } } }";
    let operations = json!({ "query": query, "variables": { "input": { "component": null } } });
    let attempts = names.iter().map(|name| (name.as_str(), places[0]));
    for (name, place) in attempts.chain(places.map(|place| ("f.wasm", place))) {
        let map = json!({ "0": [place] });
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{map}\r\n\
             --x\r\nContent-Disposition: form-data; name=\"0\"; filename=\"{name}\"\r\n\r\n\0asm\r\n--x--\r\n"
        );
        let request = reqwest::Client::new()
            .post(format!("{}/graphql", engine.url))
            .header("authorization", format!("Bearer {admin}"))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(body);
        let answer = tokio::time::timeout(PATIENCE, request.send()).await.expect("in time");
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        assert!([200, 400, 413].contains(&status), "{name:.40} for {place:.40}: {status}");
        let body = answer.bytes().await.expect("a body");
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert_ne!(code(&answer), "INTERNAL", "{name:.40} for {place:.40}: {answer}");
    }
    let above = engine.dir.parent().expect("a directory above");
    for place in [above, &above.join(".."), &engine.dir, std::path::Path::new("/tmp")] {
        assert!(!place.join(&outside).exists(), "a file appeared in {}", place.display());
    }
    assert!(engine.log_so_far().iter().all(|line| !line.contains("panicked")), "no panic");
}
