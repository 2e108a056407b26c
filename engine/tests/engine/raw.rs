//! Sockets without a library between: what no well-behaved client would send, byte by byte.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Engine, PATIENCE};

pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;

/// `127.0.0.1:port`
pub fn address(engine: &Engine) -> &str {
    engine.url.trim_start_matches("http://")
}

pub async fn connect(engine: &Engine) -> TcpStream {
    TcpStream::connect(address(engine)).await.expect("a connection")
}

/// Everything until the other side closes; `None` if it does not.
pub async fn read_to_end(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let reading = async {
        let mut block = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut block).await {
            bytes.extend_from_slice(&block[..count]);
        }
    };
    timeout(PATIENCE, reading).await.ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A WebSocket of which the test writes every bit.
pub struct RawSocket {
    stream: TcpStream,
    read: Vec<u8>,
}

impl RawSocket {
    /// Upgraded, not signed in.
    pub async fn open(engine: &Engine) -> Self {
        let mut stream = connect(engine).await;
        let request = format!(
            "GET /graphql HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n",
            address(engine)
        );
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut socket = Self { stream, read: Vec::new() };
        let head = timeout(PATIENCE, async {
            loop {
                let end = socket.read.windows(4).position(|four| four == b"\r\n\r\n");
                if let Some(end) = end {
                    let head: Vec<u8> = socket.read.drain(..end + 4).collect();
                    return String::from_utf8_lossy(&head).into_owned();
                }
                assert!(socket.more().await, "closed during the handshake");
            }
        });
        let head = head.await.expect("an answer in time");
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        socket
    }

    /// Upgraded and signed in.
    pub async fn signed_in(engine: &Engine, token: &str) -> Self {
        let mut socket = Self::open(engine).await;
        let authorization = format!("Bearer {token}");
        let init =
            json!({ "type": "connection_init", "payload": { "authorization": authorization } });
        socket.say(&init.to_string()).await;
        let answer = socket.hear().await.expect("an answer");
        assert_eq!(answer["type"], "connection_ack", "{answer}");
        socket
    }

    /// A whole text message.
    pub async fn say(&mut self, text: &str) {
        self.frame(0x80 | TEXT, text.as_bytes()).await;
    }

    /// A frame, its first byte as given; false if the other side takes no more.
    pub async fn frame(&mut self, first: u8, payload: &[u8]) -> bool {
        self.bytes(&masked(first, payload)).await
    }

    /// Anything at all; false if the other side takes no more.
    pub async fn bytes(&mut self, bytes: &[u8]) -> bool {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.is_ok_and(|written| written.is_ok())
    }

    /// The next text message; pings are left unanswered. `None` if the socket was closed.
    pub async fn hear(&mut self) -> Option<Value> {
        loop {
            match self.next_frame().await? {
                (TEXT, payload) => return serde_json::from_slice(&payload).ok(),
                (CLOSE, _) => return None,
                _ => {}
            }
        }
    }

    /// The code the other side closes with, whatever it says before; `None` if it just ends.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            if let (CLOSE, payload) = self.next_frame().await? {
                let code = payload.first_chunk::<2>()?;
                return Some(u16::from_be_bytes(*code));
            }
        }
    }

    async fn next_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        timeout(PATIENCE, async {
            loop {
                if let Some(frame) = self.take_frame() {
                    return Some(frame);
                }
                if !self.more().await {
                    return None;
                }
            }
        })
        .await
        .expect("a frame or the end in time")
    }

    fn take_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let (first, second) = (*self.read.first()?, *self.read.get(1)?);
        let (length, head) = match second & 0x7f {
            126 => {
                let bytes = self.read.get(2..4)?.first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*bytes)), 4)
            }
            127 => {
                let bytes = self.read.get(2..10)?.first_chunk::<8>()?;
                (usize::try_from(u64::from_be_bytes(*bytes)).ok()?, 10)
            }
            short => (usize::from(short), 2),
        };
        let payload = self.read.get(head..head + length)?.to_vec();
        self.read.drain(..head + length);
        Some((first & 0x0f, payload))
    }

    async fn more(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.read).await, Ok(1..))
    }
}

/// A client's frame, masked with zeroes, so that it reads as it was written.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match u8::try_from(payload.len()).ok().filter(|length| *length < 126) {
        Some(length) => frame.push(0x80 | length),
        None => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// A figure of the engine's, its samples with these words added up.
pub async fn figure(engine: &Engine, metric: &str, words: &str) -> f64 {
    let page = reqwest::get(format!("{}/metrics", engine.url)).await.expect("an answer");
    let page = page.bytes().await.expect("a body");
    let text = String::from_utf8_lossy(&page).into_owned();
    let mine = |line: &&str| {
        let name = line.split(['{', ' ']).next();
        name == Some(metric) && line.contains(words)
    };
    let values = text.lines().filter(mine).filter_map(|line| line.rsplit(' ').next());
    values.filter_map(|value| value.parse::<f64>().ok()).sum()
}

/// Waits until a figure is as it should be.
pub async fn figure_until(
    engine: &Engine,
    metric: &str,
    words: &str,
    good: impl Fn(f64) -> bool,
) -> f64 {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let value = figure(engine, metric, words).await;
        if good(value) {
            return value;
        }
        assert!(std::time::Instant::now() < deadline, "{metric} {words} stays at {value}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
