//! Casts a message in what was laid out for it: the same text as an execution would give, without the execution.

use std::sync::Arc;

use async_graphql::ScalarType;
use async_graphql::resolver_utils::enum_value;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;

use super::layout::{Leaf, Part};
use super::types::message::{Message, MessageStatus};
use super::types::user::User;
use super::{Rooms, ids};
use crate::domain::{Seq, UserId};

/// What is cast: a message, and where in the log it was posted if that is said of it.
#[derive(Clone, Copy)]
pub struct Cast<'a> {
    /// The event's place and time.
    pub event: Option<(Seq, DateTime<Utc>)>,
    /// As the viewer sees it.
    pub message: &'a Message,
    /// Who asks.
    pub viewer: &'a UserId,
}

impl Cast<'_> {
    /// The answer of these parts, as JSON; `None` if one of them can't be had, and the execution has to say why.
    pub async fn fill(self, parts: &[Part], rooms: &Rooms) -> Option<Arc<RawValue>> {
        let name = if parts.contains(&Part::Value(Leaf::SenderName)) {
            let sender = User::new(self.message.inner.sender.clone());
            Some(sender.shown_name(&rooms.store).await.ok()?)
        } else {
            None
        };
        let text = self.text(parts, name.as_deref())?;
        Some(RawValue::from_string(text).ok()?.into())
    }

    /// `name`: the sender's.
    fn text(self, parts: &[Part], name: Option<&str>) -> Option<String> {
        let Message { inner, seen, staff } = self.message;
        let mut out = Vec::with_capacity(512);
        for part in parts {
            let leaf = match part {
                Part::Text(text) => {
                    out.extend_from_slice(text.as_bytes());
                    continue;
                }
                Part::Value(leaf) => leaf,
            };
            match leaf {
                Leaf::EventSeq => json(&mut out, &self.event?.0)?,
                Leaf::EventAt => json(&mut out, &self.event?.1.to_value())?,
                Leaf::Id => json(&mut out, &*ids::of_message(&inner.conversation, inner.seq))?,
                Leaf::Seq => json(&mut out, &inner.seq)?,
                Leaf::Body => json(&mut out, &*seen.body)?,
                Leaf::Status => json(&mut out, &enum_value(MessageStatus::from(seen.status)))?,
                Leaf::SentAt => json(&mut out, &inner.sent_at.to_value())?,
                Leaf::EditedAt => json(&mut out, &inner.edited_at.map(|at| at.to_value()))?,
                Leaf::RetractedAt => json(&mut out, &inner.retracted_at.map(|at| at.to_value()))?,
                Leaf::ClientId => {
                    let own = inner.sender == *self.viewer;
                    json(&mut out, &own.then(|| inner.client_id.as_str()))?;
                }
                Leaf::Notice => json(&mut out, &seen.notice)?,
                Leaf::Warning => json(&mut out, &seen.warning)?,
                Leaf::Revision => json(&mut out, &staff.then_some(inner.revision))?,
                Leaf::SenderId => json(&mut out, inner.sender.as_str())?,
                Leaf::SenderName => json(&mut out, name?)?,
            }
        }
        String::from_utf8(out).ok()
    }
}

fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Option<()> {
    serde_json::to_writer(out, value).ok()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::parser::types::ExecutableDocument;
    use async_graphql::{Request, ValidationMode, Variables, value};
    use chrono::TimeDelta;
    use futures_util::StreamExt;
    use proptest::prelude::*;

    use super::super::following::Single;
    use super::super::sending::Done;
    use super::super::shape::{sending, shape};
    use super::super::types::conversation::Conversation;
    use super::super::types::event::{ConversationEvent, MessagePosted};
    use super::super::{Answer, Caller, builder};
    use super::*;
    use crate::conversation::View;
    use crate::domain::{
        self, Action, Audience, ClientId, ConversationId, ConversationKind, ConversationState,
        Role, Span, Verdict, Viewer,
    };

    const PAYLOAD: usize = 0;
    const EVENT: usize = 1;
    const MESSAGE: usize = 2;

    /// Selections at one level: fields with and without another name, fragments, things left out.
    fn selection(depth: u32, level: usize) -> BoxedStrategy<String> {
        let (name, leaves): (_, &'static [&'static str]) = [
            ("SendMessagePayload", ["userErrors { field }", "__typename"].as_slice()),
            ("MessagePosted", &["seq", "at", "__typename"]),
            (
                "Message",
                &[
                    "id",
                    "seq",
                    "body",
                    "status",
                    "sentAt",
                    "editedAt",
                    "retractedAt",
                    "clientId",
                    "notice",
                    "warning",
                    "revision",
                    "__typename",
                ],
            ),
            ("User", &["id", "__typename"]),
        ][level];
        let condition = "( @(skip|include)\\(if: (\\$yes|\\$no|true|false)\\))?";
        let alias = "(a_|b_)?";
        let field = (prop::sample::select(leaves), alias, condition).prop_map(
            |(leaf, alias, condition)| {
                let (leaf, set) = leaf.split_once(' ').unwrap_or((leaf, ""));
                let alias = if alias.is_empty() { alias } else { format!("{alias}{leaf}: ") };
                format!("{alias}{leaf}{condition} {set}")
            },
        );
        let mut choices = vec![(4, field.boxed())];
        if let Some(below) = ["message", "message", "sender"].get(level) {
            let next = if level == PAYLOAD { MESSAGE } else { level + 1 };
            let set = (selection(depth.saturating_sub(1), next), alias, condition);
            let nested = set.prop_map(move |(set, alias, condition)| {
                let alias = if alias.is_empty() { alias } else { format!("{alias}{below}: ") };
                format!("{alias}{below}{condition} {{ {set} }}")
            });
            choices.push((3, nested.boxed()));
        }
        if depth > 0 {
            let set = (selection(depth - 1, level), condition, any::<bool>());
            let fragment = set.prop_map(move |(set, condition, named)| {
                let on = if named { format!(" on {name}") } else { String::new() };
                format!("...{on}{condition} {{ {set} }}")
            });
            choices.push((2, fragment.boxed()));
        }
        let one = prop::strategy::Union::new_weighted(choices);
        proptest::collection::vec(one, 1..5).prop_map(|all| all.join(" ")).boxed()
    }

    fn view() -> Arc<View> {
        let conversation = domain::Conversation {
            id: ConversationId::trusted("c-1"),
            kind: ConversationKind::Support,
            listing: None,
            category: None,
            participants: Vec::new(),
            state: ConversationState::Open,
            blocks: Vec::new(),
            created_at: DateTime::UNIX_EPOCH,
            sealed_chunks: 0,
        };
        let (conversation, reads) = (Arc::new(conversation), Arc::default());
        Arc::new(View { conversation, reads, last_seq: 1 })
    }

    fn at() -> impl Strategy<Value = DateTime<Utc>> {
        (0_i64..4_000_000_000_000).prop_map(|ms| DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms))
    }

    fn message() -> impl Strategy<Value = domain::Message> {
        let actions = [Action::Deliver, Action::Mask, Action::Hold, Action::Shadow];
        let verdict =
            (prop::sample::select(actions.to_vec()), any::<bool>()).prop_map(|(action, told)| {
                Verdict {
                    action,
                    policy_version: 1,
                    signals: Vec::new(),
                    mask: vec![Span { start: 0, end: 2 }],
                    notice: told.then(|| "Held. \"Why?\"".to_owned()),
                    warning: told.then(|| "Mind <this>.".to_owned()),
                }
            });
        let changed = (proptest::option::of(at()), proptest::option::of(at()));
        let seqs = (1_u64..1 << 50, 1_u64..1 << 50);
        (seqs, any::<String>(), at(), proptest::option::of(verdict), changed).prop_map(
            |((seq, revision), body, sent_at, verdict, (edited_at, retracted_at))| {
                domain::Message {
                    conversation: ConversationId::trusted("c-1"),
                    seq,
                    sender: UserId::trusted("ann"),
                    client_id: ClientId::trusted("client \u{e9}"),
                    sent_at,
                    body: body.into(),
                    verdict: verdict.map(Arc::new),
                    edited_at,
                    retracted_at,
                    decision: None,
                    revision,
                }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        /// Whatever is asked for, of whatever message, by whomever: the execution says the same, byte by byte.
        #[test]
        fn a_cast_is_what_the_execution_gives(
            alias in "(events: )?",
            set in selection(3, EVENT),
            others in any::<bool>(),
            message in message(),
            at in at(),
            who in prop::sample::select(vec!["ann", "bob", "staff"]),
        ) {
            let besides = if others { "... on TypingChanged { typing } ...Hidden" } else { "" };
            let hidden = if others { "fragment Hidden on HiddenEvent { seq }" } else { "" };
            let text = format!(
                "subscription($yes: Boolean!, $no: Boolean!) {{
                    {alias}conversationEvents(conversationId: 1) {{
                        x: __typename @include(if: $yes) y: __typename @skip(if: $no)
                        ... on MessagePosted {{ {set} }} {besides} }} }} {hidden}"
            );
            let variables = Variables::from_value(value!({ "yes": true, "no": false }));
            let document = parse_query(&text).expect("well formed");
            let (_, operation) = document.operations.iter().next().expect("an operation");
            let shape = shape(&document, &[0; 32], &operation.node, &variables);
            // Not shared, if nothing is left of a selection.
            prop_assume!(shape.is_some());
            let shape = shape.expect("just seen");
            let role = if who == "staff" { Role::Moderator } else { Role::User };
            let id = UserId::trusted(who);
            let audience = match role {
                Role::User => Audience::Participant(id.clone()),
                _ => Audience::Staff,
            };
            let viewer = Viewer { id, role, name: None, expires_at: DateTime::UNIX_EPOCH };
            let Some(message) = Message::seen(message, &audience) else { return Ok(()) };
            let posted = MessagePosted { seq: message.inner.seq, at, message };
            let (event, message) = (Some((posted.seq, posted.at)), &posted.message);
            let cast = Cast { event, message, viewer: &viewer.id }.text(&shape.parts, None);
            let cast = cast.expect("no name is asked for");
            let single = Single(ConversationEvent::Posted(posted));
            let executed = execute(document.clone(), variables, viewer, single);
            prop_assert_eq!(cast, executed, "{}", text);
        }

        /// The same of a message that was sent.
        #[test]
        fn so_is_the_answer_to_who_sent_it(
            alias in "(sent: )?",
            set in selection(3, PAYLOAD),
            message in message(),
        ) {
            let set = set.replace("$yes", "true").replace("$no", "false");
            let text = format!("mutation($input: SendMessageInput!) {{
                {alias}sendMessage(input: $input) {{ x: __typename {set} }} }}");
            let document = parse_query(&text).expect("well formed");
            let (_, operation) = document.operations.iter().next().expect("an operation");
            let laid_out = sending(&document, &operation.node);
            // Not laid out, if nothing is left of a selection.
            prop_assume!(laid_out.is_some());
            let parts = laid_out.expect("just seen");
            let id = UserId::trusted("ann");
            let audience = Audience::Participant(id.clone());
            let viewer =
                Viewer { id, role: Role::User, name: None, expires_at: DateTime::UNIX_EPOCH };
            let message = Message::seen(message, &audience).expect("her own");
            let cast = Cast { event: None, message: &message, viewer: &viewer.id };
            let cast = cast.text(&parts, None).expect("no name is asked for");
            let conversation = Conversation::new(view(), audience);
            let done = Done::new(Ok(Ok((conversation, Some(message)))));
            let input = value!({ "input": { "conversationId": "c", "clientId": "1", "body": "" } });
            let variables = Variables::from_value(input);
            let executed = execute(document.clone(), variables, viewer, done);
            prop_assert_eq!(cast, executed, "{}", text);
        }
    }

    fn execute<D: Send + Sync + 'static>(
        document: ExecutableDocument,
        variables: Variables,
        viewer: Viewer,
        data: D,
    ) -> String {
        let caller = Caller(Some(Arc::new(viewer)));
        let mut request = Request::new(String::new()).variables(variables).data(caller).data(data);
        request.set_parsed_query(document);
        let schema = builder().validation_mode(ValidationMode::Fast).finish();
        let mut answers = schema.execute_stream(request).boxed();
        let answer = futures_executor(answers.next()).expect("an answer");
        serde_json::to_string(&Answer::from(answer)).expect("JSON")
    }

    fn futures_executor<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(future)
    }
}
