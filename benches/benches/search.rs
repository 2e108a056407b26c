//! Search in the engine: what indexing costs whoever sends, how soon a message is found, how fast an index is filled and
//! built, and how long queries take. `cargo bench -p rialto-benches --bench search`, `MESSAGES=1000000` for more,
//! `MEILI_URL` and `MEILI_KEY` for a Meilisearch server instead of the embedded index.
#![allow(clippy::cast_precision_loss, reason = "figures are printed with few digits")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use comfy_table::{Table, presets};
use rialto_engine::config::{self, Config};
use rialto_engine::conversation::{ConversationRooms, Conversations};
use rialto_engine::domain::conversation::EVENTS_PER_CHUNK;
use rialto_engine::domain::{
    ClientId, Clock, Conversation, ConversationId, ConversationKind, ConversationState, Event,
    EventKind, Listing, ListingId, ListingStatus, Participant, ParticipantRole, Role, User, UserId,
    Viewer,
};
use rialto_engine::fanout::Fanout;
use rialto_engine::filter::{FilterSet, Pipeline, Policy};
use rialto_engine::outbox::Outbox;
use rialto_engine::search::{MessageSearch, Search, SearchFilter, SearchRooms};
use rialto_engine::store::{Commit, Store, Write};
use tempfile::TempDir;

/// Messages of one conversation; a seller has `CONVERSATIONS_OF_A_SELLER` conversations.
const EACH: u64 = 50;
const CONVERSATIONS_OF_A_SELLER: u64 = 20;
const VOCABULARY: u64 = 30_000;

/// Makes one query of a kind.
type Asking = fn(&mut Numbers) -> String;

#[derive(Clone)]
struct House {
    store: Store,
    conversations: Conversations,
    clock: Clock,
    dir: Arc<TempDir>,
}

async fn house() -> House {
    let dir = Arc::new(tempfile::tempdir().expect("a directory"));
    let config = Config::default();
    let clock = Clock::system();
    let store = Store::open(&config.store, dir.path(), clock.clone()).await.expect("a store");
    let policy = Policy::parse(Policy::DEFAULT, 0).expect("the default policy");
    let none = FilterSet::new(vec![], config.filters.fail_mode, policy);
    let conversations = Conversations::start(ConversationRooms {
        store: store.clone(),
        pipeline: Pipeline::start(&config.filters, none).expect("a pipeline"),
        fanout: Fanout::new(256),
        clock: clock.clone(),
        messages: config.messages,
        settings: config.conversations,
    })
    .await
    .expect("conversations");
    House { store, conversations, clock, dir }
}

impl House {
    fn search(&self) -> (Search, Outbox) {
        let outbox = Outbox::start(self.store.clone(), self.clock.clone());
        #[expect(clippy::disallowed_methods, reason = "a benchmark's own switches")]
        let (url, key) = (std::env::var("MEILI_URL").ok(), std::env::var("MEILI_KEY").ok());
        let mut settings = config::Search { key, ..config::Search::default() };
        if let Some(url) = url {
            settings.address = url;
        }
        let shelf = Search::shelf(&settings, self.dir.path(), &self.store).expect("a shelf");
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let search = Search::start(SearchRooms { store, outbox: outbox.clone(), shelf, clock });
        (search, outbox)
    }
}

fn viewer(id: &str, role: Role) -> Viewer {
    let expires_at = Clock::system().now() + Duration::from_secs(86_400);
    Viewer { id: UserId::trusted(id), role, name: None, expires_at }
}

/// A deterministic stream of numbers.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// As in natural texts, the nth word comes about 1/n as often as the first.
    fn word(&mut self) -> String {
        let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        let rank = ((VOCABULARY as f64).powf(uniform)) as u64;
        spelled(rank)
    }
}

fn spelled(mut number: u64) -> String {
    const SYLLABLES: [&str; 20] = [
        "ka", "ri", "to", "ne", "lu", "sam", "ber", "no", "vi", "da", "mel", "os", "tra", "ku",
        "fin", "el", "pro", "ga", "his", "un",
    ];
    let mut word = String::new();
    loop {
        word.push_str(SYLLABLES[usize::try_from(number % 20).expect("small")]);
        number /= 20;
        if number == 0 {
            return word;
        }
    }
}

fn text(numbers: &mut Numbers) -> String {
    let words = 4 + numbers.next() % 12;
    (0..words).map(|_| numbers.word()).collect::<Vec<_>>().join(" ")
}

/// Commits conversations of `EACH` messages as they come about when people talk, many to a group.
async fn fill(house: &House, messages: u64) {
    let mut numbers = Numbers(0x9E37_79B9);
    let conversations = messages / EACH;
    for some in (0..conversations).collect::<Vec<_>>().chunks(64) {
        let commits: Vec<Commit> = some.iter().map(|n| history(*n, &mut numbers, house)).collect();
        let done = commits.into_iter().map(|commit| house.store.commit(commit));
        for outcome in futures_util::future::join_all(done).await {
            outcome.expect("committed");
        }
    }
}

