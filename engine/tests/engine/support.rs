//! The real engine as a child process, and what tests say to it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use rialto_client::{Client, ClientError};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything in a test may take before it counts as hung.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub const START: &str = "mutation($listingId: ID!, $clientId: String!, $body: String!) { \
    startConversation(input: {listingId: $listingId, clientId: $clientId, body: $body}) { \
        conversation { id } message { id seq body status } userErrors { code message field } } }";
pub const CONTACT: &str = "mutation($clientId: String!, $body: String!) { \
    contactSupport(input: {category: \"other\", clientId: $clientId, body: $body}) { \
        conversation { id } message { id seq body status } userErrors { code message field } } }";
pub const SEND: &str = "mutation($id: ID!, $clientId: String!, $body: String!) { \
    sendMessage(input: {conversationId: $id, clientId: $clientId, body: $body}) { \
        message { id seq body status sender { id } } \
        userErrors { code message field retryAfterSeconds } } }";
pub const EVENTS: &str = "subscription($id: ID!, $after: Int) { \
    conversationEvents(conversationId: $id, after: $after) { __typename \
        ... on MessagePosted { seq message { id seq body status clientId sender { id } } } \
        ... on MessageEdited { seq message { id body status } } \
        ... on MessageRetracted { seq message { id body status } } \
        ... on MessageDecided { seq messageId message { id seq body status notice } decision { reason } } \
        ... on DecisionUndone { seq messageId message { id seq body status } by { id } } \
        ... on ParticipantJoined { seq } ... on HiddenEvent { seq } \
        ... on ParticipantBlocked { seq } ... on ConversationClosed { seq } \
        ... on ReadAdvanced { lastReadSeq user { id } } \
        ... on TypingChanged { typing user { id } } ... on ResyncRequired { lastSeq } } }";
pub const MESSAGES: &str = "query($id: ID!, $last: Int, $before: String) { conversation(id: $id) { lastSeq \
    messages(last: $last, before: $before) { \
        nodes { id seq body status clientId sender { id } } \
        pageInfo { hasPreviousPage startCursor } } } }";

/// A running engine. Killed when dropped.
pub struct Engine {
    child: Child,
    /// `http://127.0.0.1:port`
    pub url: String,
    pub dir: PathBuf,
    settings: Vec<(String, String)>,
    own_dir: Option<TempDir>,
    /// What it printed so far.
    lines: Arc<Mutex<Vec<String>>>,
}

