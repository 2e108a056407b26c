//! Supervises every conversation's actor: a failed one is logged and forgotten; the next use starts it afresh from the store.

use ractor::{Actor, ActorProcessingErr, ActorRef, SupervisionEvent};

use crate::telemetry::conversations as figures;

/// The parent of all conversation actors.
#[derive(Debug)]
pub struct Supervisor;

impl Actor for Supervisor {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<()>, (): ()) -> Result<(), ActorProcessingErr> {
        Ok(())
    }

    /// A child's end is the child's own affair: its guard has taken it out of the registry.
    async fn handle_supervisor_evt(
        &self,
        _: ActorRef<()>,
        event: SupervisionEvent,
        (): &mut (),
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorStarted(_) => figures::STARTS.inc(),
            SupervisionEvent::ActorFailed(actor, error) => {
                figures::STOPS.inc();
                figures::FAILURES.inc();
                tracing::error!(actor = %actor.get_id(), %error, "a conversation's actor failed; its next use starts it from the store");
            }
            SupervisionEvent::ActorTerminated(actor, _, reason) => {
                figures::STOPS.inc();
                tracing::debug!(actor = %actor.get_id(), ?reason, "a conversation's actor stopped");
            }
            SupervisionEvent::ProcessGroupChanged(_) => {}
        }
        Ok(())
    }
}
