//! The server as our own process: started, killed and started again.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::error::LoadError;
use crate::server::metrics;

/// Longest wait for a server to be ready, or to end.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is asked.
const OFTEN: Duration = Duration::from_millis(5);

/// A server that we start.
#[derive(Debug)]
pub struct Child {
    command: Vec<String>,
    log: Option<PathBuf>,
    address: SocketAddr,
    health: String,
    process: Option<std::process::Child>,
}

impl Child {
    /// Not started yet; what it prints goes into `log`.
    pub fn new(
        command: &[String],
        log: Option<&Path>,
        address: SocketAddr,
        health: &str,
    ) -> Result<Self, LoadError> {
        if metrics::get(address, health).is_some() {
            let words = format!(
                "something answers at {address} already; this scenario starts the server itself"
            );
            return Err(LoadError::Setup(words));
        }
        let (command, log, health) = (command.to_vec(), log.map(Path::to_owned), health.to_owned());
        Ok(Self { command, log, address, health, process: None })
    }

    /// Starts it and waits until it is ready: how long that took.
    pub fn start(&mut self) -> Result<Duration, LoadError> {
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(LoadError::Setup("no command to start the server with".to_owned()));
        };
        let output = || -> Result<Stdio, LoadError> {
            let Some(log) = &self.log else { return Ok(Stdio::null()) };
            let file = OpenOptions::new().create(true).append(true).open(log);
            Ok(file.map_err(|source| LoadError::file(log, source))?.into())
        };
        let begun = Instant::now();
        let process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output()?)
            .stderr(output()?)
            .spawn()
            .map_err(|source| LoadError::file(Path::new(program), source))?;
        self.process = Some(process);
        loop {
            if metrics::get(self.address, &self.health).is_some_and(|(status, _)| status == 200) {
                return Ok(begun.elapsed());
            }
            self.lives()?;
            if begun.elapsed() > PATIENCE {
                return Err(LoadError::Setup(format!(
                    "the server was not ready after {PATIENCE:?}"
                )));
            }
            std::thread::park_timeout(OFTEN);
        }
    }

    /// Lets it live for a while; an error if it ends by itself.
    pub fn live(&mut self, time: Duration) -> Result<(), LoadError> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.lives()?;
            std::thread::park_timeout(OFTEN);
        }
        Ok(())
    }

    fn lives(&mut self) -> Result<(), LoadError> {
        let ended = self.process.as_mut().and_then(|process| process.try_wait().ok()?);
        match ended {
            None => Ok(()),
            Some(status) => Err(LoadError::Setup(format!("the server ended by itself: {status}"))),
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) -> Result<(), LoadError> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let failed = LoadError::socket("killing the server");
        process.kill().map_err(&failed)?;
        process.wait().map_err(&failed)?;
        Ok(())
    }

    /// SIGTERM, and waits until it ended; an error if it does not.
    pub fn stop(&mut self) -> Result<(), LoadError> {
        let Some(process) = &mut self.process else { return Ok(()) };
        let pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let failed = LoadError::socket("stopping the server");
            kill_process(pid, Signal::TERM).map_err(std::io::Error::from).map_err(failed)?;
        }
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if matches!(process.try_wait(), Ok(Some(_)) | Err(_)) {
                self.process = None;
                return Ok(());
            }
            std::thread::park_timeout(OFTEN);
        }
        Err(LoadError::Setup(format!("the server did not stop within {PATIENCE:?} of SIGTERM")))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
