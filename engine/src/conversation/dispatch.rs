//! Commands to actors: finds or starts the conversation's actor, takes a permit, asks, and asks again if it died.

use std::sync::Arc;
use std::time::Instant;

use ractor::{Actor, ActorRef};
use tokio::sync::{OnceCell, Semaphore, oneshot};

use super::actor::{Arguments, ConversationActor};
use super::command::{Command, Reply};
use super::handle::ConversationRooms;
use super::pressure::Pressure;
use super::reasons::Reasons;
use super::registry::{Registry, Shared, Slot};
use super::supervisor::Supervisor;
use super::{ConversationError, Refusal, View};
use crate::domain::ConversationId;
use crate::telemetry::conversations::{self as figures, Bound};
use crate::telemetry::{Page, catalogue};

/// How often a command is handed to a fresh actor when the one that had it died.
const ATTEMPTS: usize = 3;
/// Idle actors asked to stop at once when the cap is reached.
const ROOM: usize = 64;

/// All live actors and the bounds on what is asked of them.
#[derive(Debug)]
pub struct Dispatch {
    rooms: Arc<ConversationRooms>,
    registry: Registry,
    supervisor: ActorRef<()>,
    intake: Semaphore,
    pressure: Pressure,
    reasons: Reasons,
}

impl Dispatch {
    /// Starts the supervisor.
    pub async fn start(rooms: Arc<ConversationRooms>) -> Result<Self, ConversationError> {
        let (supervisor, _) = Actor::spawn(None, Supervisor, ())
            .await
            .map_err(|error| ConversationError::Actor(error.to_string()))?;
        let intake = Semaphore::new(rooms.settings.intake);
        let pressure = Pressure::new(rooms.settings.intake);
        let (registry, reasons) = (Registry::default(), Reasons::default());
        Ok(Self { rooms, registry, supervisor, intake, pressure, reasons })
    }

    /// Waits for commands under way, then stops every actor. New commands are answered `Busy`.
    pub async fn stop(&self) {
        let all = u32::try_from(self.rooms.settings.intake).unwrap_or(u32::MAX);
        if let Ok(permits) = self.intake.acquire_many(all).await {
            permits.forget();
        }
        for actor in self.registry.actors() {
            let _ = actor.stop_and_wait(Some("shutdown".into()), None).await;
        }
        self.supervisor.stop(None);
    }

    /// Actors alive.
    pub fn live_count(&self) -> usize {
        self.registry.len()
    }

    /// Commands under way.
    fn under_way(&self) -> usize {
        self.rooms.settings.intake.saturating_sub(self.intake.available_permits())
    }

    /// Whether a message should be refused now, because so much is under way that it would wait for long.
    pub fn is_busy(&self) -> bool {
        self.pressure.is_too_high(self.under_way())
    }

    /// Writes figures of actors and commands.
    pub fn write_figures(&self, page: &mut Page) {
        let most = self.rooms.settings.intake;
        page.single(&catalogue::ACTORS, self.live_count());
        page.single(&catalogue::COMMANDS_UNDER_WAY, self.under_way());
        page.single(&catalogue::COMMANDS_LIMIT, self.pressure.limit().min(most));
        figures::write(page);
    }

    /// What actors work with.
    pub fn rooms(&self) -> &Arc<ConversationRooms> {
        &self.rooms
    }

    /// Why staff look into what.
    pub fn reasons(&self) -> &Reasons {
        &self.reasons
    }

    /// The newest view, from memory if the conversation is live.
    pub async fn current(&self, id: &ConversationId) -> Result<Arc<View>, ConversationError> {
        if let Some(slot) = self.registry.cell(id).get()
            && let Some(view) = slot.shared.view.load_full()
        {
            slot.shared.touch();
            return Ok(view);
        }
        self.ask(id, Command::View).await
    }

    /// Hands a command to the conversation's actor. Should the actor die over it, a fresh one gets it:
    /// every command is safe to repeat, sends by their client id.
    pub async fn ask<T>(
        &self,
        id: &ConversationId,
        command: impl Fn(Reply<T>) -> Command,
    ) -> Result<T, ConversationError> {
        let _intake = self.intake.try_acquire().map_err(|_| busy(Bound::Intake))?;
        let (begin, under_way) = (Instant::now(), self.under_way());
        let result = self.attempt(id, command).await;
        self.pressure.learn(begin.elapsed(), under_way);
        result
    }

    async fn attempt<T>(
        &self,
        id: &ConversationId,
        command: impl Fn(Reply<T>) -> Command,
    ) -> Result<T, ConversationError> {
        for _ in 0..ATTEMPTS {
            let cell = self.registry.cell(id);
            let slot = match cell.get_or_try_init(|| self.spawn(id, &cell)).await {
                Ok(slot) => slot,
                Err(error) => {
                    self.registry.forget(id, &cell);
                    return Err(error);
                }
            };
            slot.shared.touch();
            let permit = slot.shared.permits.try_acquire().map_err(|_| busy(Bound::Mailbox))?;
            figures::MAILBOX.record(slot.shared.pending() as u64);
            let (reply, answer) = oneshot::channel();
            if slot.actor.cast(command(reply)).is_ok()
                && let Ok(result) = answer.await
            {
                return result;
            }
            drop(permit);
            self.registry.forget(id, &cell);
        }
        Err(ConversationError::Actor(format!("gave up after {ATTEMPTS} attempts")))
    }

    async fn spawn(
        &self,
        id: &ConversationId,
        cell: &Arc<OnceCell<Slot>>,
    ) -> Result<Slot, ConversationError> {
        let settings = &self.rooms.settings;
        if self.registry.len() > settings.max_live && self.registry.make_room(ROOM) == 0 {
            return Err(busy(Bound::Actors).into());
        }
        let shared = Arc::new(Shared::new(settings.mailbox));
        let arguments = Arguments {
            id: id.clone(),
            shared: Arc::clone(&shared),
            registration: self.registry.registration(id.clone(), cell),
        };
        let actor = ConversationActor { rooms: Arc::clone(&self.rooms) };
        let supervisor = self.supervisor.get_cell();
        let (actor, _) = Actor::spawn_linked(None, actor, arguments, supervisor)
            .await
            .map_err(|error| ConversationError::Actor(error.to_string()))?;
        Ok(Slot { actor, shared })
    }
}

fn busy(bound: Bound) -> Refusal {
    bound.met();
    Refusal::Busy
}