fn history(n: u64, numbers: &mut Numbers, house: &House) -> Commit {
    let id = ConversationId::trusted(format!("{n:032x}"));
    let (buyer, seller) = (
        UserId::trusted(format!("buyer-{n}")),
        UserId::trusted(format!("seller-{}", n / CONVERSATIONS_OF_A_SELLER)),
    );
    let participant = |user: &UserId, role| Participant { user: user.clone(), role };
    let record = Conversation {
        id: id.clone(),
        kind: ConversationKind::Direct,
        listing: None,
        category: None,
        participants: vec![
            participant(&buyer, ParticipantRole::Buyer),
            participant(&seller, ParticipantRole::Seller),
        ],
        state: ConversationState::Open,
        blocks: vec![],
        created_at: house.clock.now(),
        sealed_chunks: 0,
    };
    const { assert!(EACH <= EVENTS_PER_CHUNK, "nothing to seal") };
    let mut writes = vec![Write::Conversation(record)];
    writes.extend((1..=EACH).map(|seq| {
        let actor = if seq % 2 == 1 { &buyer } else { &seller };
        Write::Event(Event {
            conversation: id.clone(),
            seq,
            at: house.clock.now(),
            actor: actor.clone(),
            kind: EventKind::MessagePosted {
                client_id: ClientId::trusted(seq.to_string()),
                body: Arc::from(text(numbers)),
                verdict: None,
            },
        })
    }));
    Commit { conversation: id, writes }
}

fn quantile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let at = ((times.len() - 1) as f64 * share).round() as usize;
    times[at].as_secs_f64() * 1_000.0
}

/// Sends at a fixed pace over many conversations; the time from when each was due to its acknowledgement.
async fn offered(
    house: &House,
    ids: &[(Viewer, ConversationId)],
    pace: u32,
    seconds: u32,
    mark: &str,
) -> Vec<Duration> {
    let begin = tokio::time::Instant::now();
    let mut sends = Vec::new();
    for n in 0..pace * seconds {
        let due = begin + Duration::from_secs(1) * n / pace;
        tokio::time::sleep_until(due).await;
        let (who, id) = ids[n as usize % ids.len()].clone();
        let (conversations, client_id) =
            (house.conversations.clone(), ClientId::trusted(format!("{mark}-{n}")));
        sends.push(tokio::spawn(async move {
            let body = "Is it still available? I could come by on Saturday before noon.";
            conversations.send(&who, &id, client_id, body).await.expect("sent");
            due.elapsed()
        }));
    }
    let mut times = Vec::new();
    for send in sends {
        times.push(send.await.expect("it ran"));
    }
    times
}

/// Fifty conversations that go on.
async fn talkers(house: &House) -> Vec<(Viewer, ConversationId)> {
    let listing = Listing {
        id: ListingId::trusted("l"),
        title: "Bicycle".to_owned(),
        seller: Some(UserId::trusted("sam")),
        category: None,
        price_minor: None,
        currency: None,
        url: None,
        image_url: None,
        status: ListingStatus::Active,
    };
    let sam =
        User { id: UserId::trusted("sam"), name: "Sam".into(), locale: None, created_at: None };
    house.store.upsert_users(vec![sam]).await.expect("a user");
    house.store.upsert_listings(vec![listing]).await.expect("a listing");
    let mut ids = Vec::new();
    for n in 0..50 {
        let ann = viewer(&format!("ann-{n}"), Role::User);
        let first = ClientId::trusted("first");
        let listing = ListingId::trusted("l");
        let posted = house.conversations.start_direct(&ann, &listing, first, "Hello").await;
        ids.push((ann, posted.expect("started").view.conversation.id.clone()));
    }
    ids
}

