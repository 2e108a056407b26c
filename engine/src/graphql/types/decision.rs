//! Why messages were treated as they were: the whole record, for moderators and admins.

use async_graphql::connection::PageInfo;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

use super::cursor;
use super::user::User;
use super::verdict::{Action, Verdict};
use crate::domain::{self, UserId};
use crate::graphql::errors::Fault;
use crate::graphql::ids;
use crate::store;

/// As what a version looked at a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::RunMode")]
pub enum RunMode {
    /// The version that judges.
    Live,
    /// A newer version that judged this conversation instead.
    Canary,
}

/// One filter's look at a message.
#[derive(Debug, Clone, SimpleObject)]
pub struct FilterRun {
    /// The filter's name.
    filter: String,
    /// Its version in this engine; 0 where nothing numbered it.
    version: u32,
    /// BLAKE3 of the component, hexadecimal.
    digest: String,
    /// BLAKE3 of its configuration, hexadecimal.
    config_hash: String,
    /// As what it looked.
    mode: RunMode,
    /// How long it took, microseconds.
    micros: u32,
    /// How many signals it gave.
    signals: u32,
    /// Why it failed, if it did.
    fault: Option<String>,
}

/// Why a message was treated as it was.
#[derive(Debug, Clone, SimpleObject)]
pub struct Decision {
    /// When.
    at: DateTime<Utc>,
    /// Where; the conversation's global id.
    conversation_id: ID,
    /// The message's global id; null if it was refused and is no message.
    message_id: Option<ID>,
    /// Who wrote it.
    sender: User,
    /// The text as it was written.
    body: String,
    /// What was found, and what policy made of it.
    verdict: Verdict,
    /// What the sender was told.
    notice: Option<String>,
    /// What the recipient was told.
    warning: Option<String>,
    /// Every filter that looked at it, in their order.
    runs: Vec<FilterRun>,
    /// How long judging it took, waiting included, microseconds.
    micros: u32,
}

/// A decision and its place in the list.
#[derive(Debug, Clone, SimpleObject)]
pub struct DecisionEdge {
    /// Its place.
    cursor: String,
    /// The decision.
    node: Decision,
}

/// A page of decisions, newest first. With a narrow filter over very many decisions a page may be short or empty and
/// still have a next one, from its end cursor.
#[derive(SimpleObject)]
pub struct DecisionConnection {
    /// The decisions and their places.
    edges: Vec<DecisionEdge>,
    /// The decisions.
    nodes: Vec<Decision>,
    /// Where the page stands.
    page_info: PageInfo,
}

/// Which decisions are wanted; what is left out does not matter.
#[derive(Debug, Default, InputObject)]
pub struct DecisionFilter {
    /// Of this conversation, by its id, global or bare.
    conversation_id: Option<ID>,
    /// Over messages of this user.
    sender_id: Option<ID>,
    /// Where this filter gave a signal or failed.
    filter_name: Option<String>,
    /// Where this signal was given, such as `contact.phone`.
    signal_id: Option<String>,
    /// With this action.
    action: Option<Action>,
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Not after.
    to: Option<DateTime<Utc>>,
}

impl DecisionFilter {
    /// As the store understands it.
    pub fn read(self) -> Result<store::DecisionFilter, Fault> {
        let conversation = self.conversation_id.map(|id| ids::conversation(&id)).transpose()?;
        Ok(store::DecisionFilter {
            conversation,
            sender: self.sender_id.map(UserId::new).transpose()?,
            filter: self.filter_name,
            signal: self.signal_id,
            action: self.action.map(Into::into),
            from: self.from,
            to: self.to,
        })
    }
}

/// The filter in words, for the audit log: what somebody looked for, never what they found.
pub fn in_words(filter: &store::DecisionFilter) -> String {
    let parts = [
        filter.conversation.as_ref().map(|id| format!("conversation:{id}")),
        filter.sender.as_ref().map(|id| format!("sender={id}")),
        filter.filter.as_ref().map(|name| format!("filter={name}")),
        filter.signal.as_ref().map(|id| format!("signal={id}")),
        filter.action.map(|action| format!("action={action:?}").to_lowercase()),
        filter.from.map(|from| format!("from={}", from.to_rfc3339())),
        filter.to.map(|to| format!("to={}", to.to_rfc3339())),
    ];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "all".to_owned() } else { words }
}

impl DecisionConnection {
    /// A page as the store gave it.
    pub fn new(page: &store::DecisionPage, has_previous_page: bool) -> Self {
        let edges: Vec<DecisionEdge> = page
            .decisions
            .iter()
            .map(|(place, decision)| DecisionEdge {
                cursor: cursor::of_decision(place),
                node: Decision::of(place, decision),
            })
            .collect();
        let end = page.end.as_ref().map(cursor::of_decision);
        let page_info = PageInfo {
            has_previous_page,
            has_next_page: page.has_more,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: end.or_else(|| edges.last().map(|edge| edge.cursor.clone())),
        };
        let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
        Self { edges, nodes, page_info }
    }
}

impl Decision {
    fn of(place: &store::DecisionPlace, decision: &store::Decision) -> Self {
        let message = decision.seq.map(|seq| ids::of_message(&place.conversation, seq));
        Self {
            at: decision.at,
            conversation_id: ids::of_conversation(&place.conversation),
            message_id: message,
            sender: User::new(decision.sender.clone()),
            body: decision.body.as_ref().to_owned(),
            verdict: Verdict::from(decision.verdict.as_ref()),
            notice: decision.verdict.notice.clone(),
            warning: decision.verdict.warning.clone(),
            runs: decision.runs.iter().map(FilterRun::from).collect(),
            micros: decision.micros,
        }
    }
}

impl From<&domain::FilterRun> for FilterRun {
    fn from(run: &domain::FilterRun) -> Self {
        Self {
            filter: run.filter.clone(),
            version: run.version,
            digest: run.digest.clone(),
            config_hash: run.config_hash.clone(),
            mode: run.mode.into(),
            micros: run.micros,
            signals: run.signals.into(),
            fault: run.fault.clone(),
        }
    }
}
