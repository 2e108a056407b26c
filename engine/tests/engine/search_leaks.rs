//! Promise 5 for search: whoever searches for whatever finds what they are shown, all of it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rialto_engine::app::Rooms;
use rialto_engine::config::Config;
use rialto_engine::domain::{
    Audience, Clock, ConversationId, Listing, ListingId, ListingStatus, Message, Role, Seq, User,
    UserId, Viewer, access,
};
use rialto_engine::search::{MessageSearch, SearchError, SearchFilter};
use rialto_engine::store::Page;
use tempfile::TempDir;

use crate::index_server::IndexServer;
use crate::rooms::{client_id, rooms, viewer};

const PATIENCE: Duration = Duration::from_secs(60);
const USERS: usize = 7;
const LISTINGS: usize = 12;
const STEPS: usize = 420;

/// Every verdict that leaves a message, brought about by something in its text.
const POLICY: &str = r#"
failure_notice = "We are checking this."
[[row]]
signal = "contact.email"
action = "shadow"
[[row]]
signal = "contact.phone"
action = "mask"
notice = "Numbers are hidden."
[[row]]
signal = "link.shortened"
action = "hold"
notice = "Somebody looks at the link first."
[[row]]
signal = "contact.move"
action = "warn"
warning = "Stay here."
[[row]]
signal = "tone.*"
action = "label"
"#;

const WORDS: [&str; 24] = [
    "bicycle", "saddle", "wheel", "brake", "colour", "green", "price", "offer", "today",
    "tomorrow", "garage", "station", "receipt", "warranty", "scratch", "battery", "charger",
    "delivery", "pickup", "weekend", "morning", "evening", "Straße", "café",
];
const TRIGGERS: [&str; 5] = [
    "ring +44 7911 123456",
    "https://bit.ly/abc",
    "write to mallory@example.com",
    "let us move to whatsapp",
    "you stupid idiot",
];
const EXTRA_QUERIES: [&str; 13] = [
    "7911",
    "123456",
    "+44 7911 123456",
    "mallory",
    "example",
    "bit",
    "ring 7911",
    "whatsap",
    "\"write to\"",
    "stup",
    "-bicycle",
    "••••",
    "ly abc",
];

fn user(n: usize) -> String {
    format!("user-{n}")
}

fn text(random: &mut StdRng) -> String {
    let count = random.random_range(2..9);
    let mut words: Vec<&str> =
        (0..count).map(|_| *WORDS.choose(random).expect("there are words")).collect();
    if random.random_bool(0.45) {
        let at = random.random_range(0..=words.len());
        words.insert(at, TRIGGERS.choose(random).expect("there are triggers"));
    }
    words.join(" ")
}

