//! Committed events lie in the journal first and are filed by conversation later: nobody who reads can tell.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use rialto_engine::config;
use rialto_engine::domain::{ConversationId, Event, Message, Seq};
use rialto_engine::store::{CommitError, Page, Store, Write};

use crate::support::{
    TempDir, close, conversation, conversation_id, embedded, memory, open, posted, write,
};

const ALL: Page = Page { after: 0, before: Seq::MAX, limit: 100, newest: true };

/// Everything that is asked of a log, in all its ways.
#[derive(Debug, PartialEq)]
struct Seen {
    last_seq: Seq,
    tail: Vec<Event>,
    ranges: Vec<Vec<Event>>,
    at: Vec<Event>,
    page: Vec<Message>,
    message: Option<Message>,
}

async fn look(store: &Store, id: &ConversationId) -> Seen {
    let mut ranges = Vec::new();
    for range in [1..=5, 17..=17, 10..=40, 30..=500, 60..=900] {
        ranges.push(store.events(id, range).await.expect("answers"));
    }
    let places: Vec<_> = [33, 1, 16, 17, 400].map(|seq| (id.clone(), seq)).into();
    Seen {
        last_seq: store.last_seq(id).await.expect("answers"),
        tail: store.load(id).await.expect("answers").expect("it exists").tail,
        ranges,
        at: store.events_at(&places).await.expect("answers"),
        page: store.messages(id, ALL, |_| true).await.expect("answers").messages,
        message: store.message(id, 20).await.expect("answers"),
    }
}

/// `logs` conversations whose events are committed in turns, some several at once.
async fn talk(store: &Store, logs: &[ConversationId], from: Seq, to: Seq) {
    let mut seq = from;
    while seq <= to {
        let last = (seq + seq % 3).min(to);
        let commits = logs.iter().map(|id| {
            let mut writes: Vec<Write> =
                (seq..=last).map(|seq| Write::Event(posted(id, seq, &format!("{seq}")))).collect();
            if seq == 1 {
                writes.push(Write::Conversation(conversation(id)));
            }
            write(store, id, writes)
        });
        for outcome in join_all(commits).await {
            outcome.expect("committed");
        }
        seq = last + 1;
    }
}

async fn all_filed(store: &Store) {
    for _ in 0..200 {
        if store.unfiled() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} events are not filed", store.unfiled());
}

fn without_memory(journal: bool) -> config::Store {
    // Nothing is answered from the newest events that are kept anyway.
    config::Store { recent_events: 0, journal, ..memory() }
}

#[tokio::test]
async fn a_log_reads_alike_before_and_after_it_is_filed_and_filed_at_once() {
    let ids: Vec<ConversationId> = (0..3).map(|n| conversation_id(&n.to_string())).collect();
    let at_once = open(&without_memory(false), Path::new("unused")).await.expect("opens");
    talk(&at_once, &ids, 1, 75).await;
    assert_eq!(at_once.unfiled(), 0);
    let store = open(&without_memory(true), Path::new("unused")).await.expect("opens");
    talk(&store, &ids, 1, 20).await;
    all_filed(&store).await;
    talk(&store, &ids, 21, 75).await;
    let unfiled = store.unfiled();
    let before: Vec<Seen> = join_all(ids.iter().map(|id| look(&store, id))).await;
    assert!(unfiled > 0, "some of it was in the journal only");
    all_filed(&store).await;
    for (id, before) in ids.iter().zip(before) {
        let expected = look(&at_once, id).await;
        assert_eq!(expected.ranges[2].len(), 31);
        assert_eq!(before, expected, "in part filed");
        assert_eq!(look(&store, id).await, expected, "filed");
    }
}

#[tokio::test]
async fn readers_see_every_event_once_while_events_are_filed() {
    let store = open(&without_memory(true), Path::new("unused")).await.expect("opens");
    let ids = [conversation_id("a"), conversation_id("b")];
    let writing = async {
        for n in 0..40 {
            talk(&store, &ids, n * 10 + 1, n * 10 + 10).await;
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    };
    let reading = async {
        let (mut seen, mut reads) = (0, 0);
        while seen < 400 {
            let last = store.last_seq(&ids[1]).await.expect("answers");
            let seqs: Vec<Seq> = store
                .events(&ids[1], 1..=900)
                .await
                .expect("answers")
                .iter()
                .map(|event| event.seq)
                .collect();
            assert!(seqs.len() as u64 >= last.max(seen), "nothing goes away");
            assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "no gap, nothing doubled");
            seen = seqs.len() as u64;
            reads += 1;
            tokio::task::yield_now().await;
        }
        reads
    };
    let ((), reads) = tokio::join!(writing, reading);
    assert!(reads > 40, "{reads} reads are too few to have met the filing");
}

#[tokio::test]
async fn numbers_stay_taken_when_memory_is_gone_and_a_journal_is_taken_over() {
    let dir = TempDir::new();
    let id = conversation_id("a");
    let with = |journal| config::Store { journal, ..embedded() };
    let store = open(&with(true), dir.path()).await.expect("opens");
    talk(&store, std::slice::from_ref(&id), 1, 21).await;
    close(store).await;
    let mut last = 21;
    for journal in [true, false, true] {
        let store = open(&with(journal), dir.path()).await.expect("opens");
        assert_eq!(store.last_seq(&id).await, Ok(last));
        for taken in [1, last] {
            let again = write(&store, &id, vec![Write::Event(posted(&id, taken, "x"))]).await;
            assert_eq!(again, Err(CommitError::Conflict), "{taken} with a journal: {journal}");
        }
        talk(&store, std::slice::from_ref(&id), last + 1, last + 4).await;
        last += 4;
        let seqs = store.events(&id, 1..=99).await.expect("answers");
        assert!(seqs.iter().map(|event| event.seq).eq(1..=last));
        close(store).await;
    }
}
