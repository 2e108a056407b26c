//! Releases without a network: what switches filters off, what a restart and a second engine see, swaps under traffic.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rialto_engine::app::Rooms;
use rialto_engine::config::{Config, FailMode};
use rialto_engine::domain::{Action, Clock, ConversationId, Role, UserId};
use rialto_engine::filter::{FilterSet, Pipeline, Policy};
use rialto_engine::plugin::{Grants, Host};
use rialto_engine::release::{
    By, ChangeList, Configure, Limits, Mode, ProblemCode, ReleaseError, Releases, SavePolicy,
    SetMode, Upload,
};
use rialto_engine::store::FilterRow;
use tempfile::TempDir;

use crate::rooms::{client_id, listing, rooms, viewer};

const POLICY: &str = r#"
failure_notice = "We are checking this."

[[row]]
signal = "misbehaving.*"
action = "mask"
notice = "Parts are hidden."
"#;
const NAME: &str = "misbehaving";

fn by(reason: &str) -> By {
    By { actor: UserId::trusted("ada"), reason: Some(reason.to_owned()) }
}

fn fixture() -> Arc<[u8]> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/dist/fixtures/misbehaving.wasm");
    std::fs::read(path).expect("run `make filters` first").into()
}

fn without_filters(dir: &Path) -> impl FnOnce(&mut Config) {
    let file = dir.join("policy.toml");
    std::fs::write(&file, POLICY).expect("a policy file");
    move |config| {
        config.filters.bundled = false;
        config.filters.policy_file = Some(file);
        config.filters.deadline_ms = 100;
    }
}

async fn live(releases: &Releases, version: u32) -> FilterRow {
    let set = SetMode { name: NAME.into(), version, mode: Mode::Live, seen: None };
    releases.set_mode(by("test"), set).await.expect("it goes live")
}

/// Uploads the fixture and lets it judge.
async fn judging(releases: &Releases) {
    let upload = Upload {
        component: fixture(),
        config: None,
        grants: Some(Grants::ALL),
        note: Some("a test".into()),
    };
    let uploaded = releases.upload(by("test"), upload).await.expect("it is a filter");
    live(releases, uploaded.version.number).await;
}

/// A conversation of ann's, and what becomes of her messages there.
struct Talk<'a> {
    rooms: &'a Rooms,
    id: ConversationId,
    said: usize,
}

impl<'a> Talk<'a> {
    async fn start(rooms: &'a Rooms) -> Self {
        let ann = viewer("ann", Role::User);
        let posted =
            rooms.conversations.start_direct(&ann, &listing(0), client_id("s"), "hi").await;
        Self { rooms, id: posted.expect("started").view.conversation.id.clone(), said: 0 }
    }

    async fn say(&mut self, text: &str) -> Action {
        self.said += 1;
        let ann = viewer("ann", Role::User);
        let sent = self.rooms.conversations.send(&ann, &self.id, client_id(self.said), text).await;
        sent.expect("accepted").message.action()
    }
}