/// Turn by turn in one run: the same pace on a store that is not indexed and on one that is.
async fn write_path(table: &mut Table) {
    let (plain, indexed) = (house().await, house().await);
    let (search, _outbox) = indexed.search();
    let (plain_ids, indexed_ids) = (talkers(&plain).await, talkers(&indexed).await);
    assert!(search.caught_up(Duration::from_secs(60)).await, "search follows");
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for round in 0..6 {
        let mark = round.to_string();
        without.extend(offered(&plain, &plain_ids, 300, 5, &mark).await);
        with.extend(offered(&indexed, &indexed_ids, 300, 5, &mark).await);
    }
    for share in [0.5, 0.9, 0.99] {
        let (before, after) = (quantile(&mut without, share), quantile(&mut with, share));
        table.add_row([
            format!("send to ack at 300/s, p{:.0}, without and with indexing", share * 100.0),
            format!("{before:.2} and {after:.2} ms: {:+.1} %", (after / before - 1.0) * 100.0),
        ]);
    }
    let mut delays = Vec::new();
    let sam = viewer("sam", Role::User);
    for n in 0..60 {
        let (who, id) = &indexed_ids[n % indexed_ids.len()];
        let word = format!("zzyzx{n}");
        let client_id = ClientId::trusted(&word);
        indexed.conversations.send(who, id, client_id, &word).await.expect("sent");
        let acknowledged = Instant::now();
        // As a phrase: the words before it are but a typing error away.
        let exactly = format!("\"{word}\"");
        while ask(&search, &sam, &exactly).await == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        delays.push(acknowledged.elapsed());
        tokio::time::sleep(Duration::from_millis(37 * (n as u64 % 7))).await;
    }
    let figures = (quantile(&mut delays, 0.5), quantile(&mut delays, 0.99));
    table.add_row([
        "acknowledged to found, p50 / p99".to_owned(),
        format!("{:.0} / {:.0} ms", figures.0, figures.1),
    ]);
    plain.store.close().await.expect("closed");
    indexed.store.close().await.expect("closed");
}

async fn ask(search: &Search, who: &Viewer, query: &str) -> usize {
    let search_for = MessageSearch {
        query: query.to_owned(),
        filter: SearchFilter::default(),
        order: rialto_search::Order::default(),
        limit: 20,
        after: None,
        reason: who.role.is_staff().then(|| "a benchmark".to_owned()),
    };
    search.messages(who, &search_for).await.expect("an answer").matches.len()
}

async fn filling_and_asking(table: &mut Table, messages: u64) {
    let house = house().await;
    let (search, _outbox) = house.search();
    assert!(search.caught_up(Duration::from_secs(60)).await, "an empty index");
    let begin = Instant::now();
    fill(&house, messages).await;
    let written = begin.elapsed();
    let hours = Duration::from_secs(7_200);
    assert!(search.caught_up(hours).await, "the index follows");
    let indexed = begin.elapsed();
    let rate = |took: Duration| messages as f64 / took.as_secs_f64();
    table.add_row([
        format!("{messages} messages committed, and followed by the index"),
        format!("{:.0}/s, and {:.0}/s", rate(written), rate(indexed)),
    ]);
    let begin = Instant::now();
    search.rebuild().await.expect("built anew");
    table.add_row([
        "built anew from the store".to_owned(),
        format!("{:.0} messages/s", rate(begin.elapsed())),
    ]);
    let stats = search.status().await.stats.expect("figures");
    if let Some(bytes) = stats.bytes {
        table.add_row([
            "size of the index".to_owned(),
            format!("{} MB, {} bytes a message", bytes / 1_000_000, bytes / messages.max(1)),
        ]);
    }
    let kinds: [(&str, Asking); 6] = [
        ("one word, any", |numbers| numbers.word()),
        ("two words", |numbers| format!("{} {}", numbers.word(), numbers.word())),
        ("two letters, a prefix", |numbers| numbers.word().chars().take(2).collect()),
        ("a word with a typing error", |numbers| {
            let mut word = spelled(400 + numbers.next() % 20_000);
            word.insert(3, 'x');
            word
        }),
        ("a phrase", |numbers| format!("\"{} {}\"", numbers.word(), numbers.word())),
        ("everything, newest first", |_| String::new()),
    ];
    let sellers = (messages / EACH / CONVERSATIONS_OF_A_SELLER).max(1);
    for (name, query) in kinds {
        let mut numbers = Numbers(0xBEEF);
        let (mut own, mut all) = (Vec::new(), Vec::new());
        for _ in 0..300 {
            let seller = viewer(&format!("seller-{}", numbers.next() % sellers), Role::User);
            let words = query(&mut numbers);
            let begin = Instant::now();
            ask(&search, &seller, &words).await;
            own.push(begin.elapsed());
            let begin = Instant::now();
            ask(&search, &viewer("boss", Role::Admin), &words).await;
            all.push(begin.elapsed());
        }
        let figures = |times: &mut Vec<Duration>| {
            format!("{:.1} / {:.1}", quantile(times, 0.5), quantile(times, 0.99))
        };
        table.add_row([
            format!("{name}: a seller's 1,000, p50 / p99; staff's {messages}"),
            format!("{} ms; {} ms", figures(&mut own), figures(&mut all)),
        ]);
    }
    house.store.close().await.expect("closed");
}

#[tokio::main]
async fn main() {
    #[expect(clippy::disallowed_methods, reason = "a benchmark's own switch")]
    let messages = std::env::var("MESSAGES").ok().and_then(|it| it.parse().ok()).unwrap_or(100_000);
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["search in the engine", "figure"]);
    write_path(&mut table).await;
    println!("{table}");
    filling_and_asking(&mut table, messages).await;
    println!("{table}");
}
