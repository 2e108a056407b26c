//! What our indexes and documents are called on a server that others may use as well.

use super::server::Server;
use crate::index::IndexError;

/// Names for one store's indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    prefix: String,
    identity: String,
}

impl Names {
    /// The document that says which generation is in use.
    pub const IN_USE: &str = "in-use";

    /// Both of 1 to 64 characters; the server allows `a-zA-Z0-9-_` only.
    pub fn new(prefix: &str, identity: &str) -> Result<Self, IndexError> {
        for (name, text) in [("prefix", prefix), ("identity", identity)] {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if !(1..=64).contains(&text.len()) || !text.bytes().all(allowed) {
                return Err(IndexError::Rejected(format!(
                    "Meilisearch's {name} must be 1 to 64 letters, digits, - or _"
                )));
            }
        }
        Ok(Self { prefix: prefix.to_owned(), identity: identity.to_owned() })
    }

    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// What all of them begin with.
    pub fn all(&self) -> String {
        format!("{}-{}-", self.prefix, self.identity)
    }

    pub fn state(&self) -> String {
        format!("{}state", self.all())
    }

    pub fn messages(&self, generation: u64) -> String {
        format!("{}messages-{generation}", self.all())
    }

    pub fn conversations(&self, generation: u64) -> String {
        format!("{}conversations-{generation}", self.all())
    }

    /// The document that says where a generation stands.
    pub fn standing(generation: u64) -> String {
        format!("generation-{generation}")
    }

    /// The generation an index is of; `None` if it is none of ours.
    pub fn generation_of(&self, uid: &str) -> Option<u64> {
        let name = uid.strip_prefix(&self.all())?;
        let number =
            name.strip_prefix("messages-").or_else(|| name.strip_prefix("conversations-"))?;
        number.parse().ok()
    }

    /// Removes a generation: first where it stands, so that it is never taken for one that is whole.
    pub async fn remove(&self, server: &Server, generation: u64) -> Result<(), IndexError> {
        server.forget(&self.state(), &Self::standing(generation)).await?;
        server.remove(&self.messages(generation)).await?;
        server.remove(&self.conversations(generation)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_generations_are_known() {
        let names = Names::new("rialto", "ab12").expect("allowed");
        assert_eq!(names.generation_of(&names.messages(7)), Some(7));
        assert_eq!(names.generation_of(&names.conversations(7)), Some(7));
        for foreign in
            [names.state().as_str(), "rialto-ab13-messages-7", "rialto-ab12-messages-x", "movies"]
        {
            assert_eq!(names.generation_of(foreign), None, "{foreign}");
        }
        assert!(Names::new("", "ab").is_err() && Names::new("a/b", "ab").is_err());
    }
}
