//! Micro-benchmarks of the engine's rooms, without a network: `make bench`.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rialto_engine::app::Rooms;
use rialto_engine::config::Config;
use rialto_engine::domain::{
    ClientId, Clock, ConversationId, Event, EventKind, Listing, ListingId, ListingStatus, Role,
    User, UserId, Viewer,
};
use rialto_engine::fanout::{Fanout, Live, Published};
use rialto_engine::store::{Commit, Page, Write};
use rialto_engine::telemetry::live::{self, Transport};
use rialto_engine::telemetry::operations::{Kind, Operations, Root};
use rialto_engine::telemetry::store::{Backlog, Group, Outcome};
use rialto_engine::telemetry::{conversations, sends};
use tokio::runtime::Runtime;

/// 300 bytes as people write them.
const TEXT: &str = "Hi, I saw your bicycle and would like to know whether it is still available. \
    I could come by on Saturday afternoon or on Sunday before noon, whatever suits you better. Would you \
    take 120 for it if I pick it up right away? Also: is the rear brake as good as the front one? Thanks a lot, Ann";

fn viewer(id: &str) -> Viewer {
    Viewer {
        id: UserId::trusted(id),
        role: Role::User,
        name: Some(id.to_owned()),
        expires_at: Clock::system().now() + std::time::Duration::from_secs(86_400),
    }
}

fn client_id() -> ClientId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    ClientId::trusted(NEXT.fetch_add(1, Ordering::Relaxed).to_string())
}

/// All rooms on a store of their own, with one conversation.
struct House {
    rooms: Rooms,
    id: ConversationId,
    _dir: tempfile::TempDir,
}

async fn house() -> House {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut config = Config::default();
    dir.path().clone_into(&mut config.server.data_dir);
    let rooms = Rooms::open(&config, Clock::system()).await.expect("rooms");
    let user = |id: &str| User {
        id: UserId::trusted(id),
        name: id.to_owned(),
        locale: None,
        created_at: None,
    };
    rooms.store.upsert_users(vec![user("ann"), user("sam")]).await.expect("users");
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
    rooms.store.upsert_listings(vec![listing]).await.expect("a listing");
    let posted = rooms
        .conversations
        .start_direct(&viewer("ann"), &ListingId::trusted("l"), client_id(), "Hello")
        .await
        .expect("a conversation");
    House { rooms, id: posted.view.conversation.id.clone(), _dir: dir }
}

fn send_path(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let house = runtime.block_on(house());
    let ann = viewer("ann");
    let mut group = criterion.benchmark_group("send");
    group.throughput(Throughput::Elements(1));
    group.bench_function("actor, filters, synced commit", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let sent = house.rooms.conversations.send(&ann, &house.id, client_id(), TEXT).await;
            black_box(sent.expect("sent"))
        });
    });
    group.finish();
    runtime.block_on(house.rooms.close()).expect("closed");
}

fn event(seq: u64) -> Event {
    Event {
        conversation: ConversationId::trusted("long"),
        seq,
        at: Clock::system().now(),
        actor: UserId::trusted("ann"),
        kind: EventKind::MessagePosted {
            client_id: client_id(),
            body: Arc::from("A message of about sixty bytes, as people send them all day."),
            verdict: None,
        },
    }
}

fn fan_out(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("fan-out");
    for subscribers in [1_u64, 10, 1_000] {
        let fanout = Fanout::new(256);
        let id = ConversationId::trusted("long");
        let mut subscriptions: Vec<_> = (0..subscribers).map(|_| fanout.subscribe(&id)).collect();
        group.throughput(Throughput::Elements(subscribers));
        group.bench_function(BenchmarkId::from_parameter(subscribers), |bencher| {
            let event = Arc::new(Published::new(event(1)));
            bencher.to_async(&runtime).iter(|| {
                fanout.publish(&id, Live::Event(Arc::clone(&event)));
                for subscription in &mut subscriptions {
                    black_box(subscription.try_recv().expect("published").expect("none missed"));
                }
                std::future::ready(())
            });
        });
    }
    group.finish();
}

fn page_read(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let house = runtime.block_on(house());
    let store = house.rooms.store.clone();
    let id = ConversationId::trusted("long");
    runtime.block_on(async {
        for chunk in 0..200_u64 {
            let writes = (1..=500).map(|n| Write::Event(event(chunk * 500 + n))).collect();
            store.commit(Commit { conversation: id.clone(), writes }).await.expect("committed");
        }
    });
    criterion.bench_function("last 50 of 100,000 messages", |bencher| {
        let page = Page { after: 0, before: 100_001, limit: 50, newest: true };
        bencher.to_async(&runtime).iter(|| async {
            black_box(store.messages(&id, page.clone(), |_| true).await.expect("a page"))
        });
    });
    runtime.block_on(house.rooms.close()).expect("closed");
}

/// What the figures cost: everything that is recorded of one message, from its operation to two subscribers' sockets.
fn recording(criterion: &mut Criterion) {
    let fields = [(Kind::Mutation, "sendMessage"), (Kind::Subscription, "conversationEvents")];
    let fields = fields.map(|(kind, field)| (kind, field.to_owned()));
    let operations = Arc::new(Operations::new(fields, Duration::from_secs(30)));
    let mut watching = [(); 2].map(|()| {
        let field = Root::Field("conversationEvents");
        let mut ticket = operations.ticket(Kind::Subscription, field);
        ticket.begin();
        ticket
    });
    let backlog = Arc::new(Backlog::default());
    let event: Arc<str> = Arc::from("event");
    criterion.bench_function("figures/everything of one message", |bencher| {
        bencher.iter(|| {
            let field = Root::Field(black_box("sendMessage"));
            let mut ticket = operations.ticket(Kind::Mutation, field);
            ticket.over(Transport::WebSocket);
            ticket.begin();
            conversations::MAILBOX.record(black_box(1));
            sends::PIPELINE.record(black_box(120_000));
            let mut waiting = backlog.enter();
            waiting.taken();
            Group::begin(1, black_box(2), Vec::new()).end(true, (0, 1));
            Outcome::Ok.count();
            drop(waiting);
            sends::sent(false, black_box(0));
            live::published(&event);
            ticket.answered(std::iter::empty());
            for ticket in &mut watching {
                live::taken(&event);
                ticket.answered(std::iter::empty());
            }
        });
    });
}

criterion_group!(benches, send_path, fan_out, page_read, recording);
criterion_main!(benches);
