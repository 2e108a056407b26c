//! The life of filters and policies over real HTTP: upload, configure, shadow, canary, live, roll back; who may do what.

use std::time::{Duration, Instant};

use rialto_client::Client;
use rialto_engine::domain::ConversationId;
use rialto_engine::filter::set::in_canary;
use serde_json::{Value, json};

use crate::support::{Engine, PATIENCE, all_messages, send, start};

const UPLOAD: &str = "mutation($input: UploadFilterInput!) { result: uploadFilter(input: $input) { \
    filter { name mode revision } version { number digest semver grants config } \
    report { name signals { id } } userErrors { code field message } } }";
const CHECK: &str = "mutation($input: CheckFilterInput!) { result: checkFilter(input: $input) { \
    report { name digest wants } userErrors { code field message } } }";
const CONFIGURE: &str = "mutation($input: ConfigureFilterInput!) { result: configureFilter(input: $input) { \
    version { number config } userErrors { code field message } } }";
const MODE: &str = "mutation($input: SetFilterModeInput!) { result: setFilterMode(input: $input) { \
    filter { mode revision live { number } candidate { mode canaryPercent version { number } } } \
    userErrors { code field message } } }";
const ROLL_BACK: &str = "mutation($input: RollBackFilterInput!) { result: rollBackFilter(input: $input) { \
    filter { mode live { number } } userErrors { code field message } } }";
const FILTER: &str = "query($name: String!) { result: filter(name: $name) { id mode \
    versions(first: 5) { nodes { number createdBy config } } \
    shadow(first: 50) { nodes { liveAction wouldBe signals { id } messageId } } \
    shadowSummary { version inspected newlyCaught newlyReleased outcomes { liveAction wouldBe count } } \
    health { live { version inspected acted: actedToday } } logs(last: 10) { at level text } } }";

fn component(name: &str) -> Vec<u8> {
    let path = format!("{}/../plugins/dist/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|_| panic!("run `make filters` first: {path} is missing"))
}

/// Posts a mutation with a file for `input.component`; the status and the answer.
async fn upload(
    engine: &Engine,
    token: Option<&str>,
    query: &str,
    input: Value,
    file: &[u8],
) -> (u16, Value) {
    let mut input = input;
    input["component"] = Value::Null;
    let operations = json!({ "query": query, "variables": { "input": input } }).to_string();
    let map = json!({ "0": ["variables.input.component"] }).to_string();
    let mut body = Vec::new();
    for (name, content) in
        [("operations", operations.as_bytes()), ("map", map.as_bytes()), ("0", file)]
    {
        let head = format!(
            "--xx\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f.wasm\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xx--\r\n");
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", engine.url))
        .header("content-type", "multipart/form-data; boundary=xx")
        .header("accept", "application/json")
        .body(body);
    let request = match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    };
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("JSON, not {text}")))
}

async fn ask(client: &Client, query: &str, variables: Value) -> Value {
    let mut answer = client.execute(query, variables).await.expect("an answer");
    answer["result"].take()
}

/// The same, where nothing may be wrong.
async fn done(client: &Client, query: &str, input: Value) -> Value {
    let payload = ask(client, query, json!({ "input": input })).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload
}

/// The only error's code and field.
fn refused(payload: &Value) -> (&str, &str) {
    assert_eq!(payload["userErrors"].as_array().map(Vec::len), Some(1), "{payload}");
    let error = &payload["userErrors"][0];
    (error["code"].as_str().unwrap_or_default(), error["field"].as_str().unwrap_or_default())
}

