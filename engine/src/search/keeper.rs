//! Keeps an index in use: opens it, feeds it, notices when it is lost, and builds it anew.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;

use super::build::{self, BuildError, Built};
use super::feed::{Feed, SEARCH_CONSUMER};
use super::{Inner, Serving};
use crate::outbox::{Hold, Running};
use crate::store::OutboxCursor;

/// How often the index is looked at when nothing else happens.
const CHECK: Duration = Duration::from_secs(15);
/// First and longest wait for an index that can't be reached; half of it is chance.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(15));

pub(super) struct Keeper {
    inner: Arc<Inner>,
    /// Until an index follows the outbox, all of it is kept.
    hold: Option<Hold>,
    running: Option<Running>,
}

/// Why the index in use is not left alone.
enum Cause {
    Lost(String),
    Requested,
    Closing,
}

impl Keeper {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        let hold = inner.rooms.outbox.hold(OutboxCursor::default());
        Self { inner, hold: Some(hold), running: None }
    }

    pub(super) async fn run(mut self) {
        let store = self.inner.rooms.store.clone();
        tokio::select! {
            () = self.work() => {}
            () = store.closing() => {}
        }
        self.inner.serving.store(None);
    }

    async fn work(&mut self) {
        let mut wait = BACK_OFF.0;
        let mut rebuild = None;
        loop {
            let requests = *self.inner.requested.borrow();
            let outcome = match rebuild.take() {
                None => self.open().await,
                Some(why) => Ok(Some(why)),
            };
            let outcome = match outcome {
                Ok(Some(why)) => self.rebuild(&why, requests).await.map_err(|e| (e, Some(why))),
                Ok(None) => Ok(()),
                Err(error) => Err((error, None)),
            };
            if let Err((error, why)) = outcome {
                tracing::warn!(%error, "search is not ready; trying again");
                self.inner.problem.send_replace(Some(error.to_string()));
                rebuild = why;
                self.pause(wait).await;
                wait = (wait * 2).min(BACK_OFF.1);
                continue;
            }
            wait = BACK_OFF.0;
            self.inner.problem.send_replace(None);
            match self.watch().await {
                Cause::Closing => return,
                Cause::Requested => rebuild = Some("it was asked for".to_owned()),
                Cause::Lost(why) => {
                    self.put_away().await;
                    rebuild = Some(why);
                }
            }
        }
    }

    /// Puts the index that is there to use; says why it has to be built anew, if it has.
    async fn open(&mut self) -> Result<Option<String>, BuildError> {
        let Some(current) = self.inner.rooms.shelf.current().await? else {
            return Ok(Some("there is none".to_owned()));
        };
        let position = current.index.position().await?;
        if let Err(why) = build::is_usable(&self.inner, position.as_deref()).await? {
            return Ok(Some(why.to_owned()));
        }
        let store = self.inner.rooms.store.clone();
        let overlap = store.outbox_end();
        let feed = Feed::new(store, Arc::clone(&current.index), overlap);
        let running = self.inner.rooms.outbox.follow(feed).await?;
        let progress = running.progress().clone();
        self.put_to_use(Built { serving: Serving { index: current.index, progress }, running })
            .await;
        Ok(current.outdated.then(|| "its settings have changed".to_owned()))
    }

    async fn rebuild(&mut self, why: &str, requests: u64) -> Result<(), BuildError> {
        tracing::info!(%why, "building the search index");
        let done = match build::build(&self.inner).await {
            Ok(built) => {
                // First, since the one before is removed by the adoption.
                self.put_to_use(built).await;
                self.inner.rooms.shelf.adopt().await?;
                Ok(self.inner.rooms.store.forget_aside(SEARCH_CONSUMER).await?)
            }
            Err(error) => Err(error),
        };
        let error = done.as_ref().err().map(ToString::to_string);
        self.inner.built.send_replace(super::Built { requests, error });
        done?;
        tracing::info!("the search index is built and in use");
        Ok(())
    }

    /// From here on this index answers; the one before is followed no more.
    async fn put_to_use(&mut self, built: Built) {
        self.inner.serving.store(Some(Arc::new(built.serving)));
        if let Some(former) = self.running.replace(built.running) {
            former.stop().await;
        }
        self.hold = None;
    }

    /// Nothing answers until another index is built; what it needs of the outbox is kept.
    async fn put_away(&mut self) {
        self.hold = Some(self.inner.rooms.outbox.hold(self.inner.rooms.store.outbox_end()));
        self.inner.serving.store(None);
        if let Some(former) = self.running.take() {
            former.stop().await;
        }
    }

    async fn watch(&self) -> Cause {
        let mut requested = self.inner.requested.subscribe();
        let answered = self.inner.built.borrow().requests;
        let (Some(serving), Some(running)) = (self.inner.serving.load_full(), &self.running) else {
            return Cause::Lost("there is none".to_owned());
        };
        let progress = running.progress().clone();
        let checks = async {
            loop {
                tokio::time::sleep(CHECK).await;
                match serving.index.check().await {
                    Ok(()) => {}
                    Err(rialto_search::IndexError::Lost(why)) => return why,
                    Err(error) => tracing::warn!(%error, "the search index could not be looked at"),
                }
            }
        };
        tokio::select! {
            why = progress.ended() => why.map_or(Cause::Closing, Cause::Lost),
            why = checks => Cause::Lost(why),
            asked = requested.wait_for(|requests| *requests > answered) => match asked {
                Ok(_) => Cause::Requested,
                Err(_) => Cause::Closing,
            },
        }
    }

    /// Waits, but not longer than until somebody asks for a build.
    async fn pause(&self, wait: Duration) {
        let jittered = wait / 2 + rand::rng().random_range(Duration::ZERO..=wait / 2);
        tokio::time::sleep(jittered).await;
    }
}
