//! The pipeline with native filters: order, fail modes, full queues, stuck threads.

use std::sync::Barrier;
use std::time::Instant;

use chrono::DateTime;

use super::*;
use crate::config::FailMode;
use crate::domain::{Action, ConversationId, ConversationKind, RunMode, Span, UserId};
use crate::filter::policy::FAILED;
use crate::filter::{
    Candidate, CandidateMode, ConversationFacts, FaultKind, Filter, FilterFault,
    FilterStatsSnapshot, Policy, Release, SenderFacts, Signal, SignalDescription, Slot, Stage,
};

type Behaviour = Box<dyn Fn(&Subject, &[Signal]) -> Result<Vec<Signal>, FilterFault> + Send + Sync>;

struct Native {
    name: &'static str,
    signals: Vec<SignalDescription>,
    behaviour: Behaviour,
}

impl Filter for Native {
    fn name(&self) -> &str {
        self.name
    }

    fn version(&self) -> &'static str {
        "1.0.0+native"
    }

    fn signals(&self) -> &[SignalDescription] {
        &self.signals
    }

    fn inspect(&self, subject: &Subject, earlier: &[Signal]) -> Result<Vec<Signal>, FilterFault> {
        (self.behaviour)(subject, earlier)
    }
}

fn native(
    name: &'static str,
    behaviour: impl Fn(&Subject, &[Signal]) -> Result<Vec<Signal>, FilterFault> + Send + Sync + 'static,
) -> Arc<dyn Filter> {
    let description = String::new();
    let signals =
        vec![SignalDescription { id: "test.found".into(), description, default_weight: 1.0 }];
    Arc::new(Native { name, signals, behaviour: Box::new(behaviour) })
}

fn signal(evidence: &str) -> Signal {
    Signal {
        id: "test.found".into(),
        confidence: 1.0,
        spans: vec![Span { start: 0, end: 1 }],
        evidence: vec![("note".into(), evidence.into())],
    }
}

fn inspection(text: &str) -> Inspection {
    let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    Inspection {
        text: text.into(),
        stage: Stage::Create,
        now,
        sender: SenderFacts {
            id: UserId::trusted("u"),
            roles: Vec::new(),
            account_created_at: None,
            locale: None,
        },
        conversation: ConversationFacts {
            id: ConversationId::trusted("c"),
            kind: ConversationKind::Direct,
            created_at: now,
            message_count: 0,
            is_first_contact: true,
            recipient_locale: None,
        },
        listing: None,
    }
}

fn pipeline(config: &Filters, filters: Vec<Arc<dyn Filter>>, fail_mode: FailMode) -> Pipeline {
    let policy = Policy::parse(Policy::DEFAULT, 1).expect("the default policy");
    Pipeline::start(config, FilterSet::new(filters, fail_mode, policy)).expect("threads start")
}

async fn verdict_of(pipeline: &Pipeline, text: &str) -> Result<Option<Arc<Verdict>>, Overloaded> {
    pipeline.judge(inspection(text)).await.map(|judged| judged.verdict)
}

#[tokio::test]
async fn filters_run_in_order_and_see_what_was_found_before() {
    let first = native("first", |_, earlier| {
        assert!(earlier.is_empty(), "nothing ran before the first");
        Ok(vec![signal("1"), signal("2")])
    });
    let second =
        native("second", |_, earlier| Ok(vec![signal(&format!("after {}", earlier.len()))]));
    let pipeline = pipeline(&Filters::default(), vec![first, second], FailMode::Hold);
    let verdict = pipeline.judge(inspection("x")).await.expect("judged").verdict.expect("signals");
    let seen: Vec<_> = verdict
        .signals
        .iter()
        .map(|one| (one.filter.as_str(), one.filter_version.as_str(), one.evidence[0].1.as_str()))
        .collect();
    let version = "1.0.0+native";
    assert_eq!(
        seen,
        [("first", version, "1"), ("first", version, "2"), ("second", version, "after 2")]
    );
    assert_eq!(verdict.action, Action::Deliver, "a signal without a row is only recorded");

    pipeline.replace(FilterSet { slots: Vec::new(), ..(*pipeline.current()).clone() });
    assert_eq!(verdict_of(&pipeline, "x").await, Ok(None), "the new set has no filters");
}

