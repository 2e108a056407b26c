//! What ends a socket, and the word for it.

use super::frames::Close;

/// What ends a session.
pub enum End {
    /// The engine closes the socket.
    Close(Close),
    /// The same, as what the client sent can't be read, nor what follows it.
    Unreadable(Close),
    /// The client says goodbye.
    Goodbye,
    /// The client is gone.
    Gone,
}

impl End {
    /// What can't be read ends the socket with a word about why. The library keeps its kinds of error to itself; its words
    /// are what there is.
    pub fn of(error: &axum::Error) -> Self {
        let words = error.to_string();
        let says = |what: &str| words.contains(what);
        if says("too long") || says("Space limit exceeded") {
            Self::Unreadable(Close::TOO_BIG)
        } else if says("UTF-8") {
            Self::Unreadable(Close::NOT_TEXT)
        } else if says("WebSocket protocol error") && !says("without closing handshake") {
            Self::Unreadable(Close::PROTOCOL_ERROR)
        } else {
            Self::Gone
        }
    }

    /// The word for it in figures.
    pub fn code(&self) -> &'static str {
        let Close(code, _) = match self {
            Self::Close(close) | Self::Unreadable(close) => close,
            Self::Goodbye => return "client",
            Self::Gone => return "gone",
        };
        match code {
            1001 => "1001",
            1002 => "1002",
            1007 => "1007",
            1009 => "1009",
            1013 => "1013",
            4400 => "4400",
            4401 => "4401",
            4403 => "4403",
            4406 => "4406",
            4408 => "4408",
            4409 => "4409",
            4429 => "4429",
            _ => "other",
        }
    }
}
