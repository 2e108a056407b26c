//! A plain blocking client, for what comes before and after a measurement.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::connection::upgrade_request;
use crate::error::LoadError;
use crate::frame::{self, Kind};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait of a stream before it looks whether it is to stop.
const GLANCE: Duration = Duration::from_millis(200);

/// One signed-in socket that runs an operation at a time.
#[derive(Debug)]
pub struct Caller {
    stream: TcpStream,
    buffer: Vec<u8>,
    next_id: u64,
}

impl Caller {
    /// Connects and signs in.
    pub fn connect(server: SocketAddr, path: &str, token: &str) -> Result<Self, LoadError> {
        let failed = LoadError::socket("connecting to the server");
        let stream = TcpStream::connect_timeout(&server, PATIENCE).map_err(&failed)?;
        stream.set_nodelay(true).map_err(&failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(&failed)?;
        let mut caller = Self { stream, buffer: Vec::new(), next_id: 1 };
        caller.write(upgrade_request(server, path).as_bytes())?;
        caller.upgraded()?;
        let init = json!({ "type": "connection_init",
            "payload": { "authorization": format!("Bearer {token}") } });
        caller.send(&init)?;
        loop {
            let answer = caller.receive()?;
            if answer["type"] == "connection_ack" {
                return Ok(caller);
            }
        }
    }

    /// Runs a query or mutation, given as a JSON string, and returns its `data`.
    pub fn call(&mut self, document: &str, variables: &Value) -> Result<Value, LoadError> {
        let id = self.next_id.to_string();
        self.next_id += 1;
        let frame = format!(
            r#"{{"id":"{id}","type":"subscribe","payload":{{"query":{document},"variables":{variables}}}}}"#
        );
        self.send_text(frame.as_bytes())?;
        let mut result = None;
        loop {
            let mut answer = self.receive()?;
            if answer["id"] != id.as_str() {
                continue;
            }
            match answer["type"].as_str() {
                Some("next") => result = Some(answer["payload"].take()),
                Some("error") => {
                    return Err(LoadError::Setup(format!(
                        "the server refused an operation: {}",
                        answer["payload"]
                    )));
                }
                _ => break,
            }
        }
        let mut result = result.unwrap_or_default();
        match &result["errors"] {
            Value::Null => Ok(result["data"].take()),
            errors => Err(LoadError::Setup(format!("the server answered with errors: {errors}"))),
        }
    }

    /// Runs a subscription until told to stop: how many results came.
    pub fn listen(&mut self, document: &str, stop: &AtomicBool) -> Result<u64, LoadError> {
        let failed = LoadError::socket("listening to a stream");
        self.stream.set_read_timeout(Some(GLANCE)).map_err(&failed)?;
        let frame = format!(r#"{{"id":"s","type":"subscribe","payload":{{"query":{document}}}}}"#);
        self.send_text(frame.as_bytes())?;
        let mut count = 0;
        while !stop.load(Ordering::Acquire) {
            match self.receive() {
                Ok(message)
                    if message["type"] == "next" && message["payload"]["errors"].is_null() =>
                {
                    count += 1;
                }
                Ok(message) if message["type"] == "ping" || message["type"] == "pong" => {}
                Ok(message) => {
                    return Err(LoadError::Setup(format!("the stream ended: {message}")));
                }
                Err(LoadError::Socket { source, .. }) if is_timeout(&source) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(count)
    }

    fn send(&mut self, message: &Value) -> Result<(), LoadError> {
        self.send_text(message.to_string().as_bytes())
    }

    fn send_text(&mut self, text: &[u8]) -> Result<(), LoadError> {
        let mut out = Vec::with_capacity(text.len() + 14);
        frame::write(&mut out, frame::TEXT, text, 0x5bd1_e995);
        self.write(&out)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        self.stream.write_all(bytes).map_err(LoadError::socket("writing to the server"))
    }

    fn upgraded(&mut self) -> Result<(), LoadError> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|it| it == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                if !head.starts_with("HTTP/1.1 101") {
                    let line = head.lines().next().unwrap_or_default();
                    return Err(LoadError::Setup(format!(
                        "the server refused the upgrade: {line}"
                    )));
                }
                self.buffer.drain(..end + 4);
                return Ok(());
            }
            self.more()?;
        }
    }

    fn more(&mut self) -> Result<(), LoadError> {
        let mut bytes = [0; 16 * 1024];
        let read =
            self.stream.read(&mut bytes).map_err(LoadError::socket("waiting for the server"))?;
        if read == 0 {
            return Err(LoadError::Setup("the server hung up".to_owned()));
        }
        self.buffer.extend(&bytes[..read]);
        Ok(())
    }

    fn receive(&mut self) -> Result<Value, LoadError> {
        loop {
            let frame =
                frame::read(&self.buffer, 0).map_err(|it| LoadError::Protocol(it.to_owned()))?;
            let Some(frame) = frame else {
                self.more()?;
                continue;
            };
            let payload: Vec<u8> = self.buffer[frame.payload.clone()].to_vec();
            self.buffer.drain(..frame.payload.end);
            match frame.kind {
                Kind::Text if frame.last => {
                    return serde_json::from_slice(&payload).map_err(|error| {
                        LoadError::Protocol(format!("the server sent no JSON: {error}"))
                    });
                }
                Kind::Ping => {
                    let mut out = Vec::new();
                    frame::write(&mut out, frame::PONG, &payload, 1);
                    self.write(&out)?;
                }
                Kind::Close => {
                    let reason =
                        String::from_utf8_lossy(payload.get(2..).unwrap_or_default()).into_owned();
                    return Err(LoadError::Setup(format!(
                        "the server closed the socket: {reason}"
                    )));
                }
                Kind::Text | Kind::Continuation => {
                    return Err(LoadError::Protocol("a message in several frames".to_owned()));
                }
                Kind::Other => {}
            }
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
