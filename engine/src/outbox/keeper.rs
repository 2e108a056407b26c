//! Trims the outbox behind the slowest consumer.

use std::time::Duration;

use super::Outbox;

const EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(outbox: Outbox) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = outbox.inner.store.closing() => return,
        }
        if let Err(error) = outbox.trim().await {
            tracing::warn!(%error, "the outbox was not trimmed; it will be tried again");
        }
    }
}
