//! Discreet: at its most talkative the log holds no text, token, password or secret; and one line for each failed request.

use serde_json::{Value, json};

use crate::support::{EVENTS, Engine, next_durable, next_event, send, start};

/// Words that nothing but the data itself could bring into the log.
const TEXT: &str = "zanzibarmarmalade";
const HELD: &str = "quokkaperiscope";
const QUERY: &str = "wombatbarometer";
const PASSWORD: &str = "correct-xylophone-battery-77";
const WRONG: &str = "incorrect-harpsichord-battery-77";
const CONFIG: &str = "narwhalsemaphore";
const NAME: &str = "Ocelotina";
const EMAIL: &str = "ocelot@example.org";

async fn post(
    engine: &Engine,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> (u16, Value, String) {
    let mut request = reqwest::Client::new().post(format!("{}{path}", engine.url)).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.expect("an answer");
    let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let (status, id) = (answer.status().as_u16(), id.unwrap_or_default().to_owned());
    let body = answer.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null), id)
}

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn the_log_holds_nothing_private_and_every_failure() {
    let engine = Engine::with(&[
        ("RIALTO_LOG__FILTER", "rialto_engine=trace,rialto_search=trace,tower_http=trace,info"),
        ("RIALTO_LOG__FORMAT", "json"),
    ]);
    let secret = engine.admin_link().await;
    engine.seed(1).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let id = start(&ann, "listing-0", "first", &format!("{TEXT} one")).await;
    let mut events = sam.subscribe(EVENTS, json!({ "id": id }));
    next_event(&mut events).await;
    send(&ann, &id, "second", &format!("{TEXT} two")).await.expect("sent");
    next_durable(&mut events).await;
    let held =
        format!("{HELD}: pay by Western Union to DE89370400440532013000, or send gift card codes");
    send(&ann, &id, "held", &held).await.expect("judged");
    send(&ann, "no-such-conversation", "third", TEXT).await.expect("answered");
    send(&ann, &id, "bad \u{7} id", TEXT).await.ok();
    let search = format!("{{ searchMessages(query: \"{QUERY} from:\") {{ edges {{ cursor }} }} }}");
    let _ = ann.execute(&search, Value::Null).await;
    // Tokens: forged, expired, in places where they don't belong; in the address of a GET, too.
    let token = engine.token("ann", "user");
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    let expired = engine.token_for("ann", "user", "1s");
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    for bad in [&forged, &expired] {
        let bearer = format!("Bearer {bad}");
        let headers = [("authorization", bearer.as_str()), JSON, ("x-request-id", "mine-42")];
        let (status, _, id) = post(&engine, "/graphql", &headers, "{}".into()).await;
        // Expiry has some seconds of tolerance.
        assert!(status == 401 || *bad == expired, "{status}");
        assert_eq!(id, "mine-42", "a given id comes back");
    }
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), JSON, ("x-request-id", "a\"b")];
    let body = json!({ "query": format!("{{ node(id: \"{TEXT}\") {{ {TEXT} }} }}") }).to_string();
    let (_, _, made) = post(&engine, "/graphql", &headers, body).await;
    assert!(made.len() == 32, "an id that could forge a line is replaced: {made}");
    let address = format!("{}/graphql?query=%7B{TEXT}%7D&token={token}", engine.url);
    reqwest::get(address).await.expect("an answer");
    reqwest::get(format!("{}/nowhere/{secret}", engine.url)).await.expect("an answer");
    sign_in(&engine, &secret).await;
    upload(&engine).await;
    let lines = engine.log_until("a request failed").await;
    let all = lines.join("\n");
    for private in [
        TEXT, HELD, QUERY, PASSWORD, WRONG, CONFIG, NAME, EMAIL, &secret, &token, &forged, &expired,
    ] {
        let line = lines.iter().find(|line| line.contains(private));
        assert!(line.is_none(), "in the log: {line:?}");
    }
    // A signature is as good as its token to who has the rest.
    let signature = token.rsplit('.').next().expect("a signature");
    assert!(!all.contains(signature), "a token's signature is in the log");
    failures(&lines, &made);
}

/// Each failed request has one line with its id, codes and duration.
fn failures(lines: &[String], made: &str) {
    let parsed = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let failed: Vec<Value> = parsed.filter(|line| line["message"] == "a request failed").collect();
    let of = |id: &str| failed.iter().filter(|line| line["request"] == id).collect::<Vec<_>>();
    let unknown = of(made);
    assert_eq!(unknown.len(), 1, "{failed:#?}");
    assert_eq!(unknown[0]["codes"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!((&unknown[0]["kind"], &unknown[0]["name"]), (&json!("query"), &json!("node")));
    assert!(unknown[0]["ms"].as_f64() > Some(0.0), "{unknown:?}");
    let forged = of("mine-42");
    assert!(forged.iter().any(|line| line["codes"] == "UNAUTHENTICATED" && line["status"] == 401));
    assert!(
        failed
            .iter()
            .any(|line| line["transport"] == "websocket" && line["name"] == "searchMessages"),
        "{failed:#?}"
    );
    let nowhere = |line: &Value| line["status"] == 404 && line["name"] == "none";
    assert!(failed.iter().any(nowhere), "the route, never the path: {failed:#?}");
}

/// The first admin, a wrong password, the right one.
async fn sign_in(engine: &Engine, secret: &str) {
    let own = ("sec-fetch-site", "same-origin");
    let join = |secret: &str| {
        json!({ "token": secret, "name": NAME, "email": EMAIL, "password": PASSWORD }).to_string()
    };
    for (secret, good) in [("a-secret-that-is-none", false), (secret, true)] {
        let (status, body, _) = post(engine, "/auth/join", &[JSON, own], join(secret)).await;
        assert_eq!(status == 200, good, "{status} {body}");
    }
    for (password, good) in [(WRONG, false), (PASSWORD, true)] {
        let body = json!({ "email": EMAIL, "password": password }).to_string();
        let (status, body, _) = post(engine, "/auth/sign-in", &[JSON, own], body).await;
        assert_eq!(status == 200, good, "{status} {body}");
    }
}

/// Something that is no component, with a configuration.
async fn upload(engine: &Engine) {
    let boundary = "boundary";
    let query = "mutation($input: UploadFilterInput!) { uploadFilter(input: $input) { userErrors { code } } }";
    let operations = json!({ "query": query, "variables": { "input": { "component": null, "config": { "word": CONFIG } } } });
    let part = |name: &str, text: &str| {
        format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body = [
        part("operations", &operations.to_string()),
        part("map", &json!({ "0": ["variables.input.component"] }).to_string()),
        format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"0\"; filename=\"{TEXT}.wasm\"\r\n\r\n{HELD}\r\n--{boundary}--\r\n"
        ),
    ];
    let bearer = format!("Bearer {}", engine.token("root", "admin"));
    let kind = format!("multipart/form-data; boundary={boundary}");
    let headers = [("authorization", bearer.as_str()), ("content-type", kind.as_str())];
    let (status, body, _) = post(engine, "/graphql", &headers, body.concat()).await;
    assert!(status < 500, "{status} {body}");
}
