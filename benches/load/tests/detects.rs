//! The driver against a real WebSocket server that keeps its promises, or breaks one: every breach must fail the run.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rialto_load::driver::{Manners, Pace};
use rialto_load::error::LoadError;
use rialto_load::fleet::Fleet;
use rialto_load::market::Market;
use rialto_load::operations::{Metrics, Operations};
use rialto_load::server::Server;
use serde_json::{Value, json};
use tungstenite::handshake::server::{Request, Response};
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::{Message, accept_hdr};

/// What the server does wrong, once, at a later message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// A number is left out.
    Gap,
    /// An event comes twice.
    Double,
    /// The newest event of a conversation never comes.
    LostTail,
    /// An answer is another message's.
    WrongAnswer,
    /// A message is taken for one that was sent before.
    OldAnswer,
    /// A message is never answered.
    Silence,
    /// The socket is closed.
    HangUp,
}

const SPOILED: u64 = 20;

/// A conversation: the last number and where its events go.
#[derive(Default)]
struct Log {
    last: u64,
    /// The fault happened.
    spoiled: bool,
    subscribers: Vec<(String, WebSocket<TcpStream>)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let log = Arc::new(Mutex::new(Log::default()));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let log = Arc::clone(&log);
            std::thread::spawn(move || talk(stream, fault, &log));
        }
    });
    address
}

#[expect(
    clippy::result_large_err,
    clippy::unnecessary_wraps,
    reason = "the callback's type is the library's"
)]
fn protocol(
    _: &Request,
    mut response: Response,
) -> Result<Response, tungstenite::handshake::server::ErrorResponse> {
    let value = "graphql-transport-ws".parse().unwrap();
    response.headers_mut().insert("Sec-WebSocket-Protocol", value);
    Ok(response)
}

fn say(socket: &mut WebSocket<TcpStream>, message: &Value) {
    let _ = socket.send(Message::text(message.to_string()));
}

fn next(id: &str, data: &Value) -> Value {
    json!({ "id": id, "type": "next", "payload": { "data": data } })
}

fn talk(stream: TcpStream, fault: Fault, log: &Mutex<Log>) {
    stream.set_nodelay(true).unwrap();
    let writer = stream.try_clone().unwrap();
    let Ok(mut socket) = accept_hdr(stream, protocol) else { return };
    let mut writer = Some(WebSocket::from_raw_socket(writer, Role::Server, None));
    while let Ok(message) = socket.read() {
        let Message::Text(text) = message else { continue };
        let message: Value = serde_json::from_str(&text).unwrap();
        if message["type"] == "connection_init" {
            say(&mut socket, &json!({ "type": "connection_ack" }));
            continue;
        }
        let id = message["id"].as_str().unwrap();
        let query = message["payload"]["query"].as_str().unwrap();
        if query.starts_with("subscription") {
            let data = json!({ "conversationEvents": { "__typename": "ConversationSnapshot" } });
            say(&mut socket, &next(id, &data));
            lock(log).subscribers.extend(writer.take().map(|writer| (id.to_owned(), writer)));
            continue;
        }
        let data = if query.starts_with("mutation Send") {
            let mut log = lock(log);
            match send(&mut log, fault, &message["payload"]["variables"]["clientId"]) {
                Some(data) => data,
                None if fault == Fault::HangUp => {
                    let _ = socket.get_ref().shutdown(Shutdown::Both);
                    return;
                }
                None => continue,
            }
        } else {
            json!({ "startConversation": { "conversation": { "id": "c1" } } })
        };
        say(&mut socket, &next(id, &data));
        say(&mut socket, &json!({ "id": id, "type": "complete" }));
    }
}

fn send(log: &mut Log, fault: Fault, client_id: &Value) -> Option<Value> {
    let spoiled = log.last + 1 == SPOILED && !log.spoiled;
    log.spoiled |= spoiled;
    if spoiled && matches!(fault, Fault::Silence | Fault::HangUp) {
        return None;
    }
    log.last += 1;
    if spoiled && fault == Fault::Gap {
        log.last += 1;
    }
    let seq = log.last;
    let event = json!({ "conversationEvents": { "__typename": "MessagePosted", "seq": seq } });
    let copies = match fault {
        Fault::Double if spoiled => 2,
        Fault::LostTail if seq >= SPOILED => 0,
        _ => 1,
    };
    for (id, subscriber) in &mut log.subscribers {
        for _ in 0..copies {
            say(subscriber, &next(id, &event));
        }
    }
    let echo = if spoiled && fault == Fault::WrongAnswer { &Value::Null } else { client_id };
    let echo = if echo.is_null() { &json!("another") } else { echo };
    let seq = if spoiled && fault == Fault::OldAnswer { 7 } else { seq };
    let message = json!({ "seq": seq, "status": "SENT", "clientId": echo });
    Some(json!({ "sendMessage": { "message": message, "userErrors": [] } }))
}

/// What a run against such a server ends with, and how much was acknowledged.
fn drive(fault: Fault, pace: Pace) -> (Result<(), LoadError>, u64) {
    let address = serve(fault);
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("token.secret"), "0123456789abcdef0123456789abcdef\n").unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("operations/rialto");
    let operations = Operations::open(&folder).unwrap();
    let market =
        Arc::new(Market::open(operations, &format!("http://{address}"), data.path()).unwrap());
    let places = market.places(1, 3).unwrap();
    let mut fleet = Fleet::new(&market, places, &Manners::default(), 1).unwrap();
    fleet.open().unwrap();
    let us = Server::find(&[std::process::id()], address, &Metrics::default(), false).unwrap();
    let phase = fleet.run(&us, pace, Duration::from_millis(400), "test").unwrap();
    let mut all = phase.stats;
    // What never comes is not waited for for long; what is only late on a busy machine is.
    let patience = if matches!(fault, Fault::LostTail | Fault::Silence | Fault::HangUp) {
        300
    } else {
        10_000
    };
    all.add(&fleet.drain_for(Duration::from_millis(patience)).unwrap());
    (all.check(), all.acknowledged)
}

#[test]
fn a_server_that_keeps_its_promises_passes_in_a_closed_loop_and_at_a_rate() {
    let (result, acknowledged) = drive(Fault::None, Pace::Closed);
    assert!(result.is_ok() && acknowledged > SPOILED, "{result:?} {acknowledged}");
    let (result, acknowledged) = drive(Fault::None, Pace::Rate(200.0));
    assert!(result.is_ok(), "{result:?}");
    assert!((60..=81).contains(&acknowledged), "{acknowledged}");
}

#[test]
fn every_breach_fails_the_run_and_says_where() {
    for (fault, words) in [
        (Fault::Gap, "conversation c1, socket 0: gap: 21 came instead of 20"),
        (Fault::Double, "conversation c1, socket 2: double: 20 came after 20"),
        (Fault::LostTail, "ends at 19, but "),
        (Fault::WrongAnswer, "the answer (20) is another message's"),
        (Fault::OldAnswer, "the answer (7) is another message's"),
        (Fault::Silence, "1 messages were never answered"),
        (Fault::HangUp, "the server hung up"),
    ] {
        let (result, _) = drive(fault, Pace::Closed);
        let told = result.map_or_else(|error| error.to_string(), |()| "nothing".to_owned());
        assert!(told.contains(words), "{fault:?}: {told}");
    }
}
