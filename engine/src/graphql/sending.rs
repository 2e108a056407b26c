//! Messages sent by requests that are known to be valid. Posting is by far the most frequent mutation, and what it answers
//! if nothing is amiss is laid out in advance: so it is done first, and executed only for what is left to say.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::OperationDefinition;
use async_graphql::{InputType, Variables};
use serde_json::value::RawValue;

use super::cast::Cast;
use super::errors::Fault;
use super::known::Laid;
use super::layout::Part;
use super::limits::SendLimiter;
use super::mutation::message::{Outcome, SendMessageInput, send};
use super::shape::sole;
use super::{Caller, Rooms};
use crate::domain::Viewer;

/// A message to be posted, and what is said of it then.
pub struct Sending {
    viewer: Arc<Viewer>,
    input: SendMessageInput,
    answer: Arc<[Part]>,
}

impl Sending {
    /// As an operation asks for it that was found valid; `None` if the execution has to see to it.
    pub fn of(
        answer: Laid,
        operation: &OperationDefinition,
        variables: &Variables,
        caller: &Caller,
    ) -> Option<Self> {
        let answer = answer?;
        let [(name, input)] = &*sole(operation)?.arguments else { return None };
        if name.node != "input" {
            return None;
        }
        let value = |name| variables.get(&name).cloned().ok_or(());
        let input = input.node.clone().into_const_with(value).ok()?;
        let input = SendMessageInput::parse(Some(input)).ok()?;
        Some(Self { viewer: Arc::clone(caller.0.as_ref()?), input, answer })
    }

    /// Posts it. What can't be said in the words laid out for it is left to the execution.
    pub async fn send(self, rooms: &Rooms, pace: &SendLimiter) -> Result<Arc<RawValue>, Done> {
        let outcome = send(&self.viewer, rooms, pace, self.input).await;
        if let Ok(Ok((_, Some(message)))) = &outcome {
            let cast = Cast { event: None, message, viewer: &self.viewer.id };
            if let Some(text) = cast.fill(&self.answer, rooms).await {
                return Ok(text);
            }
        }
        Err(Done::new(outcome))
    }
}

/// Request data: what became of the message, which is not to be sent again.
pub struct Done(Mutex<Option<Outcome>>);

impl Done {
    /// For one execution.
    pub fn new(outcome: Outcome) -> Self {
        Self(Mutex::new(Some(outcome)))
    }

    /// The resolver's, once.
    pub fn take(&self) -> Outcome {
        let outcome = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        outcome.unwrap_or(Err(Fault::Internal))
    }
}
