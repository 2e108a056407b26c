//! The operations of the server that is driven: GraphQL documents and a manifest, so that any server can be.

use std::path::Path as File;

use serde::Deserialize;

use crate::error::LoadError;
use crate::json::{self, Path};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: String,
    path: String,
    secret_file: String,
    user_role: String,
    service_role: String,
    users: Option<Document>,
    listings: Option<Document>,
    start: Start,
    send: Send,
    events: Events,
    history: Option<HistoryFile>,
    search: Option<Document>,
    staff: Option<StaffFile>,
    health: Option<Health>,
    metrics: Option<Metrics>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryFile {
    file: String,
    nodes: String,
    more: String,
    cursor: String,
    seq: String,
    body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffFile {
    file: String,
    role: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Health {
    path: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    file: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    file: String,
    conversation: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    file: String,
    seq: String,
    status: Option<String>,
    client_id: Option<String>,
    error: Option<String>,
    retry_after: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Events {
    file: String,
    kind: String,
    seq: String,
    posted: String,
    resync: Option<String>,
}

/// Where the server's own counters are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// On the server's HTTP port.
    pub path: String,
    /// Counters of fsync and fdatasync.
    pub syncs: Vec<String>,
}

/// Reads a conversation's messages, page by page.
#[derive(Debug)]
pub struct History {
    /// The query.
    pub document: String,
    /// The page's messages.
    pub nodes: Path,
    /// Whether there is another page.
    pub more: Path,
    /// Where it begins.
    pub cursor: Path,
    /// A message's number, from its node.
    pub seq: Path,
    /// Its text.
    pub body: Path,
}

/// Everything the driver says to a server, and where it finds what it needs in the answers.
#[derive(Debug)]
pub struct Operations {
    /// The server's name, for people.
    pub name: String,
    /// Where WebSockets are served.
    pub path: String,
    /// Where in the data directory the tokens' secret is.
    pub secret_file: String,
    /// Role of those who talk.
    pub user_role: String,
    /// Role of the marketplace's backend.
    pub service_role: String,
    /// Pushes users, if the server wants them.
    pub users: Option<String>,
    /// Pushes listings, if the server wants them.
    pub listings: Option<String>,
    /// Starts a conversation.
    pub start: String,
    /// The new conversation's id.
    pub conversation: Path,
    /// Sends a message: the payload of its frame up to the variables.
    pub send: String,
    /// The message's number in the answer.
    pub seq: Path,
    /// What became of it.
    pub status: Option<Path>,
    /// The client's id, sent back.
    pub client_id: Option<Path>,
    /// Why there is none.
    pub error: Option<Path>,
    /// When to try again, seconds.
    pub retry_after: Option<Path>,
    /// Subscribes to a conversation.
    pub events: String,
    /// An event's kind.
    pub event_kind: Path,
    /// An event's number.
    pub event_seq: Path,
    /// The kind that brings a message.
    pub posted: String,
    /// The kind that says that the subscriber fell behind.
    pub resync: Option<String>,
    /// Reads what was said.
    pub history: Option<History>,
    /// Searches.
    pub search: Option<String>,
    /// A stream of the staff's, and their role.
    pub staff: Option<(String, String)>,
    /// Says whether the server can work.
    pub health: Option<String>,
    /// The server's counters.
    pub metrics: Metrics,
}

impl Operations {
    /// Reads a folder with a `manifest.toml`.
    pub fn open(folder: &File) -> Result<Self, LoadError> {
        let path = folder.join("manifest.toml");
        let manifest: Manifest = toml::from_str(&read(&path)?)
            .map_err(|error| LoadError::Manifest { path, problem: error.to_string() })?;
        let document = |file: &str| Ok(quoted(&read(&folder.join(file))?));
        let optional = |it: Option<&Document>| it.map(|it| document(&it.file)).transpose();
        let Manifest { send, events, start, .. } = &manifest;
        let path = |text: &Option<String>| text.as_deref().map(Path::new);
        let history = manifest.history.as_ref().map(|it| {
            Ok::<_, LoadError>(History {
                document: document(&it.file)?,
                nodes: Path::new(&it.nodes),
                more: Path::new(&it.more),
                cursor: Path::new(&it.cursor),
                seq: Path::new(&it.seq),
                body: Path::new(&it.body),
            })
        });
        let staff = manifest.staff.as_ref();
        let staff = staff.map(|it| Ok::<_, LoadError>((document(&it.file)?, it.role.clone())));
        Ok(Self {
            users: optional(manifest.users.as_ref())?,
            listings: optional(manifest.listings.as_ref())?,
            start: document(&start.file)?,
            conversation: Path::new(&start.conversation),
            send: document(&send.file)?,
            seq: Path::new(&send.seq),
            status: path(&send.status),
            client_id: path(&send.client_id),
            error: path(&send.error),
            retry_after: path(&send.retry_after),
            events: document(&events.file)?,
            event_kind: Path::new(&events.kind),
            event_seq: Path::new(&events.seq),
            posted: events.posted.clone(),
            resync: events.resync.clone(),
            history: history.transpose()?,
            search: optional(manifest.search.as_ref())?,
            staff: staff.transpose()?,
            health: manifest.health.map(|it| it.path),
            name: manifest.name,
            path: manifest.path,
            secret_file: manifest.secret_file,
            user_role: manifest.user_role,
            service_role: manifest.service_role,
            metrics: manifest.metrics.unwrap_or_default(),
        })
    }
}

fn read(file: &File) -> Result<String, LoadError> {
    std::fs::read_to_string(file).map_err(|source| LoadError::file(file, source))
}

/// A document as a JSON string, with single blanks between its words.
fn quoted(document: &str) -> String {
    let mut out = Vec::new();
    let words: Vec<&str> = document.split_whitespace().collect();
    json::write_string(&mut out, &words.join(" "));
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_for_rialto_are_whole() {
        let folder = File::new(env!("CARGO_MANIFEST_DIR")).join("operations/rialto");
        let operations = Operations::open(&folder).unwrap();
        assert_eq!(operations.name, "Rialto");
        assert!(
            operations.send.starts_with("\"mutation Send(") && operations.send.ends_with("}\"")
        );
        assert!(operations.users.is_some() && operations.status.is_some());
        assert!(operations.history.is_some() && operations.staff.is_some());
        let peer = File::new(env!("CARGO_MANIFEST_DIR")).join("operations/peer");
        assert!(Operations::open(&peer).unwrap().users.is_none());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = Operations::open(File::new("no/such/folder")).unwrap_err().to_string();
        assert!(error.starts_with("no/such/folder/manifest.toml: "), "{error}");
    }
}