/// Users talk, edit and take back at random; returns the conversations.
async fn live(rooms: &Rooms, random: &mut StdRng) -> BTreeSet<ConversationId> {
    let users = (0..USERS).map(|n| User {
        id: UserId::trusted(user(n)),
        name: format!("Person {n}"),
        locale: None,
        created_at: None,
    });
    rooms.store.upsert_users(users.collect()).await.expect("users");
    let listings = (0..LISTINGS).map(|n| Listing {
        id: ListingId::trusted(format!("thing-{n}")),
        title: format!("Thing {n}"),
        seller: Some(UserId::trusted(user(n % USERS))),
        category: Some(["bike", "car"][n % 2].to_owned()),
        price_minor: None,
        currency: None,
        url: None,
        image_url: None,
        status: ListingStatus::Active,
    });
    rooms.store.upsert_listings(listings.collect()).await.expect("listings");
    let mut said: Vec<(Viewer, ConversationId, Seq)> = Vec::new();
    let mut open: Vec<(ConversationId, Vec<String>)> = Vec::new();
    for step in 0..STEPS {
        let body = text(random);
        let id = client_id(format!("step-{step}"));
        match random.random_range(0..10) {
            0..2 => {
                let (who, thing) =
                    (random.random_range(0..USERS), random.random_range(0..LISTINGS));
                let (buyer, listing) =
                    (viewer(&user(who), Role::User), ListingId::trusted(format!("thing-{thing}")));
                let started = rooms.conversations.start_direct(&buyer, &listing, id, &body).await;
                let Ok(posted) = started else { continue };
                let it = posted.view.conversation.id.clone();
                said.push((buyer, it.clone(), posted.message.seq));
                open.push((it, vec![user(who), user(thing % USERS)]));
            }
            2 => {
                let asking = viewer(&user(random.random_range(0..USERS)), Role::User);
                let asked =
                    rooms.conversations.contact_support(&asking, None, "payment", id, &body).await;
                let Ok(posted) = asked else { continue };
                let it = posted.view.conversation.id.clone();
                said.push((asking.clone(), it.clone(), posted.message.seq));
                open.push((it, vec![asking.id.to_string(), "agent".to_owned()]));
            }
            3..8 => {
                let Some((it, people)) = open.choose(random) else { continue };
                let who = people.choose(random).expect("somebody is in it");
                let role = if who == "agent" { Role::Agent } else { Role::User };
                let who = viewer(who, role);
                let Ok(posted) = rooms.conversations.send(&who, it, id, &body).await else {
                    continue;
                };
                said.push((who, it.clone(), posted.message.seq));
            }
            8 => {
                let Some((who, it, seq)) = said.choose(random) else { continue };
                let _ = rooms.conversations.edit(who, it, *seq, &body).await;
            }
            _ => {
                let Some((who, it, seq)) = said.choose(random) else { continue };
                let _ = rooms.conversations.retract(who, it, *seq).await;
            }
        }
    }
    open.into_iter().map(|(id, _)| id).collect()
}

/// Everything `conversation.messages` shows this viewer: text by place.
async fn shown(
    rooms: &Rooms,
    who: &Viewer,
    conversations: &BTreeSet<ConversationId>,
) -> BTreeMap<(ConversationId, Seq), (String, Audience)> {
    let mut shown = BTreeMap::new();
    for id in conversations {
        let Ok((view, audience)) = rooms.conversations.view(who, id).await else { continue };
        let page = Page { after: 0, before: view.last_seq + 1, limit: 1_000, newest: false };
        let visible = |message: &Message| message.view(&audience).is_some();
        let found = rooms.store.messages(id, page, visible).await.expect("messages");
        for message in found.messages {
            let text = message.view(&audience).expect("visible").body.to_string();
            shown.insert((id.clone(), message.seq), (text, audience.clone()));
        }
    }
    shown
}

/// Everything a query finds, page by page.
async fn all(
    rooms: &Rooms,
    who: &Viewer,
    query: &str,
    filter: &SearchFilter,
) -> Vec<(ConversationId, Seq, String)> {
    let mut search = MessageSearch {
        query: query.to_owned(),
        filter: filter.clone(),
        order: rialto_search::Order::default(),
        limit: 40,
        after: None,
        reason: who.role.is_staff().then(|| "a test".to_owned()),
    };
    let mut found = Vec::new();
    loop {
        let page = rooms.search.messages(who, &search).await.expect("an answer");
        for one in &page.matches {
            let view = one.message.view(&one.audience).expect("it is shown");
            let snippet: String = one.snippet.iter().map(|(piece, _)| piece.as_str()).collect();
            let whole = snippet.trim_matches('…');
            assert!(view.body.contains(whole), "a snippet shows what the message shows");
            found.push((one.message.conversation.clone(), one.message.seq, view.body.to_string()));
        }
        search.after = page.matches.last().map(|one| one.place);
        if !page.has_more || page.matches.is_empty() {
            return found;
        }
    }
}

fn searchers() -> Vec<Viewer> {
    let staff = [Role::Agent, Role::Senior, Role::Moderator, Role::Admin];
    let mut all: Vec<Viewer> = (0..USERS).map(|n| viewer(&user(n), Role::User)).collect();
    all.push(viewer("stranger", Role::User));
    all.push(viewer("agent", Role::Agent));
    // Staff who buy and sell themselves, privately: as one side of a direct conversation they are nobody special.
    all.extend(staff.map(|role| viewer(&user(1), role)));
    all.extend(staff.map(|role| viewer("somebody", role)));
    all
}

