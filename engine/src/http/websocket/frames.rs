//! The messages of `graphql-transport-ws`, and its close codes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::graphql::{Answer, Params};

/// Why a socket is closed: code and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Close(pub u16, pub &'static str);

impl Close {
    pub const GOING_AWAY: Self = Self(1001, "Going away");
    pub const PROTOCOL_ERROR: Self = Self(1002, "Protocol error");
    pub const NOT_TEXT: Self = Self(1007, "Not UTF-8");
    /// Clients of this protocol wait a while after it, then connect again.
    pub const TOO_MANY: Self = Self(1013, "Too many connections of this user");
    pub const TOO_BIG: Self = Self(1009, "Message too big");
    pub const INVALID: Self = Self(4400, "Invalid message");
    pub const UNAUTHORIZED: Self = Self(4401, "Unauthorized");
    pub const FORBIDDEN: Self = Self(4403, "Forbidden");
    pub const SESSION_ENDED: Self = Self(4403, "Session ended");
    pub const NO_PROTOCOL: Self = Self(4406, "Subprotocol not acceptable");
    pub const INIT_TIMEOUT: Self = Self(4408, "Connection initialisation timeout");
    pub const DUPLICATE: Self = Self(4409, "Subscriber already exists");
    pub const TOO_MANY_INIT: Self = Self(4429, "Too many initialisation requests");
}

/// What a client says.
#[derive(Debug)]
pub enum Incoming {
    /// Signs in; the payload if there is one.
    Init(Option<serde_json::Map<String, serde_json::Value>>),
    /// Wants a pong.
    Ping,
    /// Answers a ping.
    Pong,
    /// Begins an operation.
    Subscribe {
        /// The operation's id, chosen by the client.
        id: String,
        /// The operation.
        params: Box<Params>,
    },
    /// Ends an operation.
    Complete {
        /// The operation's id.
        id: String,
    },
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    id: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

impl Incoming {
    /// Reads a message; `None` if it is not one of the protocol.
    pub fn parse(text: &str) -> Option<Self> {
        let Envelope { kind, id, payload } = serde_json::from_str(text).ok()?;
        let id = id.filter(|id| !id.is_empty());
        Some(match &*kind {
            "connection_init" => {
                let payload = payload.map(|payload| serde_json::from_str(payload.get()));
                Self::Init(payload.transpose().ok()?)
            }
            "ping" => Self::Ping,
            "pong" => Self::Pong,
            "subscribe" => {
                let params = serde_json::from_str(payload?.get()).ok()?;
                Self::Subscribe { id: id?, params: Box::new(params) }
            }
            "complete" => Self::Complete { id: id? },
            _ => return None,
        })
    }
}

/// The answer to `connection_init`.
pub const ACK: &str = r#"{"type":"connection_ack"}"#;
/// The answer to a client's ping.
pub const PONG: &str = r#"{"type":"pong"}"#;

/// An answer of an operation.
pub fn next(id: &str, answer: &Answer) -> String {
    frame("next", id, Some(answer))
}

/// The end of an operation that was not executed, or of a subscription that could not begin.
pub fn error(id: &str, answer: &Answer) -> String {
    frame("error", id, Some(answer.errors()))
}

/// The end of an operation.
pub fn complete(id: &str) -> String {
    frame("complete", id, None::<()>)
}

fn frame<T: Serialize>(kind: &'static str, id: &str, payload: Option<T>) -> String {
    #[derive(Serialize)]
    struct Frame<'a, T> {
        id: &'a str,
        #[serde(rename = "type")]
        kind: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<T>,
    }
    serde_json::to_string(&Frame { id, kind, payload }).unwrap_or_else(|error| {
        tracing::error!(%error, "a frame could not be serialized");
        String::new()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages_of_the_protocol_are_understood_and_others_are_not() {
        let good = [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"payload":{"authorization":"Bearer x"},"type":"connection_init"}"#,
            r#"{"type":"ping","payload":{"a":1}}"#,
            r#"{"type":"pong"}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":null}}"#,
            r#"{"id":"1","type":"complete"}"#,
        ];
        for text in good {
            assert!(Incoming::parse(text).is_some(), "{text}");
        }
        let bad = [
            "",
            "{}",
            "[]",
            r#"{"type":"start","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"complete"}"#,
        ];
        for text in bad {
            assert!(Incoming::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(\\{|\\}|\\[|\\]|,|:|\"type\"|\"id\"|\"payload\"|\"subscribe\"|\"ping\"|\"query\"|null|1e999|\\\\u[0-9a-f]{0,4}|\\PC){0,40}") {
            let _ = Incoming::parse(&text);
        }

        /// What is well formed is understood, in whatever order its fields come and whatever else they hold.
        #[test]
        fn what_clients_say_is_understood(
            id in "\\PC{1,20}",
            query in "\\PC{0,40}",
            turn in 0..3_usize,
            extra in proptest::option::of("\\PC{0,8}"),
        ) {
            let mut fields = vec![
                r#""type":"subscribe""#.to_owned(),
                format!(r#""id":{}"#, serde_json::json!(id)),
                format!(r#""payload":{}"#, serde_json::json!({ "query": query })),
            ];
            fields.rotate_left(turn);
            fields.extend(extra.map(|extra| format!(r#""x":{}"#, serde_json::json!(extra))));
            let text = format!("{{{}}}", fields.join(","));
            match Incoming::parse(&text) {
                Some(Incoming::Subscribe { id: read, params }) => {
                    prop_assert_eq!(read, id);
                    prop_assert_eq!(params.query, Some(query));
                }
                other => prop_assert!(false, "{text}: {other:?}"),
            }
        }
    }
}
