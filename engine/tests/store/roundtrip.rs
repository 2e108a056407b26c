//! Whatever is written is read back unchanged, also by the next process; a newer store is refused.

use std::collections::HashMap;
use std::sync::Arc;

use rialto_engine::config;
use rialto_engine::domain::conversation::{Block, EVENTS_PER_CHUNK};
use rialto_engine::domain::{
    Action, ClientId, ConversationState, DecisionKind, Effect, Event, EventKind, Listing,
    ListingId, ListingStatus, MessagingException, ModeratorDecision, Participant, ParticipantRole,
    Span, User,
};
use rialto_engine::store::{
    AuditEntry, Coverage, Decision, ListingFilter, Store, StoreError, Write,
};
use surrealdb::engine::any;

use crate::support::{
    TempDir, at, close, conversation, conversation_id, embedded, event, in_memory, open, posted,
    run, user, verdict, write,
};

fn all_kinds(id: &rialto_engine::domain::ConversationId) -> Vec<Event> {
    let body: Arc<str> = Arc::from("call 555, ключ 🔑 \u{0}");
    let masked = Some(verdict(Action::Mask));
    let kinds = [
        EventKind::MessagePosted {
            client_id: ClientId::trusted("c1"),
            body: Arc::clone(&body),
            verdict: masked.clone(),
        },
        EventKind::MessageEdited { message: 1, body: Arc::clone(&body), verdict: masked },
        EventKind::MessageEdited { message: 1, body, verdict: None },
        EventKind::MessageRetracted { message: 1, withheld: true },
        EventKind::MessageDecided {
            message: 1,
            sender: user("ann"),
            decision: Arc::new(moderated()),
            effect: Effect {
                was_withheld: true,
                is_withheld: false,
                tells_sender: false,
                tells_recipients: true,
            },
        },
        EventKind::DecisionUndone {
            message: 1,
            sender: user("ann"),
            decision: 5,
            reason: None,
            effect: Effect {
                was_withheld: false,
                is_withheld: true,
                tells_sender: true,
                tells_recipients: false,
            },
        },
        EventKind::ParticipantJoined {
            participant: Participant { user: user("eve"), role: ParticipantRole::Staff },
        },
        EventKind::ParticipantBlocked { blocked: user("bob") },
        EventKind::ParticipantUnblocked { blocked: user("bob") },
        EventKind::ConversationClosed,
        EventKind::ConversationReopened,
    ];
    (1..).zip(kinds).map(|(seq, kind)| event(id, seq, kind)).collect()
}

fn moderated() -> ModeratorDecision {
    ModeratorDecision {
        seq: 5,
        at: at(1_700_000_000_700),
        by: user("mia"),
        kind: DecisionKind::Mask,
        reason: Some("a number".into()),
        spans: vec![Span { start: 5, end: 8 }],
        notice: Some("hidden".into()),
        before: Some(4),
    }
}

fn listing(id: &str, status: ListingStatus, seller: Option<&str>) -> Listing {
    Listing {
        id: ListingId::trusted(id),
        title: format!("Title of {id}"),
        seller: seller.map(user),
        category: Some("bike".into()),
        price_minor: Some(-1),
        currency: Some("EUR".into()),
        url: None,
        image_url: Some("https://example.org/1.jpg".into()),
        status,
    }
}

