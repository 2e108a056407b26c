//! A Meilisearch server: its tasks waited for, its errors told apart, and what the SDK has no words for.

use std::time::Duration;

use meilisearch_sdk::client::Client;
use meilisearch_sdk::errors::{Error, ErrorCode, ErrorType, MeilisearchError};
use meilisearch_sdk::indexes::{Index, IndexesQuery};
use meilisearch_sdk::request::{HttpClient, Method};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::http::{Http, TransportError};
use crate::index::IndexError;

/// Indexes listed at a time.
const PAGE: usize = 1_000;

/// The server, its key and our patience.
pub struct Server {
    http: Http,
    client: Client<Http>,
    url: String,
    task: Duration,
}

/// A task's number.
pub type TaskId = u32;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Enqueued {
    task_uid: TaskId,
}

#[derive(Deserialize)]
struct TaskState {
    status: String,
    error: Option<MeilisearchError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WholeStats {
    database_size: u64,
    indexes: Map<String, Value>,
}

impl Server {
    /// `url` without a slash at its end; `task` is how long one task is waited for.
    pub fn new(http: Http, url: String, task: Duration) -> Self {
        Self {
            client: Client::new_with_client(url.clone(), None::<String>, http.clone()),
            http,
            url,
            task,
        }
    }

    /// An index, whether it exists or not.
    pub fn index(&self, uid: &str) -> Index<Http> {
        self.client.index(uid)
    }

    /// Names of all indexes that begin so.
    pub async fn indexes(&self, beginning: &str) -> Result<Vec<String>, IndexError> {
        let mut names = Vec::new();
        let mut offset = 0;
        loop {
            let mut query = IndexesQuery::new(&self.client);
            query.with_limit(PAGE).with_offset(offset);
            let page = self
                .client
                .list_all_indexes_raw_with(&query)
                .await
                .map_err(|error| classify(&error))?;
            let page = page["results"].as_array().cloned().unwrap_or_default();
            names.extend(
                page.iter()
                    .filter_map(|index| index["uid"].as_str())
                    .filter(|uid| uid.starts_with(beginning))
                    .map(str::to_owned),
            );
            if page.len() < PAGE {
                return Ok(names);
            }
            offset += PAGE;
        }
    }

    /// Makes an index whose documents are told apart by `id`; one that is there already is as good.
    pub async fn create(&self, uid: &str) -> Result<(), IndexError> {
        let task =
            self.client.create_index(uid, Some("id")).await.map_err(|error| classify(&error))?;
        match self.outcome(task.task_uid).await? {
            Some(error) if error.error_code != ErrorCode::IndexAlreadyExists => {
                Err(refused(&error))
            }
            _ => Ok(()),
        }
    }

    /// Removes an index; one that is gone already is as good.
    pub async fn remove(&self, uid: &str) -> Result<(), IndexError> {
        let task = match self.client.delete_index(uid).await {
            Err(Error::Meilisearch(error)) if error.error_code == ErrorCode::IndexNotFound => {
                return Ok(());
            }
            answer => answer.map_err(|error| classify(&error))?,
        };
        match self.outcome(task.task_uid).await? {
            Some(error) if error.error_code != ErrorCode::IndexNotFound => Err(refused(&error)),
            _ => Ok(()),
        }
    }

    /// A document; `None` if it or its index is not there.
    pub async fn document<T>(&self, uid: &str, id: &str) -> Result<Option<T>, IndexError>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        match self.index(uid).get_document(id).await {
            Ok(document) => Ok(Some(document)),
            Err(Error::Meilisearch(error))
                if matches!(
                    error.error_code,
                    ErrorCode::DocumentNotFound | ErrorCode::IndexNotFound
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(classify(&error)),
        }
    }

    /// Writes one document, and waits until it is there.
    pub async fn put<T>(&self, uid: &str, document: &T) -> Result<(), IndexError>
    where
        T: Serialize + Send + Sync,
    {
        let task = self
            .index(uid)
            .add_or_replace(std::slice::from_ref(document), Some("id"))
            .await
            .map_err(|error| classify(&error))?;
        self.finish(&[task.task_uid]).await
    }

    /// Removes a document; one that is gone already, index and all, is as good.
    pub async fn forget(&self, uid: &str, id: &str) -> Result<(), IndexError> {
        let task = self.index(uid).delete_document(id).await.map_err(|error| classify(&error))?;
        match self.outcome(task.task_uid).await? {
            Some(error) if error.error_code != ErrorCode::IndexNotFound => Err(refused(&error)),
            _ => Ok(()),
        }
    }

    /// How many documents an index has; `None` if it is not there.
    pub async fn count(&self, uid: &str) -> Result<Option<u64>, IndexError> {
        match self.index(uid).get_stats().await {
            Ok(stats) => Ok(Some(stats.number_of_documents as u64)),
            Err(Error::Meilisearch(error)) if error.error_code == ErrorCode::IndexNotFound => {
                Ok(None)
            }
            Err(error) => Err(classify(&error)),
        }
    }

