//! Operations with files, as the GraphQL multipart request specification says: `operations`, then `map`, then the files.

use std::collections::HashMap;
use std::time::Duration;

use async_graphql::{ServerError, UploadValue};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use multer::{Constraints, Field, Multipart, SizeLimit};

use crate::graphql::Params;
use crate::graphql::errors::request_error;

/// Uploads under way at once, each with its files in memory.
pub const AT_ONCE: usize = 4;
/// How long a body may take to arrive, and again how long its operation may take: a component with a language runtime is
/// compiled for half a minute on an idle machine.
pub const PATIENCE: Duration = Duration::from_secs(300);
/// Files in one request.
const MAX_FILES: usize = 4;
const MAX_MAP: u64 = 16 * 1024;

/// The place of a variable, such as `variables.input.component`, and the file that stands there.
pub type File = (String, UploadValue);

/// How much may be sent.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes of the operation.
    pub request: usize,
    /// Bytes of all files together.
    pub file: usize,
}

type Refused = (StatusCode, ServerError);

/// What separates the parts, if the request is one in parts.
pub fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(kind).ok()
}

/// Reads the operation and its files.
pub async fn read(
    body: Body,
    boundary: String,
    bounds: Bounds,
) -> Result<(Params, Vec<File>), Refused> {
    let (request, file) = (bounds.request as u64, bounds.file as u64);
    let limit = SizeLimit::new()
        .whole_stream(request.saturating_add(file).saturating_add(2 * MAX_MAP))
        .per_field(file)
        .for_field("operations", request)
        .for_field("map", MAX_MAP);
    let constraints = Constraints::new().size_limit(limit);
    let mut parts = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let operations = part(&mut parts, "operations").await?.bytes().await.map_err(wrong)?;
    if operations.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        return Err(bad("Batches are not supported; send one operation per request."));
    }
    let params = serde_json::from_slice(&operations)
        .map_err(|error| bad(format!("`operations` is no GraphQL request: {error}.")))?;
    let map = part(&mut parts, "map").await?.bytes().await.map_err(wrong)?;
    let mut map: HashMap<String, Vec<String>> = serde_json::from_slice(&map)
        .map_err(|error| bad(format!("`map` is no object of lists: {error}.")))?;
    if map.len() > MAX_FILES || map.values().any(|places| places.len() != 1) {
        return Err(bad(format!("At most {MAX_FILES} files, each for one variable.")));
    }
    let mut files = Vec::new();
    while let Some(field) = parts.next_field().await.map_err(wrong)? {
        let place = field.name().and_then(|name| map.remove(name)).and_then(|mut it| it.pop());
        let place = place.ok_or_else(|| bad("There is a file that `map` doesn't name."))?;
        let filename = field.file_name().unwrap_or_default().to_owned();
        let content_type = field.content_type().map(ToString::to_string);
        let content = field.bytes().await.map_err(wrong)?;
        files.push((place, UploadValue { filename, content_type, content }));
    }
    if let Some(name) = map.keys().next() {
        return Err(bad(format!("The file `{name}` of `map` was not sent.")));
    }
    Ok((params, files))
}

async fn part<'a>(parts: &mut Multipart<'a>, name: &str) -> Result<Field<'a>, Refused> {
    let field = parts.next_field().await.map_err(wrong)?;
    field.filter(|field| field.name() == Some(name)).ok_or_else(|| {
        bad(format!("The parts must be `operations`, `map`, files: `{name}` is missing."))
    })
}

fn wrong(error: multer::Error) -> Refused {
    match error {
        multer::Error::FieldSizeExceeded { limit, field_name } => {
            let name = field_name.unwrap_or_default();
            let message = format!("The part `{name}` may have {limit} bytes.");
            (StatusCode::PAYLOAD_TOO_LARGE, request_error("PAYLOAD_TOO_LARGE", message))
        }
        multer::Error::StreamSizeExceeded { limit } => {
            let message = format!("A request with files may have {limit} bytes.");
            (StatusCode::PAYLOAD_TOO_LARGE, request_error("PAYLOAD_TOO_LARGE", message))
        }
        error => bad(format!("The body can't be read: {error}.")),
    }
}

fn bad(message: impl Into<String>) -> Refused {
    (StatusCode::BAD_REQUEST, request_error("BAD_REQUEST", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { request: 200, file: 10 };

    /// Names and contents.
    type Parts<'a> = &'a [(&'a str, &'a str)];

    async fn outcome(parts: Parts<'_>) -> Result<Vec<(String, Vec<u8>)>, (u16, String)> {
        let part = |(name, content): &(&str, &str)| {
            let disposition = format!("form-data; name=\"{name}\"; filename=\"f\"");
            format!("--x\r\nContent-Disposition: {disposition}\r\n\r\n{content}\r\n")
        };
        let body: String = parts.iter().map(part).collect();
        let read = read(Body::from(body + "--x--\r\n"), "x".to_owned(), BOUNDS).await;
        let files = |(_, files): (Params, Vec<File>)| {
            files.into_iter().map(|(place, file)| (place, file.content.to_vec())).collect()
        };
        read.map(files).map_err(|(status, error)| (status.as_u16(), error.message))
    }

    #[tokio::test]
    async fn parts_are_read_in_order_and_nothing_else_is_taken() {
        let operations = ("operations", r#"{"query":"{ x }","variables":{"f":null}}"#);
        let map = ("map", r#"{"0":["variables.f"]}"#);
        let good = outcome(&[operations, map, ("0", "wasm")]).await;
        assert_eq!(good, Ok(vec![("variables.f".to_owned(), b"wasm".to_vec())]));
        let cases: [(Parts<'_>, u16, &str); 8] = [
            (&[map, operations, ("0", "wasm")], 400, "`operations` is missing"),
            (&[operations], 400, "`map` is missing"),
            (&[operations, map], 400, "`0` of `map` was not sent"),
            (&[operations, map, ("1", "wasm")], 400, "doesn't name"),
            (&[("operations", "[{}]"), map], 400, "Batches"),
            (&[("operations", "{"), map], 400, "no GraphQL request"),
            (&[operations, ("map", r#"{"0":["a","b"]}"#)], 400, "one variable"),
            (&[operations, map, ("0", "12345678901")], 413, "10 bytes"),
        ];
        for (parts, status, words) in cases {
            let (refused, message) = outcome(parts).await.expect_err(words);
            assert_eq!(refused, status, "{message}");
            assert!(message.contains(words), "{message:?} should say {words:?}");
        }
        let long = format!("{{\"query\":\"{}\"}}", "x".repeat(300));
        let refused = outcome(&[("operations", &long), map]).await.expect_err("too long");
        assert_eq!(refused.0, 413, "{}", refused.1);
    }
}
