//! A real Meilisearch server, for the tests that can have one.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const KEY: &str = "a key for tests, long enough";
const PATIENCE: Duration = Duration::from_secs(30);

/// A server with a directory of its own. Killed when dropped.
pub struct IndexServer {
    program: PathBuf,
    port: u16,
    dir: TempDir,
    child: Option<Child>,
}

impl IndexServer {
    /// A running server; `None`, said loudly, if no `meilisearch` program is on the path.
    pub fn start(test: &str) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "tests look for a program on the path")]
        let paths = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&paths)
            .map(|dir| dir.join("meilisearch"))
            .find(|it| it.is_file());
        let Some(program) = program else {
            eprintln!("SKIPPED: {test}: there is no `meilisearch` program on the path");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let dir = TempDir::new().expect("a directory");
        let mut server = Self { program, port, dir, child: None };
        server.resume();
        Some(server)
    }

    /// Starts it, with what it had when it was stopped.
    pub fn resume(&mut self) {
        let child = Command::new(&self.program)
            // Buffers in proportion to the machine's memory make every small write slow.
            .args(["--max-indexing-memory", "256MiB"])
            .args(["--no-analytics", "--master-key", KEY, "--env", "development"])
            .args(["--http-addr", &format!("127.0.0.1:{}", self.port), "--db-path"])
            .arg(self.dir.path().join("data"))
            .current_dir(self.dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the index server starts");
        self.child = Some(child);
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "the index server does not listen");
            std::thread::yield_now();
        }
    }

    /// Throws away everything it has; it must be stopped.
    pub fn wipe(&self) {
        std::fs::remove_dir_all(self.dir.path().join("data")).expect("wiped");
    }

    /// SIGKILL.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("SIGKILL");
            child.wait().expect("it ends");
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The settings that make an engine use it.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![("RIALTO_SEARCH__ADDRESS", self.url()), ("RIALTO_SEARCH__KEY", KEY.to_owned())]
    }

    /// The same for an engine in this process.
    pub fn configure(&self, config: &mut rialto_engine::config::Config) {
        config.search.address = self.url();
        config.search.key = Some(KEY.to_owned());
    }
}

impl Drop for IndexServer {
    fn drop(&mut self) {
        self.stop();
    }
}
