//! What is particular to the embedded index: files, crashes, damage. What both indexes must do is in `tests/`.

use std::fs;
use std::path::Path;

use super::*;
use crate::document::{Changes, Kind, MessageDocument, Projection};
use crate::query::{MessageFilter, MessageQuery, Order, Scope, Text, Word};

fn message(conversation: &str, seq: u64, text: &str) -> MessageDocument {
    MessageDocument {
        conversation: conversation.into(),
        seq,
        projection: Projection::Whole,
        text: text.into(),
        readers: vec!["ann".into(), "bob".into()],
        participants: vec!["ann".into(), "bob".into()],
        sender: "ann".into(),
        kind: Kind::Direct,
        listing: None,
        category: None,
        at: i64::try_from(seq).unwrap(),
        verdict: "deliver".into(),
        has_attachment: false,
    }
}

type Damage = fn(&Path);

fn messages(messages: Vec<MessageDocument>) -> Changes {
    Changes { messages, ..Changes::default() }
}

async fn found(index: &dyn Index, words: &str) -> Vec<u64> {
    let words = words.split(' ').filter(|word| !word.is_empty());
    let query = MessageQuery {
        text: Text {
            words: words.map(|word| Word { text: word.into(), prefix: false }).collect(),
            ..Text::default()
        },
        scope: Scope::User("bob".into()),
        filter: MessageFilter::default(),
        order: Order::Relevance,
        offset: 0,
        limit: 100,
    };
    index.messages(&query).await.unwrap().hits.into_iter().map(|hit| hit.seq).collect()
}

fn open(dir: &Path) -> EmbeddedShelf {
    EmbeddedShelf::open(dir, Options::default()).unwrap()
}

/// A shelf with one message in an adopted index.
async fn filled(dir: &Path) -> EmbeddedShelf {
    let shelf = open(dir);
    let index = shelf.begin().await.unwrap();
    index.write(messages(vec![message("c", 1, "a red bike")]), "1").await.unwrap();
    shelf.adopt().await.unwrap();
    shelf
}

fn generations(dir: &Path) -> Vec<String> {
    let names =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| files::number(name).is_some()).collect();
    names.sort();
    names
}

async fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("in ten seconds {what}");
}

#[tokio::test]
async fn exact_words_come_before_near_ones_and_these_before_wrong_ones() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = open(dir.path());
    let index = shelf.begin().await.unwrap();
    let texts = [
        "my furnituer here",
        "my settee",
        "my furniture here now and some more",
        "furniture",
        "nothing",
    ];
    let all = texts.iter().zip(1..).map(|(text, seq)| message("c", seq, text)).collect();
    index.write(messages(all), "1").await.unwrap();
    assert_eq!(
        found(&*index, "furniture").await,
        [4, 3, 1],
        "short before long, exact before wrong"
    );
    assert_eq!(found(&*index, "sofa").await, [2], "a synonym");
    assert_eq!(found(&*index, "my here").await, [1, 3], "all words");
}

#[tokio::test]
async fn it_is_there_again_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()).await);
    let shelf = open(dir.path());
    let current = shelf.current().await.unwrap().expect("the index in use must be found again");
    assert!(!current.outdated);
    assert_eq!(current.index.position().await.unwrap().as_deref(), Some("1"));
    assert_eq!(found(&*current.index, "bike").await, [1]);
    current.index.check().await.unwrap();
    current.index.write(Changes::default(), "2").await.unwrap();
    assert_eq!(current.index.position().await.unwrap().as_deref(), Some("2"));
}

#[tokio::test]
async fn other_settings_make_it_outdated() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()).await);
    let mut settings = Settings::shipped().clone();
    settings.messages.insert("typoTolerance".into(), false.into());
    let options = Options { settings: Arc::new(settings), ..Options::default() };
    let shelf = EmbeddedShelf::open(dir.path(), options).unwrap();
    let current = shelf.current().await.unwrap().expect("it serves until a new one is built");
    assert!(current.outdated);
    shelf.begin().await.unwrap();
    shelf.adopt().await.unwrap();
    assert!(!shelf.current().await.unwrap().expect("adopted").outdated);
}

