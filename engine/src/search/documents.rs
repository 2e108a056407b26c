//! What of a message and a conversation is searchable, for whom. Everything follows from what each audience is shown.

use rialto_search::{ConversationDocument, Kind, MessageDocument, Person, Projection};

use crate::domain::{
    Action, Audience, Conversation, ConversationKind, Listing, Message, ParticipantRole, User,
};

/// A conversation with what its documents take from elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) conversation: Conversation,
    pub(super) listing: Option<std::sync::Arc<Listing>>,
}

impl Subject {
    /// The support category, or the listing's.
    pub(super) fn category(&self) -> Option<String> {
        let listing = self.listing.as_deref();
        let own = self.conversation.category.clone();
        own.or_else(|| listing.and_then(|listing| listing.category.clone()))
    }

    fn participants(&self) -> Vec<String> {
        self.conversation.participants.iter().map(|one| one.user.as_str().to_owned()).collect()
    }
}

/// The word the index knows an action by.
pub(super) fn verdict_word(action: Action) -> &'static str {
    match action {
        Action::Deliver => "deliver",
        Action::Label => "label",
        Action::Warn => "warn",
        Action::Mask => "mask",
        Action::Hold => "hold",
        Action::Refuse => "refuse",
        Action::Shadow => "shadow",
    }
}

pub(super) fn kind_of(kind: ConversationKind) -> Kind {
    match kind {
        ConversationKind::Direct => Kind::Direct,
        ConversationKind::Support => Kind::Support,
    }
}

/// The message's documents: one with the whole text, for staff and for those who see all of it, and one with the masked text
/// if somebody sees that. None once it was taken back.
pub(super) fn of_message(subject: &Subject, message: &Message) -> Vec<MessageDocument> {
    let Some(whole) = message.view(&Audience::Staff) else { return Vec::new() };
    if whole.body.is_empty() {
        return Vec::new();
    }
    let (mut full, mut masked) = (Vec::new(), Vec::new());
    let mut masked_text = None;
    for participant in &subject.conversation.participants {
        let user = &participant.user;
        let Some(view) = message.view(&Audience::Participant(user.clone())) else { continue };
        if view.body == whole.body {
            full.push(user.as_str().to_owned());
        } else {
            masked.push(user.as_str().to_owned());
            masked_text = Some(view.body);
        }
    }
    let document = |projection, text: &str, readers| MessageDocument {
        conversation: message.conversation.as_str().to_owned(),
        seq: message.seq,
        projection,
        text: text.to_owned(),
        readers,
        participants: subject.participants(),
        sender: message.sender.as_str().to_owned(),
        kind: kind_of(subject.conversation.kind),
        listing: subject.conversation.listing.as_ref().map(|id| id.as_str().to_owned()),
        category: subject.category(),
        at: message.sent_at.timestamp_millis(),
        verdict: verdict_word(message.action()).to_owned(),
        has_attachment: false,
    };
    let mut documents = vec![document(Projection::Whole, &whole.body, full)];
    documents.extend(masked_text.map(|text| document(Projection::Masked, &text, masked)));
    documents
}

/// The conversation's document. Staff who answer are not among its people: users don't find conversations by them.
pub(super) fn of_conversation(
    subject: &Subject,
    users: &[std::sync::Arc<User>],
) -> ConversationDocument {
    let conversation = &subject.conversation;
    let name = |id: &str| {
        let known = users.iter().find(|user| user.id.as_str() == id);
        known.map_or_else(|| id.to_owned(), |user| user.name.clone())
    };
    let people = conversation
        .participants
        .iter()
        .filter(|participant| participant.role != ParticipantRole::Staff)
        .map(|participant| participant.user.as_str())
        .map(|id| Person { id: id.to_owned(), name: name(id) });
    ConversationDocument {
        id: conversation.id.as_str().to_owned(),
        kind: kind_of(conversation.kind),
        readers: subject.participants(),
        people: people.collect(),
        listing: conversation.listing.as_ref().map(|id| id.as_str().to_owned()),
        title: subject.listing.as_ref().map(|listing| listing.title.clone()),
        category: subject.category(),
        at: conversation.created_at.timestamp_millis(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::*;
    use crate::domain::{
        ClientId, ConversationId, ConversationState, Participant, Span, UserId, Verdict,
    };

    fn subject() -> Subject {
        let participant = |id: &str, role| Participant { user: UserId::trusted(id), role };
        Subject {
            conversation: Conversation {
                id: ConversationId::trusted("c"),
                kind: ConversationKind::Direct,
                listing: None,
                category: None,
                participants: vec![
                    participant("ann", ParticipantRole::Buyer),
                    participant("sam", ParticipantRole::Seller),
                ],
                state: ConversationState::Open,
                blocks: vec![],
                created_at: DateTime::UNIX_EPOCH,
                sealed_chunks: 0,
            },
            listing: None,
        }
    }

    fn message(action: Option<Action>, body: &str) -> Message {
        let verdict = action.map(|action| {
            Arc::new(Verdict {
                action,
                policy_version: 1,
                signals: vec![],
                mask: vec![Span { start: 5, end: 8 }],
                notice: None,
                warning: None,
            })
        });
        Message {
            conversation: ConversationId::trusted("c"),
            seq: 1,
            sender: UserId::trusted("ann"),
            client_id: ClientId::trusted("1"),
            sent_at: DateTime::UNIX_EPOCH,
            body: Arc::from(body),
            verdict,
            edited_at: None,
            retracted_at: None,
            decision: None,
            revision: 1,
        }
    }

    /// Verdict × text: the documents and who reads each.
    #[test]
    fn each_reader_finds_the_text_they_are_shown() {
        let whole = |readers: &'static str| vec![("call 555", readers)];
        let masked = vec![("call 555", "ann"), ("call •••", "sam")];
        let cases = [
            (None, whole("ann,sam")),
            (Some(Action::Label), whole("ann,sam")),
            (Some(Action::Warn), whole("ann,sam")),
            (Some(Action::Mask), masked),
            (Some(Action::Hold), whole("ann")),
            (Some(Action::Shadow), whole("ann")),
        ];
        for (action, expected) in cases {
            let documents = of_message(&subject(), &message(action, "call 555"));
            let seen: Vec<_> =
                documents.iter().map(|one| (one.text.as_str(), one.readers.join(","))).collect();
            let seen: Vec<_> = seen.iter().map(|(text, who)| (*text, who.as_str())).collect();
            assert_eq!(seen, expected, "{action:?}");
        }
        assert_eq!(of_message(&subject(), &message(None, "")), [], "a text that is gone");
    }
}