#[tokio::test]
async fn a_reopened_store_has_everything() {
    let dir = TempDir::new();
    let id = conversation_id("bike-1");
    let events = all_kinds(&id);
    let mut edited = events[0].posted_message().expect("the first event posts");
    edited.body = Arc::from("call me");
    edited.edited_at = Some(at(1_700_000_009_000));
    edited.decision = Some(Arc::new(moderated()));
    edited.revision = 5;
    let mut record = conversation(&id);
    let decision = Decision {
        at: at(1_700_000_000_500),
        sender: user("ann"),
        client_id: ClientId::trusted("refused"),
        body: Arc::from("call 555"),
        verdict: verdict(Action::Refuse),
        seq: None,
        runs: vec![run()],
        micros: 77,
    };
    let audit = AuditEntry {
        at: at(5),
        actor: user("mod"),
        action: "conversation.read".into(),
        target: id.to_string(),
        reason: Some("report 7".into()),
    };
    let known = User {
        id: user("ann"),
        name: "Ann".into(),
        locale: None,
        created_at: Some(at(1_600_000_000_001)),
    };
    let offered = listing("bike-1", ListingStatus::Active, Some("bob"));

    let store = open(&embedded(), dir.path()).await.expect("a new store opens");
    assert!(store.is_empty().await.expect("answers"), "a new store is empty");
    let key = store.secret_key();
    let mut writes = vec![Write::Conversation(record.clone())];
    writes.extend(events.iter().cloned().map(Write::Event));
    writes.push(Write::Message(edited.clone()));
    writes.push(Write::Read { user: user("bob"), seq: 1 });
    writes.push(Write::Read { user: user("bob"), seq: 4 });
    writes.push(Write::Decision(decision.clone()));
    writes.push(Write::Block { by: user("ann"), blocked: user("bob") });
    writes.push(Write::Block { by: user("bob"), blocked: user("ann") });
    writes.push(Write::Unblock { by: user("bob"), blocked: user("ann") });
    write(&store, &id, writes).await.expect("a first commit");
    record.state = ConversationState::Closed;
    record.blocks.push(Block { by: user("ann"), blocked: user("bob") });
    record.category = Some("payment".into());
    write(&store, &id, vec![Write::Conversation(record.clone())]).await.expect("a replaced record");
    store.audit(&audit).await.expect("an audit entry");
    store.upsert_users(vec![known.clone()]).await.expect("a user");
    store.upsert_listings(vec![offered.clone()]).await.expect("a listing");
    close(store).await;

    let store = open(&embedded(), dir.path()).await.expect("opens again");
    assert_eq!(store.secret_key(), key, "the key is the store's, not the process's");
    assert!(!store.is_empty().await.expect("answers"));
    let loaded = store.load(&id).await.expect("answers").expect("the conversation is there");
    assert_eq!(loaded.conversation, record);
    assert_eq!(loaded.reads, HashMap::from([(user("bob"), 4)]), "the last marker counts");
    assert_eq!(loaded.tail, events);
    assert_eq!(loaded.last_seq(), 11);
    assert_eq!(store.last_seq(&id).await, Ok(11));
    assert_eq!(store.events(&id, 2..=3).await.as_deref(), Ok(&events[1..3]));
    assert_eq!(store.message(&id, 1).await, Ok(Some(edited)), "the edited text, not the posted");
    assert_eq!(store.message(&id, 2).await, Ok(None), "an edit is no message");
    assert_eq!(store.decisions(&id).await, Ok(vec![decision]));
    assert_eq!(store.is_blocked(&user("ann"), &user("bob")).await, Ok(true));
    assert_eq!(store.is_blocked(&user("bob"), &user("ann")).await, Ok(false));
    assert_eq!(store.audit_log(at(0)..=at(9)).await, Ok(vec![audit]));
    assert_eq!(store.user(&known.id).await, Ok(Some(Arc::new(known))));
    assert_eq!(store.listing(&offered.id).await, Ok(Some(Arc::new(offered))));
    assert_eq!(store.load(&conversation_id("other")).await, Ok(None));
    close(store).await;
}

#[tokio::test]
async fn sealed_chunks_keep_the_tail_short_and_the_fingerprints_whole() {
    let store = in_memory().await;
    let id = conversation_id("long");
    let total = 2 * EVENTS_PER_CHUNK + 3;
    let events: Vec<Event> = (1..=total).map(|seq| posted(&id, seq, "hi")).collect();
    let prints: Vec<u64> = events.iter().map(|event| event.fingerprint().unwrap_or(0)).collect();
    let mut record = conversation(&id);
    record.sealed_chunks = 2;
    let mut writes = vec![Write::Conversation(record)];
    writes.extend(events.iter().cloned().map(Write::Event));
    for (chunk, fingerprints) in (0..2).zip(prints.chunks(256)) {
        writes.push(Write::Sealed { chunk, fingerprints: fingerprints.to_vec() });
    }
    write(&store, &id, writes).await.expect("a large commit");
    let loaded = store.load(&id).await.expect("answers").expect("is there");
    assert_eq!(loaded.tail, events[512..], "only events after the sealed chunks");
    assert_eq!(store.last_seq(&id).await, Ok(total));
    assert_eq!(store.fingerprints(&id, 2).await.as_deref(), Ok(&prints[..512]));
    assert_eq!(store.fingerprints(&id, 1).await.as_deref(), Ok(&prints[..256]));
    let missing = store.fingerprints(&id, 3).await;
    assert!(matches!(missing, Err(StoreError::Corrupt { .. })), "a chunk is missing: {missing:?}");
}

#[tokio::test]
async fn the_user_cache_never_hides_a_change() {
    let store = in_memory().await;
    let mut ann = User { id: user("ann"), name: "Ann".into(), locale: None, created_at: None };
    assert_eq!(store.user(&ann.id).await, Ok(None), "nobody yet, and that is cached");
    store.ensure_user(&ann).await.expect("inserted");
    ann.name = "Anna".into();
    store.ensure_user(&ann).await.expect("left alone");
    let name = |user: Option<Arc<User>>| user.map(|user| user.name.clone());
    assert_eq!(store.user(&ann.id).await.map(name), Ok(Some("Ann".into())));
    ann.locale = Some("de".into());
    store.upsert_users(vec![ann.clone()]).await.expect("replaced");
    ann.locale = None;
    store.upsert_users(vec![ann.clone()]).await.expect("replaced again");
    assert_eq!(store.user(&ann.id).await, Ok(Some(Arc::new(ann))), "an absent field is absent");
}

