//! Whose tokens are believed: reads them, checks them, and mints them where it holds the secret.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::config;
use crate::domain::{Role, UserId, Viewer};

mod error;
mod secret;

pub use error::{IdentityError, MintError, TokenError};

/// Longer tokens are not even parsed.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    exp: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<f64>,
}

/// What a minted token says, beyond `Claims`.
#[derive(Debug, Serialize)]
struct Minted<'a> {
    sub: &'a str,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
}

/// The key tokens are checked with, and what they must say.
pub struct Identity {
    verify_with: DecodingKey,
    mint_with: Option<EncodingKey>,
    validation: Validation,
    issuer: Option<String>,
    audience: Option<String>,
    leeway: TimeDelta,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}

impl Identity {
    /// Takes the configured key; without one the data directory's secret, which is made on first use.
    pub fn open(config: &config::Identity, data_dir: &Path) -> Result<Self, IdentityError> {
        let (verify_with, mint_with, algorithm) = match (&config.public_key_file, &config.secret) {
            (Some(path), _) => {
                let (key, algorithm) = public_key(path)?;
                (key, None, algorithm)
            }
            (None, Some(secret)) => hmac(secret.as_bytes()),
            (None, None) => hmac(&secret::open_or_make(data_dir)?),
        };
        // One algorithm, fixed by what the key is: a token can't choose `none` or another family.
        let mut validation = Validation::new(algorithm);
        // Times are checked against the engine's clock, which the library does not know.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = &config.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        validation.validate_aud = config.audience.is_some();
        if let Some(audience) = &config.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        let seconds = i64::try_from(config.leeway_seconds).unwrap_or(i64::MAX);
        Ok(Self {
            verify_with,
            mint_with,
            validation,
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            leeway: TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX),
        })
    }

    /// Makes a token that `verify` believes until `now + lifetime`, rounded to whole seconds.
    pub fn mint(
        &self,
        sub: &UserId,
        role: Role,
        name: Option<&str>,
        lifetime: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<String, MintError> {
        let key = self.mint_with.as_ref().ok_or(MintError::NoSecret)?;
        let expires = now.checked_add_signed(lifetime).filter(|at| *at > now);
        let claims = Minted {
            sub: sub.as_str(),
            role: role.as_str(),
            name,
            iat: now.timestamp(),
            exp: expires.ok_or(MintError::Lifetime)?.timestamp(),
            iss: self.issuer.as_deref(),
            aud: self.audience.as_deref(),
        };
        Ok(jsonwebtoken::encode(&Header::new(self.algorithm()), &claims, key)?)
    }

    /// Believes a token or says why not. `bearer` is the token; the word `Bearer` before it is allowed.
    pub fn verify(&self, bearer: &str, now: DateTime<Utc>) -> Result<Viewer, TokenError> {
        let token = strip_scheme(bearer.trim());
        if token.is_empty() {
            return Err(TokenError::Missing);
        }
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Malformed(format!(
                "it is longer than {MAX_TOKEN_BYTES} bytes"
            )));
        }
        let decoded = jsonwebtoken::decode::<Claims>(token, &self.verify_with, &self.validation);
        let claims = decoded.map_err(|error| self.explain(error.kind()))?.claims;
        let expires_at = time("exp", claims.exp)?;
        if expires_at.checked_add_signed(self.leeway).is_some_and(|end| end <= now) {
            return Err(TokenError::Expired);
        }
        if let Some(not_before) = claims.nbf
            && time("nbf", not_before)?
                .checked_sub_signed(self.leeway)
                .is_some_and(|from| from > now)
        {
            return Err(TokenError::NotYetValid);
        }
        let role = Role::ALL.into_iter().find(|role| role.as_str() == claims.role);
        Ok(Viewer {
            id: UserId::new(&claims.sub)?,
            role: role.ok_or_else(|| TokenError::WrongRole {
                given: claims.role.chars().take(40).collect(),
            })?,
            name: claims.name.filter(|name| !name.trim().is_empty()),
            expires_at,
        })
    }

    /// Whether `mint` can work.
    pub fn can_mint(&self) -> bool {
        self.mint_with.is_some()
    }

    fn algorithm(&self) -> Algorithm {
        self.validation.algorithms.first().copied().unwrap_or_default()
    }

    fn explain(&self, kind: &ErrorKind) -> TokenError {
        match kind {
            ErrorKind::InvalidSignature => TokenError::Forged,
            ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
                TokenError::WrongAlgorithm(name_of(self.algorithm()))
            }
            ErrorKind::InvalidIssuer => TokenError::WrongIssuer,
            ErrorKind::InvalidAudience => TokenError::WrongAudience,
            ErrorKind::MissingRequiredClaim(claim) if claim == "iss" => TokenError::WrongIssuer,
            ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => TokenError::WrongAudience,
            ErrorKind::MissingRequiredClaim(claim) => {
                TokenError::Malformed(format!("`{claim}` is missing"))
            }
            ErrorKind::InvalidToken => TokenError::Malformed("it is not three parts".into()),
            ErrorKind::Json(error) => TokenError::Malformed(error.to_string()),
            _ => TokenError::Malformed("it is not base64url".into()),
        }
    }
}

fn hmac(secret: &[u8]) -> (DecodingKey, Option<EncodingKey>, Algorithm) {
    let (verify, mint) = (DecodingKey::from_secret(secret), EncodingKey::from_secret(secret));
    (verify, Some(mint), Algorithm::HS256)
}

fn public_key(path: &Path) -> Result<(DecodingKey, Algorithm), IdentityError> {
    let pem = secret::read(path)?;
    let refused = |reason| IdentityError::PublicKey { path: path.to_owned(), reason };
    if String::from_utf8_lossy(&pem).contains("PRIVATE KEY") {
        return Err(refused("it holds a private key, which does not belong here"));
    }
    // Ed25519 first: the RSA reader takes any key in the older PKCS #1 form.
    DecodingKey::from_ed_pem(&pem)
        .map(|key| (key, Algorithm::EdDSA))
        .or_else(|_| DecodingKey::from_rsa_pem(&pem).map(|key| (key, Algorithm::RS256)))
        .map_err(|_| refused("it holds neither kind of key"))
}

fn strip_scheme(value: &str) -> &str {
    match value.split_at_checked(6) {
        Some((scheme, "")) if scheme.eq_ignore_ascii_case("bearer") => "",
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("bearer") && rest.starts_with(char::is_whitespace) =>
        {
            rest.trim_start()
        }
        _ => value,
    }
}

/// A `NumericDate` (RFC 7519): seconds since 1970, fractions allowed.
fn time(claim: &str, seconds: f64) -> Result<DateTime<Utc>, TokenError> {
    std::time::Duration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| TimeDelta::from_std(since).ok())
        .and_then(|since| DateTime::UNIX_EPOCH.checked_add_signed(since))
        .ok_or_else(|| TokenError::Malformed(format!("`{claim}` is out of range")))
}

fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::EdDSA => "EdDSA",
        _ => "HS256",
    }
}

#[cfg(test)]
mod tests;
