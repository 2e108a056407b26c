//! Bodies of requests while they arrive: each has a largest size, and all together do, so that many slow ones fill no memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::ServerError;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::StreamExt as _;

use crate::graphql::errors::{request_error, retry_error};

/// Seconds after which a client whose body was not taken may try again.
const RETRY_AFTER: i32 = 2;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It ended before its end.
    BrokenOff,
    /// It is longer than this.
    TooLong(usize),
    /// Too much is arriving.
    NoRoom,
}

impl Unread {
    /// What its sender is told.
    pub fn told(self) -> (StatusCode, ServerError) {
        match self {
            Self::BrokenOff => {
                let error = request_error("BAD_REQUEST", "The request's body broke off.");
                (StatusCode::BAD_REQUEST, error)
            }
            Self::TooLong(most) => {
                let words = format!("A request may have {most} bytes.");
                (StatusCode::PAYLOAD_TOO_LARGE, request_error("PAYLOAD_TOO_LARGE", words))
            }
            Self::NoRoom => {
                let words = "Too many large requests are arriving. Try again shortly.";
                (StatusCode::SERVICE_UNAVAILABLE, retry_error("BUSY", words, RETRY_AFTER))
            }
        }
    }
}

/// What is arriving. Clones share it.
#[derive(Debug, Clone)]
pub struct Bodies {
    held: Arc<AtomicUsize>,
    most: usize,
}

/// Some of it; gives its room back when dropped.
struct Held<'a> {
    of: &'a Bodies,
    bytes: usize,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.of.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Bodies {
    /// Room for so many bytes.
    pub fn new(most: usize) -> Self {
        Self { held: Arc::default(), most }
    }

    /// The whole body, of at most `longest` bytes.
    pub async fn read(&self, body: Body, longest: usize) -> Result<Bytes, Unread> {
        let mut held = Held { of: self, bytes: 0 };
        let mut chunks = body.into_data_stream();
        let mut all = Vec::new();
        let mut first = Bytes::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Unread::BrokenOff)?;
            held.take(chunk.len(), longest)?;
            if held.bytes == chunk.len() {
                first = chunk;
                continue;
            }
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&chunk);
        }
        // Most bodies come in one piece, which needn't be copied.
        Ok(if all.is_empty() { first } else { all.into() })
    }
}

impl Held<'_> {
    fn take(&mut self, more: usize, longest: usize) -> Result<(), Unread> {
        let now = self.of.held.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        self.bytes += more;
        if self.bytes > longest {
            return Err(Unread::TooLong(longest));
        }
        if now > self.of.most { Err(Unread::NoRoom) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn body(pieces: &[&'static str]) -> Body {
        let pieces: Vec<Result<&str, std::io::Error>> = pieces.iter().map(|it| Ok(*it)).collect();
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn bodies_are_whole_and_bounded_one_by_one_and_together() {
        let bodies = Bodies::new(10);
        let read = async |pieces: &[&'static str], longest| {
            let read = bodies.read(body(pieces), longest).await;
            read.map(|it| it.to_vec()).map_err(|why| why.told().0.as_u16())
        };
        assert_eq!(read(&[], 9).await, Ok(vec![]));
        assert_eq!(read(&["abc"], 9).await, Ok(b"abc".to_vec()));
        assert_eq!(read(&["", "abc", "", "de", "f"], 9).await, Ok(b"abcdef".to_vec()));
        assert_eq!(read(&["abc", "defg"], 6).await, Err(413));
        assert_eq!(read(&["abcdef", "ghijk"], 20).await, Err(503));
        // One that hasn't ended holds its room, and gives it back.
        let endless = stream::iter([Ok::<_, std::io::Error>("12345678")]).chain(stream::pending());
        let mut slow = Box::pin(bodies.read(Body::from_stream(endless), 9));
        assert!(futures_util::poll!(&mut slow).is_pending());
        assert_eq!(read(&["abc"], 9).await, Err(503));
        drop(slow);
        assert_eq!(read(&["abc"], 9).await, Ok(b"abc".to_vec()));
        assert_eq!(bodies.held.load(Ordering::Relaxed), 0);
    }
}