#[tokio::test]
async fn a_failure_becomes_the_filters_fail_mode() {
    let fails = || native("broken", |_, _| Err(FilterFault::new(FaultKind::Fault, "no idea")));
    let panics = || native("bug", |_, _| panic!("a bug of ours"));
    let finds = || native("finds", |_, earlier| Ok(vec![signal(&earlier.len().to_string())]));

    let held = pipeline(&Filters::default(), vec![fails(), panics(), finds()], FailMode::Hold);
    let verdict = held.judge(inspection("x")).await.expect("judged").verdict.expect("held");
    assert_eq!(verdict.action, Action::Hold);
    assert!(verdict.notice.is_some(), "the sender is told");
    let failures: Vec<_> = verdict.signals.iter().filter(|one| one.id == FAILED).collect();
    let evidence =
        |at: usize| failures[at].evidence.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    assert_eq!(evidence(0), ["broken", "fault", "no idea"]);
    assert_eq!(evidence(1), ["bug", "trap", "the host panicked: a bug of ours"]);
    assert_eq!(verdict.signals.len(), 3, "the filter after them still ran");

    let open = pipeline(&Filters::default(), vec![fails(), panics()], FailMode::Open);
    assert_eq!(verdict_of(&open, "x").await, Ok(None), "goes on without them");
}

#[tokio::test]
async fn a_full_queue_answers_overloaded() {
    let gate = Arc::new(Barrier::new(2));
    let inside = Arc::clone(&gate);
    let waits = native("waits", move |subject, _| {
        if &*subject.text == "wait" {
            inside.wait();
            inside.wait();
        }
        Ok(Vec::new())
    });
    let config = Filters { threads: 1, queue: 1, deadline_ms: 5_000, ..Filters::default() };
    let pipeline = pipeline(&config, vec![waits], FailMode::Hold);
    let judge = |text: &'static str| {
        let pipeline = pipeline.clone();
        tokio::spawn(async move { verdict_of(&pipeline, text).await })
    };
    let first = judge("wait");
    let entered = Arc::clone(&gate);
    tokio::task::spawn_blocking(move || entered.wait()).await.expect("the first is inside");
    let second = judge("plain");
    tokio::task::yield_now().await;
    assert_eq!(verdict_of(&pipeline, "plain").await, Err(Overloaded), "one runs, one waits");
    tokio::task::spawn_blocking(move || gate.wait()).await.expect("the first goes on");
    assert_eq!(first.await.expect("no panic"), Ok(None));
    assert_eq!(second.await.expect("no panic"), Ok(None), "what was accepted is judged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_thread_costs_its_message_a_bounded_wait_and_is_replaced() {
    let sticks = native("sticks", |subject, _| {
        if &*subject.text == "stick" {
            #[expect(clippy::disallowed_methods, reason = "blocking the thread is the point")]
            std::thread::sleep(Duration::from_secs(30));
        }
        Ok(Vec::new())
    });
    let config = Filters { threads: 1, deadline_ms: 5, ..Filters::default() };
    let pipeline = pipeline(&config, vec![sticks], FailMode::Hold);
    let started = Instant::now();
    let verdict = pipeline.judge(inspection("stick")).await.expect("judged").verdict.expect("held");
    assert_eq!(verdict.action, Action::Hold);
    assert_eq!(verdict.signals[0].evidence[1].1, "timeout");
    assert!(started.elapsed() < Duration::from_secs(2), "waited {:?}", started.elapsed());
    assert_eq!(verdict_of(&pipeline, "plain").await, Ok(None), "another thread took its place");
}

/// A release of a native filter that says `confidence` of every message with an `x`.
fn release(version: u32, confidence: f32) -> Arc<Release> {
    let filter = native("finds", move |subject, earlier| {
        let found = Signal { confidence, ..signal(&earlier.len().to_string()) };
        Ok(if subject.text.contains('x') { vec![found] } else { Vec::new() })
    });
    Arc::new(Release { version, ..Release::unnumbered(filter) })
}

