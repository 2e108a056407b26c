//! What writing does.

use rialto_search::query::DEEPEST;
use rialto_search::{
    Changes, Index, IndexError, Indexed, MessageDocument, Projection, Scope, Stats,
};

use super::stage::{
    NONE, Stage, conversation, conversation_query, conversations, message, query, search, seqs,
    strings, user,
};

fn everything() -> Scope {
    Scope::Everything("mod".to_owned())
}

async fn counts(index: &dyn Index) -> (u64, u64) {
    let Stats { messages, conversations, .. } = index.stats().await.expect("it can be counted");
    (messages, conversations)
}

fn masked(seq: u64, text: &str) -> MessageDocument {
    MessageDocument {
        projection: Projection::Masked,
        readers: strings(&["bob"]),
        ..message("c", seq, text)
    }
}

fn whole(seq: u64, text: &str) -> MessageDocument {
    MessageDocument { readers: strings(&["ann"]), ..message("c", seq, text) }
}

pub async fn replacing(stage: Stage) {
    let first = vec![message("c", 1, "first words"), message("c", 2, "second words")];
    let (_shelf, index) = stage.with(first, Vec::new()).await;
    let replaced = |seq, messages| Changes {
        replaced: vec![("c".to_owned(), seq)],
        messages,
        ..Changes::default()
    };
    // An edit: the former text is gone.
    let edit = replaced(1, vec![message("c", 1, "edited words")]);
    index.write(edit.clone(), "2").await.expect("written");
    assert_eq!(seqs(&*index, user("bob"), "first").await, NONE);
    assert_eq!(seqs(&*index, user("bob"), "edited").await, [1]);
    // Parts are masked: there are two documents now, each for its readers.
    let mask = replaced(1, vec![whole(1, "secret words"), masked(1, "covered words")]);
    index.write(mask.clone(), "3").await.expect("written");
    assert_eq!(seqs(&*index, user("bob"), "secret").await, NONE);
    assert_eq!(seqs(&*index, user("bob"), "covered").await, [1]);
    assert_eq!(seqs(&*index, user("ann"), "secret").await, [1]);
    assert_eq!(seqs(&*index, user("ann"), "covered").await, NONE);
    assert_eq!(counts(&*index).await, (3, 0));
    // Twice the same changes nothing, whatever it is.
    for changes in [mask.clone(), edit, mask] {
        index.write(changes.clone(), "4").await.expect("written");
        let once = search(&*index, &query(everything(), "")).await;
        let number = counts(&*index).await;
        index.write(changes, "4").await.expect("written again");
        assert_eq!(search(&*index, &query(everything(), "")).await, once);
        assert_eq!(counts(&*index).await, number, "none is there twice");
    }
    // It is unmasked: the masked document goes without being named.
    let unmask = replaced(1, vec![message("c", 1, "secret words")]);
    index.write(unmask, "5").await.expect("written");
    assert_eq!(seqs(&*index, user("bob"), "words").await, [1, 2]);
    assert_eq!(counts(&*index).await, (2, 0));
    // And it is taken back.
    index.write(replaced(1, Vec::new()), "6").await.expect("written");
    assert_eq!(seqs(&*index, user("ann"), "words").await, [2]);
    assert_eq!(index.position().await, Ok(Some("6".to_owned())));
    index.check().await.expect("it is as it was written");
}

pub async fn erasing(stage: Stage) {
    let people: &[_] = &[("ann", "Ann"), ("bob", "Bob")];
    let (_shelf, index) = stage
        .with(
            vec![
                message("c", 1, "here"),
                message("c", 2, "here"),
                message("d", 3, "here"),
                message("C", 4, "here"),
            ],
            vec![conversation("c", "Bike", people), conversation("d", "Bike", people)],
        )
        .await;
    let erase = Changes { erased: strings(&["c", "unknown"]), ..Changes::default() };
    index.write(erase, "2").await.expect("written");
    assert_eq!(seqs(&*index, user("ann"), "here").await, [3, 4]);
    assert_eq!(conversations(&*index, &conversation_query(everything(), "bike")).await, ["d"]);
    assert_eq!(counts(&*index).await, (2, 1));
    // What is written together with it stays: it is erased before anything is written.
    let anew = Changes {
        erased: strings(&["d", "c"]),
        messages: vec![message("c", 1, "anew here")],
        conversations: vec![conversation("c", "Bike again", people)],
        ..Changes::default()
    };
    for _ in 0..2 {
        index.write(anew.clone(), "3").await.expect("written");
        assert_eq!(seqs(&*index, user("ann"), "here").await, [1, 4]);
        assert_eq!(conversations(&*index, &conversation_query(everything(), "")).await, ["c"]);
    }
    // A conversation is replaced by its id.
    let renamed =
        Changes { conversations: vec![conversation("c", "Table", people)], ..Changes::default() };
    index.write(renamed, "4").await.expect("written");
    assert_eq!(conversations(&*index, &conversation_query(everything(), "bike")).await, [""; 0]);
    assert_eq!(conversations(&*index, &conversation_query(everything(), "table")).await, ["c"]);
    assert_eq!(counts(&*index).await, (2, 1));
}

