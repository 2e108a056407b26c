//! A process that is killed while it writes leaves an embedded index whose position is that of its content.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rialto_search::embedded::{EmbeddedShelf, Options};
use rialto_search::{
    Changes, Index, Kind, MessageDocument, MessageFilter, MessageQuery, Order, Projection, Scope,
    Shelf, Text,
};

/// Set for the child: the directory.
const CHILD: &str = "RIALTO_SEARCH_KILLED";
const ROUNDS: u64 = 4;
const PER_BATCH: u64 = 7;

fn batch(number: u64) -> Changes {
    let message = |seq| MessageDocument {
        conversation: "c".into(),
        seq,
        projection: Projection::Whole,
        text: format!("batch {number}"),
        readers: vec!["ann".into()],
        participants: vec!["ann".into()],
        sender: "ann".into(),
        kind: Kind::Direct,
        listing: None,
        category: None,
        at: i64::try_from(seq).expect("small"),
        verdict: "deliver".into(),
        has_attachment: false,
    };
    let first = number * PER_BATCH;
    let messages = (first..first + PER_BATCH).map(message).collect();
    // Each batch takes one message of the one before away.
    let replaced = number.checked_sub(1).map(|before| ("c".to_owned(), before * PER_BATCH));
    Changes { messages, replaced: replaced.into_iter().collect(), ..Changes::default() }
}

async fn in_use(dir: &Path) -> Arc<dyn Index> {
    let shelf = EmbeddedShelf::open(dir, Options::default()).expect("a directory");
    if shelf.current().await.expect("asked").is_none() {
        shelf.begin().await.expect("begun");
        shelf.adopt().await.expect("adopted");
    }
    shelf.current().await.expect("asked").expect("it is there after every kill").index
}

/// The number of the last batch, by position.
async fn position(index: &dyn Index) -> Option<u64> {
    let position = index.position().await.expect("known");
    position.map(|position| position.parse().expect("a number"))
}

async fn write_until_killed(dir: &Path) {
    let index = in_use(dir).await;
    let mut next = position(&*index).await.map_or(0, |last| last + 1);
    loop {
        index.write(batch(next), &next.to_string()).await.expect("written");
        println!("\nwritten {next}");
        next += 1;
    }
}

async fn verify(dir: &Path, acknowledged: u64) {
    let index = in_use(dir).await;
    let last = position(&*index).await.expect("something was written");
    assert!(last >= acknowledged, "batch {acknowledged} was acknowledged, but it stands at {last}");
    let query = MessageQuery {
        text: Text::default(),
        scope: Scope::User("ann".into()),
        filter: MessageFilter::default(),
        order: Order::Newest,
        offset: 0,
        limit: 10_000,
    };
    let found = index.messages(&query).await.expect("searched").hits;
    let expected = (0..(last + 1) * PER_BATCH).rev();
    let expected: Vec<_> = expected
        .filter(|seq| seq % PER_BATCH != 0 || *seq == last * PER_BATCH)
        .take(10_000)
        .collect();
    let found: Vec<_> = found.into_iter().map(|hit| hit.seq).collect();
    assert_eq!(found, expected, "the content is that of position {last}");
    index.check().await.expect("whole");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the child is this test in another process")]
async fn position_and_content_agree() {
    if let Ok(dir) = std::env::var(CHILD) {
        return write_until_killed(Path::new(&dir)).await;
    }
    let dir = tempfile::tempdir().expect("a directory");
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().expect("this test's binary"))
            .args(["position_and_content_agree", "--exact", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the child starts");
        let mut lines =
            BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let mut acknowledged = None;
        // Each round a little further into whatever it is doing.
        for _ in 0..3 + round * 4 {
            let written =
                lines.by_ref().find_map(|line| line.strip_prefix("written ")?.parse().ok());
            acknowledged = Some(written.expect("it goes on writing"));
        }
        for _ in 0..round * 100_000 {
            std::hint::spin_loop();
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        acknowledged = lines
            .filter_map(|line| line.strip_prefix("written ")?.parse().ok())
            .last()
            .or(acknowledged);
        verify(dir.path(), acknowledged.expect("some were written")).await;
    }
}