fn slot(live: Option<Arc<Release>>, candidate: Option<(Arc<Release>, CandidateMode)>) -> Slot {
    Slot {
        name: Arc::from("finds"),
        fail_mode: FailMode::Hold,
        live,
        candidate: candidate.map(|(release, mode)| Candidate { release, mode }),
    }
}

fn held_from(confidence: f32) -> Arc<Policy> {
    let table = format!(
        "failure_notice = 'f'\n[[row]]\nsignal = 'test.found'\nmin_confidence = {confidence}\n\
         action = 'hold'\nnotice = 'n'\n"
    );
    Arc::new(Policy::parse(&table, 3).expect("a good table"))
}

#[tokio::test]
async fn a_shadow_is_told_about_afterwards_and_changes_nothing() {
    let (live, shadow) = (release(1, 0.2), release(2, 0.9));
    let slots = vec![slot(Some(live.clone()), Some((shadow.clone(), CandidateMode::Shadow)))];
    let pipeline = pipeline(&Filters::default(), Vec::new(), FailMode::Hold);
    pipeline.replace(FilterSet { slots, policy: held_from(0.5) });
    let (sink, mut results) = tokio::sync::mpsc::channel(8);
    pipeline.set_sink(sink);
    let client_id = ClientId::trusted("k");
    for (text, seq) in [("x", Some(4)), ("plain", None)] {
        let judged = pipeline.judge(inspection(text)).await.expect("judged");
        assert_eq!(judged.action(), Action::Deliver, "the live version is unsure");
        let versions: Vec<_> = judged.runs.iter().map(|run| (run.version, run.mode)).collect();
        let expected = if text == "x" { vec![(1, RunMode::Live)] } else { vec![] };
        assert_eq!(versions, expected, "of {text}: a message nothing touched has no record");
        pipeline.observe(judged, seq, &client_id);
        let result = timeout(Duration::from_secs(10), results.recv()).await.expect("in time");
        let result = result.expect("a result");
        let would_be = if text == "x" { Action::Hold } else { Action::Deliver };
        assert_eq!((result.live_action, result.would_be), (Action::Deliver, would_be));
        assert_eq!((result.version, result.seq, &result.client_id), (2, seq, &client_id));
        assert_eq!(result.signals.len(), usize::from(text == "x"));
    }
    let counts = |release: &Release| {
        let seen = release.stats.snapshot();
        (seen.inspected, seen.flagged, seen.acted)
    };
    assert_eq!((counts(&live), counts(&shadow)), ((2, 1, vec![]), (2, 1, vec![])));
    assert_eq!(pipeline.shadows_missed(), 0);
}

#[tokio::test]
async fn a_canary_judges_instead_and_a_rehearsal_leaves_no_trace() {
    let (live, canary) = (release(1, 0.2), release(2, 0.9));
    let mode = CandidateMode::Canary { percent: 100 };
    let slots = vec![slot(Some(live.clone()), Some((canary.clone(), mode)))];
    let pipeline = pipeline(&Filters::default(), Vec::new(), FailMode::Hold);
    pipeline.replace(FilterSet { slots, policy: held_from(0.5) });
    let judged = pipeline.judge(inspection("x")).await.expect("judged");
    let run = judged.runs.first().expect("a run");
    assert_eq!((judged.action(), run.version, run.mode), (Action::Hold, 2, RunMode::Canary));
    assert_eq!(canary.stats.snapshot().acted, [(Action::Hold, 1)], "it caused the hold");
    assert_eq!(live.stats.snapshot().inspected, 0, "instead of the live one");

    let tried = pipeline.try_out(None, inspection("x")).await.expect("tried");
    assert_eq!((tried.action(), tried.runs[0].version), (Action::Deliver, 1), "by what is live");
    let draft = release(7, 0.8);
    let set = pipeline.current().with_release(draft.clone(), FailMode::Hold);
    let tried = pipeline.try_out(Some(Arc::new(set)), inspection("x")).await.expect("tried");
    assert_eq!((tried.action(), tried.runs[0].version), (Action::Hold, 7));
    for release in [live, draft] {
        assert_eq!(release.stats.snapshot(), FilterStatsSnapshot::default(), "nothing is counted");
    }
}
