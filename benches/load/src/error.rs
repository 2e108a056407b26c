//! What ends a run.

use std::path::{Path, PathBuf};

/// Why a run could not begin, go on, or end well.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The operations' manifest is wrong.
    #[error("{path}: {problem}")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The server can't be used as asked.
    #[error("{0}")]
    Setup(String),
    /// A socket failed.
    #[error("{what}: {source}")]
    Socket {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The server said something that it must not.
    #[error("{0}")]
    Protocol(String),
    /// The server broke a promise: a gap, a double, a loss.
    #[error("the server broke its promises: {0}")]
    Broken(String),
}

impl LoadError {
    /// About a file.
    pub fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    /// About a socket, for `map_err`.
    pub fn socket(what: &'static str) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::Socket { what, source }
    }
}
