//! The staff's web application at `/admin`: the files of `admin-ui/dist` as they were when the engine was built.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

include!(concat!(env!("OUT_DIR"), "/admin.rs"));

/// What `/admin` shows when the engine was built without the application.
const LEFT_OUT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Rialto</title>\
    <h1>The admin UI is not part of this build</h1>\
    <p>This engine was built without Node, so its web application was left out. Everything else works: the API is at \
    <code>/graphql</code>.</p>\
    <p>To have it, install Node and build again from the project's directory:</p>\
    <pre>make run</pre></html>";

/// Files whose name holds a digest of what is in them never change.
const HASHED: &str = "assets/";

/// `/admin` itself.
pub async fn root() -> Redirect {
    Redirect::permanent("/admin/")
}

/// A file, or the application's page for every path that is none.
pub async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().strip_prefix("/admin/").unwrap_or_default();
    let mut response = if FILES.is_empty() {
        (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], LEFT_OUT)
            .into_response()
    } else {
        found(path, &headers)
    };
    protect(response.headers_mut(), &headers);
    response
}

fn found(path: &str, headers: &HeaderMap) -> Response {
    let Some((name, bytes)) = get(path).or_else(|| page(path)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (bytes, encoding) = compressed(name, headers)
        .map_or((bytes, None), |(bytes, encoding)| (bytes, Some(encoding)));
    let lifetime =
        if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let tag = format!("\"{}\"", &blake3::hash(bytes).to_hex()[..32]);
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|it| *it == *tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (StatusCode::OK, [(header::CONTENT_TYPE, kind(name))], bytes).into_response()
    };
    let fields = response.headers_mut();
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        fields.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn get(path: &str) -> Option<(&'static str, &'static [u8])> {
    let at = FILES.binary_search_by(|(name, _)| (*name).cmp(path)).ok()?;
    Some(FILES[at])
}

/// The page: the application finds out for itself what the path means. A missing asset stays missing.
fn page(path: &str) -> Option<(&'static str, &'static [u8])> {
    if path.starts_with(HASHED) { None } else { get("index.html") }
}

/// The file as it was compressed at build time, if the client takes that.
fn compressed(name: &str, headers: &HeaderMap) -> Option<(&'static [u8], &'static str)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(encoding, suffix)| {
        let wanted =
            accepted.split(',').any(|it| it.split(';').next().map(str::trim) == Some(encoding));
        let (_, bytes) = wanted.then(|| get(&format!("{name}.{suffix}"))).flatten()?;
        Some((bytes, encoding))
    })
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// What browsers may do with the page: nothing of another origin but show pictures, nothing inline, in no frame.
fn protect(fields: &mut HeaderMap, request: &HeaderMap) {
    let host = request.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    // `'self'` means sockets too, but not to every browser.
    let sockets = if !host.is_empty() && host.chars().all(plain) {
        format!(" ws://{host} wss://{host}")
    } else {
        String::new()
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
         font-src 'self'; connect-src 'self'{sockets}; manifest-src 'self'; worker-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        fields.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        fields.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(path: &str) -> Response {
        file(path.parse().expect("a path"), HeaderMap::new()).await
    }

    /// Holds for builds with the application and for those without.
    #[tokio::test]
    async fn every_path_answers_and_is_protected() {
        for path in ["/admin/", "/admin/moderation/x"] {
            let response = ask(path).await;
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let fields = response.headers();
            let policy = fields.get(header::CONTENT_SECURITY_POLICY).expect("a policy");
            let policy = policy.to_str().expect("text");
            assert!(
                policy.contains("script-src 'self';") && !policy.contains("unsafe"),
                "{policy}"
            );
            assert_eq!(
                fields.get(header::CONTENT_TYPE).expect("a type"),
                "text/html; charset=utf-8"
            );
        }
        let missing = ask("/admin/assets/none.js").await.status();
        let expected = if FILES.is_empty() { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(missing, expected, "a missing asset is not the page");
        assert!(FILES.is_sorted_by_key(|(name, _)| *name), "files are found by halving");
    }
}