pub async fn positions(stage: Stage) {
    let shelf = stage.shelf();
    let index = shelf.begin().await.expect("begun");
    assert_eq!(index.position().await, Ok(None), "nothing was written");
    index.check().await.expect("an empty index is whole");
    assert!(Changes::default().is_empty());
    for position in ["0/17", "Ünicode \"quoted\" position"] {
        index.write(Changes::default(), position).await.expect("written");
        assert_eq!(index.position().await, Ok(Some(position.to_owned())));
        index.check().await.expect("it stands where it was put");
    }
    shelf.adopt().await.expect("adopted");
    assert_eq!(
        index.position().await,
        Ok(Some("Ünicode \"quoted\" position".to_owned())),
        "being adopted moves nothing"
    );
}

pub async fn about(stage: Stage) {
    let mut documents: Vec<_> = (0..1_050)
        .map(|n| conversation(&format!("c{n}"), "", &[("ann", "Ann"), ("bob", "Bob")]))
        .collect();
    documents[3].listing = Some("L 1".to_owned());
    documents[3].category = Some("Bikes".to_owned());
    documents[4].listing = Some("l 1".to_owned());
    "cem".clone_into(&mut documents[5].people[1].id);
    let (_shelf, index) = stage.with(Vec::new(), documents).await;
    let about = async |listings: &[&str], people: &[&str]| {
        let (listings, people) = (strings(listings), strings(people));
        let found = index.about(&listings, &people).await;
        let mut found = found.expect("it can be asked");
        found.sort_by(|a, b| a.conversation.cmp(&b.conversation));
        found
    };
    assert_eq!(about(&[], &[]).await, []);
    assert_eq!(about(&["L1", "none"], &["Ann"]).await, []);
    let with_category =
        Indexed { conversation: "c3".to_owned(), category: Some("Bikes".to_owned()) };
    let without = Indexed { conversation: "c5".to_owned(), category: None };
    assert_eq!(about(&["L 1"], &["cem"]).await, [with_category, without]);
    let all = about(&["L 1", "l 1"], &["ann", "bob"]).await;
    assert_eq!(all.len(), 1_050, "all of them, each once, however many");
}

pub async fn limits(stage: Stage) {
    let (_shelf, index) = stage.with(vec![message("c", 1, "here")], Vec::new()).await;
    for (offset, limit, allowed) in [
        (DEEPEST - 10, 10, true),
        (DEEPEST, 0, true),
        (DEEPEST - 10, 11, false),
        (usize::MAX, 1, false),
    ] {
        let mut messages = query(user("ann"), "here");
        (messages.offset, messages.limit) = (offset, limit);
        let mut conversations = conversation_query(user("ann"), "here");
        (conversations.offset, conversations.limit) = (offset, limit);
        let refused = [
            index.messages(&messages).await.err(),
            index.conversations(&conversations).await.err(),
        ];
        for refused in refused {
            match refused {
                None => assert!(allowed, "{offset} + {limit} must be refused"),
                Some(IndexError::Rejected(_)) => assert!(!allowed, "{offset} + {limit} is allowed"),
                Some(other) => panic!("{offset} + {limit}: {other}"),
            }
        }
    }
}

/// A batch of which every document says the same, so that depth and number can be told.
pub async fn many(stage: Stage) {
    let documents = (1..=12_000).map(|seq| message("c", seq, "one of very many"));
    let (_shelf, index) = stage.with(documents.collect(), Vec::new()).await;
    assert_eq!(counts(&*index).await, (12_000, 0));
    let mut deep = query(user("ann"), "many");
    (deep.offset, deep.limit) = (DEEPEST - 5, 5);
    let found = search(&*index, &deep).await;
    let hits: Vec<_> = found.hits.iter().map(|hit| hit.seq).collect();
    assert_eq!(hits, [2_005, 2_004, 2_003, 2_002, 2_001], "the deepest page");
    assert!(found.has_more, "there are 2,000 more, if out of reach");
    let erase = Changes { erased: strings(&["c"]), ..Changes::default() };
    index.write(erase, "2").await.expect("written");
    assert_eq!(counts(&*index).await, (0, 0));
    assert_eq!(seqs(&*index, user("ann"), "").await, NONE);
}
