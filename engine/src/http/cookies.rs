//! The session cookie: never readable by scripts, never sent along from other sites, only over TLS but on the same machine.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use chrono::{DateTime, Utc};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

/// Its name where TLS is in front; browsers hold such a name to `Secure` and `Path=/`.
const SECURE: &str = "__Host-rialto";
/// Its name on the same machine without TLS.
const LOCAL: &str = "rialto";

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A page of the engine itself.
    Same,
    /// Any other page.
    Other,
    /// Not said: no browser of today.
    Unknown,
}

/// Where the request says it comes from: `Sec-Fetch-Site`, and where that is missing, `Origin` against `Host`.
pub fn origin(headers: &HeaderMap) -> Origin {
    if let Some(site) = text(headers, &HeaderName::from_static("sec-fetch-site")) {
        return if site == "same-origin" { Origin::Same } else { Origin::Other };
    }
    let Some(origin) = text(headers, &header::ORIGIN) else { return Origin::Unknown };
    let page = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let host = text(headers, &header::HOST);
    if page.is_some() && page == host { Origin::Same } else { Origin::Other }
}

/// What the session cookie holds, if there is one. Only on the same machine may it have come without TLS.
pub fn session(headers: &HeaderMap) -> Option<String> {
    let local = !secure(headers);
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == SECURE || (local && cookie.name() == LOCAL))
        .map(|cookie| cookie.value().to_owned())
}

/// The header that hands out a session.
pub fn set(
    headers: &HeaderMap,
    token: String,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<HeaderValue> {
    let lifetime = Duration::seconds((expires_at - now).num_seconds().max(0));
    written(headers, token, lifetime)
}

/// The header that takes it away.
pub fn clear(headers: &HeaderMap) -> Option<HeaderValue> {
    written(headers, String::new(), Duration::ZERO)
}

fn written(headers: &HeaderMap, token: String, lifetime: Duration) -> Option<HeaderValue> {
    let secure = secure(headers);
    let name = if secure { SECURE } else { LOCAL };
    let cookie = Cookie::build((name, token))
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .secure(secure)
        .max_age(lifetime)
        .build();
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// Whether the browser reaches us by TLS, as far as can be told: anything but this machine's own plain HTTP.
fn secure(headers: &HeaderMap) -> bool {
    if text(headers, &HeaderName::from_static("x-forwarded-proto")) == Some("https") {
        return true;
    }
    let host = text(headers, &header::HOST).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    !(name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|it| it.is_loopback()))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_secure_everywhere_but_on_the_same_machine() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("in range");
        for (host, proto, secure) in [
            ("localhost:4000", "", false),
            ("127.0.0.1:4000", "", false),
            ("[::1]:4000", "", false),
            ("localhost", "https", true),
            ("rialto.example", "", true),
            ("10.0.0.1:4000", "", true),
            ("localhost.evil.example", "", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", host.parse().expect("a value"));
            if !proto.is_empty() {
                headers.insert("x-forwarded-proto", proto.parse().expect("a value"));
            }
            let value = set(&headers, "secret".into(), at(60), at(0)).expect("a cookie");
            let value = value.to_str().expect("text").to_owned();
            let flags = "HttpOnly; SameSite=Strict";
            assert!(value.contains(flags) && value.contains("Max-Age=60"), "{host}: {value}");
            assert_eq!(value.contains("Secure"), secure, "{host}: {value}");
            assert_eq!(value.starts_with("__Host-rialto=secret"), secure, "{host}: {value}");
            let name = if secure { SECURE } else { LOCAL };
            headers.insert("cookie", format!("a=b; {name}=secret").parse().expect("a value"));
            assert_eq!(session(&headers).as_deref(), Some("secret"), "{host}: it comes back");
            headers.insert("cookie", "rialto=secret".parse().expect("a value"));
            assert_eq!(session(&headers).is_none(), secure, "{host}: a cookie without TLS");
        }
    }
}
