//! What a filter costs: warm, with a fresh instance, the whole bundled set, and the same code called natively.
#![allow(missing_docs, reason = "criterion's macros make public functions")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rialto_engine::config::{FailMode, Filters};
use rialto_engine::domain::{Clock, ConversationId, ConversationKind, UserId};
use rialto_engine::filter::{
    ConversationFacts, Filter, FilterFault, FilterSet, Inspection, ListingFacts, Pipeline, Policy,
    Recent, SenderFacts, Signal, SignalDescription, Stage, Subject,
};
use rialto_engine::plugin::{Grants, Host, PluginFilter, Setup, admit, bundled};
use rialto_filter_sdk::{Context, Message, testing};
use tokio::runtime::Runtime;

/// 300 bytes as people write them.
const TEXT: &str = "Hi, I saw your bicycle and would like to know whether it is still available. \
    I could come by on Saturday afternoon or on Sunday before noon, whatever suits you better. Would you \
    take 120 for it if I pick it up right away? Also: is the rear brake as good as the front one? Thanks a lot, Ann";

const MIB: usize = 1024 * 1024;
/// Calls a median is taken of.
const CALLS: usize = 4_000;

type Native = Box<dyn Fn(&Message, &Context)>;

/// The bundled filters' code, compiled for this machine.
fn native(name: &str) -> Option<Native> {
    fn of<F>() -> Native
    where
        F: rialto_filter_sdk::Filter + 'static,
        F::Config: Default,
    {
        let Ok(filter) = F::new(F::Config::default()) else {
            panic!("a filter refuses its own defaults")
        };
        Box::new(move |message, context| {
            let _ = black_box(filter.inspect(black_box(message), black_box(context)));
        })
    }
    Some(match name {
        "contact-guard" => of::<rialto_contact_guard::ContactGuard>(),
        "link-guard" => of::<rialto_link_guard::LinkGuard>(),
        "wordlist" => of::<rialto_wordlist::Wordlist>(),
        "spam" => of::<rialto_spam::Spam>(),
        "scam" => of::<rialto_scam::Scam>(),
        "tone" => of::<rialto_tone::Tone>(),
        "flood" => of::<rialto_flood::Flood>(),
        _ => return None,
    })
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).expect("a time")
}

fn inspection() -> Inspection {
    Inspection {
        text: Arc::from(TEXT),
        stage: Stage::Create,
        now: now(),
        sender: SenderFacts {
            id: UserId::trusted("ann"),
            roles: vec!["user".to_owned()],
            account_created_at: Some(now() - chrono::TimeDelta::days(30)),
            locale: Some("en".to_owned()),
        },
        conversation: ConversationFacts {
            id: ConversationId::trusted("0123456789abcdef0123456789abcdef"),
            kind: ConversationKind::Direct,
            created_at: now(),
            message_count: 1,
            is_first_contact: false,
            recipient_locale: None,
        },
        listing: Some(ListingFacts {
            title: Some("Bicycle".to_owned()),
            category: Some("bikes".to_owned()),
            price_minor: Some(15_000),
            currency: Some("EUR".to_owned()),
        }),
    }
}

/// All bundled filters, each instance replaced after so many calls.
struct House {
    filters: Vec<Arc<PluginFilter>>,
    _dir: tempfile::TempDir,
}

fn house(recycle_after: u32) -> House {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let host = Host::start(dir.path(), 64 * MIB).expect("a host");
    // No warm-up is cut short on a busy machine.
    let config = Filters { recycle_after, deadline_ms: 1_000, ..Filters::default() };
    let clock = Clock::from_fn(now);
    let load = |(name, bytes): (&str, &[u8])| {
        let report = admit(&host, bytes, &config).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(report.warnings.is_empty(), "{name}: {:?}", report.warnings);
        let setup = Setup { grants: Grants::ALL, ..Setup::new(&config, [7; 32], &clock) };
        Arc::new(PluginFilter::load(&host, bytes, "{}", &setup).expect("its default configuration"))
    };
    House { filters: bundled().map(load).collect(), _dir: dir }
}

fn pipeline(house: &House) -> Pipeline {
    let filters = house.filters.iter().map(|filter| Arc::clone(filter) as Arc<dyn Filter>);
    let policy = Policy::parse(Policy::DEFAULT, 1).expect("the default policy");
    let set = FilterSet::new(filters.collect(), FailMode::Open, policy);
    Pipeline::start(&Filters::default(), set).expect("threads")
}

