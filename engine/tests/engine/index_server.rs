//! A real Meilisearch server, for the tests that can have one.

use crate::program::Program;

const KEY: &str = "a key for tests, long enough";

/// A server with a directory of its own. Killed when dropped.
pub struct IndexServer(Program);

impl IndexServer {
    /// A running server; `None`, said loudly, if no `meilisearch` program is on the path.
    pub fn start(test: &str) -> Option<Self> {
        let program = Program::start("meilisearch", test, |command, address, dir| {
            command
                // Buffers in proportion to the machine's memory make every small write slow.
                .args(["--max-indexing-memory", "256MiB"])
                .args(["--no-analytics", "--master-key", KEY, "--env", "development"])
                .args(["--http-addr", address, "--db-path"])
                .arg(dir.join("data"));
        });
        program.map(Self)
    }

    /// Starts it, with what it had when it was stopped.
    pub fn resume(&mut self) {
        self.0.resume();
    }

    /// Throws away everything it has; it must be stopped.
    pub fn wipe(&self) {
        std::fs::remove_dir_all(self.0.dir().join("data")).expect("wiped");
    }

    /// SIGKILL.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.0.address())
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
