//! Decisions by time: pages that join, filters, retention, and a page among very many.

use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use rialto_engine::domain::{Action, ClientId, ConversationId, RecordedSignal, Verdict};
use rialto_engine::store::{Decision, DecisionFilter, DecisionPlace, Store, Write};

use crate::support::{at, in_memory, run, user, verdict, write};

const START: i64 = 1_700_000_000_000;

/// The nth decision: one a second, a rare one every 10,000.
fn decision(n: i64) -> Decision {
    let rare = n % 10_000 == 7;
    let verdict = if rare {
        let old = verdict(Action::Refuse);
        let signal = RecordedSignal {
            id: "spam.text".into(),
            filter: "spam".into(),
            ..old.signals[0].clone()
        };
        Arc::new(Verdict { signals: vec![signal], ..Verdict::clone(&old) })
    } else {
        verdict(Action::Mask)
    };
    Decision {
        at: at(START + n * 1_000),
        sender: user(if n % 2 == 0 { "ann" } else { "bob" }),
        client_id: ClientId::trusted(format!("client-{n}")),
        body: Arc::from("call 555"),
        verdict,
        seq: (!rare).then_some(1),
        runs: vec![run()],
        micros: 77,
    }
}

fn conversation(n: i64) -> ConversationId {
    ConversationId::trusted(format!("conversation-{}", n % 97))
}

async fn fill(store: &Store, count: i64) {
    for n in 0..count {
        write(store, &conversation(n), vec![Write::Decision(decision(n))])
            .await
            .expect("committed");
    }
}

async fn all(store: &Store, filter: &DecisionFilter, page: usize) -> Vec<i64> {
    let mut found = Vec::new();
    let mut after: Option<DecisionPlace> = None;
    loop {
        let got = store.decisions_by_time(filter, after.as_ref(), page).await.expect("a page");
        assert!(got.decisions.len() <= page, "no more than asked for");
        found.extend(got.decisions.iter().map(|(place, decision)| {
            let expected = (decision.at, &decision.client_id);
            assert_eq!((place.at, &place.client_id), expected);
            (decision.at.timestamp_millis() - START) / 1_000
        }));
        if !got.has_more {
            return found;
        }
        after = got.end;
        assert!(after.is_some(), "a page that has a next one says where");
    }
}

#[tokio::test]
async fn pages_join_newest_first_under_every_filter() {
    let store = in_memory().await;
    fill(&store, 300).await;
    // One long after a quiet time, and two at the same moment.
    let late = Decision { at: at(START + 40_000_000), ..decision(40_000) };
    write(&store, &conversation(1), vec![Write::Decision(late)]).await.expect("committed");
    let twin = Decision { client_id: ClientId::trusted("twin"), ..decision(299) };
    write(&store, &conversation(299), vec![Write::Decision(twin)]).await.expect("committed");

    let whole: Vec<i64> = [40_000, 299].into_iter().chain((0..300).rev()).collect();
    for page in [1, 7, 50, 1_000] {
        assert_eq!(all(&store, &DecisionFilter::default(), page).await, whole, "pages of {page}");
    }
    let filter = |change: &dyn Fn(&mut DecisionFilter)| {
        let mut filter = DecisionFilter::default();
        change(&mut filter);
        filter
    };
    let expect =
        |keep: &dyn Fn(i64) -> bool| whole.iter().copied().filter(|n| keep(*n)).collect::<Vec<_>>();
    let cases: [(DecisionFilter, Vec<i64>); 7] = [
        (filter(&|it| it.sender = Some(user("ann"))), expect(&|n| n % 2 == 0)),
        (filter(&|it| it.action = Some(Action::Refuse)), vec![7]),
        (filter(&|it| it.signal = Some("spam.text".into())), vec![7]),
        (filter(&|it| it.filter = Some("spam".into())), vec![7]),
        (filter(&|it| it.filter = Some("spa".into())), vec![]),
        (filter(&|it| it.conversation = Some(conversation(5))), expect(&|n| n % 97 == 5)),
        (
            filter(&|it| {
                it.from = Some(at(START + 10_000));
                it.to = Some(at(START + 20_000));
            }),
            expect(&|n| (10..=20).contains(&n)),
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(all(&store, &filter, 3).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn old_decisions_are_deleted_in_small_batches() {
    let store = in_memory().await;
    fill(&store, 100).await;
    let before = at(START + 60_000);
    let mut batches = Vec::new();
    loop {
        let trimmed = store.trim_decisions(before, 25).await.expect("trimmed");
        batches.push(trimmed);
        if trimmed == 0 {
            break;
        }
    }
    assert_eq!(batches.iter().sum::<usize>(), 60, "all that are older: {batches:?}");
    assert!(batches.iter().all(|batch| *batch <= 25), "{batches:?}");
    let left: Vec<i64> = (60..100).rev().collect();
    assert_eq!(all(&store, &DecisionFilter::default(), 30).await, left);
    let of_one = store.decisions(&conversation(3)).await.expect("decisions");
    assert!(of_one.is_empty(), "of the conversation they are gone too: {of_one:?}");
}

#[tokio::test]
async fn a_page_of_fifty_among_a_hundred_thousand_is_fast() {
    const COUNT: i64 = 100_000;
    let store = in_memory().await;
    for chunk in 0..COUNT / 500 {
        let writes = (0..500).map(|n| Write::Decision(decision(chunk * 500 + n))).collect();
        write(&store, &conversation(chunk), writes).await.expect("committed");
    }
    let mut after = None;
    let mut slowest = TimeDelta::zero();
    for page in 0..10 {
        let started = Instant::now();
        let found = store
            .decisions_by_time(&DecisionFilter::default(), after.as_ref(), 50)
            .await
            .expect("a page");
        let took = TimeDelta::from_std(started.elapsed()).expect("short");
        assert_eq!(found.decisions.len(), 50, "page {page}");
        slowest = slowest.max(took);
        after = found.end;
    }
    println!(
        "slowest of ten pages of 50 among {COUNT}: {} µs",
        slowest.num_microseconds().unwrap_or(0)
    );
    assert!(slowest < TimeDelta::milliseconds(200), "the slowest page took {slowest}");
}
