//! A connection's bytes, and its patience: for a head that comes too slowly, and for a client that takes nothing.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::{Bounds, Place};
use crate::telemetry::door::Cut;

/// What a client hears whose head came too slowly.
const TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\n\
    content-length: 102\r\nconnection: close\r\n\r\n\
    {\"errors\":[{\"message\":\"The request's head did not arrive in time.\",\"extensions\":{\"code\":\"TIMEOUT\"}}]}\n";

/// How far a connection is: waiting for a request, or serving one. Counts the changes; odd while it serves.
#[derive(Debug, Default)]
pub struct Phase(AtomicUsize);

impl Phase {
    /// A head has arrived.
    pub fn serves(&self) {
        self.0.fetch_or(1, Ordering::Relaxed);
    }

    /// Its request was answered.
    pub fn waits(&self) {
        if self.0.load(Ordering::Relaxed) & 1 == 1 {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn now(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A head that has begun to arrive.
struct Head {
    /// While this was the phase.
    phase: usize,
    due: Instant,
    /// Made when it has to be waited for.
    late: Option<Pin<Box<Sleep>>>,
}

/// A client's connection; its place is free again when it is dropped.
pub struct Link {
    stream: TcpStream,
    phase: Arc<Phase>,
    bounds: Bounds,
    head: Option<Head>,
    /// Runs while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl Link {
    /// A connection just accepted.
    pub fn new(stream: TcpStream, phase: Arc<Phase>, bounds: Bounds, place: Place) -> Self {
        Self { stream, phase, bounds, head: None, stalled: None, _place: place }
    }

    /// The result of a write, or an end to the waiting for it.
    fn patiently<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let wait = self.bounds.write;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(wait)));
        ready!(stalled.as_mut().poll(cx));
        Cut::Stalled.count();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Ready when the head that is arriving is too late.
    fn is_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(head) = &mut self.head else { return Poll::Pending };
        let due = head.due;
        let late = head.late.get_or_insert_with(|| Box::pin(sleep_until(due)));
        late.as_mut().poll(cx)
    }
}

impl AsyncRead for Link {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        let phase = this.phase.now();
        if phase & 1 == 1 {
            this.head = None;
            return read;
        }
        if this.head.as_ref().is_some_and(|head| head.phase != phase) {
            this.head = None;
        }
        if buffer.filled().len() > before && this.head.is_none() {
            let due = Instant::now() + this.bounds.head;
            this.head = Some(Head { phase, due, late: None });
        }
        if read.is_pending() && this.is_late(cx).is_ready() {
            Cut::Head.count();
            // Nothing else is being written while a head is awaited; who doesn't take it is not waited for.
            let _ = this.stream.try_write(TOO_SLOW);
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.patiently(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.patiently(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Says nothing about whether the client takes anything: a socket holds nothing back.
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// Has the system end the connection when what was sent is not acknowledged for so long: the other side is gone, and
/// somebody who only listens would otherwise be waited for a quarter of an hour.
#[cfg(target_os = "linux")]
pub fn give_up_after(stream: &TcpStream, wait: Duration) {
    let millis = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, millis);
}

/// Other systems have their own patience.
#[cfg(not(target_os = "linux"))]
pub fn give_up_after(_: &TcpStream, _: Duration) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_says_how_long_it_is() {
        let text = std::str::from_utf8(TOO_SLOW).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(json["errors"][0]["extensions"]["code"], "TIMEOUT");
    }

    #[test]
    fn a_phase_that_is_over_is_told_from_the_next() {
        let phase = Phase::default();
        let first = phase.now();
        phase.waits();
        assert_eq!(phase.now(), first, "nothing was served");
        phase.serves();
        phase.serves();
        assert_eq!(phase.now() & 1, 1);
        phase.waits();
        assert!(phase.now() != first && phase.now() & 1 == 0);
    }
}
