//! Which media type the client wants.

use axum::http::{HeaderMap, header};

/// A media type the engine answers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/json`: errors in the document are answered with status 200, as older clients expect.
    Json,
    /// `application/graphql-response+json`: errors in the document are answered with status 400.
    GraphqlResponse,
    /// `text/event-stream`
    EventStream,
}

impl Media {
    /// The header's value.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        }
    }
}

/// What the client accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// What it likes best for any operation.
    pub best: Media,
    /// What it likes best of those that hold one answer, for errors before streaming begins.
    pub single: Media,
    /// Whether it takes an event stream.
    pub stream: bool,
}

/// Reads `Accept`; `None` if the client takes nothing the engine has. No header means `application/json`.
pub fn accepted(headers: &HeaderMap) -> Option<Accepted> {
    let mut ranges: Vec<(Media, f32)> = Vec::new();
    let mut present = false;
    for value in headers.get_all(header::ACCEPT) {
        present = true;
        let ranges_here = value.to_str().unwrap_or_default().split(',');
        ranges.extend(ranges_here.filter_map(range));
    }
    if !present {
        return Some(Accepted { best: Media::Json, single: Media::Json, stream: false });
    }
    // Stable, so that among equals the client's order decides.
    ranges.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let best = ranges.first()?.0;
    let single = ranges.iter().map(|(media, _)| *media).find(|media| *media != Media::EventStream);
    let stream = ranges.iter().any(|(media, _)| *media == Media::EventStream);
    Some(Accepted { best, single: single.unwrap_or(Media::Json), stream })
}

fn range(text: &str) -> Option<(Media, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let media = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/json" | "application/*" | "*/*" => Media::Json,
        "application/graphql-response+json" => Media::GraphqlResponse,
        "text/event-stream" | "text/*" => Media::EventStream,
        _ => return None,
    };
    let weight =
        parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
    (weight > 0.0).then_some((media, weight))
}

/// Whether a request's body is JSON in UTF-8.
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json")
        && parts.all(|part| match part.strip_prefix("charset=") {
            Some(charset) => matches!(charset.trim_matches('"'), "utf-8" | "utf8"),
            None => true,
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn best(accept: &'static str) -> Option<(Media, bool)> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        accepted(&headers).map(|accepted| (accepted.best, accepted.stream))
    }

    #[test]
    fn what_real_clients_send() {
        use Media::{EventStream, GraphqlResponse, Json};
        let apollo = "application/graphql-response+json,application/json;q=0.9";
        let urql = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
        let cases = [
            ("*/*", Some((Json, false))),
            (apollo, Some((GraphqlResponse, false))),
            (urql, Some((GraphqlResponse, true))),
            ("text/event-stream", Some((EventStream, true))),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some((Json, false))),
            ("application/json;q=0.1, text/event-stream;q=0.9", Some((EventStream, true))),
            ("application/json;q=0", None),
            ("image/png", None),
        ];
        for (accept, expected) in cases {
            assert_eq!(best(accept), expected, "{accept}");
        }
        assert_eq!(accepted(&HeaderMap::new()).map(|accepted| accepted.best), Some(Json));
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        let cases = [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=\"utf-8\"", true),
            ("application/json; charset=latin1", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
        ];
        for (kind, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            assert_eq!(is_json(&headers), expected, "{kind}");
        }
        assert!(!is_json(&HeaderMap::new()), "a missing content type is not guessed");
    }
}
