//! Tokens that must be believed, and every way in which one must not be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const RSA_PUBLIC: &str = include_str!("tests/rsa.pub");
const RSA_PRIVATE: &str = include_str!("tests/rsa.pem");
const ED_PUBLIC: &str = include_str!("tests/ed.pub");
const ED_PRIVATE: &str = include_str!("tests/ed.pem");

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

fn with_secret() -> Identity {
    let config = config::Identity { secret: Some(SECRET.into()), ..config::Identity::default() };
    Identity::open(&config, Path::new("unused")).expect("a secret is enough")
}

fn with_public_key(pem: &str) -> Result<Identity, IdentityError> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("key.pem");
    std::fs::write(&path, pem).expect("the key is written");
    let config = config::Identity { public_key_file: Some(path), ..config::Identity::default() };
    Identity::open(&config, Path::new("unused"))
}

fn signed(algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, key).expect("the token is signed")
}

fn claims() -> Value {
    json!({"sub": "u1", "role": "user", "name": "Ann", "exp": 1_800_000_060})
}

#[test]
fn a_minted_token_is_believed_until_it_expires() {
    let identity = with_secret();
    let sub = UserId::trusted("u1");
    let token = identity
        .mint(&sub, Role::Agent, Some("Ann"), TimeDelta::hours(1), now())
        .expect("there is a secret");
    let viewer = identity.verify(&token, now()).expect("it is our own");
    let expires_at = now() + TimeDelta::hours(1);
    assert_eq!(viewer, Viewer { id: sub, role: Role::Agent, name: Some("Ann".into()), expires_at });
    for prefix in ["Bearer ", "bearer  ", "BEARER\t"] {
        assert!(identity.verify(&format!("{prefix}{token}"), now()).is_ok(), "{prefix:?}");
    }
    let (leeway, second) = (TimeDelta::seconds(5), TimeDelta::seconds(1));
    assert!(identity.verify(&token, expires_at + leeway - second).is_ok(), "within the leeway");
    assert_eq!(identity.verify(&token, expires_at + leeway), Err(TokenError::Expired));
}

#[test]
fn tokens_that_are_not_believed() {
    let identity = with_secret();
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims();
        change(&mut claims);
        signed(Algorithm::HS256, &key, &claims)
    };
    assert!(identity.verify(&changed(&|_| ()), now()).is_ok(), "unchanged, it is believed");
    let role = TokenError::WrongRole { given: "root".into() };
    let subject = UserId::new("").expect_err("empty");
    let other = EncodingKey::from_secret(b"another secret that is long enough");
    let cases: [(&str, String, TokenError); 9] = [
        ("nothing", String::new(), TokenError::Missing),
        ("only the scheme", "Bearer ".into(), TokenError::Missing),
        ("expired", changed(&|c| c["exp"] = json!(1_799_999_000)), TokenError::Expired),
        ("expired, fraction", changed(&|c| c["exp"] = json!(1_799_999_000.5)), TokenError::Expired),
        ("too early", changed(&|c| c["nbf"] = json!(1_800_000_030)), TokenError::NotYetValid),
        ("role", changed(&|c| c["role"] = json!("root")), role),
        ("subject", changed(&|c| c["sub"] = json!("")), TokenError::WrongSubject(subject)),
        ("forged", signed(Algorithm::HS256, &other, &claims()), TokenError::Forged),
        (
            "another algorithm of the family",
            signed(Algorithm::HS512, &key, &claims()),
            TokenError::WrongAlgorithm("HS256"),
        ),
    ];
    for (name, token, expected) in cases {
        assert_eq!(identity.verify(&token, now()), Err(expected), "{name}");
    }
    let malformed = [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{}x", changed(&|c| c["exp"] = json!(null))),
        changed(&|c| c["exp"] = json!("soon")),
        changed(&|c| c["exp"] = json!(1e300)),
        changed(&|c| drop(c.as_object_mut().and_then(|c| c.remove("exp")))),
        changed(&|c| drop(c.as_object_mut().and_then(|c| c.remove("sub")))),
        changed(&|c| drop(c.as_object_mut().and_then(|c| c.remove("role")))),
        changed(&|c| c["name"] = json!("x".repeat(9_000))),
    ];
    for token in malformed {
        let result = identity.verify(&token, now());
        let seen = matches!(result, Err(TokenError::Malformed(_) | TokenError::Forged));
        assert!(seen, "{token}: {result:?}");
    }
    let message = identity.verify(&changed(&|c| c["role"] = json!("root")), now()).unwrap_err();
    assert_eq!(
        message.to_string(),
        "the token's role `root` is unknown; roles are user, agent, senior, moderator, admin, service"
    );
}

#[test]
fn a_changed_payload_is_forged() {
    let identity = with_secret();
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = signed(Algorithm::HS256, &key, &claims());
    let mut admin = claims();
    admin["role"] = json!("admin");
    let payload = URL_SAFE_NO_PAD.encode(admin.to_string());
    let parts: Vec<&str> = token.split('.').collect();
    let forged = format!("{}.{payload}.{}", parts[0], parts[2]);
    assert_eq!(identity.verify(&forged, now()), Err(TokenError::Forged));
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let identities = [
        with_secret(),
        with_public_key(RSA_PUBLIC).expect("an RSA key"),
        with_public_key(ED_PUBLIC).expect("an Ed25519 key"),
    ];
    for identity in identities {
        for algorithm in ["none", "None", "HS256", "RS256", "EdDSA"] {
            let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm}).to_string());
            let payload = URL_SAFE_NO_PAD.encode(claims().to_string());
            let result = identity.verify(&format!("{header}.{payload}."), now());
            assert!(result.is_err(), "{identity:?} believed {algorithm} without a signature");
        }
    }
}