async fn counted(store: &Store) -> Coverage {
    store.listing_coverage().await.expect("answers")
}

#[tokio::test]
async fn coverage_follows_every_upsert() {
    use ListingStatus::{Active, Inactive, Sold};
    let store = in_memory().await;
    let coverage = |active, enabled, no_seller: u64| Coverage {
        active,
        enabled,
        exceptions: (no_seller > 0)
            .then_some((MessagingException::NoSeller, no_seller))
            .into_iter()
            .collect(),
    };
    assert_eq!(counted(&store).await, coverage(0, 0, 0));
    let first = [
        listing("a", Active, Some("bob")),
        listing("b", Active, None),
        listing("c", Sold, None),
        listing("d", Inactive, Some("bob")),
        listing("d", Active, Some("bob")),
    ];
    store.upsert_listings(first.to_vec()).await.expect("written");
    assert_eq!(counted(&store).await, coverage(3, 2, 1), "of two rows of one id the last counts");
    let second = [
        listing("a", Sold, Some("bob")),
        listing("b", Active, Some("bob")),
        listing("c", Active, None),
        listing("e", Active, None),
    ];
    store.upsert_listings(second.to_vec()).await.expect("written");
    assert_eq!(counted(&store).await, coverage(4, 2, 2));
}

#[tokio::test]
async fn counting_afresh_agrees_with_following() {
    use ListingStatus::{Active, Sold};
    let dir = TempDir::new();
    let store = open(&embedded(), dir.path()).await.expect("opens");
    counted(&store).await;
    let rows =
        [listing("a", Active, None), listing("b", Active, Some("x")), listing("c", Sold, None)];
    store.upsert_listings(rows.to_vec()).await.expect("written");
    let followed = counted(&store).await;
    close(store).await;
    let store = open(&embedded(), dir.path()).await.expect("opens");
    assert_eq!(counted(&store).await, followed, "counted from the rows");
    close(store).await;
}

#[tokio::test]
async fn listings_are_filtered_and_paged_by_id() {
    let store = in_memory().await;
    let rows: Vec<Listing> = (0..30)
        .map(|n| {
            let status = if n % 3 == 0 { ListingStatus::Sold } else { ListingStatus::Active };
            listing(&format!("l{n:02}"), status, Some(if n % 2 == 0 { "bob" } else { "eve" }))
        })
        .collect();
    store.upsert_listings(rows).await.expect("written");
    let ids = |found: Vec<Listing>| -> Vec<String> {
        found.iter().map(|listing| listing.id.to_string()).collect()
    };
    let all = ListingFilter::default();
    let page = store.listings(&all, None, 3).await.expect("answers");
    assert_eq!(ids(page), ["l00", "l01", "l02"]);
    let after = ListingId::trusted("l02");
    let page = store.listings(&all, Some(&after), 2).await.expect("answers");
    assert_eq!(ids(page), ["l03", "l04"], "after, exclusive");
    let filter = ListingFilter {
        status: Some(ListingStatus::Active),
        seller: Some(user("eve")),
        category: Some("bike".into()),
    };
    let page = store.listings(&filter, Some(&after), 3).await.expect("answers");
    assert_eq!(ids(page), ["l05", "l07", "l11"]);
    let other = ListingFilter { category: Some("car".into()), ..ListingFilter::default() };
    assert_eq!(store.listings(&other, None, 9).await, Ok(vec![]));
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused() {
    let dir = TempDir::new();
    let config = embedded();
    close(open(&config, dir.path()).await.expect("a new store opens")).await;
    raise_version(&config, dir.path()).await;
    let refused = open(&config, dir.path()).await;
    assert_eq!(
        refused.err(),
        Some(StoreError::Newer { found: 99, supported: 7 }),
        "a newer version's store must not be touched"
    );
}

async fn raise_version(config: &config::Store, dir: &std::path::Path) {
    let path = dir.join("store");
    let db = any::connect(format!("surrealkv://{}", path.display())).await.expect("connects");
    db.use_ns(&config.namespace).use_db(&config.database).await.expect("selects");
    let raised = db.query("UPDATE meta:schema SET version = 99").await.expect("runs");
    raised.check().expect("raised");
    db.shutdown().await.expect("closes");
}
