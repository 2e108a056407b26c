//! Identifiers. Cheap to clone (shared text), validated where they enter.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A place in a conversation's event log: dense, first event is 1. 0 means "before everything".
pub type Seq = u64;

/// Global ids of other types start so; a marketplace's own ids may not, or `node(id:)` would be ambiguous.
const RESERVED_PREFIXES: [&str; 5] = ["conversation:", "message:", "listing:", "filter:", "staff:"];
const MAX_BYTES: usize = 128;

/// Why a text is no identifier; the message names the kind and the fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {fault}")]
pub struct IdError {
    /// Which identifier was meant, such as `user id`.
    pub kind: &'static str,
    /// What was wrong with it.
    pub fault: &'static str,
}

fn check(kind: &'static str, text: &str) -> Result<(), IdError> {
    let fault = if text.is_empty() {
        "must not be empty"
    } else if text.len() > MAX_BYTES {
        "must be at most 128 bytes"
    } else if text.chars().any(char::is_control) {
        "must not contain control characters"
    } else if RESERVED_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
        "must not start with `conversation:`, `message:`, `listing:`, `filter:` or `staff:`"
    } else {
        return Ok(());
    };
    Err(IdError { kind, fault })
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text: 1 to 128 bytes, no control characters, no reserved prefix.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                check($kind, text.as_ref())?;
                Ok(Self(Arc::from(text.as_ref())))
            }

            /// Takes text that was checked when it was stored.
            pub fn trusted(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

text_id!(
    /// A user's id: the marketplace's own, the token's `sub`.
    UserId,
    "user id"
);
text_id!(
    /// A listing's id: the marketplace's own, called `externalId` in the API.
    ListingId,
    "listing id"
);
text_id!(
    /// Chosen by the client for one send, unique per sender: a retry with it answers with the first result.
    ClientId,
    "clientId"
);
text_id!(
    /// A conversation's id: 32 hexadecimal digits, derived from who talks about what, so that starting twice meets itself.
    ConversationId,
    "conversation id"
);

impl UserId {
    /// The same, where staff with an account here may be meant as well.
    pub fn of_anyone(text: impl AsRef<str>) -> Result<Self, IdError> {
        let account = text.as_ref().strip_prefix("staff:");
        check("user id", account.unwrap_or(text.as_ref()))?;
        Ok(Self::trusted(text))
    }
}

impl ConversationId {
    /// The one direct conversation of this buyer about this listing.
    pub fn direct(listing: &ListingId, buyer: &UserId) -> Self {
        Self::derived("direct", listing.as_str(), buyer.as_str())
    }

    /// The support conversation this user opened with this client id.
    pub fn support(user: &UserId, client_id: &ClientId) -> Self {
        Self::derived("support", user.as_str(), client_id.as_str())
    }

    fn derived(kind: &str, first: &str, second: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [kind, first, second] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self::trusted(&hasher.finalize().to_hex()[..32])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_refused_with_their_kind_and_fault() {
        let long = "x".repeat(129);
        for (text, fault) in [
            ("", "must not be empty"),
            (long.as_str(), "must be at most 128 bytes"),
            ("a\nb", "must not contain control characters"),
            (
                "listing:1",
                "must not start with `conversation:`, `message:`, `listing:`, `filter:` or `staff:`",
            ),
        ] {
            let error = UserId::new(text).expect_err(text);
            assert_eq!(error, IdError { kind: "user id", fault });
        }
        assert_eq!(UserId::new("auth0|42").expect("allowed").as_str(), "auth0|42");
    }

    #[test]
    fn derived_ids_do_not_collide_by_concatenation() {
        let (a, b) = (ListingId::trusted("ab"), UserId::trusted("c"));
        let (c, d) = (ListingId::trusted("a"), UserId::trusted("bc"));
        assert_ne!(ConversationId::direct(&a, &b), ConversationId::direct(&c, &d));
        assert_eq!(ConversationId::direct(&a, &b), ConversationId::direct(&a, &b));
    }
}
