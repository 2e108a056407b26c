//! A real server of another project, for the tests that can have one: a program on the path, with a port and a directory of
//! its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

/// Says how it is started: at this address, with this directory.
type Arguments = fn(&mut Command, &str, &Path);

/// A server that is running, or was. Killed when dropped.
pub struct Program {
    path: PathBuf,
    arguments: Arguments,
    port: u16,
    dir: TempDir,
    child: Option<Child>,
}

impl Program {
    /// A running server; `None`, said loudly, if there is no such program on the path.
    pub fn start(name: &str, test: &str, arguments: Arguments) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "tests look for a program on the path")]
        let paths = std::env::var_os("PATH")?;
        let path = std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|it| it.is_file());
        let Some(path) = path else {
            eprintln!("SKIPPED: {test}: there is no `{name}` program on the path");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let dir = TempDir::new().expect("a directory");
        let mut server = Self { path, arguments, port, dir, child: None };
        server.resume();
        Some(server)
    }

    /// Starts it, with what it had when it was stopped.
    pub fn resume(&mut self) {
        let mut command = Command::new(&self.path);
        (self.arguments)(&mut command, &self.address(), self.dir.path());
        command.current_dir(self.dir.path()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("it starts"));
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "it does not listen");
            std::thread::yield_now();
        }
    }

    /// SIGKILL.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("SIGKILL");
            child.wait().expect("it ends");
        }
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it keeps its data in.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}