async fn nobody_finds_what_they_are_not_shown(seed: u64, change: impl FnOnce(&mut Config)) {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("policy.toml");
    std::fs::write(&file, POLICY).expect("a policy");
    let rooms = rooms(&dir, Clock::system(), |config| {
        config.filters.policy_file = Some(file);
        change(config);
    })
    .await;
    let mut random = StdRng::seed_from_u64(seed);
    let conversations = live(&rooms, &mut random).await;
    assert!(rooms.search.caught_up(PATIENCE).await, "the index follows");
    let (mut found_any, mut masked, mut withheld) = (0, 0, 0);
    for who in searchers() {
        let shown = shown(&rooms, &who, &conversations).await;
        let all_texts = all(&rooms, &who, "", &SearchFilter::default()).await;
        let everything: BTreeSet<_> =
            all_texts.iter().map(|(id, seq, _)| (id.clone(), *seq)).collect();
        assert_eq!(everything.len(), all_texts.len(), "none comes twice");
        // Staff who trade find what is not masked; the rest of their own they read there.
        let unsought = |text: &str, audience: &Audience| {
            let trades = who.role.is_staff() && matches!(audience, Audience::Participant(_));
            text.is_empty() || (trades && text.contains('•'))
        };
        let readable = shown.iter().filter(|(_, (text, audience))| !unsought(text, audience));
        let readable: BTreeSet<_> = readable.map(|(place, _)| place.clone()).collect();
        let hidden: BTreeSet<_> =
            everything.difference(&shown.keys().cloned().collect()).cloned().collect();
        assert_eq!(hidden, BTreeSet::new(), "{who:?} finds what they are not shown, seed {seed}");
        let missing: BTreeSet<_> = readable.difference(&everything).cloned().collect();
        assert_eq!(
            missing,
            BTreeSet::new(),
            "{who:?} does not find what they are shown, seed {seed}"
        );
        masked += shown.values().filter(|(text, _)| text.contains('•')).count();
        for query in WORDS.iter().chain(&EXTRA_QUERIES) {
            let filter = SearchFilter::default();
            for (id, seq, text) in all(&rooms, &who, query, &filter).await {
                let expected = shown.get(&(id, seq)).map(|(text, _)| text.as_str());
                assert_eq!(Some(text.as_str()), expected, "`{query}` by {who:?}, seed {seed}");
                found_any += 1;
            }
        }
        for action in rialto_engine::domain::Action::ALL {
            let filter = SearchFilter { verdict: Some(action), ..SearchFilter::default() };
            if access::search_reach(who.role) == access::Reach::Own {
                let search = MessageSearch {
                    query: String::new(),
                    filter,
                    order: rialto_search::Order::default(),
                    limit: 10,
                    after: None,
                    reason: None,
                };
                let refused = rooms.search.messages(&who, &search).await;
                assert!(matches!(refused, Err(SearchError::StaffOnly)), "verdicts are for staff");
                continue;
            }
            for (id, seq, _) in all(&rooms, &who, "", &filter).await {
                let (_, audience) = &shown[&(id.clone(), seq)];
                assert_eq!(*audience, Audience::Staff, "a verdict is told to staff only");
                let message = rooms.store.message(&id, seq).await.expect("read").expect("there");
                assert_eq!(message.action(), action);
                withheld += usize::from(message.is_withheld());
            }
        }
    }
    assert_eq!(
        rooms.search.stale_hits(),
        0,
        "the index itself, once it follows, gives nothing else"
    );
    assert!(found_any > 500 && masked > 10 && withheld > 10, "{found_any} {masked} {withheld}");
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn embedded_search_finds_exactly_what_is_shown() {
    for seed in [1, 2] {
        nobody_finds_what_they_are_not_shown(seed, |_| {}).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn meilisearch_finds_exactly_what_is_shown() {
    let Some(server) = IndexServer::start("no leaks through Meilisearch") else { return };
    nobody_finds_what_they_are_not_shown(3, |config| server.configure(config)).await;
}