#[tokio::test]
async fn what_nobody_uses_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = filled(dir.path()).await;
    let old = shelf.current().await.unwrap().expect("adopted").index;
    shelf.begin().await.unwrap();
    let new = shelf.begin().await.unwrap();
    until("the index that was never adopted is not removed", || {
        generations(dir.path()) == ["generation-1", "generation-3"]
    })
    .await;
    shelf.adopt().await.unwrap();
    assert_eq!(found(&*old, "bike").await, [1], "it works as long as somebody has it");
    let check = old.check().await;
    assert!(matches!(check, Err(IndexError::Lost(_))), "it is not in use any more: {check:?}");
    new.check().await.unwrap();
    drop(old);
    until("the old index is not removed", || generations(dir.path()) == ["generation-3"]).await;
    new.write(Changes::default(), "x").await.unwrap();
    fs::create_dir(dir.path().join("generation-9")).unwrap();
    drop((shelf, new));
    let shelf = open(dir.path());
    assert_eq!(generations(dir.path()), ["generation-3"], "leftovers go when it is opened");
    assert!(shelf.current().await.unwrap().is_some());
}

#[tokio::test]
async fn damage_is_no_failed_start() {
    let damages: [(&str, Damage); 5] = [
        ("pointer is garbage", |dir| fs::write(dir.join("current.json"), "{").unwrap()),
        ("pointer names another place", |dir| {
            fs::write(dir.join("current.json"), r#"{"generation":"../x","digest":""}"#).unwrap();
        }),
        ("generation is gone", |dir| fs::remove_dir_all(dir.join("generation-1")).unwrap()),
        ("meta is garbage", |dir| fs::write(dir.join("generation-1/meta.json"), "{").unwrap()),
        ("files are cut short", |dir| {
            for entry in fs::read_dir(dir.join("generation-1")).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|e| e == "term" || e == "store" || e == "fast") {
                    fs::write(&path, &fs::read(&path).unwrap()[..10]).unwrap();
                }
            }
        }),
    ];
    for (what, damage) in damages {
        let dir = tempfile::tempdir().unwrap();
        drop(filled(dir.path()).await);
        damage(dir.path());
        let shelf = open(dir.path());
        assert!(shelf.current().await.unwrap().is_none(), "{what}: it counts as not there");
        let index = shelf.begin().await.unwrap();
        index.write(messages(vec![message("c", 2, "a blue bike")]), "2").await.unwrap();
        shelf.adopt().await.unwrap();
        assert_eq!(found(&*index, "bike").await, [2], "{what}: it can be built anew");
    }
}

#[tokio::test]
async fn a_directory_that_went_away_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let shelf = filled(dir.path()).await;
    let index = shelf.current().await.unwrap().expect("adopted").index;
    index.check().await.unwrap();
    fs::remove_dir_all(dir.path().join("generation-1")).unwrap();
    assert!(matches!(index.check().await, Err(IndexError::Lost(_))));
    let written = index.write(messages(vec![message("c", 2, "x")]), "2").await;
    assert!(matches!(written, Err(IndexError::Lost(_))), "{written:?}");
}

#[tokio::test]
async fn too_many_searches_are_turned_away() {
    let gate = Gate::new(1, 1);
    let (release, held) = std::sync::mpsc::sync_channel::<()>(1);
    let wait = move || {
        let _ = held.recv();
        Ok(())
    };
    let running = tokio::spawn({
        let gate = gate.clone();
        async move { gate.run(wait).await }
    });
    let waiting = tokio::spawn({
        let gate = gate.clone();
        async move { gate.run(|| Ok(())).await }
    });
    until("they don't hold their places", || gate.free() == 0).await;
    let third = gate.run(|| Ok(())).await;
    assert!(matches!(third, Err(IndexError::Unavailable(_))), "{third:?}");
    release.send(()).unwrap();
    running.await.unwrap().unwrap();
    waiting.await.unwrap().unwrap();
    let panicked: Result<(), _> = gate.run(|| panic!("on purpose")).await;
    assert!(matches!(panicked, Err(IndexError::Lost(_))), "{panicked:?}");
    gate.run(|| Ok(())).await.expect("places are given back");
}
