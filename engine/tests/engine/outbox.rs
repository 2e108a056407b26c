//! Followers of the log: in order, at least once, past what they refuse, and trimmed behind the slowest.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rialto_engine::app::Rooms;
use rialto_engine::domain::{Clock, ConversationId, Role, Seq};
use rialto_engine::outbox::{Consumer, ConsumerError, Lag, Pace, Running};
use rialto_engine::store::{OutboxCursor, OutboxEntry, Store};
use tempfile::TempDir;

use crate::rooms::{client_id, listing, rooms, viewer};

const PATIENCE: Duration = Duration::from_secs(20);

/// Writes down what it is given. Keeps its cursor in the store, after its effects: at least once.
struct Scribe {
    store: Store,
    book: Arc<Book>,
    pace: Pace,
}

const HASTY: Pace = Pace { batch: 8, coalesce: Duration::from_millis(1) };

#[derive(Default)]
struct Book {
    seen: Mutex<Vec<(ConversationId, Seq)>>,
    /// Everything fails while this stands.
    away: AtomicBool,
    /// These can't be taken into account.
    poison: Mutex<HashSet<(ConversationId, Seq)>>,
    /// Instead of refusing them, it panics.
    panics: AtomicBool,
    batches: AtomicUsize,
}

impl Consumer for Scribe {
    fn name(&self) -> &'static str {
        "scribe"
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    async fn apply(
        &self,
        entries: &[OutboxEntry],
        cursor: &OutboxCursor,
    ) -> Result<(), ConsumerError> {
        if self.book.away.load(Ordering::SeqCst) {
            return Err(ConsumerError::Unavailable("it is away".into()));
        }
        self.book.batches.fetch_add(1, Ordering::SeqCst);
        let events: Vec<(ConversationId, Seq)> = entries
            .iter()
            .filter_map(OutboxEntry::conversation)
            .filter_map(|entry| Some((entry, entry.events?)))
            .flat_map(|(entry, (first, last))| {
                (first..=last).map(move |seq| (entry.conversation.clone(), seq))
            })
            .collect();
        let poisoned = {
            let poison = self.book.poison.lock().expect("not poisoned");
            events.iter().any(|event| poison.contains(event))
        };
        assert!(!(poisoned && self.book.panics.load(Ordering::SeqCst)), "a consumer's defect");
        if poisoned {
            return Err(ConsumerError::Rejected("it can't be read".into()));
        }
        self.book.seen.lock().expect("not poisoned").extend(events);
        Ok(self.store.save_cursor("scribe", cursor).await?)
    }
}

async fn follow(rooms: &Rooms, book: &Arc<Book>) -> Running {
    follow_at(rooms, book, HASTY).await
}

async fn follow_at(rooms: &Rooms, book: &Arc<Book>, pace: Pace) -> Running {
    let scribe = Scribe { store: rooms.store.clone(), book: Arc::clone(book), pace };
    rooms.outbox.follow(scribe).await.expect("it starts")
}

fn lag(rooms: &Rooms) -> Lag {
    let lags = rooms.outbox.lags();
    lags.into_iter().find(|lag| lag.consumer == "scribe").expect("it is running")
}

/// Ann writes `count` messages to sam about his nth listing.
async fn talk(rooms: &Rooms, n: usize, count: usize) -> ConversationId {
    let ann = viewer("ann", Role::User);
    let (about, first) = (listing(n), client_id("first"));
    let started = rooms.conversations.start_direct(&ann, &about, first, "Hello").await;
    let id = started.expect("started").view.conversation.id.clone();
    for message in 1..count {
        let sent = rooms.conversations.send(&ann, &id, client_id(message), "and more").await;
        sent.expect("sent");
    }
    id
}

/// What was seen of a conversation.
fn seen(book: &Book, id: &ConversationId) -> Vec<Seq> {
    let seen = book.seen.lock().expect("not poisoned");
    seen.iter().filter(|(conversation, _)| conversation == id).map(|(_, seq)| *seq).collect()
}

async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !reached() {
        assert!(tokio::time::Instant::now() < deadline, "{what} did not come about");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_follower_sees_everything_in_order_however_often_it_is_away() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    let book = Arc::new(Book::default());
    let before = talk(&rooms, 0, 5).await;
    let running = follow(&rooms, &book).await;
    assert!(running.progress().caught_up(PATIENCE).await, "what was there before it came");
    assert_eq!(seen(&book, &before), [1, 2, 3, 4, 5]);
    book.away.store(true, Ordering::SeqCst);
    let meanwhile = talk(&rooms, 1, 30).await;
    until("the failure", || lag(&rooms).trouble.is_some()).await;
    let late = lag(&rooms);
    assert!(late.groups > 0 && late.age > Duration::ZERO, "it says that it lags: {late:?}");
    assert!(!running.progress().caught_up(Duration::from_millis(50)).await, "it is not there");
    book.away.store(false, Ordering::SeqCst);
    assert!(running.progress().caught_up(PATIENCE).await, "it comes back by itself");
    assert_eq!(seen(&book, &meanwhile), (1..=30).collect::<Vec<_>>(), "in order, once");
    until("peace", || lag(&rooms).trouble.is_none()).await;
    // Stopped and started again, it goes on where it stood.
    running.stop().await;
    let third = talk(&rooms, 2, 3).await;
    assert_eq!(seen(&book, &third), [] as [Seq; 0]);
    let running = follow(&rooms, &book).await;
    assert!(running.progress().caught_up(PATIENCE).await);
    assert_eq!((seen(&book, &before).len(), seen(&book, &third)), (5, vec![1, 2, 3]));
    rooms.close().await.expect("closed");
}

