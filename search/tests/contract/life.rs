//! How indexes come and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rialto_search::{Changes, IndexError};

use super::stage::{NONE, Stage, message, query, seqs, user};

pub async fn swap(stage: Stage) {
    let shelf = stage.shelf();
    assert!(shelf.current().await.expect("asked").is_none(), "there is none yet");
    assert!(
        matches!(shelf.adopt().await, Err(IndexError::Rejected(_))),
        "there is nothing to adopt"
    );
    let first = shelf.begin().await.expect("begun");
    let changes =
        |text: &str| Changes { messages: vec![message("c", 1, text)], ..Changes::default() };
    first.write(changes("old text"), "1").await.expect("written");
    assert!(shelf.current().await.expect("asked").is_none(), "it is not adopted");
    shelf.adopt().await.expect("adopted");
    let current = shelf.current().await.expect("asked").expect("there");
    assert!(!current.outdated);
    assert_eq!(current.index.position().await, Ok(Some("1".to_owned())));

    let second = shelf.begin().await.expect("begun");
    assert_eq!(second.position().await, Ok(None), "a new one is empty");
    assert_eq!(seqs(&*second, user("ann"), "").await, NONE);
    second.write(changes("new text"), "2").await.expect("written");
    assert_eq!(seqs(&*current.index, user("ann"), "old").await, [1], "still in use");
    assert_eq!(seqs(&*current.index, user("ann"), "new").await, NONE, "kept apart");
    // Both go on being written, as while one is being built.
    first.write(changes("old text again"), "3").await.expect("written");
    shelf.adopt().await.expect("adopted");
    assert_eq!(seqs(&*first, user("ann"), "again").await, [1], "who has the former may finish");
    assert_eq!(seqs(&*second, user("ann"), "new").await, [1], "the same handle goes on");
    second.write(changes("newest text"), "4").await.expect("written");
    drop((first, current));
    let current = shelf.current().await.expect("asked").expect("there");
    assert_eq!(seqs(&*current.index, user("ann"), "newest").await, [1]);
    assert_eq!(current.index.position().await, Ok(Some("4".to_owned())));
    current.index.check().await.expect("whole");
}

pub async fn reopened(stage: Stage) {
    let (shelf, index) = stage.with(vec![message("c", 1, "kept")], Vec::new()).await;
    drop((shelf, index));
    let shelf = stage.shelf();
    let current = shelf.current().await.expect("asked").expect("it is still there");
    assert!(!current.outdated, "by the same program");
    assert_eq!(current.index.position().await, Ok(Some("1".to_owned())));
    assert_eq!(seqs(&*current.index, user("ann"), "kept").await, [1]);
    let changes = Changes { messages: vec![message("c", 2, "kept as well")], ..Changes::default() };
    current.index.write(changes, "2").await.expect("written");
    assert_eq!(seqs(&*current.index, user("ann"), "kept").await, [1, 2]);
    current.index.check().await.expect("whole");
}

pub async fn leftovers(stage: Stage) {
    let (shelf, index) = stage.with(vec![message("c", 1, "in use")], Vec::new()).await;
    let begun = shelf.begin().await.expect("begun");
    let changes =
        Changes { messages: vec![message("c", 1, "never adopted")], ..Changes::default() };
    begun.write(changes, "9").await.expect("written");
    drop((shelf, index, begun));
    // The process ends here. The next one finds what was in use, and begins with nothing.
    let shelf = stage.shelf();
    let current = shelf.current().await.expect("asked").expect("there");
    assert_eq!(seqs(&*current.index, user("ann"), "use").await, [1]);
    let begun = shelf.begin().await.expect("begun");
    assert_eq!(begun.position().await, Ok(None), "nothing is left of the other");
    assert_eq!(seqs(&*begun, user("ann"), "").await, NONE);
    // Beginning once more replaces what was begun.
    let again = shelf.begin().await.expect("begun");
    drop(begun);
    again.write(Changes::default(), "5").await.expect("written");
    shelf.adopt().await.expect("adopted");
    let current = shelf.current().await.expect("asked").expect("there");
    assert_eq!(current.index.position().await, Ok(Some("5".to_owned())));
}

/// While indexes are swapped under it, a reader that takes what is in use finds its message every time.
pub async fn searching_while_swapping(stage: Stage) {
    let (shelf, index) = stage.with(vec![message("c", 1, "always here")], Vec::new()).await;
    drop(index);
    let done = Arc::new(AtomicBool::new(false));
    let reader = {
        let (shelf, done) = (shelf.clone(), done.clone());
        tokio::spawn(async move {
            let mut asked = 0;
            while !done.load(Ordering::Acquire) {
                let current = shelf.current().await.expect("asked").expect("there");
                assert_eq!(seqs(&*current.index, user("ann"), "always").await, [1]);
                asked += 1;
            }
            asked
        })
    };
    for n in 2..5 {
        let begun = shelf.begin().await.expect("begun");
        let changes =
            Changes { messages: vec![message("c", 1, "always here")], ..Changes::default() };
        begun.write(changes, &n.to_string()).await.expect("written");
        shelf.adopt().await.expect("adopted");
    }
    done.store(true, Ordering::Release);
    let asked = reader.await.expect("it found its message every time");
    assert!(asked > 0, "it looked at least once");
    let current = shelf.current().await.expect("asked").expect("there");
    assert_eq!(current.index.position().await, Ok(Some("4".to_owned())));
    let hits = current.index.messages(&query(user("ann"), "")).await;
    assert_eq!(hits.expect("searched").hits.len(), 1);
}
