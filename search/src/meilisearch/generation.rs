//! One index: the server's two of one generation, and the position they stand at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, try_join};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names::Names;
use super::server::Server;
use super::write::Writer;
use super::{MAKER, search};
use crate::document::Changes;
use crate::index::{Index, IndexError, Indexed, Stats};
use crate::query::{ConversationHit, ConversationQuery, Found, MessageHit, MessageQuery};
use crate::settings::Settings;

/// Which generation is in use: the one document that is written to adopt one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InUse {
    pub id: String,
    pub generation: u64,
    pub settings: String,
    pub identity: String,
}

/// Where a generation stands, and how many documents that makes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub id: String,
    pub position: String,
    pub messages: u64,
    pub conversations: u64,
}

/// What this process knows of where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Known {
    /// Nothing: it was found, or a write was not finished.
    #[default]
    Nothing,
    /// It was made empty and nothing was written.
    Empty,
    /// This was written last.
    Written(Standing),
}

/// A generation on the server.
pub struct Generation {
    pub(super) server: Arc<Server>,
    pub(super) names: Names,
    pub(super) number: u64,
    /// Digest of the settings it was made with.
    pub(super) settings: String,
    writer: Writer,
    /// With the number of writes begun and ended.
    known: Mutex<(u64, Known)>,
    /// It is no longer the one in use: to be removed with the last handle.
    retired: AtomicBool,
}

impl Generation {
    /// One that was found.
    pub fn found(server: Arc<Server>, names: Names, number: u64, settings: String) -> Self {
        Self {
            server,
            names,
            number,
            settings,
            writer: Writer::default(),
            known: Mutex::default(),
            retired: AtomicBool::new(false),
        }
    }

    /// One that is made, set up, and looked at.
    pub async fn create(
        server: Arc<Server>,
        names: Names,
        number: u64,
    ) -> Result<Self, IndexError> {
        let shipped = Settings::shipped();
        let made = Self::found(server, names, number, shipped.digest(MAKER));
        for (uid, settings) in [
            (made.messages_uid(), &shipped.messages),
            (made.conversations_uid(), &shipped.conversations),
        ] {
            made.server.create(&uid).await?;
            made.server.set_up(&uid, settings).await?;
            if let Some(name) = differing(settings, &made.server.settings(&uid).await?) {
                return Err(IndexError::Rejected(format!(
                    "the server did not take the setting `{name}` of schema/search; it may be of \
                     a version that has it not"
                )));
            }
        }
        made.know(Known::Empty);
        Ok(made)
    }

    pub(super) fn messages_uid(&self) -> String {
        self.names.messages(self.number)
    }

    pub(super) fn conversations_uid(&self) -> String {
        self.names.conversations(self.number)
    }

    /// From now on it goes when nobody uses it any more.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Documents in both indexes; `Lost` if one of them is gone.
    pub async fn counts(&self) -> Result<(u64, u64), IndexError> {
        let (messages, conversations) = (self.messages_uid(), self.conversations_uid());
        let counts = try_join!(self.server.count(&messages), self.server.count(&conversations))?;
        match counts {
            (Some(messages), Some(conversations)) => Ok((messages, conversations)),
            (None, _) => Err(lost(&messages, "is gone from the server")),
            (_, None) => Err(lost(&conversations, "is gone from the server")),
        }
    }

    pub(super) async fn standing(&self) -> Result<Option<Standing>, IndexError> {
        let state = self.names.state();
        self.server.document(&state, &Names::standing(self.number)).await
    }