fn without_filters() -> Engine {
    Engine::with(&[("RIALTO_FILTERS__BUNDLED", "false")])
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_refused_with_reasons_and_only_admins_upload() {
    let engine = without_filters();
    let admin = engine.token("ada", "admin");
    let guard = component("contact_guard");
    for (token, status, code) in [
        (None, 401, "UNAUTHENTICATED"),
        (Some(engine.token("ann", "user")), 403, "FORBIDDEN"),
        (Some(engine.token("mia", "moderator")), 403, "FORBIDDEN"),
        (Some(engine.token("gus", "agent")), 403, "FORBIDDEN"),
    ] {
        let (seen, answer) = upload(&engine, token.as_deref(), UPLOAD, json!({}), &guard).await;
        assert_eq!(
            (seen, answer["errors"][0]["extensions"]["code"].as_str()),
            (status, Some(code)),
            "{answer}"
        );
    }
    for (bytes, words) in [
        (&b"hello"[..], "not a WebAssembly component"),
        (&b"\0asm\x01\0\0\0"[..], "core module"),
        (&guard[..guard.len() / 2], "not a WebAssembly component"),
    ] {
        let (_, answer) = upload(&engine, Some(&admin), UPLOAD, json!({}), bytes).await;
        let payload = &answer["data"]["result"];
        assert_eq!(refused(payload), ("COMPONENT_REFUSED", "component"), "{answer}");
        let message = payload["userErrors"][0]["message"].as_str().expect("words");
        assert!(message.contains(words), "{message:?} should say {words:?}");
    }
    let config = json!({ "config": { "allowedHosts": ["fine.example", "http://not"] } });
    let (_, answer) = upload(&engine, Some(&admin), UPLOAD, config, &guard).await;
    assert_eq!(
        refused(&answer["data"]["result"]),
        ("CONFIG_REFUSED", "config/allowedHosts/1"),
        "{answer}"
    );
    let (_, answer) = upload(&engine, Some(&admin), CHECK, json!({}), &guard).await;
    assert_eq!(answer["data"]["result"]["report"]["name"], "contact-guard", "{answer}");

    let client = engine.client("ada", "admin").await;
    let list = "{ result: filters { name } }";
    assert_eq!(ask(&client, list, json!({})).await, json!([]), "nothing of all this was kept");
    let moderator = engine.client("mia", "moderator").await;
    assert_eq!(ask(&moderator, list, json!({})).await, json!([]), "moderators see");
    let input = json!({ "name": "x", "add": ["y"] });
    let change = "mutation($input: ChangeFilterListInput!) { result: changeFilterList(input: $input) { list { name } } }";
    for (role, query, variables) in [
        ("moderator", change, json!({ "input": input })),
        ("agent", list, json!({})),
        ("user", list, json!({})),
        ("service", list, json!({})),
    ] {
        let client = engine.client("eve", role).await;
        let error = client.execute(query, variables).await.expect_err("forbidden");
        assert!(error.to_string().contains("FORBIDDEN"), "{role}: {error}");
    }
}

/// What `bob`… the seller sees of the conversation's last message.
async fn last_seen(seller: &Client, id: &str) -> String {
    let messages = all_messages(seller, id).await;
    messages.last().expect("a message")["body"].as_str().expect("a body").to_owned()
}

async fn until<F: Future<Output = Option<Value>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> Value {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what} did not happen in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_goes_from_upload_over_shadow_and_canary_to_live_and_back() {
    const TEXT: &str = "ring +44 7911 123456";
    const MASKED: &str = "ring ••• •••• ••••••";
    let engine = without_filters();
    engine.seed(12).await;
    let (ann, sam) = (engine.client("ann", "user").await, engine.client("sam", "user").await);
    let admin = engine.client("ada", "admin").await;
    let token = engine.token("ada", "admin");
    let mut ids = Vec::new();
    for n in 0..12 {
        ids.push(start(&ann, &format!("listing-{n}"), &format!("start-{n}"), "Hello").await);
    }
    let say = async |n: usize, client_id: &str| {
        let payload = send(&ann, &ids[n], client_id, TEXT).await.expect("an answer");
        payload["message"]["status"].as_str().unwrap_or("none").to_owned()
    };
    let guard = component("contact_guard");
    let input = json!({ "grants": ["LOG"], "note": "first" });
    let (_, answer) = upload(&engine, Some(&token), UPLOAD, input.clone(), &guard).await;
    let uploaded = &answer["data"]["result"];
    assert_eq!(uploaded["version"]["number"], 1, "{answer}");
    assert_eq!(uploaded["filter"]["mode"], "DRAFT");
    let (_, again) = upload(&engine, Some(&token), UPLOAD, input, &guard).await;
    assert_eq!(
        again["data"]["result"]["version"]["number"], 1,
        "the same again is no new version: {again}"
    );
    assert_eq!(say(0, "draft").await, "SENT", "a draft does nothing");

    let name = "contact-guard";
    let mode = |version: u32, mode: &str| json!({ "name": name, "version": version, "mode": mode, "reason": "test" });
    let shadow = done(&admin, MODE, mode(1, "SHADOW")).await;
    assert_eq!(shadow["filter"]["mode"], "SHADOW");
    assert_eq!(say(0, "shadow").await, "SENT", "a shadow has no effect");
    let summary = until("the shadow's result", async || {
        let filter = ask(&admin, FILTER, json!({ "name": name })).await;
        let told =
            filter["shadowSummary"]["newlyCaught"] == 1 && !filter["shadow"]["nodes"][0].is_null();
        told.then_some(filter)
    });
    let filter = summary.await;
    assert_eq!(filter["shadow"]["nodes"][0]["wouldBe"], "MASK", "{filter}");
    assert_eq!(filter["shadow"]["nodes"][0]["liveAction"], "DELIVER");
    assert_eq!(filter["shadow"]["nodes"][0]["signals"][0]["id"], "contact.phone");
    assert_eq!(
        filter["shadowSummary"]["outcomes"],
        json!([{ "liveAction": "DELIVER", "wouldBe": "MASK", "count": 1 }])
    );

    let mut canary = mode(1, "CANARY");
    assert_eq!(
        refused(&ask(&admin, MODE, json!({ "input": canary })).await).0,
        "INVALID",
        "which share?"
    );
    for percent in [30_u8, 70] {
        canary["canaryPercent"] = json!(percent);
        done(&admin, MODE, canary.clone()).await;
        for (n, id) in ids.iter().enumerate() {
            let id = ConversationId::trusted(id.trim_start_matches("conversation:"));
            let expected = if in_canary(name, &id, percent) { "MASKED" } else { "SENT" };
            assert_eq!(
                say(n, &format!("canary-{percent}")).await,
                expected,
                "{percent} %, conversation {n}"
            );
        }
    }
    let live = done(&admin, MODE, mode(1, "LIVE")).await;
    assert_eq!(
        (live["filter"]["mode"].as_str(), &live["filter"]["candidate"]),
        (Some("LIVE"), &Value::Null)
    );
    assert_eq!(say(3, "live").await, "MASKED");
    assert_eq!(last_seen(&sam, &ids[3]).await, MASKED);
    assert_eq!(last_seen(&ann, &ids[3]).await, TEXT, "its sender sees it whole");

    let input = json!({ "name": name, "baseVersion": 1, "config": { "find": ["email"] }, "note": "only mail" });
    assert_eq!(done(&admin, CONFIGURE, input).await["version"]["number"], 2);
    let mut stale = mode(2, "LIVE");
    stale["expectedRevision"] = json!(1);
    assert_eq!(
        refused(&ask(&admin, MODE, json!({ "input": stale })).await),
        ("CONFLICT", "expectedRevision")
    );
    assert_eq!(say(3, "still").await, "MASKED", "nothing was done");
    done(&admin, MODE, mode(2, "LIVE")).await;
    assert_eq!(say(3, "second").await, "SENT", "the second version looks for mail addresses only");
    let back = done(&admin, ROLL_BACK, json!({ "name": name, "reason": "too mild" })).await;
    assert_eq!(back["filter"]["live"]["number"], 1);
    assert_eq!(say(3, "back").await, "MASKED", "at once");
    let none = ask(&admin, ROLL_BACK, json!({ "input": { "name": name } })).await;
    assert_eq!(refused(&none).0, "NOT_POSSIBLE", "there is nothing before the first");
    let filter = ask(&admin, FILTER, json!({ "name": name })).await;
    let numbers: Vec<&Value> = filter["versions"]["nodes"]
        .as_array()
        .expect("versions")
        .iter()
        .map(|it| &it["number"])
        .collect();
    assert_eq!(numbers, [2, 1], "newest first");
    assert_eq!(filter["versions"]["nodes"][0]["createdBy"], "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_checked_saved_activated_and_rolled_back_and_survive_a_restart() {
    const SAVE: &str = "mutation($input: SavePolicyInput!) { result: savePolicy(input: $input) { \
        policy { version active } userErrors { code field message } } }";
    const ACTIVATE: &str = "mutation($input: ActivatePolicyInput!) { result: activatePolicy(input: $input) { \
        policy { version active } userErrors { code field message } } }";
    const TRY: &str = "query($input: TryMessageInput!) { result: tryMessage(input: $input) { action policyVersion \
        sender { body status } recipient { body } staff { body } verdict { signals { id } } } }";
    let mut engine = Engine::start();
    engine.seed(1).await;
    let admin = engine.client("ada", "admin").await;
    let active = "{ result: policy { version } }";
    assert_eq!(ask(&admin, active, json!({})).await["version"], 1, "the default");
    let text = "failure_notice = \"We look at it.\"\n[[row]]\nsignal = \"contact.*\"\naction = \"hold\"\nnotice = \"Wait.\"\n";
    let wrong =
        ask(&admin, SAVE, json!({ "input": { "text": text.replace("hold", "burn") } })).await;
    assert_eq!(refused(&wrong), ("INVALID", "text"));
    let saved = done(&admin, SAVE, json!({ "text": text, "note": "stricter" })).await;
    assert_eq!(saved["policy"], json!({ "version": 2, "active": false }));

    let input = |policy: Value| json!({ "input": { "text": "ring +44 7911 123456", "policyVersion": policy } });
    let now = ask(&admin, TRY, input(Value::Null)).await;
    assert_eq!((now["action"].as_str(), &now["policyVersion"]), (Some("MASK"), &json!(1)), "{now}");
    assert_eq!(now["recipient"]["body"], "ring ••• •••• ••••••");
    let then = ask(&admin, TRY, input(json!(2))).await;
    assert_eq!(
        (then["action"].as_str(), &then["recipient"]),
        (Some("HOLD"), &Value::Null),
        "{then}"
    );
    assert_eq!(then["sender"]["status"], "HELD");

    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "1", "Hello").await;
    let status = async |client: &Client, n: &str| {
        let payload = send(client, &id, n, "ring +44 7911 123456").await.expect("an answer");
        payload["message"]["status"].as_str().unwrap_or("none").to_owned()
    };
    assert_eq!(status(&ann, "2").await, "MASKED");
    done(&admin, ACTIVATE, json!({ "version": 2, "reason": "fraud", "expectedVersion": 1 })).await;
    assert_eq!(status(&ann, "3").await, "HELD", "with the next message");
    let stale =
        ask(&admin, ACTIVATE, json!({ "input": { "version": 1, "expectedVersion": 1 } })).await;
    assert_eq!(refused(&stale), ("CONFLICT", "expectedVersion"));
    engine.kill_and_restart();
    let (ann, admin) = (engine.client("ann", "user").await, engine.client("ada", "admin").await);
    assert_eq!(
        ask(&admin, active, json!({})).await["version"],
        2,
        "an operator's choice outlives a kill"
    );
    assert_eq!(status(&ann, "4").await, "HELD");
    done(&admin, ACTIVATE, json!({ "version": 1 })).await;
    assert_eq!(status(&ann, "5").await, "MASKED", "back to the first");
}