fn median(mut call: impl FnMut()) -> Duration {
    let mut times: Vec<_> = (0..CALLS)
        .map(|_| {
            let started = Instant::now();
            call();
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[CALLS / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Medians side by side, of one run: the ratio is what counts, machines differ.
fn table(warm: &House, fresh: &House) {
    println!("| filter | native, µs | warm, µs | ratio | fresh instance, µs | ratio |");
    println!("|---|---|---|---|---|---|");
    let (message, context) = (testing::message(TEXT), testing::context());
    let mut sums = [0.0; 3];
    for (warm, fresh) in warm.filters.iter().zip(&fresh.filters) {
        let Some(native) = native(warm.name()) else {
            println!("| {} | not linked |", warm.name());
            continue;
        };
        let inspect = |filter: &PluginFilter| {
            let subject = Subject::new(inspection());
            subject.normalized();
            subject.links();
            micros(median(|| drop(black_box(filter.inspect(&subject, &[])))))
        };
        let native = micros(median(|| native(&message, &context)));
        let (warm_time, fresh_time) = (inspect(warm), inspect(fresh));
        for (sum, time) in sums.iter_mut().zip([native, warm_time, fresh_time]) {
            *sum += time;
        }
        let name = warm.name();
        println!(
            "| {name} | {native:.1} | {warm_time:.1} | {:.2} | {fresh_time:.1} | {:.1} |",
            warm_time / native,
            fresh_time / native
        );
    }
    let [native, warm, fresh] = sums;
    println!(
        "| all | {native:.1} | {warm:.1} | {:.2} | {fresh:.1} | {:.1} |",
        warm / native,
        fresh / native
    );
}

fn filters(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let (warm, fresh) = (house(128), house(1));
    table(&warm, &fresh);

    let mut group = criterion.benchmark_group("inspection, 300 bytes");
    let (message, context) = (testing::message(TEXT), testing::context());
    for (kind, house) in [("warm", &warm), ("fresh", &fresh)] {
        for filter in &house.filters {
            let subject = Subject::new(inspection());
            group.bench_function(format!("{kind}, {}", filter.name()), |bencher| {
                bencher.iter(|| black_box(filter.inspect(&subject, &[])));
            });
        }
    }
    for filter in &warm.filters {
        let Some(native) = native(filter.name()) else { continue };
        group.bench_function(format!("native, {}", filter.name()), |bencher| {
            bencher.iter(|| native(&message, &context));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("bundled set, 300 bytes");
    for (kind, house) in [("warm", &warm), ("fresh instances", &fresh)] {
        let pipeline = pipeline(house);
        group.bench_function(kind, |bencher| {
            bencher
                .to_async(&runtime)
                .iter(|| async { black_box(pipeline.judge(inspection()).await.expect("judged")) });
        });
    }
    group.finish();
}

/// Finds nothing, at once: what is left is the pipeline's own work.
struct Nothing;

impl Filter for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn version(&self) -> &'static str {
        "1.0.0+native"
    }

    fn signals(&self) -> &[SignalDescription] {
        &[]
    }

    fn inspect(&self, _: &Subject, _: &[Signal]) -> Result<Vec<Signal>, FilterFault> {
        Ok(Vec::new())
    }
}

fn overhead(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("pipeline's own work");
    for count in [0_usize, 1, 7] {
        let policy = Policy::parse(Policy::DEFAULT, 1).expect("the default policy");
        let filters = (0..count).map(|_| Arc::new(Nothing) as Arc<dyn Filter>).collect();
        let set = FilterSet::new(filters, FailMode::Hold, policy);
        let pipeline = Pipeline::start(&Filters::default(), set).expect("threads");
        group.bench_function(format!("{count} filters that find nothing"), |bencher| {
            bencher
                .to_async(&runtime)
                .iter(|| async { black_box(pipeline.judge(inspection()).await.expect("judged")) });
        });
    }
    group.finish();
}

/// Texts that the phrase filters find much in, which is when they are slowest.
const FRAUD: &str = "Hello, I am interested in buying your item. I am currently offshore and can't come in person, so my \
    courier will come and collect it from your address once payment is made. I pay by PayPal, kindly send me your PayPal \
    e-mail and the final price so I can proceed with the payment. The courier fees are included, God bless";
const ANGRY: &str = "Hello? You are such a fucking idiot, I waited an hour for you in the rain and you never came. What the hell \
    is wrong with you, you lying piece of shit? I know where you live and I will come round and break your legs if I don't \
    get my money back today. Everybody should know what kind of scum you are, so go to hell";

fn findings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("much to find, native");
    for (name, text) in [("scam", FRAUD), ("tone", ANGRY)] {
        let inspect = native(name).expect("it is bundled");
        let (message, context) = (testing::message(text), testing::context());
        group.bench_function(name, |bencher| bencher.iter(|| inspect(&message, &context)));
    }
    group.finish();
}

/// What a filter that looks back costs: a message noted, and compared with the sender's last 32.
fn looking_back(criterion: &mut Criterion) {
    let recent = Arc::new(Recent::new());
    let subject = |number: u64| {
        let mut inspection = inspection();
        inspection.conversation.id = ConversationId::trusted(format!("{:032}", number % 40));
        Subject::new(inspection).with_recent(Arc::clone(&recent))
    };
    let mut group = criterion.benchmark_group("the recent past");
    let mut number = 0;
    group.bench_function("note", |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                subject(number)
            },
            |subject| recent.note(&subject),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("similar of 32", |bencher| {
        bencher.iter_batched(
            || subject(0),
            |subject| {
                let lookback = subject.lookback().expect("it has a past");
                black_box(lookback.similar(3_600, 0.5))
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, overhead, filters, findings, looking_back);
criterion_main!(benches);
