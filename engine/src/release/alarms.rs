//! Switching off what misbehaves: crashes, a filter that acts on too many messages, a day's allowance used up. And following
//! other engines' changes.

use std::sync::{Arc, Weak};

use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::store::{FilterRow, QuarantineRow};

use super::change::{By, Draft};
use super::load::Loaded;
use super::{FOLLOW_EVERY, Inner, Releases, WATCH_EVERY, engine};

/// Too many crashes within an hour; the fail mode decides what becomes of messages.
pub(super) const CRASHES: &str = "crashes";
/// Acts on too large a share of messages; messages flow.
const PASS_RATE: &str = "pass_rate";
/// Acted on as many messages as a day allows; messages flow.
const ACTION_CAP: &str = "action_cap";

/// Messages of the last hour from which on a share means something.
const MIN_INSPECTED: u64 = 200;
/// Largest share of messages a filter may get masked or worse, unless its limits say otherwise.
pub const DEFAULT_FLAGGED_SHARE: f32 = 0.5;

/// Why a filter must be switched off.
struct Wrong {
    kind: &'static str,
    reason: String,
}

impl Releases {
    /// Watches until the store closes.
    pub(super) fn watch(&self) -> JoinHandle<()> {
        let (inner, store) = (Arc::downgrade(&self.0), self.0.store.clone());
        let alarm = Arc::clone(&self.0.alarm);
        tokio::spawn(async move {
            let mut followed = Instant::now();
            loop {
                tokio::select! {
                    () = store.closing() => return,
                    () = alarm.notified() => {}
                    () = tokio::time::sleep(WATCH_EVERY) => {}
                }
                let Some(releases) = Weak::<Inner>::upgrade(&inner).map(Releases) else { return };
                releases.sound_alarms().await;
                if followed.elapsed() >= FOLLOW_EVERY {
                    followed = Instant::now();
                    releases.follow().await;
                }
            }
        })
    }

    /// Applies what another engine changed, or what could not be applied before.
    async fn follow(&self) {
        let view = self.0.view.load_full();
        let behind = match self.0.store.filter_revision().await {
            Ok(revision) => revision != view.state.revision || !view.broken.is_empty(),
            Err(error) => {
                tracing::warn!(%error, "other engines' changes of filters can't be followed now");
                return;
            }
        };
        if behind && let Err(error) = self.refresh().await {
            tracing::error!(%error, "a change of filters can't be applied; it will be tried again");
        }
    }

    async fn sound_alarms(&self) {
        let view = self.0.view.load_full();
        for row in &view.state.filters {
            let running = row.live.into_iter().chain(row.candidate.as_ref().map(|it| it.version));
            for version in running {
                let Some(loaded) = view.loaded.get(&(row.name.clone(), version)) else { continue };
                if let Some(wrong) = self.wrong(row, loaded) {
                    self.switch_off(row.name.clone(), version, wrong).await;
                }
            }
        }
    }

    fn wrong(&self, row: &FilterRow, loaded: &Loaded) -> Option<Wrong> {
        if loaded.plugin.is_quarantined() {
            let (lines, _) = loaded.plugin.log();
            let last = lines.last().map(|line| format!("; the last was {}", line.text));
            let count = loaded.plugin.crashes_last_hour();
            let reason = format!("{count} crashes within an hour{}", last.unwrap_or_default());
            return Some(Wrong { kind: CRASHES, reason });
        }
        let window = loaded.release.stats.window(self.0.clock.now());
        if let Some(most) = row.max_actions_per_day.filter(|most| window.acted_today >= *most) {
            let reason = format!(
                "its signals got {} messages masked, held or refused today; its limit is {most}",
                window.acted_today
            );
            return Some(Wrong { kind: ACTION_CAP, reason });
        }
        let most = row.max_flagged_share.unwrap_or(DEFAULT_FLAGGED_SHARE);
        #[expect(clippy::cast_precision_loss, reason = "counts of an hour")]
        let share = window.hour.acted as f32 / window.hour.inspected.max(1) as f32;
        (window.hour.inspected >= MIN_INSPECTED && share > most).then(|| Wrong {
            kind: PASS_RATE,
            reason: format!(
                "its signals got {} of the last hour's {} messages masked, held or refused; its limit is {most}",
                window.hour.acted, window.hour.inspected
            ),
        })
    }

    /// A live version is quarantined; one on trial goes back to being a draft.
    async fn switch_off(&self, name: String, version: u32, wrong: Wrong) {
        tracing::error!(filter = name, version, why = wrong.reason, "a filter is switched off");
        let by = By { actor: engine(), reason: Some(wrong.reason.clone()) };
        let (now, filter) = (self.0.clock.now(), name.clone());
        let changed = self.change(by, move |state| {
            let Some(row) = state.filters.iter().find(|row| row.name == name) else {
                return Ok(Draft::nothing(()));
            };
            let mut row = row.clone();
            if row.live == Some(version) && row.quarantine.is_none() {
                row.quarantine = Some(QuarantineRow {
                    version,
                    kind: wrong.kind.to_owned(),
                    reason: wrong.reason.clone(),
                    at: now,
                });
            } else if row.candidate.take_if(|it| it.version == version).is_none() {
                return Ok(Draft::nothing(()));
            }
            Ok(Draft::filter(row, "filter.quarantine", ()))
        });
        if let Err(error) = changed.await {
            tracing::error!(filter, %error, "a filter could not be switched off in the store; it will be tried again");
        }
    }
}
