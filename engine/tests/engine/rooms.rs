//! Rooms without a network: actors that panic, passivate and are capped; staff reads that are audited.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rialto_engine::app::Rooms;
use rialto_engine::config::Config;
use rialto_engine::conversation::{ConversationError, Refusal};
use rialto_engine::domain::{
    ClientId, Clock, Listing, ListingId, ListingStatus, Role, User, UserId, Viewer,
};
use tempfile::TempDir;

/// A signed-in user, for an hour.
pub fn viewer(id: &str, role: Role) -> Viewer {
    let expires_at = Clock::system().now() + Duration::from_secs(3_600);
    Viewer { id: UserId::trusted(id), role, name: Some(id.to_owned()), expires_at }
}

/// Rooms on a store in memory, with users ann and sam and sam's listings `listing-0` to `listing-19`.
pub async fn rooms(dir: &TempDir, clock: Clock, change: impl FnOnce(&mut Config)) -> Rooms {
    let mut config = Config::default();
    dir.path().clone_into(&mut config.server.data_dir);
    "memory".clone_into(&mut config.store.address);
    change(&mut config);
    let rooms = Rooms::open(&config, clock).await.expect("rooms");
    let user = |id: &str| User {
        id: UserId::trusted(id),
        name: id.to_owned(),
        locale: None,
        created_at: None,
    };
    rooms.store.upsert_users(vec![user("ann"), user("sam")]).await.expect("users");
    let listing = |n: usize| Listing {
        id: ListingId::trusted(format!("listing-{n}")),
        title: "Bicycle".to_owned(),
        seller: Some(UserId::trusted("sam")),
        category: None,
        price_minor: None,
        currency: None,
        url: None,
        image_url: None,
        status: ListingStatus::Active,
    };
    rooms.store.upsert_listings((0..20).map(listing).collect()).await.expect("listings");
    rooms
}

/// The id of sam's nth listing.
pub fn listing(n: usize) -> ListingId {
    ListingId::trusted(format!("listing-{n}"))
}

/// A client id.
pub fn client_id(n: impl std::fmt::Display) -> ClientId {
    ClientId::trusted(n.to_string())
}

#[tokio::test]
async fn a_panic_in_an_actor_loses_nothing_and_the_next_send_works() {
    let dir = TempDir::new().expect("a directory");
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    // The clock is read on every send: one that panics makes the actor panic where it works.
    let clock = Clock::from_fn(move || {
        assert!(!switch.swap(false, Ordering::SeqCst), "the clock broke");
        Clock::system().now()
    });
    let rooms = rooms(&dir, clock, |_| {}).await;
    let ann = viewer("ann", Role::User);
    let first = rooms.conversations.start_direct(&ann, &listing(0), client_id(1), "one").await;
    let id = first.expect("started").view.conversation.id.clone();
    let mut after =
        rooms.conversations.subscribe(&ann, &id, Some(0), None).await.expect("a stream").1;
    broken.store(true, Ordering::SeqCst);
    let second = rooms.conversations.send(&ann, &id, client_id(2), "two").await.expect("sent");
    assert!(!broken.load(Ordering::SeqCst), "the actor did panic");
    assert_eq!(second.message.seq, 2, "a fresh actor took the command over");
    let third = rooms.conversations.send(&ann, &id, client_id(3), "three").await.expect("sent");
    assert_eq!(third.message.seq, 3);
    let events = rooms.store.events(&id, 1..=3).await.expect("events");
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3]);
    let mut seen = Vec::new();
    while seen.len() < 3 {
        use rialto_engine::conversation::Delivery;
        match after.next().await.expect("the stream goes on") {
            Delivery::Event(event) => seen.push(event.seq),
            Delivery::Snapshot(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(seen, [1, 2, 3]);
    rooms.close().await.expect("closed");
}

#[tokio::test]
async fn idle_actors_are_passivated_and_come_back() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |config| config.conversations.idle_seconds = 1).await;
    let ann = viewer("ann", Role::User);
    let posted = rooms.conversations.start_direct(&ann, &listing(0), client_id(1), "one").await;
    let id = posted.expect("started").view.conversation.id.clone();
    assert_eq!(rooms.conversations.live_count(), 1);
    for _ in 0..100 {
        if rooms.conversations.live_count() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(rooms.conversations.live_count(), 0, "an idle actor leaves");
    let again = rooms.conversations.send(&ann, &id, client_id(1), "one").await.expect("answered");
    assert!(again.replayed, "a retry is still recognised");
    let next = rooms.conversations.send(&ann, &id, client_id(2), "two").await.expect("sent");
    assert_eq!(next.message.seq, 2);
    rooms.close().await.expect("closed");
}

#[tokio::test]
async fn the_number_of_live_actors_is_capped() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |config| config.conversations.max_live = 4).await;
    let ann = viewer("ann", Role::User);
    for n in 0..20 {
        let started = rooms.conversations.start_direct(&ann, &listing(n), client_id(n), "hi").await;
        started.expect("idle actors make room");
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(rooms.conversations.live_count() <= 6, "{}", rooms.conversations.live_count());
    }
    rooms.close().await.expect("closed");
}

