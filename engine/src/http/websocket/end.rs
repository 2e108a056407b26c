//! What ends a socket, and the word for it.

use super::frames::Close;

/// What ends a session.
pub enum End {
    /// The engine closes the socket.
    Close(Close),
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
            Self::Close(Close::TOO_BIG)
        } else if says("UTF-8") {
            Self::Close(Close::NOT_TEXT)
        } else if says("WebSocket protocol error") && !says("without closing handshake") {
            Self::Close(Close::PROTOCOL_ERROR)
        } else {
            Self::Gone
        }
    }

    /// The word for it in figures.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Close(Close(1001, _)) => "1001",
            Self::Close(Close(1002, _)) => "1002",
            Self::Close(Close(1007, _)) => "1007",
            Self::Close(Close(1009, _)) => "1009",
            Self::Close(Close(1013, _)) => "1013",
            Self::Close(Close(4400, _)) => "4400",
            Self::Close(Close(4401, _)) => "4401",
            Self::Close(Close(4403, _)) => "4403",
            Self::Close(Close(4406, _)) => "4406",
            Self::Close(Close(4408, _)) => "4408",
            Self::Close(Close(4409, _)) => "4409",
            Self::Close(Close(4429, _)) => "4429",
            Self::Close(_) => "other",
            Self::Goodbye => "client",
            Self::Gone => "gone",
        }
    }
}
