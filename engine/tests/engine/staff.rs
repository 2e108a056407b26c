//! Staff accounts over real HTTP: the first admin, invitations, cookies that count from the own site only, the end of sessions.

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Client as Http, StatusCode};
use rialto_client::{Client, ClientError};
use rialto_engine::domain::{Clock, Role};
use rialto_engine::staff::{NewAccount, StaffError};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rooms::{rooms, viewer};
use crate::support::{Engine, PATIENCE};

const PASSWORD: &str = "correct horse battery";

/// A browser without scripts: it keeps a cookie.
struct Browser {
    http: Http,
    url: String,
    cookie: String,
}

impl Browser {
    fn new(engine: &Engine) -> Self {
        let http = Http::builder().tls_certs_only([]).timeout(PATIENCE).build().expect("a client");
        Self { http, url: engine.url.clone(), cookie: String::new() }
    }

    /// Posts from the engine's own page; takes the cookie if one is set.
    async fn post(&mut self, path: &str, body: Value) -> (StatusCode, Value) {
        self.post_from("sec-fetch-site", "same-origin", path, body).await
    }

    async fn post_from(
        &mut self,
        header: &str,
        value: &str,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let mut request = self.http.post(format!("{}{path}", self.url));
        request = request.header("content-type", "application/json").header("cookie", &self.cookie);
        if !header.is_empty() {
            request = request.header(header, value);
        }
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        let status = answer.status();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().expect("text").to_owned();
            assert!(cookie.contains("HttpOnly; SameSite=Strict; Path=/"), "{cookie}");
            cookie.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
        }
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn ask(&mut self, query: &str, input: Value) -> Value {
        let body = json!({ "query": query, "variables": { "input": input } });
        let (status, answer) = self.post("/graphql", body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    async fn socket(&self, origin: &str) -> Result<Client, ClientError> {
        let headers = [("cookie", self.cookie.as_str()), ("origin", origin)];
        let url = format!("{}/graphql/ws", self.url.replacen("http", "ws", 1));
        Client::connect_as(&url, &headers, json!({})).await
    }
}

const WHO: &str = "{ viewer { id name role staff { email } } }";

#[tokio::test]
async fn the_first_admin_invites_and_shuts_out_and_cookies_count_from_the_own_site_only() {
    let engine = Engine::start();
    let secret = engine.admin_link().await;
    let mut admin = Browser::new(&engine);
    let (status, link) = admin.post("/auth/link", json!({ "token": secret })).await;
    assert_eq!((status, &link["purpose"]), (StatusCode::OK, &json!("FIRST_ADMIN")));
    let account = |name: &str, token: &str| {
        let email = format!("{}@Example.com", name.to_lowercase());
        json!({ "token": token, "name": name, "email": email, "password": PASSWORD })
    };
    let short = json!({ "token": secret, "name": "A", "email": "a@b.c", "password": "short" });
    let (status, refused) = admin.post("/auth/join", short).await;
    assert_eq!((status, &refused["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("password")));
    let (status, joined) = admin.post("/auth/join", account("Ada", &secret)).await;
    assert_eq!((status, &joined["role"]), (StatusCode::OK, &json!("ADMIN")), "{joined}");
    let (status, used) = admin.post("/auth/join", account("Eve", &secret)).await;
    assert_eq!((status, &used["code"]), (StatusCode::NOT_FOUND, &json!("LINK_INVALID")), "once");
    let who = admin.ask(WHO, Value::Null).await;
    assert_eq!(who["data"]["viewer"]["staff"]["email"], "ada@example.com", "{who}");

    // A page of another site can neither change nor read anything with her cookie.
    let body = json!({ "query": WHO });
    for (header, value, expected) in [
        ("sec-fetch-site", "cross-site", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-site", StatusCode::FORBIDDEN),
        ("origin", "http://evil.example", StatusCode::FORBIDDEN),
        ("", "", StatusCode::FORBIDDEN),
        ("origin", engine.url.as_str(), StatusCode::OK),
    ] {
        let (status, answer) = admin.post_from(header, value, "/graphql", body.clone()).await;
        assert_eq!(status, expected, "{header}: {value}: {answer}");
    }
    let foreign = admin.socket("http://evil.example").await.expect_err("a foreign page");
    assert!(matches!(foreign, ClientError::Closed { code: 4403, .. }), "{foreign}");

    let invite = "mutation($input: InviteStaffInput!) { inviteStaff(input: $input) \
        { link invitation { id } userErrors { code } } }";
    let invited = admin.ask(invite, json!({ "role": "MODERATOR" })).await;
    let link = invited["data"]["inviteStaff"]["link"].as_str().expect("a link").to_owned();
    let token = link.strip_prefix("/admin/join#").expect("a path").to_owned();
    let mut moderator = Browser::new(&engine);
    let (status, joined) = moderator.post("/auth/join", account("Mo", &token)).await;
    assert_eq!((status, &joined["role"]), (StatusCode::OK, &json!("MODERATOR")));
    let id = joined["id"].as_str().expect("an id").to_owned();
    assert!(id.starts_with("staff:"), "staff's ids are told from the marketplace's: {id}");
    let refused = moderator.ask(invite, json!({ "role": "ADMIN" })).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let pushed = "mutation { upsertUsers(input: {users: [{id: \"staff:1\", name: \"x\"}]}) { userErrors { code } } }";
    let pushed = admin.ask(pushed, Value::Null).await;
    assert_eq!(pushed["data"]["upsertUsers"]["userErrors"][0]["code"], "INVALID", "{pushed}");

    let socket = moderator.socket(&engine.url).await.expect("a socket by cookie");
    let queue = socket.execute("{ moderationQueue { totalCount } }", json!({})).await;
    assert_eq!(queue.expect("the queue")["moderationQueue"]["totalCount"], 0);
    let change = "mutation($input: SetStaffActiveInput!) { setStaffActive(input: $input) \
        { member { active } userErrors { code } } }";
    let out = admin.ask(change, json!({ "id": id, "active": false, "reason": "left" })).await;
    assert_eq!(out["data"]["setStaffActive"]["member"]["active"], false, "{out}");
    let closed = tokio::time::timeout(PATIENCE, socket.closed()).await.expect("closed at once");
    assert_eq!(closed, (4403, "Session ended".to_owned()));
    assert_eq!(moderator.ask(WHO, Value::Null).await["data"]["viewer"], Value::Null);
    let sign_in = |email: &str, password: &str| json!({ "email": email, "password": password });
    let (status, _) = moderator.post("/auth/sign-in", sign_in("mo@example.com", PASSWORD)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "the right password of one who left");
    let own =
        admin.ask(change, json!({ "id": who["data"]["viewer"]["id"], "active": false })).await;
    assert_eq!(own["data"]["setStaffActive"]["userErrors"][0]["code"], "NOT_POSSIBLE");

    let audit = "query { auditLog(first: 3, filter: {action: \"staff\"}) { nodes { action actor { name } reason } } }";
    let log = admin.ask(audit, Value::Null).await;
    let newest = &log["data"]["auditLog"]["nodes"][0];
    assert_eq!(
        *newest,
        json!({"action": "staff.deactivate", "actor": {"name": "Ada"}, "reason": "left"})
    );

    let new = json!({ "currentPassword": PASSWORD, "newPassword": "another horse battery" });
    let before = admin.cookie.clone();
    let (status, _) = admin.post("/auth/password", new).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(admin.ask(WHO, Value::Null).await["data"]["viewer"]["name"], "Ada", "stays in");
    let now = std::mem::replace(&mut admin.cookie, before);
    assert_eq!(admin.ask(WHO, Value::Null).await["data"]["viewer"], Value::Null, "elsewhere: out");
    admin.cookie = now;
    let (status, _) = admin.post("/auth/sign-out", Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(admin.ask(WHO, Value::Null).await["data"]["viewer"], Value::Null, "out");

    let mut guess = Browser::new(&engine);
    for attempt in 0..6 {
        let (status, _) = guess.post("/auth/sign-in", sign_in("ada@example.com", "wrong")).await;
        let expected =
            if attempt < 5 { StatusCode::UNAUTHORIZED } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(status, expected, "attempt {attempt}");
    }
}

/// `rialto admin-link` as who runs the machine types it.
fn admin_link(engine: &Engine, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rialto"))
        .args(["admin-link", "--data-dir"])
        .arg(&engine.dir)
        .args(arguments)
        .current_dir(&engine.dir)
        .env_clear()
        .output()
        .expect("rialto admin-link runs")
}

/// The one link it printed: what stands before the path, and the secret.
fn printed(output: &Output) -> (String, String) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.lines().count(), 1, "the link stands alone: {text}");
    let (origin, secret) = text.trim().split_once("/admin/join#").expect("a link");
    (origin.to_owned(), secret.to_owned())
}

#[tokio::test]
async fn who_runs_the_machine_gets_an_admin_link_beside_a_running_engine_and_without_one() {
    let mut engine = Engine::start();
    let account = |name: &str, token: &str| {
        let email = format!("{name}@example.com");
        json!({ "token": token, "name": name, "email": email, "password": PASSWORD })
    };
    let in_use = admin_link(&engine, &[]);
    assert_eq!(in_use.status.code(), Some(1));
    let told = String::from_utf8_lossy(&in_use.stderr).into_owned();
    assert!(told.contains("--url"), "the store is in use, and there is a way: {told}");

    let url = engine.url.clone();
    let (origin, secret) = printed(&admin_link(&engine, &["--url", &url]));
    assert_eq!(origin, url, "it leads to the engine that was named");
    let mut running = Browser::new(&engine);
    let (status, joined) = running.post("/auth/join", account("rae", &secret)).await;
    assert_eq!((status, &joined["role"]), (StatusCode::OK, &json!("ADMIN")), "{joined}");
    let agent = engine.token("a", "agent");
    let refused = admin_link(&engine, &["--url", &url, "--token", &agent]);
    assert_eq!(refused.status.code(), Some(1), "an agent makes no admins");
    assert!(refused.stdout.is_empty(), "and gets no link");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!told.contains(&agent), "tokens stay out of messages: {told}");

    assert_eq!(engine.terminate(), Some(0));
    let (_, secret) = printed(&admin_link(&engine, &[]));
    engine.restart();
    let mut later = Browser::new(&engine);
    let (status, joined) = later.post("/auth/join", account("sol", &secret)).await;
    assert_eq!((status, &joined["role"]), (StatusCode::OK, &json!("ADMIN")), "{joined}");
    let (status, _) = later.post("/auth/join", account("eve", &secret)).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "once");
}

#[tokio::test]
async fn sessions_and_links_expire_and_a_link_is_used_once() {
    let hours = Arc::new(AtomicI64::new(0));
    let passed = Arc::clone(&hours);
    let clock = Clock::from_fn(move || {
        Clock::system().now() + TimeDelta::hours(passed.load(Ordering::Relaxed))
    });
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, clock, |_| {}).await;
    let staff = &rooms.staff;
    let account = |email: &str| NewAccount {
        name: "Ada".into(),
        email: email.into(),
        password: PASSWORD.into(),
    };
    let (old, _) = staff.admin_link().await.expect("a link");
    hours.store(25, Ordering::Relaxed);
    let late = staff.join(&old, account("ada@example.com")).await.expect_err("too late");
    assert!(matches!(late, StaffError::LinkInvalid), "{late}");
    let (secret, _) = staff.admin_link().await.expect("another");
    let (one, two) = tokio::join!(
        staff.join(&secret, account("ada@example.com")),
        staff.join(&secret, account("eve@example.com")),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1, "one of two");
    let joined = one.or(two).expect("one did");
    let seen = staff.viewer(&joined.token).await.expect("answers").expect("a session");
    assert_eq!((seen.role, &seen.id), (Role::Admin, &joined.member.id));
    assert_eq!(staff.viewer("not it").await.expect("answers"), None);
    assert!(staff.first_admin_link().await.expect("answers").is_none(), "there is an admin");
    let alone = viewer("somebody", Role::Admin);
    let last = staff.set_active(&alone, &joined.member.id, false, None).await;
    assert!(matches!(last, Err(StaffError::LastAdmin)), "somebody must be able to invite");
    hours.store(25 + 23, Ordering::Relaxed);
    assert!(staff.viewer(&joined.token).await.expect("answers").is_some(), "within a day");
    hours.store(25 + 25, Ordering::Relaxed);
    assert_eq!(staff.viewer(&joined.token).await.expect("answers"), None, "a day later");
    tokio::time::timeout(Duration::from_secs(60), rooms.close())
        .await
        .expect("in time")
        .expect("closed");
}