#[tokio::test]
async fn under_a_steady_load_a_follower_keeps_its_pace() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    let book = Arc::new(Book::default());
    let ann = viewer("ann", Role::User);
    let calm = Pace { batch: 10_000, coalesce: Duration::from_millis(250) };
    let running = follow_at(&rooms, &book, calm).await;
    let id = talk(&rooms, 0, 1).await;
    let begin = Instant::now();
    let mut sent = 0;
    while begin.elapsed() < calm.coalesce * 4 {
        sent += 1;
        let done = rooms.conversations.send(&ann, &id, client_id(sent), "and more").await;
        done.expect("sent");
    }
    let turns = usize::try_from(begin.elapsed().as_millis() / calm.coalesce.as_millis());
    let batches = book.batches.load(Ordering::SeqCst);
    assert!(batches <= turns.expect("few") + 2, "{batches} batches for {sent} messages");
    assert!(running.progress().caught_up(PATIENCE).await, "and it arrives");
    rooms.close().await.expect("closed");
}

#[tokio::test]
async fn what_is_refused_is_set_aside_and_everything_else_goes_on() {
    for panics in [false, true] {
        let dir = TempDir::new().expect("a directory");
        let rooms = rooms(&dir, Clock::system(), |_| {}).await;
        let book = Arc::new(Book::default());
        book.panics.store(panics, Ordering::SeqCst);
        let id = talk(&rooms, 0, 12).await;
        book.poison.lock().expect("not poisoned").extend([(id.clone(), 4), (id.clone(), 9)]);
        let running = follow(&rooms, &book).await;
        assert!(running.progress().caught_up(PATIENCE).await, "it goes on, panics: {panics}");
        let mut known = seen(&book, &id);
        known.sort_unstable();
        known.dedup();
        assert_eq!(known, [1, 2, 3, 5, 6, 7, 8, 10, 11, 12], "all but the two");
        let late = lag(&rooms);
        assert_eq!((late.set_aside, late.groups), (2, 0), "an alert stands: {late:?}");
        let aside = rooms.store.aside("scribe", 10).await.expect("kept");
        let of = |entry: &OutboxEntry| entry.conversation().and_then(|entry| entry.events);
        let kept: Vec<_> = aside.iter().map(|one| of(&one.entry)).collect();
        assert_eq!(kept, [Some((4, 4)), Some((9, 9))]);
        // Mended, a restart takes them in.
        running.stop().await;
        book.poison.lock().expect("not poisoned").clear();
        let running = follow(&rooms, &book).await;
        assert!(running.progress().caught_up(PATIENCE).await);
        until("what was set aside", || {
            [4, 9].iter().all(|seq| seen(&book, &id).contains(seq)) && lag(&rooms).set_aside == 0
        })
        .await;
        assert_eq!(rooms.store.aside("scribe", 10).await, Ok(vec![]));
        rooms.close().await.expect("closed");
    }
}

#[tokio::test]
async fn the_outbox_is_trimmed_behind_the_slowest_and_not_before_a_hold() {
    let dir = TempDir::new().expect("a directory");
    let rooms = rooms(&dir, Clock::system(), |_| {}).await;
    let rows = || async {
        let rows = rooms.store.outbox_after(&OutboxCursor::default(), 10_000).await;
        rows.expect("rows").len()
    };
    let book = Arc::new(Book::default());
    let running = follow(&rooms, &book).await;
    talk(&rooms, 0, 10).await;
    assert!(running.progress().caught_up(PATIENCE).await);
    assert!(rooms.search.caught_up(PATIENCE).await, "search follows too");
    rooms.inbox.unread(&viewer("sam", Role::User)).await.expect("so do inboxes");
    let all = rows().await;
    let hold = rooms.outbox.hold(OutboxCursor::default());
    rooms.outbox.trim().await.expect("trimmed");
    assert_eq!(rows().await, all, "somebody still needs it");
    drop(hold);
    book.away.store(true, Ordering::SeqCst);
    talk(&rooms, 1, 10).await;
    rooms.outbox.trim().await.expect("trimmed");
    let left = rows().await;
    assert!(left >= 10 && left < all + 10, "only what the slowest has passed is gone: {left}");
    book.away.store(false, Ordering::SeqCst);
    assert!(running.progress().caught_up(PATIENCE).await);
    assert!(rooms.search.caught_up(PATIENCE).await);
    rooms.inbox.unread(&viewer("sam", Role::User)).await.expect("caught up");
    rooms.outbox.trim().await.expect("trimmed");
    assert!(rows().await <= 2, "what everybody stands on is left");
    rooms.close().await.expect("closed");
}