impl Engine {
    /// An engine with an empty store and default settings.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// An engine with an empty store and these `RIALTO_*` settings.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let settings =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let mut engine = Self::launch(dir.path(), settings);
        engine.own_dir = Some(dir);
        engine
    }

    /// An engine on this directory, which is kept.
    pub fn at(dir: &Path, settings: &[(&str, &str)]) -> Self {
        std::fs::create_dir_all(dir).expect("a directory");
        let settings =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self::launch(dir, settings)
    }

    /// What it logged, once a line with these words is there; the first admin's link, which is printed, left out.
    pub async fn log_until(&self, words: &str) -> Vec<String> {
        for _ in 0..300 {
            let lines = self.lines.lock().expect("no panic").clone();
            if lines.iter().any(|line| line.contains(words)) {
                return lines
                    .into_iter()
                    .filter(|line| !line.starts_with("First admin:"))
                    .collect();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the engine logs nothing with `{words}`");
    }

    /// What it logged until now.
    pub fn log_so_far(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }

    fn launch(dir: &Path, settings: Vec<(String, String)>) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rialto"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir)
            .envs(settings.iter().cloned())
            .current_dir(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the engine starts");
        let (found, address) = mpsc::sync_channel(4);
        let lines = Arc::default();
        watch(child.stdout.take().expect("piped"), found.clone(), Arc::clone(&lines));
        watch(child.stderr.take().expect("piped"), found, Arc::clone(&lines));
        let url = address.recv_timeout(PATIENCE).expect("the engine says where it listens");
        Self { child, url, dir: dir.to_owned(), settings, own_dir: None, lines }
    }

    /// SIGKILL, then a new engine on the same data.
    pub fn kill_and_restart(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it ends");
        let fresh = Self::launch(&self.dir, self.settings.clone());
        let own_dir = self.own_dir.take();
        *self = fresh;
        self.own_dir = own_dir;
    }

    /// A new engine on the data of one that has ended.
    pub fn restart(&mut self) {
        let fresh = Self::launch(&self.dir, self.settings.clone());
        let own_dir = self.own_dir.take();
        *self = fresh;
        self.own_dir = own_dir;
    }

    /// SIGTERM; returns the exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        self.ask_to_stop();
        self.ended()
    }

    /// SIGTERM.
    pub fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
    }

    /// Waits until it has ended by itself; returns the exit code.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    /// The one-time secret of the first admin's link, from what the engine printed.
    pub async fn admin_link(&self) -> String {
        for _ in 0..300 {
            let lines = self.lines.lock().expect("no panic").clone();
            let link = lines.iter().find_map(|line| line.split_once("/admin/join#"));
            if let Some((_, secret)) = link {
                return secret.trim().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the engine prints no link for the first admin");
    }

    /// A token from the engine's own command.
    pub fn token(&self, sub: &str, role: &str) -> String {
        self.token_for(sub, role, "1h")
    }

    pub fn token_for(&self, sub: &str, role: &str, lifetime: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_rialto"))
            .args(["token", "--sub", sub, "--role", role, "--expires-in", lifetime, "--data-dir"])
            .arg(&self.dir)
            .output()
            .expect("rialto token runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a token is text").trim().to_owned()
    }

    pub fn ws_url(&self) -> String {
        format!("{}/graphql", self.url.replacen("http", "ws", 1))
    }

    pub async fn client(&self, sub: &str, role: &str) -> Client {
        let token = self.token(sub, role);
        Client::connect(&self.ws_url(), &token).await.expect("a socket")
    }

    /// Users, and `listings` listings of seller `sam`: `listing-0`, `listing-1`, …
    pub async fn seed(&self, listings: usize) {
        let service = self.client("backend", "service").await;
        let users: Vec<Value> = ["ann", "bob", "sam", "eve"]
            .iter()
            .map(|id| json!({ "id": id, "name": id.to_uppercase() }))
            .collect();
        let answer = service
            .execute(
                "mutation($users: [UserInput!]!) { upsertUsers(input: {users: $users}) \
                 { userErrors { code message } } }",
                json!({ "users": users }),
            )
            .await
            .expect("users");
        assert_eq!(answer["upsertUsers"]["userErrors"], json!([]));
        let listings: Vec<Value> = (0..listings)
            .map(|n| {
                json!({ "externalId": format!("listing-{n}"), "title": format!("Bicycle {n}"),
                        "sellerId": "sam", "category": "bike", "priceMinor": 12_000, "currency": "EUR" })
            })
            .collect();
        let answer = service
            .execute(
                "mutation($listings: [ListingInput!]!) { upsertListings(input: {listings: $listings}) \
                 { userErrors { code message } } }",
                json!({ "listings": listings }),
            )
            .await
            .expect("listings");
        assert_eq!(answer["upsertListings"]["userErrors"], json!([]));
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn watch(
    output: impl std::io::Read + Send + 'static,
    found: mpsc::SyncSender<String>,
    lines: Arc<Mutex<Vec<String>>>,
) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            lines.lock().expect("no panic").push(line.clone());
            if let Some((_, rest)) = line.split_once("listening on http://") {
                let address = rest.split([' ', '"']).next().unwrap_or_default();
                let _ = found.send(format!("http://{}", address.trim_end_matches('/')));
            }
        }
    });
}

/// Starts `buyer`'s conversation about a listing; returns its id.
pub async fn start(buyer: &Client, listing: &str, client_id: &str, body: &str) -> String {
    let variables = json!({ "listingId": listing, "clientId": client_id, "body": body });
    let answer = buyer.execute(START, variables).await.expect("startConversation");
    let payload = &answer["startConversation"];
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["conversation"]["id"].as_str().expect("a conversation").to_owned()
}

/// Sends; returns the payload of `sendMessage`.
pub async fn send(
    client: &Client,
    id: &str,
    client_id: &str,
    body: &str,
) -> Result<Value, ClientError> {
    let variables = json!({ "id": id, "clientId": client_id, "body": body });
    let mut answer = client.execute(SEND, variables).await?;
    Ok(answer["sendMessage"].take())
}

/// The next event of a subscription, within the tests' patience.
pub async fn next_event(events: &mut rialto_client::Operation) -> Value {
    let next = tokio::time::timeout(PATIENCE, events.next()).await.expect("an event in time");
    let mut data = next.expect("the subscription goes on").expect("no errors");
    data["conversationEvents"].take()
}

/// The next durable event: one with a sequence number.
pub async fn next_durable(events: &mut rialto_client::Operation) -> Value {
    loop {
        let event = next_event(events).await;
        assert_ne!(event["__typename"], "ResyncRequired", "this subscriber is not slow");
        if event["seq"].is_number() {
            return event;
        }
    }
}

/// All messages of a conversation as this client sees them, oldest first.
pub async fn all_messages(client: &Client, id: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut before = Value::Null;
    loop {
        let variables = json!({ "id": id, "last": 100, "before": before });
        let answer = client.execute(MESSAGES, variables).await.expect("messages");
        let page = &answer["conversation"]["messages"];
        let nodes = page["nodes"].as_array().expect("nodes").clone();
        all.splice(0..0, nodes);
        if page["pageInfo"]["hasPreviousPage"] != json!(true) {
            return all;
        }
        before = page["pageInfo"]["startCursor"].clone();
    }
}
