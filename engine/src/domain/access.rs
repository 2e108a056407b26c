//! Who may do what: pure functions over role, participation and conversation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Audience, Conversation, ConversationKind, UserId};

/// What a token's bearer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A buyer or seller.
    User,
    /// Answers support conversations.
    Agent,
    /// An agent others escalate to.
    Senior,
    /// Decides over held and reported messages.
    Moderator,
    /// Runs the place.
    Admin,
    /// The marketplace's backend.
    Service,
}

impl Role {
    /// Every role, as shown in help texts.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Agent, Self::Senior, Self::Moderator, Self::Admin, Self::Service];

    /// The word used in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::Senior => "senior",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
            Self::Service => "service",
        }
    }

    /// Whether the role works for the marketplace as a person.
    pub fn is_staff(self) -> bool {
        matches!(self, Self::Agent | Self::Senior | Self::Moderator | Self::Admin)
    }
}

/// Who is asking, as their token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The token's `sub`.
    pub id: UserId,
    /// The token's `role`.
    pub role: Role,
    /// The token's `name`, if it has one.
    pub name: Option<String>,
    /// The token's `exp`: nothing is answered after it.
    pub expires_at: DateTime<Utc>,
}

/// Something one may or may not do to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationAction {
    /// See it, its messages and its events.
    Read,
    /// Say something, show typing.
    Send,
    /// Edit or retract an own message, mark read.
    Participate,
    /// Block the other side.
    Block,
    /// End it or open it again.
    Close,
    /// Decide what becomes of others' messages.
    Moderate,
}

/// As whom the viewer sees the conversation; `None` if to them it does not exist.
pub fn audience(viewer: &Viewer, conversation: &Conversation) -> Option<Audience> {
    let as_participant = conversation.kind == ConversationKind::Direct || !viewer.role.is_staff();
    if as_participant && conversation.participant(&viewer.id).is_some() {
        return Some(Audience::Participant(viewer.id.clone()));
    }
    let staff = match conversation.kind {
        ConversationKind::Support => viewer.role.is_staff(),
        ConversationKind::Direct => matches!(viewer.role, Role::Moderator | Role::Admin),
    };
    staff.then_some(Audience::Staff)
}

/// Whether reading is staff looking into other people's private conversation, which is audited.
pub fn is_private_read(viewer: &Viewer, conversation: &Conversation) -> bool {
    conversation.kind == ConversationKind::Direct
        && conversation.participant(&viewer.id).is_none()
        && viewer.role.is_staff()
}

/// Whether the viewer may do this to the conversation. State (closed, blocked) is judged elsewhere.
pub fn may(viewer: &Viewer, conversation: &Conversation, action: ConversationAction) -> bool {
    let participant = conversation.participant(&viewer.id).is_some();
    let support_staff = conversation.kind == ConversationKind::Support && viewer.role.is_staff();
    match action {
        ConversationAction::Read => audience(viewer, conversation).is_some(),
        ConversationAction::Send | ConversationAction::Participate => participant || support_staff,
        ConversationAction::Block => participant && conversation.kind == ConversationKind::Direct,
        ConversationAction::Close => {
            participant || support_staff || matches!(viewer.role, Role::Moderator | Role::Admin)
        }
        // Nobody is judge in their own matter.
        ConversationAction::Moderate => {
            may_moderate(viewer.role)
                && (conversation.kind == ConversationKind::Support || !participant)
        }
    }
}

/// Whether the role decides about held and delivered messages, and sees their queue.
pub fn may_moderate(role: Role) -> bool {
    matches!(role, Role::Moderator | Role::Admin)
}

/// Whether the role invites staff, gives them roles, and reads the audit log.
pub fn may_run_team(role: Role) -> bool {
    role == Role::Admin
}

/// Whether the role sees who works here, the support desk's conversations and live figures.
pub fn may_see_desk(role: Role) -> bool {
    role.is_staff()
}

/// Whether the role may push users and listings.
pub fn may_push_catalogue(role: Role) -> bool {
    matches!(role, Role::Service | Role::Admin)
}

/// Whether the role may see coverage and other figures of the whole marketplace.
pub fn may_see_coverage(role: Role) -> bool {
    role.is_staff() || role == Role::Service
}

/// Whether the role talks in conversations of its own (the marketplace's backend does not).
pub fn may_converse(role: Role) -> bool {
    role != Role::Service
}

/// How far a search reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The viewer's own conversations.
    Own,
    /// Those and all support conversations.
    Support,
    /// All conversations.
    Everything,
}

/// How far the role's searches reach: as far as `audience` would let it read.
pub fn search_reach(role: Role) -> Reach {
    match role {
        Role::User | Role::Service => Reach::Own,
        Role::Agent | Role::Senior => Reach::Support,
        Role::Moderator | Role::Admin => Reach::Everything,
    }
}

/// Whether the role may see how search and other followers of the log are doing.
pub fn may_see_operations(role: Role) -> bool {
    role.is_staff()
}