#[test]
fn public_keys_of_both_kinds_are_read_and_not_confused() {
    let rsa = EncodingKey::from_rsa_pem(RSA_PRIVATE.as_bytes()).expect("the RSA key");
    let ed = EncodingKey::from_ed_pem(ED_PRIVATE.as_bytes()).expect("the Ed25519 key");
    let rsa_token = signed(Algorithm::RS256, &rsa, &claims());
    let ed_token = signed(Algorithm::EdDSA, &ed, &claims());
    // The classic confusion: the public key, which everyone has, used as an HMAC secret.
    let confused =
        |pem: &str| signed(Algorithm::HS256, &EncodingKey::from_secret(pem.as_bytes()), &claims());
    let cases =
        [(RSA_PUBLIC, &rsa_token, &ed_token, "RS256"), (ED_PUBLIC, &ed_token, &rsa_token, "EdDSA")];
    for (public, right, wrong, algorithm) in cases {
        let identity = with_public_key(public).expect("the key is read");
        assert!(identity.verify(right, now()).is_ok(), "{algorithm}");
        let refused = Err(TokenError::WrongAlgorithm(algorithm));
        assert_eq!(identity.verify(wrong, now()), refused, "the other kind");
        assert_eq!(identity.verify(&confused(public), now()), refused, "HMAC with the public key");
        let minted =
            identity.mint(&UserId::trusted("u"), Role::User, None, TimeDelta::hours(1), now());
        assert!(matches!(minted, Err(MintError::NoSecret)), "{minted:?}");
    }
    for (pem, reason) in [
        (RSA_PRIVATE, "it holds a private key"),
        (ED_PRIVATE, "it holds a private key"),
        ("no key", "it holds neither kind of key"),
    ] {
        let message = with_public_key(pem).expect_err(reason).to_string();
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn issuer_and_audience_are_held_when_configured() {
    let config = config::Identity {
        secret: Some(SECRET.into()),
        issuer: Some("market".into()),
        audience: Some("rialto".into()),
        ..config::Identity::default()
    };
    let identity = Identity::open(&config, Path::new("unused")).expect("a secret is enough");
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let cases = [
        (Some("market"), Some("rialto"), None),
        (None, Some("rialto"), Some(TokenError::WrongIssuer)),
        (Some("other"), Some("rialto"), Some(TokenError::WrongIssuer)),
        (Some("market"), None, Some(TokenError::WrongAudience)),
        (Some("market"), Some("other"), Some(TokenError::WrongAudience)),
    ];
    for (issuer, audience, expected) in cases {
        let mut claims = claims();
        if let Some(issuer) = issuer {
            claims["iss"] = json!(issuer);
        }
        if let Some(audience) = audience {
            claims["aud"] = json!(audience);
        }
        let result = identity.verify(&signed(Algorithm::HS256, &key, &claims), now());
        assert_eq!(result.err(), expected, "issuer {issuer:?}, audience {audience:?}");
    }
    let minted = identity.mint(&UserId::trusted("u"), Role::User, None, TimeDelta::hours(1), now());
    let viewer = identity.verify(&minted.expect("there is a secret"), now());
    assert!(viewer.is_ok(), "a minted token says what is required: {viewer:?}");
}

#[test]
fn the_secret_is_made_once_and_kept_private() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("new/data");
    let open = || Identity::open(&config::Identity::default(), &data).expect("a secret is made");
    let token = open()
        .mint(&UserId::trusted("u"), Role::User, None, TimeDelta::hours(1), now())
        .expect("there is a secret");
    assert!(open().verify(&token, now()).is_ok(), "opened again, it is the same secret");
    let path = data.join("token.secret");
    let text = std::fs::read_to_string(&path).expect("the secret is there");
    assert_eq!(text.trim().len(), 64, "256 bits in hexadecimal");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).expect("the secret is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only its owner may read it");
    }
    let left: Vec<_> = std::fs::read_dir(&data).expect("the directory is there").collect();
    assert_eq!(left.len(), 1, "no draft is left: {left:?}");
    std::fs::write(&path, "short").expect("the secret is replaced");
    let message = Identity::open(&config::Identity::default(), &data).unwrap_err().to_string();
    assert!(message.contains("the secret has 5 bytes"), "{message}");
}

/// Eight at once on an empty directory end up with one secret, not with eight.
#[test]
fn those_who_start_at_once_agree_on_one_secret() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let open = || Identity::open(&config::Identity::default(), dir.path()).expect("a secret");
    let identities: Vec<Identity> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    for minter in &identities {
        let token = minter
            .mint(&UserId::trusted("u"), Role::User, None, TimeDelta::hours(1), now())
            .expect("there is a secret");
        assert!(identities.iter().all(|other| other.verify(&token, now()).is_ok()));
    }
}
