//! Tokens as the marketplace mints them: JWT, HS256.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::error::LoadError;

/// How long a token is good for.
const GOOD_FOR: Duration = Duration::from_secs(24 * 3_600);

/// Signs tokens.
#[derive(Debug, Clone)]
pub struct Minter(Vec<u8>);

impl Minter {
    /// With this secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(secret.to_vec())
    }

    /// With the secret in this file.
    pub fn open(file: &Path) -> Result<Self, LoadError> {
        let text = std::fs::read(file).map_err(|source| LoadError::file(file, source))?;
        Ok(Self::new(text.trim_ascii()))
    }

    /// A token for `sub` in `role`.
    pub fn mint(&self, sub: &str, role: &str) -> Result<String, LoadError> {
        let now = unix_time().as_secs();
        let claims =
            json!({ "sub": sub, "role": role, "iat": now, "exp": now + GOOD_FOR.as_secs() });
        let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let body = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .map_err(|_| LoadError::Setup("the secret can't sign".to_owned()))?;
        mac.update(body.as_bytes());
        Ok(format!("{body}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }
}

/// Since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the driver is no part of the engine, whose clock that is"
)]
pub fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_three_parts_and_the_signature_of_the_first_two() {
        let token = Minter::new(b"0123456789abcdef0123456789abcdef").mint("u1", "user").unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let claims = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((claims["sub"].as_str(), claims["role"].as_str()), (Some("u1"), Some("user")));
        // From RFC 4231, test case 2: the same primitive with known values.
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        let start: Vec<u8> = mac.finalize().into_bytes().to_vec();
        assert_eq!(start[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }
}