/// Whether the role may have the search index built anew.
pub fn may_rebuild_search(role: Role) -> bool {
    role == Role::Admin
}

/// Whether the role may see filters, policies and lists, what they found and decided, and try texts.
pub fn may_see_filters(role: Role) -> bool {
    matches!(role, Role::Moderator | Role::Admin)
}

/// Whether the role may read why messages were treated as they were, private ones' texts included; each look is audited.
pub fn may_read_decisions(role: Role) -> bool {
    matches!(role, Role::Moderator | Role::Admin)
}

/// Whether the role may change filters, policies and lists.
pub fn may_change_filters(role: Role) -> bool {
    role == Role::Admin
}

#[cfg(test)]
mod tests {
    use super::super::{ConversationId, ConversationState, Participant, ParticipantRole};
    use super::ConversationAction::{Block, Close, Moderate, Participate, Read, Send};
    use super::*;

    fn conversation(kind: ConversationKind, member: Option<&str>) -> Conversation {
        let participants = member
            .map(|id| Participant { user: UserId::trusted(id), role: ParticipantRole::Buyer })
            .into_iter()
            .collect();
        Conversation {
            id: ConversationId::trusted("c"),
            kind,
            listing: None,
            category: None,
            participants,
            state: ConversationState::Open,
            blocks: vec![],
            created_at: DateTime::UNIX_EPOCH,
            sealed_chunks: 0,
        }
    }

    /// Role × what is about the whole marketplace: catalogue, coverage, conversing, seeing and changing filters, decisions,
    /// operations, building the search index, moderating, the team, the desk.
    #[test]
    fn who_may_do_what_for_the_whole_marketplace() {
        let table = [
            (Role::User, "--C--------"),
            (Role::Agent, "-OC---W---K"),
            (Role::Senior, "-OC---W---K"),
            (Role::Moderator, "-OCS-DW-M-K"),
            (Role::Admin, "POCSFDWBMTK"),
            (Role::Service, "PO---------"),
        ];
        for (role, expected) in table {
            let may = [
                may_push_catalogue(role),
                may_see_coverage(role),
                may_converse(role),
                may_see_filters(role),
                may_change_filters(role),
                may_read_decisions(role),
                may_see_operations(role),
                may_rebuild_search(role),
                may_moderate(role),
                may_run_team(role),
                may_see_desk(role),
            ];
            let seen: String = may
                .iter()
                .zip("POCSFDWBMTK".chars())
                .map(|(may, c)| if *may { c } else { '-' })
                .collect();
            assert_eq!(seen, expected, "{role:?}");
        }
    }

    /// A search reaches a conversation exactly if its reader may be staff there, or is in it.
    #[test]
    fn a_search_reaches_what_may_be_read() {
        use ConversationKind::{Direct, Support};
        for role in Role::ALL {
            let id = UserId::trusted("me");
            let viewer = Viewer { id, role, name: None, expires_at: DateTime::UNIX_EPOCH };
            let reads = |kind| audience(&viewer, &conversation(kind, None)).is_some();
            let expected = match (reads(Support), reads(Direct)) {
                (false, false) => Reach::Own,
                (true, false) => Reach::Support,
                (_, true) => Reach::Everything,
            };
            assert_eq!(search_reach(role), expected, "{role:?}");
        }
    }

    /// Role × (kind, participant?) × action: the whole table, so that a change shows in the diff.
    #[test]
    fn who_may_do_what() {
        use ConversationKind::{Direct, Support};
        let all = [Read, Send, Participate, Block, Close, Moderate];
        let table: [(Role, [&str; 4]); 6] = [
            // participant of direct, stranger to direct, participant of support, stranger to support
            (Role::User, ["RSPBC-", "------", "RSP-C-", "------"]),
            (Role::Agent, ["RSPBC-", "------", "RSP-C-", "RSP-C-"]),
            (Role::Senior, ["RSPBC-", "------", "RSP-C-", "RSP-C-"]),
            (Role::Moderator, ["RSPBC-", "R---CM", "RSP-CM", "RSP-CM"]),
            (Role::Admin, ["RSPBC-", "R---CM", "RSP-CM", "RSP-CM"]),
            (Role::Service, ["RSPBC-", "------", "RSP-C-", "------"]),
        ];
        for (role, columns) in table {
            let viewer = Viewer {
                id: UserId::trusted("me"),
                role,
                name: None,
                expires_at: DateTime::UNIX_EPOCH,
            };
            let cases =
                [(Direct, Some("me")), (Direct, None), (Support, Some("me")), (Support, None)];
            for ((kind, member), expected) in cases.into_iter().zip(columns) {
                let conversation = conversation(kind, member);
                let seen: String = all
                    .iter()
                    .zip("RSPBCM".chars())
                    .map(
                        |(action, letter)| {
                            if may(&viewer, &conversation, *action) { letter } else { '-' }
                        },
                    )
                    .collect();
                assert_eq!(seen, expected, "{role:?} in {kind:?} as {member:?}");
            }
        }
    }
}