#[tokio::test]
async fn asking_for_unknown_conversations_leaves_no_actors_behind() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    let eve = viewer("eve", Role::User);
    for n in 0..50 {
        let id = rialto_engine::domain::ConversationId::trusted(format!("unknown-{n}"));
        let answer = rooms.conversations.view(&eve, &id).await;
        assert!(matches!(answer, Err(ConversationError::Refused(Refusal::ConversationNotFound))));
    }
    for _ in 0..50 {
        if rooms.conversations.live_count() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(rooms.conversations.live_count(), 0);
    rooms.close().await.expect("closed");
}

#[tokio::test]
async fn staff_say_why_before_they_read_a_private_conversation() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    let before = Clock::system().now() - Duration::from_secs(1);
    let ann = viewer("ann", Role::User);
    let posted = rooms.conversations.start_direct(&ann, &listing(0), client_id(1), "one").await;
    let id = posted.expect("started").view.conversation.id.clone();
    rooms.conversations.view(&ann, &id).await.expect("her own");
    let log = |from| {
        let store = rooms.store.clone();
        async move {
            let until = Clock::system().now() + Duration::from_secs(1);
            let mut entries = store.audit_log(from..=until).await.expect("the log");
            // The engine's own entries are about the filters it begins with.
            entries.retain(|entry| entry.action == "conversation.read");
            entries
        }
    };
    let mia = viewer("mia", Role::Moderator);
    let refused = |answer: ConversationError| {
        assert!(
            matches!(answer, ConversationError::Refused(Refusal::ReasonRequired)),
            "{answer}: without a reason nobody looks"
        );
    };
    refused(rooms.conversations.view(&mia, &id).await.expect_err("no reason"));
    refused(rooms.conversations.view_because(&mia, &id, Some(" a ")).await.expect_err("too short"));
    refused(rooms.conversations.subscribe(&mia, &id, None, None).await.expect_err("no reason"));
    assert!(log(before).await.is_empty(), "nobody has looked");
    let reason = Some("reported by phone");
    rooms.conversations.view_because(&mia, &id, reason).await.expect("a moderator may look");
    rooms.conversations.view(&mia, &id).await.expect("again within the hour");
    let _ = rooms.conversations.subscribe(&mia, &id, None, None).await.expect("and listen");
    let entries = log(before).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].actor.as_str(), "mia");
    assert_eq!(entries[0].target, format!("conversation:{id}"));
    assert_eq!(entries[0].reason.as_deref(), reason);
    refused(
        rooms.conversations.view(&viewer("max", Role::Admin), &id).await.expect_err("their own"),
    );
    rooms.close().await.expect("closed");
}
