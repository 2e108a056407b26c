//! What a client asks for: to sign in, and operations.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::extract::ws::Message;
use futures_util::stream::{AbortHandle, Abortable, StreamExt};
use tokio::time::Instant;

use super::super::end::End;
use super::super::frames::{ACK, Close, error};
use super::super::updates;
use super::{LATER, Running, Session, Step};
use crate::domain::UserId;
use crate::graphql::errors::request_error;
use crate::graphql::{Answer, Caller, Params, Prepared, metering};
use crate::http::auth;
use crate::http::graphql::too_many_subscriptions;
use crate::http::tally::Counted;
use crate::telemetry::{live, operations};

impl Session {
    pub(super) async fn sign_in(
        &mut self,
        payload: Option<&serde_json::Map<String, serde_json::Value>>,
    ) -> Step {
        if self.viewer.is_some() {
            return Err(End::Close(Close::TOO_MANY_INIT));
        }
        let mut credentials = std::mem::take(&mut self.credentials);
        if let Some(value) = payload.and_then(auth::from_payload) {
            credentials.authorization = Some(value);
        }
        let trace = payload.and_then(|payload| metering::traceparent(payload.get("traceparent")));
        self.origin.trace = trace.or(self.origin.trace);
        match auth::admit(&self.state, credentials).await {
            Ok(Some(admitted)) => {
                let most = self.state.config.limits.connections_per_user;
                self.counted = self.state.connections_of.enter(&admitted.viewer.id, most);
                if self.counted.is_none() {
                    operations::refused("TOO_MANY_CONNECTIONS");
                    return Err(End::Close(Close::TOO_MANY));
                }
                self.ended = auth::ended(&self.state, &admitted);
                self.present = Some(self.state.presence.enter(&admitted.viewer.id));
                self.viewer = Some(admitted.viewer);
            }
            Ok(None) | Err(_) => return Err(End::Close(Close::FORBIDDEN)),
        }
        self.send(Message::text(ACK)).await
    }

    pub(super) async fn begin(&mut self, id: Arc<str>, params: Params) -> Step {
        let Some(viewer) = &self.viewer else { return Err(End::Close(Close::UNAUTHORIZED)) };
        if self.stopping {
            // Clients show an error to their user, but what is unanswered when a socket closes they send again.
            return Ok(());
        }
        if self.running.contains_key(&id) {
            return Err(End::Close(Close::DUPLICATE));
        }
        let most = self.state.config.limits.operations_per_socket;
        let prepared = if self.running.len() >= most {
            let message = format!("A socket may have {most} operations under way.");
            operations::refused("TOO_MANY_OPERATIONS");
            Err(Answer::refused(request_error("TOO_MANY_OPERATIONS", message)))
        } else {
            self.state.executor.prepare(params, Caller(Some(Arc::clone(viewer))))
        };
        let counted = prepared.and_then(|prepared| {
            let most = self.state.config.limits.subscriptions_per_user;
            if prepared.kind != OperationType::Subscription {
                return Ok((prepared, None));
            }
            let counted = self.state.subscriptions_of.enter(&viewer.id, most).ok_or_else(|| {
                operations::refused("TOO_MANY_SUBSCRIPTIONS");
                Answer::refused(too_many_subscriptions(&self.state))
            });
            Ok((prepared, Some(counted?)))
        });
        match counted {
            Ok((prepared, counted)) => {
                self.start(id, prepared, counted);
                Ok(())
            }
            Err(answer) => {
                metering::tell_refused(self.origin.request.as_deref(), answer.errors());
                if answer.is_for_later() {
                    self.flush_by.get_or_insert_with(|| Instant::now() + LATER);
                } else {
                    self.unflushed = true;
                }
                self.feed(Message::text(error(&id, &answer))).await
            }
        }
    }

    fn start(
        &mut self,
        id: Arc<str>,
        mut prepared: Prepared,
        subscription: Option<Counted<UserId>>,
    ) {
        prepared.ticket.over(live::Transport::WebSocket);
        prepared.ticket.from(self.origin.clone());
        let updates = if subscription.is_some() {
            updates::of_subscription(&self.state, Arc::clone(&id), prepared)
        } else {
            updates::of_operation(self.state.clone(), Arc::clone(&id), prepared)
        };
        let (abort, registration) = AbortHandle::new_pair();
        self.operations.push(Abortable::new(updates, registration).boxed());
        self.running.insert(id, Running { abort, subscription });
    }
}