    fn known(&self) -> (u64, Known) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    fn know(&self, now: Known) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = (known.0 + 1, now);
    }

    async fn write_all(&self, changes: &Changes, position: &str) -> Result<(), IndexError> {
        // The server would make an index that is gone anew, with settings of its own.
        self.look_at_content().await?;
        self.know(Known::Nothing);
        let (messages, conversations) = (self.messages_uid(), self.conversations_uid());
        self.writer.write(&self.server, &messages, &conversations, changes).await?;
        let (messages, conversations) = self.counts().await?;
        let standing = Standing {
            id: Names::standing(self.number),
            position: position.to_owned(),
            messages,
            conversations,
        };
        self.server.put(&self.names.state(), &standing).await?;
        self.know(Known::Written(standing));
        Ok(())
    }

    async fn look(&self) -> Result<(), IndexError> {
        self.look_at_settings().await?;
        self.look_at_content().await
    }

    /// Whether both indexes are there with as many documents as they should have.
    async fn look_at_content(&self) -> Result<(), IndexError> {
        let (at, known) = self.known();
        let (counts, standing) = try_join!(self.counts(), self.standing())?;
        if self.known().0 != at {
            return Ok(()); // It was written meanwhile; what was seen may be of two moments.
        }
        let (uid, state) = (self.messages_uid(), self.names.state());
        match (known, standing) {
            (Known::Written(_), None) => Err(lost(&state, "has forgotten the position")),
            (Known::Written(known), Some(found)) if known != found => {
                Err(lost(&state, "has another position than was written"))
            }
            (Known::Written(_), Some(found)) if (found.messages, found.conversations) != counts => {
                Err(lost(&uid, "or the one beside it has not the documents that were written"))
            }
            // Since when it was found, a write may have been cut short; but that empties nothing.
            (Known::Nothing, Some(found))
                if (found.messages > 0 && counts.0 == 0)
                    || (found.conversations > 0 && counts.1 == 0) =>
            {
                Err(lost(&uid, "or the one beside it is empty"))
            }
            _ => Ok(()),
        }
    }

    async fn look_at_settings(&self) -> Result<(), IndexError> {
        let shipped = Settings::shipped();
        if self.settings != shipped.digest(MAKER) {
            return Ok(()); // It was made with others and is to be replaced anyway.
        }
        for (uid, settings) in [
            (self.messages_uid(), &shipped.messages),
            (self.conversations_uid(), &shipped.conversations),
        ] {
            if let Some(name) = differing(settings, &self.server.settings(&uid).await?) {
                return Err(lost(&uid, &format!("has another setting `{name}` now")));
            }
        }
        Ok(())
    }
}

impl Index for Generation {
    fn position(&self) -> BoxFuture<'_, Result<Option<String>, IndexError>> {
        async move {
            match (self.standing().await?, self.known().1) {
                (Some(standing), _) => Ok(Some(standing.position)),
                (None, Known::Written(_)) => {
                    Err(lost(&self.names.state(), "has forgotten the position"))
                }
                (None, _) => Ok(None),
            }
        }
        .boxed()
    }

    fn write<'a>(
        &'a self,
        changes: Changes,
        position: &'a str,
    ) -> BoxFuture<'a, Result<(), IndexError>> {
        async move { self.write_all(&changes, position).await }.boxed()
    }

    fn messages<'a>(
        &'a self,
        query: &'a MessageQuery,
    ) -> BoxFuture<'a, Result<Found<MessageHit>, IndexError>> {
        search::messages(&self.server, self.messages_uid(), query).boxed()
    }

    fn conversations<'a>(
        &'a self,
        query: &'a ConversationQuery,
    ) -> BoxFuture<'a, Result<Found<ConversationHit>, IndexError>> {
        search::conversations(&self.server, self.conversations_uid(), query).boxed()
    }

    fn about<'a>(
        &'a self,
        listings: &'a [String],
        people: &'a [String],
    ) -> BoxFuture<'a, Result<Vec<Indexed>, IndexError>> {
        search::about(&self.server, self.conversations_uid(), listings, people).boxed()
    }

    fn stats(&self) -> BoxFuture<'_, Result<Stats, IndexError>> {
        async move {
            let beginning = self.names.all();
            let ((messages, conversations), bytes) =
                try_join!(self.counts(), self.server.bytes(&beginning))?;
            Ok(Stats { messages, conversations, bytes })
        }
        .boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), IndexError>> {
        self.look().boxed()
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        if !*self.retired.get_mut() {
            return;
        }
        // Without a runtime it stays until the next one is begun.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (server, names, number) = (self.server.clone(), self.names.clone(), self.number);
        runtime.spawn(async move {
            if let Err(error) = names.remove(&server, number).await {
                tracing::warn!(%error, generation = number, "a former search index stays for now");
            }
        });
    }
}

/// The first setting that is not as it should be.
fn differing(wanted: &Map<String, Value>, found: &Map<String, Value>) -> Option<String> {
    wanted
        .iter()
        .find(|(name, value)| found.get(*name) != Some(value))
        .map(|(name, _)| name.clone())
}

fn lost(uid: &str, what: &str) -> IndexError {
    IndexError::Lost(format!("{uid} {what}"))
}
