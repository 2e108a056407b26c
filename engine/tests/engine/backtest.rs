//! Backtests: what a draft policy or filter would have changed, over history and over a file, beside live traffic.

use std::time::Duration;

use rialto_engine::app::Rooms;
use rialto_engine::backtest::{
    Backtest, FileFormat, HistoryRange, Report, Request, RequestedSource, State, UnderTest,
};
use rialto_engine::domain::{Action, Clock, Role, UserId};
use rialto_engine::release::{By, Configure};
use tempfile::TempDir;

use crate::rooms::{client_id, listing, rooms, viewer};

const HISTORY: RequestedSource =
    RequestedSource::History(HistoryRange { from: None, to: None, limit: 1_000 });

fn admin() -> UserId {
    UserId::trusted("root")
}

async fn finished(rooms: &Rooms, id: &str) -> Backtest {
    let wait = async {
        if let Some(mut watch) = rooms.backtests.watch(id) {
            // An error means that it ended between the two calls.
            let _ = watch.wait_for(|progress| progress.state.is_over()).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("it ends");
    rooms.backtests.get(id).await.expect("the store answers").expect("it is kept")
}

async fn report(rooms: &Rooms, under_test: UnderTest, source: RequestedSource) -> Report {
    let request = Request { under_test, source, share: 1.0 };
    let asked = rooms.backtests.request(&admin(), request).await.expect("it is queued");
    let backtest = finished(rooms, &asked.id).await;
    assert_eq!(backtest.progress.state, State::Done, "{:?}", backtest.progress);
    backtest.report.expect("a report")
}

async fn talk(rooms: &Rooms) {
    let (ann, sam) = (viewer("ann", Role::User), viewer("sam", Role::User));
    let texts = ["Hello", "ring +44 7911 123456", "or ann@example.com", "see you at six"];
    for (n, text) in texts.into_iter().enumerate() {
        let sent = rooms
            .conversations
            .start_direct(&ann, &listing(0), client_id(n), text)
            .await
            .expect("sent");
        if n == 0 {
            let id = sent.view.conversation.id.clone();
            rooms
                .conversations
                .send(&sam, &id, client_id("s"), "Hi, still there")
                .await
                .expect("sent");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_policy_is_tried_on_what_was_said() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    talk(&rooms).await;
    let lenient = r#"
failure_notice = "We are checking this."
[[row]]
signal = "contact.email"
action = "hold"
notice = "Somebody looks at it first."
"#;
    let found = report(&rooms, UnderTest::PolicyText(lenient.to_owned()), HISTORY).await;
    assert_eq!(found.messages, 5, "every message was judged again: {found:#?}");
    assert_eq!((found.newly_caught_count(), found.newly_released_count()), (0, 1));
    assert_eq!(
        found.changed_count(),
        2,
        "the number is released, the address held instead of masked"
    );
    let sample = &found.newly_released[0];
    assert_eq!((sample.text.as_str(), sample.before), ("ring +44 7911 123456", Action::Mask));
    assert!(sample.signals.iter().any(|signal| signal.id == "contact.phone"), "{sample:?}");
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_filter_is_tried_on_what_was_said_and_touches_nothing_live() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    talk(&rooms).await;
    let live = rooms.releases.filter("contact-guard").expect("it is bundled").live.expect("live");
    let by = By { actor: admin(), reason: None };
    let draft = Configure {
        name: "contact-guard".to_owned(),
        base: live,
        config: Some(r#"{"find": ["email"]}"#.to_owned()),
        grants: None,
        note: None,
    };
    let draft = rooms.releases.configure(by, draft).await.expect("a new version").number;
    let inspected = |rooms: &Rooms| {
        let set = rooms.pipeline.current();
        let live = |slot: &rialto_engine::filter::Slot| {
            slot.live.as_ref().map_or(0, |live| live.stats.snapshot().inspected)
        };
        set.slots.iter().map(live).sum::<u64>()
    };
    let before = inspected(&rooms);
    let under_test = UnderTest::Filter { name: "contact-guard".to_owned(), version: draft };
    let found = report(&rooms, under_test, HISTORY).await;
    assert_eq!((found.messages, found.newly_released_count(), found.changed_count()), (5, 1, 1));
    let phone = found.signals["contact.phone"];
    assert_eq!((phone.before, phone.after), (1, 0), "the draft looks for addresses only");
    assert!(found.timing.is_some_and(|timing| timing.p50 > 0.0), "{:?}", found.timing);
    assert_eq!(inspected(&rooms), before, "live statistics are as they were");
    let now = rooms.releases.filter("contact-guard").expect("it is there");
    assert_eq!(now.live, Some(live), "what judges did not change");
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_were_refused_are_history_too() {
    let dir = TempDir::new().expect("a directory");
    let file = dir.path().join("strict.toml");
    let strict = "failure_notice = \"We are checking this.\"\n[[row]]\nsignal = \"contact.*\"\naction = \"refuse\"\nnotice = \"No.\"\n";
    std::fs::write(&file, strict).expect("a policy file");
    let rooms =
        rooms(&dir, Clock::system(), |config| config.filters.policy_file = Some(file)).await;
    let ann = viewer("ann", Role::User);
    let text = "ring +44 7911 123456";
    let first = rooms.conversations.start_direct(&ann, &listing(0), client_id(0), text).await;
    first.expect_err("it is refused, and there is no conversation");
    rooms.conversations.start_direct(&ann, &listing(1), client_id(0), "Hello").await.expect("sent");
    let again = rooms.conversations.start_direct(&ann, &listing(1), client_id(1), text).await;
    again.expect_err("it is refused");
    let open = UnderTest::PolicyText("failure_notice = \"We are checking this.\"".to_owned());
    let found = report(&rooms, open, HISTORY).await;
    assert_eq!((found.messages, found.newly_released_count()), (3, 2), "{found:#?}");
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_labelled_file_tells_how_right_a_draft_is() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    let text = "contact\tring +44 7911 123456\ncontact\twrite to ann@example.com\nok\tHow much is it?\nok\tIt has 120 000 km\n";
    let file = |text: &str| RequestedSource::File {
        name: "labels.tsv".to_owned(),
        format: FileFormat::Tsv,
        text: text.to_owned(),
    };
    let blind = r#"failure_notice = "We are checking this.""#;
    let under_test = || UnderTest::PolicyText(blind.to_owned());
    let found = report(&rooms, under_test(), file(text)).await;
    let (before, after) = (found.truth_before.expect("labels"), found.truth_after.expect("labels"));
    assert_eq!((before.precision(), before.recall()), (Some(1.0), Some(1.0)), "{before:?}");
    assert_eq!((after.precision(), after.recall()), (None, Some(0.0)), "{after:?}");
    let wrong =
        Request { under_test: under_test(), source: file("ham\tfine\nspan\tx"), share: 1.0 };
    let error = rooms.backtests.request(&admin(), wrong).await.expect_err("a wrong label");
    assert!(error.to_string().contains("line 2"), "{error}");
    rooms.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backtest_can_be_stopped_and_what_it_found_is_kept() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    let text = "ok\tHow much is it?\n".repeat(200_000);
    let file = RequestedSource::File { name: "long.tsv".to_owned(), format: FileFormat::Tsv, text };
    let under_test =
        UnderTest::PolicyText(r#"failure_notice = "We are checking this.""#.to_owned());
    let request = Request { under_test, source: file, share: 0.05 };
    let first = rooms.backtests.request(&admin(), request.clone()).await.expect("it is queued");
    let second = rooms.backtests.request(&admin(), request).await.expect("it is queued");
    let mut watch = rooms.backtests.watch(&first.id).expect("it runs");
    let some = watch.wait_for(|progress| progress.done > 0);
    tokio::time::timeout(Duration::from_secs(60), some).await.expect("it judges").expect("it runs");
    assert_eq!(
        rooms.backtests.get(&second.id).await.expect("kept").map(|it| it.progress.state),
        Some(State::Queued)
    );
    for id in [&second.id, &first.id] {
        assert!(rooms.backtests.cancel(&admin(), id).await.expect("noted"), "it was under way");
    }
    let first = finished(&rooms, &first.id).await;
    assert_eq!(first.progress.state, State::Cancelled);
    let judged = first.report.expect("what it had judged").messages;
    assert!((1..200_000).contains(&judged), "it was stopped on the way, after {judged}");
    assert_eq!(finished(&rooms, &second.id).await.progress.state, State::Cancelled);
    let kept = rooms.backtests.list().await.expect("the store answers");
    assert_eq!(kept.len(), 2, "{kept:?}");
    rooms.close().await.expect("closed");
}
