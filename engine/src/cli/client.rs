//! A running engine as commands see it: GraphQL over HTTP with a bearer token.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::CliError;
use crate::config::Config;
use crate::domain::{Clock, Role, UserId};
use crate::identity::Identity;

const TOKEN_LIFETIME: TimeDelta = TimeDelta::hours(12);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// An uploaded component is compiled before the answer comes.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(300);

/// Why the engine did not answer, or not as asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    #[error("--url {url}: {reason}")]
    Url { url: String, reason: String },
    #[error("the engine could not be reached: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the engine did not do it: {0}")]
    Refused(String),
}

/// Speaks to one engine.
pub(super) struct Client {
    http: reqwest::Client,
    url: Url,
    authorization: String,
}

/// Something the engine would not do, for a person to mend.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserError {
    pub(super) message: String,
    pub(super) field: Option<String>,
    pub(super) retry_after_seconds: Option<u64>,
}

impl UserError {
    /// All of them in a line.
    pub(super) fn told(errors: &[Self]) -> String {
        let told = |error: &Self| match &error.field {
            Some(field) => format!("{field}: {}", error.message),
            None => error.message.clone(),
        };
        errors.iter().map(told).collect::<Vec<_>>().join("; ")
    }
}

impl Client {
    /// Prepares the client; nothing is sent yet.
    pub(super) fn open(url: &str, token: &str) -> Result<Self, ClientError> {
        let url = endpoint(url)?;
        let builder = reqwest::Client::builder().timeout(REQUEST_TIMEOUT);
        // Over plain HTTP no certificates are needed, and a machine may have none.
        let builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
        Ok(Self { http: builder.build()?, url, authorization: format!("Bearer {token}") })
    }

    /// Runs an operation whose one field is called `result`.
    pub(super) async fn ask(&self, query: &str, variables: Value) -> Result<Value, ClientError> {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.send(REQUEST_TIMEOUT, "application/json".into(), body.into_bytes()).await
    }

    /// The same with a file for the variable at `path`, such as `input.component`.
    pub(super) async fn upload(
        &self,
        query: &str,
        variables: Value,
        (path, name, file): (&str, &str, &[u8]),
    ) -> Result<Value, ClientError> {
        let operations = json!({"query": query, "variables": variables}).to_string();
        let (kind, body) = multipart(&operations, path, name, file);
        self.send(UPLOAD_TIMEOUT, kind, body).await
    }

    async fn send(
        &self,
        timeout: Duration,
        content_type: String,
        body: Vec<u8>,
    ) -> Result<Value, ClientError> {
        let response = self
            .http
            .post(self.url.clone())
            .timeout(timeout)
            .header("authorization", &self.authorization)
            .header("content-type", content_type)
            .header("accept", "application/graphql-response+json, application/json")
            .body(body)
            .send()
            .await?;
        let status = response.status();
        let bytes = response.bytes().await?;
        let mut answer: Value = serde_json::from_slice(&bytes).map_err(|_| {
            ClientError::Refused(format!("{} answered {status}, which is no GraphQL", self.url))
        })?;
        let first = answer.pointer("/errors/0/message").and_then(Value::as_str);
        if let Some(message) = first {
            return Err(ClientError::Refused(message.to_owned()));
        }
        Ok(answer.pointer_mut("/data/result").map(Value::take).unwrap_or_default())
    }
}

/// Reads an answer, or a part of it.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, ClientError> {
    serde_json::from_value(value)
        .map_err(|error| ClientError::Refused(format!("its answer was not understood: {error}")))
}

/// The given token, or one minted with the data directory's secret.
pub(super) fn token(
    given: Option<&str>,
    config: impl FnOnce() -> Result<Config, CliError>,
    sub: &'static str,
    role: Role,
) -> Result<String, CliError> {
    if let Some(token) = given {
        return Ok(token.to_owned());
    }
    let config = config()?;
    let identity = Identity::open(&config.identity, &config.server.data_dir)?;
    let now = Clock::system().now();
    Ok(identity.mint(&UserId::trusted(sub), role, None, TOKEN_LIFETIME, now)?)
}

/// The address of the API: an address without a path means `/graphql`.
fn endpoint(text: &str) -> Result<Url, ClientError> {
    let wrong = |reason: String| ClientError::Url { url: text.to_owned(), reason };
    let mut url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it must start with http:// or https://".into()));
    }
    if url.path() == "/" {
        url.set_path("/graphql");
    }
    Ok(url)
}

/// A body as the GraphQL multipart request specification has it, and its content type.
fn multipart(operations: &str, path: &str, name: &str, file: &[u8]) -> (String, Vec<u8>) {
    // No part may hold the boundary; what a digest of them all begins with can't be guessed by one.
    let mut hasher = blake3::Hasher::new();
    hasher.update(operations.as_bytes()).update(file);
    let boundary = format!("rialto-{}", &hasher.finalize().to_hex()[..32]);
    let map = json!({"0": [format!("variables.{path}")]});
    let name: String = name.chars().filter(|c| !c.is_control() && *c != '"').collect();
    let mut body = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{map}\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"0\"; filename=\"{name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed_and_checked() {
        let cases = [
            ("http://localhost:4000", Some("http://localhost:4000/graphql")),
            ("https://x.example/api", Some("https://x.example/api")),
            ("localhost:4000", None),
            ("ws://localhost:4000", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let url = endpoint(text).ok().map(String::from);
            assert_eq!(url.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_upload_has_the_three_parts_in_order() {
        let (kind, body) = multipart("{}", "input.component", "a\"\r\n.wasm", b"\0asm--");
        let boundary = kind.split_once("boundary=").expect("a boundary").1;
        assert!(boundary.len() <= 70, "the specification's limit");
        let body = String::from_utf8(body).expect("this file is text");
        let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
        assert_eq!(parts.len(), 5, "before, three parts, the end: {body}");
        let heads = ["name=\"operations\"", "name=\"map\"", "filename=\"a.wasm\""];
        for (part, head) in parts[1..4].iter().zip(heads) {
            assert!(part.contains(head), "{head} in {part}");
        }
        assert!(parts[2].ends_with("\r\n\r\n{\"0\":[\"variables.input.component\"]}\r\n"));
        assert!(parts[3].ends_with("\r\n\r\n\0asm--\r\n") && parts[4] == "--\r\n");
    }
}
