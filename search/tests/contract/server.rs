//! A Meilisearch server for tests: the one that is named, or one of our own.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rialto_search::meilisearch::{MeilisearchShelf, Options};
use rialto_search::{IndexError, Shelf};
use serde_json::{Value, json};
use tempfile::TempDir;

const MASTER_KEY: &str = "only-for-these-tests";

/// A server that runs.
pub struct Server {
    pub url: String,
    pub key: Option<String>,
    /// Names of our indexes begin with it.
    prefix: String,
    own: Option<Own>,
}

/// A server of our own, gone when this is dropped.
struct Own {
    child: Option<Child>,
    directory: TempDir,
    port: u16,
    arguments: Vec<String>,
}

impl Drop for Own {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Own {
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn run(&mut self) {
        let log = File::create(self.directory.path().join("log")).expect("a log can be written");
        let child = Command::new("meilisearch")
            .args(["--no-analytics", "--master-key", MASTER_KEY, "--max-indexing-memory", "256MiB"])
            .arg("--http-addr")
            .arg(format!("127.0.0.1:{}", self.port))
            .arg("--db-path")
            .arg(self.data())
            .arg("--dump-dir")
            .arg(self.directory.path().join("dumps"))
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log can be written"))
            .stderr(log)
            .spawn();
        self.child = Some(child.expect("meilisearch can be started"));
    }

    fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("data")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "where a server is for tests is the environment's to say"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn program() -> bool {
    environment("PATH").is_some_and(|path| {
        path.split(':').any(|directory| Path::new(directory).join("meilisearch").is_file())
    })
}

/// The server that is named, or else one of our own; `None`, said loudly, if there is neither.
pub async fn any() -> Option<Server> {
    let prefix = format!("test{}", std::process::id());
    if let Some(url) = environment("MEILI_URL") {
        return Some(Server { url, key: environment("MEILI_KEY"), prefix, own: None });
    }
    own(&[]).await
}

/// A server of our own, that may be stopped and wiped; `None`, said loudly, if there is no program.
pub async fn own(arguments: &[&str]) -> Option<Server> {
    if !program() {
        eprintln!(
            "SKIPPED: the contract of the Meilisearch index, for there is no Meilisearch: no MEILI_URL, and no `meilisearch` on the PATH"
        );
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("there is a free port")
        .port();
    let mut server = Server {
        url: format!("http://127.0.0.1:{port}"),
        key: Some(MASTER_KEY.to_owned()),
        prefix: format!("test{}", std::process::id()),
        own: Some(Own {
            child: None,
            directory: TempDir::new().expect("there is room for a directory"),
            port,
            arguments: arguments.iter().map(ToString::to_string).collect(),
        }),
    };
    server.start().await;
    Some(server)
}

impl Server {
    /// Starts it, again if it was killed, and waits until it answers.
    pub async fn start(&mut self) {
        self.own.as_mut().expect("our own").run();
        let deadline = Instant::now() + Duration::from_secs(60);
        let shelf = self.shelf("is-it-there");
        while let Err(error) = shelf.current().await {
            assert!(Instant::now() < deadline, "it does not start: {error}");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Stops it at once, as a crash would.
    pub fn kill(&mut self) {
        self.own.as_mut().expect("our own").kill();
    }

    /// Loses all it had. It must not run.
    pub fn wipe(&mut self) {
        let own = self.own.as_ref().expect("our own");
        std::fs::remove_dir_all(own.data()).expect("it had data");
    }

    pub fn options(&self, name: &str) -> Options {
        let identity: String = name.bytes().map(|b| format!("{b:02x}")).collect();
        Options {
            prefix: self.prefix.clone(),
            connect_timeout: Duration::from_secs(2),
            task_timeout: Duration::from_secs(60),
            ..Options::new(self.url.clone(), self.key.clone(), identity)
        }
    }

    pub fn shelf(&self, name: &str) -> Arc<dyn Shelf> {
        Arc::new(MeilisearchShelf::connect(&self.options(name)).expect("the options are right"))
    }

    /// A request as an operator might make it; the answer, after its task is done if it has one.
    pub async fn operator(&self, method: &str, path: &str, body: Value) -> Value {
        let method: reqwest::Method = method.parse().expect("a method");
        let answer = self.request(method, path, &body).await;
        let Some(task) = answer["taskUid"].as_u64() else {
            return answer;
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let get = reqwest::Method::GET;
            let task = self.request(get, &format!("/tasks/{task}"), &json!({})).await;
            match task["status"].as_str() {
                Some("succeeded") => return answer,
                Some("enqueued" | "processing") if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                _ => panic!("{path}: {task}"),
            }
        }
    }

    async fn request(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let mut request = reqwest::Client::new()
            .request(method, format!("{}{path}", self.url))
            .header("Content-Type", "application/json");
        if body != &json!({}) {
            request = request.body(body.to_string());
        }
        if let Some(key) = &self.key {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        let answer = request.send().await.expect("it answers");
        let answer = answer.text().await.expect("it answers");
        serde_json::from_str(&answer).unwrap_or(Value::Null)
    }

    /// Names of all our indexes of a shelf.
    pub async fn indexes(&self, name: &str) -> Vec<String> {
        let beginning = format!("{}-{}-", self.prefix, self.options(name).identity);
        let mut indexes = self.all_indexes().await;
        indexes.retain(|uid| uid.starts_with(&beginning));
        indexes.sort();
        indexes
    }

    async fn all_indexes(&self) -> Vec<String> {
        let all = self.operator("GET", "/indexes?limit=1000", json!({})).await;
        let all = all["results"].as_array().expect("a list").clone();
        all.iter().filter_map(|index| index["uid"].as_str()).map(str::to_owned).collect()
    }

    /// Leaves nothing on a server that is not ours.
    pub async fn clean_up(&self) {
        if self.own.is_none() {
            for uid in self.all_indexes().await {
                if uid.starts_with(&format!("{}-", self.prefix)) {
                    // It may be gone already: what is no longer used goes by itself.
                    let path = format!("/indexes/{uid}");
                    self.request(reqwest::Method::DELETE, &path, &json!({})).await;
                }
            }
        }
    }
}

/// Whether it says that the index can't be reached for now.
pub fn is_unavailable<T>(answer: &Result<T, IndexError>) -> bool {
    matches!(answer, Err(IndexError::Unavailable(_)))
}

/// Whether it says that the index must be built anew.
pub fn is_lost<T>(answer: &Result<T, IndexError>) -> bool {
    matches!(answer, Err(IndexError::Lost(_)))
}
