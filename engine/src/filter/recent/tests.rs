//! What is remembered, for how long, and that it stays small and quick.

use std::sync::Mutex;

use super::index::{ROW_BYTES, Row, Shard};
use super::*;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

fn user(id: impl std::fmt::Display) -> UserId {
    UserId::trusted(id.to_string())
}

fn place(id: impl std::fmt::Display) -> ConversationId {
    ConversationId::trusted(format!("{id:032}"))
}

fn minutes(count: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(count)
}

fn texts(messages: &[Arc<Past>]) -> Vec<&str> {
    messages.iter().map(|past| &*past.text).collect()
}

#[test]
fn the_latest_come_first_by_sender_and_by_conversation() {
    let recent = Recent::new();
    for (minute, sender, where_, text) in [
        (1, "ann", 1, "one"),
        (3, "ann", 2, "three"),
        (2, "sam", 1, "two"),
        (2, "ann", 1, "between"),
    ] {
        recent.note_stored(&user(sender), &place(where_), minutes(minute), text);
    }
    let now = minutes(5);
    assert_eq!(texts(&recent.of_sender(&user("ann"), now, 9)), ["three", "between", "one"]);
    assert_eq!(texts(&recent.of_sender(&user("ann"), now, 1)), ["three"]);
    assert_eq!(texts(&recent.of_conversation(&place(1), now, 9)), ["between", "two", "one"]);
    assert!(recent.of_sender(&user("eve"), now, 9).is_empty(), "nothing is known of others");
    let next_day = minutes(1) + MAX_AGE;
    assert_eq!(texts(&recent.of_sender(&user("ann"), next_day, 9)), ["three", "between"]);
}

#[test]
fn loading_what_is_known_already_changes_nothing() {
    let recent = Recent::new();
    assert!(!recent.begin_sender(&user("ann")), "not loaded yet");
    for text in ["again", "again", "other", "again"] {
        recent.note_stored(&user("ann"), &place(1), start(), text);
    }
    assert_eq!(texts(&recent.of_sender(&user("ann"), start(), 9)), ["other", "again"]);
    assert!(recent.begin_sender(&user("ann")), "loaded once is enough");
    assert!(!recent.begin_conversation(&place(1)), "a message noted live loads nothing");
}

#[test]
fn similar_counts_messages_and_other_conversations() {
    let recent = Recent::new();
    let text = "hello, is this still available? write me";
    for (minute, where_) in [(0, 1), (10, 2), (20, 3), (30, 3)] {
        recent.note_stored(&user("ann"), &place(where_), minutes(minute), text);
    }
    recent.note_stored(&user("ann"), &place(4), minutes(31), "what about the rear brake then");
    recent.note_stored(&user("sam"), &place(5), minutes(31), text);
    let sketch = Sketch::of("hello is this still available write me");
    let ask =
        |since, least| recent.similar(&user("ann"), &place(3), &sketch, minutes(since), least);
    let expected = Similar { messages: 4, conversations: 2, oldest: Some(minutes(0)) };
    assert_eq!(ask(0, 0.9), expected);
    assert_eq!(ask(5, 0.9), Similar { messages: 3, conversations: 1, oldest: Some(minutes(10)) });
    assert_eq!(ask(0, 0.0).messages, 5, "everything is at least that like");
    assert_eq!(recent.similar(&user("eve"), &place(1), &sketch, start(), 0.5), Similar::default());
}

#[test]
fn texts_rows_and_the_whole_are_bounded() {
    let recent = Recent::with_capacity(512 * 1024);
    let long = "é word ".repeat(200);
    for number in 0..5_000 {
        let sender = user(number % 500);
        recent.note_stored(&sender, &place(number), start() + TimeDelta::seconds(number), &long);
    }
    assert!(recent.bytes() <= 512 * 1024, "{} bytes", recent.bytes());
    let kept = recent.of_sender(&user(499), start(), 99);
    assert!(!kept.is_empty() && kept.iter().all(|past| past.text.len() <= MAX_TEXT));
    for number in 0..100 {
        recent.note_stored(
            &user("busy"),
            &place(number),
            start() + TimeDelta::seconds(number),
            "hi",
        );
    }
    assert_eq!(recent.of_sender(&user("busy"), start(), 99).len(), KEPT);
    recent.note_stored(&user("busy"), &place(1), start() + TimeDelta::hours(30), "much later");
    assert_eq!(recent.of_sender(&user("busy"), start(), 99).len(), 1, "the old ones are dropped");
    let sum = |index: &Index<UserId>| {
        let row =
            |row: &Row| ROW_BYTES + row.messages.iter().map(|past| past.bytes()).sum::<usize>();
        let shard = |shard: &Mutex<Shard<UserId>>| {
            shard.lock().expect("not poisoned").rows.iter().map(|(_, it)| row(it)).sum::<usize>()
        };
        index.shards.iter().map(shard).sum::<usize>()
    };
    assert_eq!(sum(&recent.senders), recent.senders.bytes(), "the accounts are right");
}

#[test]
fn many_threads_share_it() {
    let recent = Recent::new();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let recent = &recent;
            scope.spawn(move || {
                for number in 0..500_i64 {
                    let sender = user((number + thread) % 50);
                    recent.note_stored(
                        &sender,
                        &place(thread),
                        minutes(number % 60),
                        "some words here",
                    );
                    let sketch = Sketch::of("some words here");
                    recent.similar(&sender, &place(1), &sketch, start(), 0.5);
                }
            });
        }
    });
    assert!((0..50).all(|id| recent.of_sender(&user(id), minutes(60), 99).len() == KEPT));
}
