//! One WebSocket without a task or a thread: bytes in, whole messages out.

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

use crate::frame::{self, Kind};

/// What came in.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// The server took the upgrade.
    Open,
    /// A whole text.
    Text(&'a [u8]),
    /// The server's goodbye: code and reason.
    Goodbye(u16, String),
}

/// A client's socket that never blocks.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What came without being whole.
    rest: Vec<u8>,
    /// Earlier frames of a message in several.
    parts: Vec<u8>,
    /// What the kernel did not take yet.
    unsent: Vec<u8>,
    open: bool,
    mask: u32,
}

impl Connection {
    /// Begins to connect, from `source` if the ports of one address do not suffice, and asks for the upgrade.
    pub fn begin(
        server: SocketAddr,
        source: Option<SocketAddr>,
        path: &str,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        if let Some(source) = source {
            socket.bind(&source.into())?;
        }
        match socket.connect(&server.into()) {
            Ok(()) => {}
            // Where connecting goes on by itself the error is EINPROGRESS, which has no kind of its own.
            Err(error)
                if error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {}
            Err(error) => return Err(error),
        }
        let mut stream = TcpStream::from_std(socket.into());
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        let mask = u32::try_from(token.0).unwrap_or_default().wrapping_mul(0x9e37_79b9) | 1;
        let (rest, parts) = (Vec::new(), Vec::new());
        let unsent = upgrade_request(server, path).into_bytes();
        Ok(Self { stream, rest, parts, unsent, open: false, mask })
    }

    /// Takes the socket out of the poll.
    pub fn forget(&mut self, registry: &Registry) {
        // Closing it does the same; an error would be about a socket that is gone already.
        let _ = registry.deregister(&mut self.stream);
    }

    /// Sends a text as far as the kernel takes it; the rest follows with `flush`.
    pub fn send(&mut self, text: &[u8]) -> io::Result<()> {
        self.queue(frame::TEXT, text);
        self.flush()
    }

    /// Puts a text behind what is unsent, so that several leave together with `flush`.
    pub fn queue(&mut self, opcode: u8, payload: &[u8]) {
        // xorshift: what a proxy between would want of a mask, no more.
        self.mask ^= self.mask << 13;
        self.mask ^= self.mask >> 17;
        self.mask ^= self.mask << 5;
        frame::write(&mut self.unsent, opcode, payload, self.mask);
    }

    /// Writes what is unsent until the kernel takes no more.
    pub fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        while written < self.unsent.len() {
            match self.stream.write(&self.unsent[written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if waits(&error) => break,
                Err(error) => return Err(error),
            }
        }
        self.unsent.drain(..written);
        Ok(())
    }

    /// Bytes the kernel did not take.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// Says goodbye as far as that is possible at once.
    pub fn close(&mut self) {
        self.queue(frame::CLOSE, &1000_u16.to_be_bytes());
        let _ = self.flush();
    }

    /// Reads until the kernel has no more and hands every message to `take`. True: the other side is gone.
    /// `ending`: the poll says that no more will come.
    pub fn read(
        &mut self,
        scratch: &mut [u8],
        ending: bool,
        mut take: impl FnMut(&mut Self, Incoming<'_>),
    ) -> io::Result<bool> {
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return Ok(true),
                Ok(count) => {
                    self.consume(&scratch[..count], &mut take)?;
                    // A short read emptied the socket; the next bytes make it readable anew. But an end that came
                    // together with the bytes is announced only once.
                    if count < scratch.len() && !ending {
                        return Ok(false);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if waits(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    fn consume(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&mut Self, Incoming<'_>),
    ) -> io::Result<()> {
        if self.rest.is_empty() {
            let used = self.messages(bytes, take)?;
            self.rest.extend(&bytes[used..]);
        } else {
            let mut all = std::mem::take(&mut self.rest);
            all.extend(bytes);
            let used = self.messages(&all, take)?;
            all.drain(..used);
            self.rest = all;
        }
        Ok(())
    }

    /// How many bytes were whole messages.
    fn messages(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(&mut Self, Incoming<'_>),
    ) -> io::Result<usize> {
        let mut at = 0;
        if !self.open {
            let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else { return Ok(0) };
            let head = &bytes[..end];
            if !head.starts_with(b"HTTP/1.1 101") {
                let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line).into_owned();
                return Err(invalid(format!("the server refused the upgrade: {line}")));
            }
            self.open = true;
            at = end + 4;
            take(self, Incoming::Open);
        }
        while let Some(frame) = frame::read(bytes, at).map_err(|it| invalid(it.to_owned()))? {
            at = frame.payload.end;
            let payload = &bytes[frame.payload];
            match frame.kind {
                Kind::Text if frame.last => take(self, Incoming::Text(payload)),
                Kind::Text | Kind::Continuation => {
                    self.parts.extend(payload);
                    if frame.last {
                        let whole = std::mem::take(&mut self.parts);
                        take(self, Incoming::Text(&whole));
                    }
                }
                Kind::Ping => {
                    self.queue(frame::PONG, payload);
                    self.flush()?;
                }
                Kind::Close => {
                    let (code, reason) = match payload.split_first_chunk::<2>() {
                        Some((code, reason)) => (u16::from_be_bytes(*code), reason),
                        None => (1005, &[][..]),
                    };
                    let reason = String::from_utf8_lossy(reason).into_owned();
                    take(self, Incoming::Goodbye(code, reason));
                }
                Kind::Other => {}
            }
        }
        Ok(at)
    }
}

/// What asks a server for a WebSocket. The key is a constant: nothing between is asked to cache.
pub fn upgrade_request(server: SocketAddr, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: cmlhbHRvLWxvYWQtZHJpdg==\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
}

fn waits(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected)
}

fn invalid(words: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}