async fn until(what: &str, releases: &Releases, wanted: impl Fn(&FilterRow) -> bool) -> FilterRow {
    let started = Instant::now();
    loop {
        if let Some(row) = releases.filter(NAME).filter(&wanted) {
            return row;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{what} did not happen in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn audited(rooms: &Rooms) -> Vec<(String, String, Option<String>)> {
    let now = Clock::system().now();
    let range = now - Duration::from_secs(600)..=now + Duration::from_secs(1);
    let entries = rooms.store.audit_log(range).await.expect("the log");
    entries.into_iter().map(|it| (it.actor.to_string(), it.action, it.reason)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashing_filter_is_quarantined_also_after_a_restart_until_an_admin_releases_it() {
    let dir = TempDir::new().expect("a directory");
    let embedded = |config: &mut Config| {
        without_filters(dir.path())(config);
        "embedded".clone_into(&mut config.store.address);
    };
    let first = rooms(&dir, Clock::system(), embedded).await;
    judging(&first.releases).await;
    let mut talk = Talk::start(&first).await;
    assert_eq!(talk.say("fine").await, Action::Deliver);
    for _ in 0..3 {
        assert_eq!(talk.say("trap").await, Action::Hold, "its fail mode");
    }
    let row = until("the quarantine", &first.releases, |row| row.quarantine.is_some()).await;
    let quarantine = row.quarantine.expect("it is");
    assert_eq!((quarantine.kind.as_str(), quarantine.version), ("crashes", 1));
    assert!(quarantine.reason.contains("crashes"), "{}", quarantine.reason);
    let logs = first.releases.logs(NAME, 10);
    assert!(
        logs.iter().any(|entry| entry.line.text.contains("trap")),
        "the log outlives it: {logs:?}"
    );
    assert_eq!(talk.say("fine").await, Action::Hold, "switched off, so its fail mode decides");
    let open = |limits| Limits { fail_mode: FailMode::Open, ..limits };
    first.releases.set_limits(by("let it flow"), NAME, open, None).await.expect("limits");
    assert_eq!(talk.say("fine").await, Action::Deliver, "messages flow on by the other fail mode");
    let hold = |limits| Limits { fail_mode: FailMode::Hold, ..limits };
    first.releases.set_limits(by("no"), NAME, hold, None).await.expect("limits");
    let log = audited(&first).await;
    let entry = log.iter().find(|(_, action, _)| action == "filter.quarantine");
    let (actor, _, reason) = entry.expect("audited");
    assert_eq!((actor.as_str(), reason.as_ref()), ("rialto", Some(&quarantine.reason)));
    drop(talk);
    first.close().await.expect("closed");
    drop(first);

    let second = reopened(&dir, embedded).await;
    let row = second.releases.filter(NAME).expect("it is there");
    assert_eq!(row.quarantine.as_ref(), Some(&quarantine), "a restart is no release");
    let mut talk = Talk::start(&second).await;
    talk.said = 100;
    assert_eq!(talk.say("fine").await, Action::Hold);
    let row = second.releases.release_quarantine(by("mended"), NAME).await.expect("released");
    assert_eq!((row.quarantine, row.live), (None, Some(1)));
    assert_eq!(talk.say("fine").await, Action::Deliver);
    assert_eq!(talk.say("trap").await, Action::Hold, "one crash is not three");
    assert_eq!(talk.say("fine").await, Action::Deliver);
    let again = second.releases.release_quarantine(by("again"), NAME).await;
    let Err(ReleaseError::Refused(problems)) = again else {
        panic!("nothing to release: {again:?}")
    };
    assert_eq!(problems[0].code, ProblemCode::NotPossible);
    second.close().await.expect("closed");
}

/// The embedded store opens again when the last handle is gone, which may take a moment.
async fn reopened(dir: &TempDir, change: impl Fn(&mut Config)) -> Rooms {
    let mut config = Config::default();
    dir.path().clone_into(&mut config.server.data_dir);
    change(&mut config);
    let started = Instant::now();
    loop {
        match Rooms::open(&config, Clock::system()).await {
            Ok(rooms) => return rooms,
            Err(error) => {
                assert!(started.elapsed() < Duration::from_secs(20), "it opens again: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_acts_too_often_is_switched_off_and_messages_flow() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), without_filters(dir.path())).await;
    judging(&rooms.releases).await;
    let mut talk = Talk::start(&rooms).await;
    let cap = |limits| Limits { max_actions_per_day: Some(3), ..limits };
    rooms.releases.set_limits(by("careful"), NAME, cap, None).await.expect("limits");
    for _ in 0..3 {
        assert_eq!(talk.say("counters").await, Action::Mask);
    }
    let row = until("the quarantine", &rooms.releases, |row| row.quarantine.is_some()).await;
    assert_eq!(row.quarantine.expect("it is").kind, "action_cap");
    assert_eq!(talk.say("counters").await, Action::Deliver, "without it, whatever its fail mode");
    rooms.releases.release_quarantine(by("more"), NAME).await.expect("released");
    assert_eq!(talk.say("counters").await, Action::Mask, "with a new allowance");
    let none = |limits| Limits { max_actions_per_day: None, ..limits };
    rooms.releases.set_limits(by("no cap"), NAME, none, None).await.expect("limits");
    // The share counts from 200 messages on.
    for _ in 0..220 {
        talk.say("counters").await;
    }
    let row = until("the second quarantine", &rooms.releases, |row| row.quarantine.is_some()).await;
    assert_eq!(row.quarantine.expect("it is").kind, "pass_rate");
    assert_eq!(talk.say("counters").await, Action::Deliver);
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_list_counts_from_the_next_message_on() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), without_filters(dir.path())).await;
    judging(&rooms.releases).await;
    let mut talk = Talk::start(&rooms).await;
    let found = async |talk: &mut Talk<'_>| {
        talk.say("lists Evil good").await;
        let decisions = rooms.store.decisions(&talk.id).await.expect("decisions");
        let signal = decisions.last().expect("a decision").verdict.signals[0].clone();
        signal.evidence.into_iter().find(|(name, _)| name == "found").expect("the answer").1
    };
    assert_eq!(found(&mut talk).await, "", "there is no list");
    let change = |add: &[&str], remove: &[&str]| ChangeList {
        name: "fixture".into(),
        add: add.iter().map(|it| (*it).to_owned()).collect(),
        remove: remove.iter().map(|it| (*it).to_owned()).collect(),
        note: None,
    };
    let list = rooms.releases.change_list(by("new"), change(&[" EVIL ", "evil", "bad"], &[])).await;
    assert_eq!(list.expect("changed").entries, 2, "written twice is one entry");
    assert_eq!(found(&mut talk).await, "1", "however it is written");
    let list =
        rooms.releases.change_list(by("mistake"), change(&["good"], &["Evil", "none"])).await;
    assert_eq!(list.expect("changed").entries, 2);
    assert_eq!(found(&mut talk).await, "2");
    rooms.releases.delete_list(by("gone"), "fixture").await.expect("deleted");
    assert_eq!(found(&mut talk).await, "");
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_engine_on_the_same_store_sees_changes_and_neither_interleaves() {
    let dir = TempDir::new().expect("a directory");
    let first = rooms(&dir, Clock::system(), without_filters(dir.path())).await;
    let mut config = Config::default();
    without_filters(dir.path())(&mut config);
    let nothing = FilterSet::new(
        vec![],
        FailMode::Hold,
        Policy::parse(Policy::DEFAULT, 0).expect("it parses"),
    );
    let pipeline = Pipeline::start(&config.filters, nothing).expect("threads");
    let host = Host::start(dir.path(), 64 << 20).expect("a host");
    let (store, clock) = (first.store.clone(), Clock::system());
    let second = Releases::start(store, pipeline.clone(), host, config.filters, clock)
        .await
        .expect("started");
    assert_eq!(
        pipeline.current().policy.version(),
        1,
        "the first engine's policy, not a second one"
    );

    judging(&first.releases).await;
    until("the second engine's swap", &second, |row| row.live == Some(1)).await;
    assert_eq!(pipeline.current().slots.len(), 1);
    // Both change at once, each knowing nothing of the other: all changes count, none is lost.
    let texts: Vec<String> = (0..6).map(|n| format!("{POLICY}\n# {n}")).collect();
    let saves = texts.iter().enumerate().map(|(n, text)| {
        let releases = if n % 2 == 0 { &first.releases } else { &second };
        releases.save_policy(by("race"), SavePolicy { text: text.clone(), note: None })
    });
    let saved = futures_util::future::join_all(saves).await;
    let versions: BTreeSet<u32> =
        saved.into_iter().map(|saved| saved.expect("saved in the end").version).collect();
    assert_eq!(versions, (2..=7).collect(), "each its own number");
    let seen = second.filter(NAME).expect("known").revision;
    let set = |version, mode| SetMode { name: NAME.into(), version, mode, seen: Some(seen) };
    second.set_mode(by("off"), set(1, Mode::Draft)).await.expect("nobody was faster");
    let late = first.releases.set_mode(by("late"), set(1, Mode::Shadow)).await;
    let Err(ReleaseError::Refused(problems)) = late else { panic!("a stale change: {late:?}") };
    assert_eq!(problems[0].code, ProblemCode::Conflict);
    first.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_message_is_judged_wholly_by_one_set_while_sets_change() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), without_filters(dir.path())).await;
    judging(&rooms.releases).await;
    let configure = rialto_engine::release::Configure {
        name: NAME.into(),
        base: 1,
        config: Some("{\"misdeed\":\"\"}".into()),
        grants: None,
        note: None,
    };
    rooms.releases.configure(by("two"), configure).await.expect("a second version");
    let save = SavePolicy {
        text: POLICY.replace("mask\"\nnotice = \"Parts are hidden.\"", "label\""),
        note: None,
    };
    rooms.releases.save_policy(by("two"), save).await.expect("a second policy");
    let mut talk = Talk::start(&rooms).await;
    let talking = async {
        for _ in 0..300 {
            talk.say("counters").await;
        }
    };
    // Filter and policy version, after each change.
    let mut stood = vec![(1, 1)];
    let changing = async {
        for round in 0..12_u32 {
            let (mut filter, mut policy) = stood[stood.len() - 1];
            if round % 2 == 0 {
                filter = 3 - filter;
                live(&rooms.releases, filter).await;
            } else {
                policy = 3 - policy;
                rooms.releases.activate_policy(by("swap"), policy, None).await.expect("active");
            }
            stood.push((filter, policy));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::join!(talking, changing);
    let decisions = rooms.store.decisions(&talk.id).await.expect("decisions");
    assert_eq!(decisions.len(), 300);
    let mut at = 0;
    for decision in &decisions {
        let [run] = decision.runs.as_slice() else { panic!("one filter: {:?}", decision.runs) };
        let seen = (run.version, decision.verdict.policy_version);
        let next = stood[at..].iter().position(|pair| *pair == seen);
        at += next.unwrap_or_else(|| panic!("{seen:?} never stood after {:?}", stood[at]));
        let expected = if seen.1 == 1 { Action::Mask } else { Action::Label };
        assert_eq!(decision.verdict.action, expected, "policy {}", seen.1);
    }
    assert!(at > 3, "messages met at least a few of the sets: {at}");
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_only_watches_does_not_count_for_the_one_that_judges() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), without_filters(dir.path())).await;
    judging(&rooms.releases).await;
    let draft = Configure {
        name: NAME.into(),
        base: 1,
        config: Some(r#"{"reject": false}"#.into()),
        grants: None,
        note: None,
    };
    let version = rooms.releases.configure(by("test"), draft).await.expect("a version").number;
    let set = SetMode { name: NAME.into(), version, mode: Mode::Shadow, seen: None };
    rooms.releases.set_mode(by("test"), set).await.expect("it watches");
    let mut talk = Talk::start(&rooms).await;
    for _ in 0..5 {
        talk.say("counters").await;
    }
    let watched = || {
        let set = rooms.pipeline.current();
        let candidate = set.slots.iter().find_map(|slot| slot.candidate.as_ref());
        candidate.map_or(0, |candidate| candidate.release.stats.snapshot().inspected)
    };
    let started = Instant::now();
    while watched() < 6 {
        assert!(started.elapsed() < Duration::from_secs(20), "it watched {}", watched());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    talk.say("counters").await;
    let decisions = rooms.store.decisions(&talk.id).await.expect("the store answers");
    let evidence = &decisions.last().expect("a decision").verdict.signals[0].evidence;
    let sum = evidence.iter().find(|(name, _)| name == "sum").map(|(_, value)| value.as_str());
    assert_eq!(sum, Some("6"), "six messages, each counted once: {evidence:?}");
    rooms.close().await.expect("closed");
}
