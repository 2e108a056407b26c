//! Why there is no key, no token, or no belief in one.

use std::path::PathBuf;

use crate::domain::{IdError, Role};

/// Why there is no key to check tokens with.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file with a key can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// The secret is too short to be safe.
    #[error("{}: the secret has {bytes} bytes, at least 32 are needed; remove the file to have one made", path.display())]
    ShortSecret {
        /// Where it is.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
    /// Not a public key of a kind that is known.
    #[error("`identity.public_key_file` {}: {reason}; a PEM file with an RSA or Ed25519 public key is needed", path.display())]
    PublicKey {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Why no token was minted.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// Only the marketplace holds the private key.
    #[error(
        "tokens can only be minted with a secret, and `identity.public_key_file` is set: ask the marketplace for one"
    )]
    NoSecret,
    /// The lifetime reaches past the end of time, or lies in the past.
    #[error("the token's lifetime must be longer than nothing and end in this era")]
    Lifetime,
    /// The signature could not be made.
    #[error("the token could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// Why a token is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("no token was given: send `Authorization: Bearer <token>`")]
    Missing,
    /// It is no JWT, or a claim is missing or of the wrong kind.
    #[error("the token is malformed: {0}")]
    Malformed(String),
    /// Its `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// Its `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The signature is not by the configured key.
    #[error("the token's signature is wrong")]
    Forged,
    /// It names another algorithm than the configured one.
    #[error("the token is not signed with {0}")]
    WrongAlgorithm(&'static str),
    /// Its `iss` is missing or not the configured one.
    #[error("the token's issuer (`iss`) is not the configured one")]
    WrongIssuer,
    /// Its `aud` is missing or not the configured one.
    #[error("the token's audience (`aud`) is not the configured one")]
    WrongAudience,
    /// Its `sub` is no user id.
    #[error("the token's `sub` is wrong: {0}")]
    WrongSubject(#[from] IdError),
    /// Its `role` is none there is.
    #[error("the token's role `{given}` is unknown; roles are {}", role_list())]
    WrongRole {
        /// What it says.
        given: String,
    },
}

impl TokenError {
    /// The stable code clients switch on: with an expired token one asks for a new one, with others one signs in.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired => "TOKEN_EXPIRED",
            _ => "UNAUTHENTICATED",
        }
    }
}

fn role_list() -> String {
    Role::ALL.map(Role::as_str).join(", ")
}
