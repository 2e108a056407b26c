//! The SDK's way to the network, over the HTTP client the rest of the program has: bounded in time and size, no redirects.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::io::{AsyncRead, AsyncReadExt};
use meilisearch_sdk::errors::Error;
use meilisearch_sdk::request::{HttpClient, Method, parse_response};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Url, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An answer may have this many bytes.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// What can go wrong below HTTP. Says nothing of what was sent.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("it can't be reached")]
    Unreachable,
    #[error("it did not answer in time")]
    TooSlow,
    #[error("the connection broke")]
    Broken,
    #[error("its answer is larger than {LARGEST_ANSWER} bytes")]
    TooLarge,
    #[error("its address is not a URL")]
    Address,
    #[error("a request can't be written as JSON")]
    Request,
    #[error("its key has characters a header can't have")]
    Key,
    #[error("the HTTP client can't be made")]
    Client,
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TooSlow
        } else if error.is_connect() {
            Self::Unreachable
        } else {
            Self::Broken
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::Other(Box::new(error))
    }
}

/// An HTTP client that knows the key.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
}

impl Http {
    /// `request` limits each request, to the last byte of its answer.
    pub fn new(
        key: Option<&str>,
        connect: Duration,
        request: Duration,
    ) -> Result<Self, TransportError> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let mut bearer =
                HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| TransportError::Key)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .connect_timeout(connect)
            .timeout(request)
            .build()
            .map_err(|_| TransportError::Client)?;
        Ok(Self { client })
    }

    async fn send<Output: DeserializeOwned + 'static>(
        &self,
        method: reqwest::Method,
        url: Url,
        body: Option<(Vec<u8>, &str)>,
        expected: u16,
    ) -> Result<Output, Error> {
        let shown = url.path().to_owned();
        let mut request = self.client.request(method, url);
        if let Some((body, content_type)) = body {
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        let mut response = request.send().await.map_err(TransportError::from)?;
        let status = response.status().as_u16();
        let mut answer = Vec::new();
        while let Some(part) = response.chunk().await.map_err(TransportError::from)? {
            if answer.len() + part.len() > LARGEST_ANSWER {
                return Err(TransportError::TooLarge.into());
            }
            answer.extend_from_slice(&part);
        }
        let answer =
            if answer.is_empty() { "null".into() } else { String::from_utf8_lossy(&answer) };
        parse_response(status, expected, &answer, shown)
    }
}

#[async_trait]
impl HttpClient for Http {
    async fn request<Query, Body, Output>(
        &self,
        url: &str,
        method: Method<Query, Body>,
        expected_status_code: u16,
    ) -> Result<Output, Error>
    where
        Query: Serialize + Send + Sync,
        Body: Serialize + Send + Sync,
        Output: DeserializeOwned + 'static + Send,
    {
        let url = with_query(url, method.query())?;
        let verb = verb(&method);
        let body = method
            .into_body()
            .map(|body| serde_json::to_vec(&body))
            .transpose()
            .map_err(|_| TransportError::Request)?
            .map(|body| (body, "application/json"));
        self.send(verb, url, body, expected_status_code).await
    }

    async fn stream_request<
        Query: Serialize + Send + Sync,
        Body: AsyncRead + Send + Sync + 'static,
        Output: DeserializeOwned + 'static,
    >(
        &self,
        url: &str,
        method: Method<Query, Body>,
        content_type: &str,
        expected_status_code: u16,
    ) -> Result<Output, Error> {
        let url = with_query(url, method.query())?;
        let verb = verb(&method);
        let body = match method.into_body() {
            None => None,
            Some(body) => {
                let mut bytes = Vec::new();
                std::pin::pin!(body)
                    .read_to_end(&mut bytes)
                    .await
                    .map_err(|_| TransportError::Request)?;
                Some((bytes, content_type))
            }
        };
        self.send(verb, url, body, expected_status_code).await
    }

    fn is_tokio(&self) -> bool {
        true
    }
}

fn verb<Q, B>(method: &Method<Q, B>) -> reqwest::Method {
    match method {
        Method::Get { .. } => reqwest::Method::GET,
        Method::Delete { .. } => reqwest::Method::DELETE,
        Method::Post { .. } => reqwest::Method::POST,
        Method::Put { .. } => reqwest::Method::PUT,
        Method::Patch { .. } => reqwest::Method::PATCH,
    }
}

/// The fields of `query` as parameters; a list's values with commas between them.
fn with_query(url: &str, query: &impl Serialize) -> Result<Url, TransportError> {
    let mut url = Url::parse(url).map_err(|_| TransportError::Address)?;
    let query = serde_json::to_value(query).map_err(|_| TransportError::Request)?;
    if let Value::Object(fields) = query {
        let fields: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
        if !fields.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in fields {
                pairs.append_pair(name, &parameter(value));
            }
        }
    }
    Ok(url)
}

fn parameter(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(parameter).collect();
            values.join(",")
        }
        other => other.to_string(),
    }
}
