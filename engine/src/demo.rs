//! A small marketplace of our own writing, pushed through the real rooms, and the banner that shows the way in.

use chrono::TimeDelta;

use crate::conversation::{ConversationError, Conversations};
use crate::domain::{
    ClientId, Clock, ConversationId, Listing, ListingId, ListingStatus, User, UserId, Viewer,
};
use crate::identity::{Identity, MintError};
use crate::store::{Store, StoreError};

mod banner;
mod data;

pub use banner::{FIRST_QUERY, banner};
use data::{LISTINGS, Person, TALKS, Talk, Topic, USERS};

/// How long the demo's tokens are believed.
const TOKEN_LIFETIME: TimeDelta = TimeDelta::days(30);

/// Why the demo could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The store did not take users or listings.
    #[error("the demo's users and listings were not stored: {0}")]
    Store(#[from] StoreError),
    /// A conversation could not go on.
    #[error("the demo's conversations were not held: {0}")]
    Conversation(#[from] ConversationError),
}

/// A token for somebody of the demo.
#[derive(Debug, Clone)]
pub struct DemoToken {
    /// What they are, such as `buyer`.
    pub part: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Their token.
    pub token: String,
}

/// Fills the store. Filling it again changes nothing: client ids are fixed, so each message is sent once.
pub async fn fill(
    store: &Store,
    conversations: &Conversations,
    clock: &Clock,
) -> Result<(), DemoError> {
    let now = clock.now();
    let user = |person: &Person| User {
        id: UserId::trusted(person.id),
        name: person.name.to_owned(),
        locale: Some(person.locale.to_owned()),
        created_at: Some(now - TimeDelta::days(person.account_age_days)),
    };
    store.upsert_users(USERS.iter().map(user).collect()).await?;
    store.upsert_listings(LISTINGS.iter().map(listing).collect()).await?;
    for (number, talk) in TALKS.iter().enumerate() {
        hold(conversations, clock, number, talk).await?;
    }
    Ok(())
}

/// Tokens for a buyer, a seller, an agent and an admin.
pub fn tokens(identity: &Identity, clock: &Clock) -> Result<Vec<DemoToken>, MintError> {
    let now = clock.now();
    USERS
        .iter()
        .filter_map(|person| Some((person, person.part?)))
        .map(|(person, part)| {
            let sub = UserId::trusted(person.id);
            let token = identity.mint(&sub, person.role, Some(person.name), TOKEN_LIFETIME, now)?;
            Ok(DemoToken { part, name: person.name, token })
        })
        .collect()
}

/// Says a conversation's lines one after the other, each as the person who says it.
async fn hold(
    conversations: &Conversations,
    clock: &Clock,
    number: usize,
    talk: &Talk,
) -> Result<(), DemoError> {
    let mut id: Option<ConversationId> = None;
    for (line, (speaker, body)) in talk.lines.iter().enumerate() {
        let Some(viewer) = viewer(speaker, clock) else { continue };
        let client_id = ClientId::trusted(format!("demo-{number}-{line}"));
        let posted = match (&id, talk.topic) {
            (Some(id), _) => conversations.send(&viewer, id, client_id, body).await,
            (None, Topic::Listing(listing)) => {
                let listing = ListingId::trusted(listing);
                conversations.start_direct(&viewer, &listing, client_id, body).await
            }
            (None, Topic::Support { category, listing }) => {
                let listing = listing.map(ListingId::trusted);
                conversations
                    .contact_support(&viewer, listing.as_ref(), category, client_id, body)
                    .await
            }
        };
        match posted {
            Ok(posted) => id = Some(posted.view.conversation.id.clone()),
            // The operator's policy may be stricter than the demo expects.
            Err(ConversationError::Refused(refusal)) => {
                tracing::info!(talk = number, line, %refusal, "a line of the demo was refused");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn viewer(id: &str, clock: &Clock) -> Option<Viewer> {
    let person = USERS.iter().find(|person| person.id == id)?;
    Some(Viewer {
        id: UserId::trusted(person.id),
        role: person.role,
        name: Some(person.name.to_owned()),
        expires_at: clock.now() + TOKEN_LIFETIME,
    })
}

fn listing(offer: &data::Offer) -> Listing {
    let page = format!("https://market.example/listings/{}", offer.id);
    Listing {
        id: ListingId::trusted(offer.id),
        title: offer.title.to_owned(),
        seller: Some(UserId::trusted(offer.seller)),
        category: Some(offer.category.to_owned()),
        price_minor: Some(offer.price_minor),
        currency: Some("EUR".to_owned()),
        image_url: Some(format!("{page}.jpg")),
        url: Some(page),
        status: ListingStatus::Active,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::Role;

    #[test]
    fn everybody_and_everything_named_is_there() {
        let users: HashSet<&str> = USERS.iter().map(|person| person.id).collect();
        let listings: HashSet<&str> = LISTINGS.iter().map(|offer| offer.id).collect();
        assert_eq!((users.len(), listings.len()), (USERS.len(), LISTINGS.len()), "ids are unique");
        for offer in LISTINGS {
            assert!(users.contains(offer.seller), "{} is offered by nobody", offer.id);
        }
        for talk in TALKS {
            let (Topic::Listing(id) | Topic::Support { listing: Some(id), .. }) = talk.topic else {
                continue;
            };
            assert!(listings.contains(id), "{id} is talked about but not offered");
            assert!(talk.lines.iter().all(|(who, _)| users.contains(who)), "about {id}");
        }
        let parts: Vec<_> = USERS.iter().filter_map(|person| person.part).collect();
        assert_eq!(parts, ["buyer", "seller", "agent", "admin"]);
    }

    /// The buyer's inbox must not be empty, or the first query shows nothing.
    #[test]
    fn buyer_and_seller_have_something_to_see() {
        for part in ["buyer", "seller", "agent"] {
            let person = USERS.iter().find(|person| person.part == Some(part)).expect(part);
            let speaks = |talk: &&Talk| talk.lines.iter().any(|(who, _)| *who == person.id);
            assert!(TALKS.iter().any(|talk| speaks(&talk)), "the {part} says nothing");
        }
        assert!(TALKS.iter().all(|talk| talk.lines.len() >= 3), "conversations go back and forth");
    }

    #[test]
    fn only_staff_answer_support() {
        for talk in TALKS.iter().filter(|talk| matches!(talk.topic, Topic::Support { .. })) {
            let customer = talk.lines[0].0;
            for (who, _) in talk.lines.iter().filter(|(who, _)| *who != customer) {
                let person = USERS.iter().find(|person| person.id == *who).expect("a person");
                assert_eq!(person.role, Role::Agent, "{who} answers for support");
            }
        }
    }
}