    /// Bytes on disk, if all of the server's indexes (that the key shows) begin so; otherwise nobody knows.
    pub async fn bytes(&self, beginning: &str) -> Result<Option<u64>, IndexError> {
        let stats: WholeStats = self
            .http
            .request(&format!("{}/stats", self.url), Method::<_, ()>::Get { query: () }, 200)
            .await
            .map_err(|error| classify(&error))?;
        let ours = stats.indexes.keys().all(|uid| uid.starts_with(beginning));
        Ok(ours.then_some(stats.database_size))
    }

    /// All settings of an index, as the server has them.
    pub async fn settings(&self, uid: &str) -> Result<Map<String, Value>, IndexError> {
        self.http
            .request(
                &format!("{}/indexes/{uid}/settings", self.url),
                Method::<_, ()>::Get { query: () },
                200,
            )
            .await
            .map_err(|error| classify(&error))
    }

    /// Gives an index these settings. (The SDK's own type has not all of them.)
    pub async fn set_up(&self, uid: &str, settings: &Map<String, Value>) -> Result<(), IndexError> {
        let task: Enqueued = self
            .http
            .request(
                &format!("{}/indexes/{uid}/settings", self.url),
                Method::Patch { query: (), body: settings },
                202,
            )
            .await
            .map_err(|error| classify(&error))?;
        self.finish(&[task.task_uid]).await
    }

    /// Waits until all tasks are done, and well.
    pub async fn finish(&self, tasks: &[TaskId]) -> Result<(), IndexError> {
        for task in tasks {
            if let Some(error) = self.outcome(*task).await? {
                return Err(refused(&error));
            }
        }
        Ok(())
    }

    /// Waits for a task. A small one takes some 50 ms, so the first looks come quickly.
    async fn outcome(&self, task: TaskId) -> Result<Option<MeilisearchError>, IndexError> {
        let deadline = Instant::now() + self.task;
        let mut pause = Duration::from_millis(5);
        loop {
            let state: TaskState = self
                .http
                .request(
                    &format!("{}/tasks/{task}", self.url),
                    Method::<_, ()>::Get { query: () },
                    200,
                )
                .await
                .map_err(|error| classify(&error))?;
            match state.status.as_str() {
                "succeeded" => return Ok(None),
                "failed" if state.error.is_some() => return Ok(state.error),
                "failed" | "canceled" => {
                    let text = format!("its task {task} was {}", state.status);
                    return Err(IndexError::Unavailable(text));
                }
                _ => {}
            }
            if Instant::now() >= deadline {
                let text = format!("its task {task} is not done after {} s", self.task.as_secs());
                return Err(IndexError::Unavailable(text));
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(Duration::from_millis(200));
        }
    }
}

/// Whether it is the size of a request that the server, or something before it, does not like.
pub fn is_too_large(error: &Error) -> bool {
    match error {
        Error::Meilisearch(error) => error.error_code == ErrorCode::PayloadTooLarge,
        Error::MeilisearchCommunication(error) => error.status_code == 413,
        _ => false,
    }
}

/// What an error means for the index. Says nothing of what was sent: the server's own words may quote it.
pub fn classify(error: &Error) -> IndexError {
    match error {
        Error::Meilisearch(error) => refused(error),
        Error::MeilisearchCommunication(error) => match error.status_code {
            401 | 403 => key_is_refused(),
            413 => IndexError::Rejected("the request is too large for it".to_owned()),
            status => IndexError::Unavailable(format!(
                "it answered with status {status}, not as a Meilisearch server does"
            )),
        },
        Error::ParseError(_) => IndexError::Unavailable(
            "its answer is not what a Meilisearch server of a known version answers".to_owned(),
        ),
        Error::Timeout => IndexError::Unavailable(TransportError::TooSlow.to_string()),
        Error::Other(error) => match error.downcast_ref::<TransportError>() {
            Some(error) => IndexError::Unavailable(error.to_string()),
            None => IndexError::Unavailable("the request failed".to_owned()),
        },
        _ => IndexError::Unavailable("the request could not be made".to_owned()),
    }
}

fn key_is_refused() -> IndexError {
    IndexError::Unavailable(
        "the key is refused; it needs the actions search, documents.*, indexes.*, tasks.get, \
         settings.* and stats.get on our indexes"
            .to_owned(),
    )
}

/// What the server's own error means, by its code.
fn refused(error: &MeilisearchError) -> IndexError {
    let code = &error.error_code;
    match code {
        ErrorCode::IndexNotFound => IndexError::Lost("the server has no such index".to_owned()),
        ErrorCode::TaskNotFound => {
            IndexError::Lost("the server forgot what it was told to do".to_owned())
        }
        ErrorCode::InvalidSearchFilter
        | ErrorCode::InvalidSearchSort
        | ErrorCode::InvalidDocumentFilter => IndexError::Lost(format!(
            "the server's settings are not what they were set to ({code})"
        )),
        _ if error.error_type == ErrorType::Auth => key_is_refused(),
        _ if error.error_type == ErrorType::InvalidRequest => {
            IndexError::Rejected(format!("Meilisearch says {code}"))
        }
        _ => IndexError::Unavailable(format!("Meilisearch says {code}")),
    }
}
