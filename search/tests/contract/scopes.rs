//! Who finds what.

use rialto_search::{Kind, MessageDocument, MessageFilter, MessageQuery, Order, Projection, Scope};

use super::stage::{Stage, found, message, query, search, strings, user};

/// The documents: Ann and Bob (d1), Ann and a moderator (d2), Ann and support (s1).
fn documents() -> Vec<MessageDocument> {
    let masked = |seq, conversation: &str, reader: &str, text: &str| MessageDocument {
        projection: Projection::Masked,
        readers: strings(&[reader]),
        participants: strings(&["ann", reader]),
        ..message(conversation, seq, text)
    };
    let whole = |seq, conversation: &str, other: &str, text: &str| MessageDocument {
        readers: strings(&["ann"]),
        participants: strings(&["ann", other]),
        ..message(conversation, seq, text)
    };
    let support = MessageDocument {
        kind: Kind::Support,
        readers: strings(&["ann", "sue"]),
        participants: strings(&["ann", "sue"]),
        ..message("s1", 6, "help me to call them")
    };
    vec![
        message("d1", 1, "shall we call"),
        whole(2, "d1", "bob", "call me: 5551234"),
        masked(2, "d1", "bob", "call me: hidden"),
        MessageDocument {
            verdict: "hold".to_owned(),
            ..whole(3, "d1", "bob", "call the held number")
        },
        whole(4, "d2", "mod", "call 5551234 as well"),
        masked(4, "d2", "mod", "call hidden as well"),
        MessageDocument { verdict: "hold".to_owned(), ..support },
    ]
}

pub async fn scopes(stage: Stage) {
    let (_shelf, index) = stage.with(documents(), Vec::new()).await;
    let support = |id: &str| Scope::Support(id.to_owned());
    let everything = |id: &str| Scope::Everything(id.to_owned());
    let cases: &[(Scope, &str, &[u64])] = &[
        (user("ann"), "call", &[1, 2, 3, 4, 6]),
        (user("ann"), "5551234", &[2, 4]),
        (user("bob"), "call", &[1, 2]),
        (user("bob"), "5551234", &[]),
        (user("bob"), "hidden", &[2]),
        (user("mod"), "call", &[4]),
        (user("mod"), "5551234", &[]),
        (user("sue"), "call", &[6]),
        (user("dan"), "", &[]),
        (support("sue"), "call", &[6]),
        (support("ann"), "call", &[1, 2, 3, 4, 6]),
        (support("dan"), "call", &[6]),
        (everything("dan"), "call", &[1, 2, 3, 4, 6]),
        (everything("dan"), "hidden", &[]),
        // A moderator who takes part is one of two people there, not staff; and staff never sees masked documents.
        (everything("mod"), "call", &[1, 2, 3, 6]),
        (everything("mod"), "hidden", &[]),
        (everything("bob"), "5551234", &[4]),
        (everything("bob"), "call", &[1, 4, 6]),
        (support("bob"), "call", &[1, 6]),
        // Others of a similar name.
        (user("Ann"), "", &[]),
        (user(" ann"), "", &[]),
        (user("ánn"), "", &[]),
        (user("ann\u{0}"), "", &[]),
        (user(""), "", &[]),
    ];
    for (scope, words, expected) in cases {
        let mut hits = search(&*index, &query(scope.clone(), words)).await.hits;
        hits.sort_by_key(|hit| hit.seq);
        let seqs: Vec<_> = hits.iter().map(|hit| hit.seq).collect();
        assert_eq!(seqs, *expected, "{words:?} in the scope {scope:?}");
        for hit in &hits {
            let masked = hit.text.contains("hidden");
            assert_eq!(masked, hit.projection == Projection::Masked, "{hit:?}");
        }
    }
}

pub async fn verdicts(stage: Stage) {
    let (_shelf, index) = stage.with(documents(), Vec::new()).await;
    let support = |id: &str| Scope::Support(id.to_owned());
    let everything = |id: &str| Scope::Everything(id.to_owned());
    for (scope, expected) in [
        (user("ann"), &[][..]),
        (user("sue"), &[]),
        (support("sue"), &[6]),
        (support("ann"), &[6]),
        (everything("dan"), &[3, 6]),
        (everything("bob"), &[6]),
        (everything("ann"), &[6]),
    ] {
        let mut query = query(scope, "call");
        query.filter.verdict = Some("hold".to_owned());
        let mut seqs: Vec<_> = found(&*index, &query).await;
        seqs.sort_by_key(|hit| hit.1);
        let seqs: Vec<_> = seqs.iter().map(|hit| hit.1).collect();
        assert_eq!(seqs, expected, "on hold, in the scope {:?}", query.scope);
    }
}

pub async fn filters(stage: Stage) {
    let first = MessageDocument {
        listing: Some("L1".to_owned()),
        category: Some("Bikes".to_owned()),
        has_attachment: true,
        ..message("a", 1, "one")
    };
    let second = MessageDocument {
        listing: Some("l1".to_owned()),
        category: Some("bikes".to_owned()),
        sender: "bob".to_owned(),
        ..message("A", 2, "two")
    };
    let third = MessageDocument {
        kind: Kind::Support,
        participants: strings(&["ann", "sue"]),
        ..message("s", 3, "three")
    };
    let at = first.at;
    let (_shelf, index) = stage.with(vec![first, second, third], Vec::new()).await;
    let all = MessageFilter::default;
    let some = |text: &str| Some(text.to_owned());
    let cases: &[(MessageFilter, &[u64])] = &[
        (all(), &[1, 2, 3]),
        (MessageFilter { conversation: some("a"), ..all() }, &[1]),
        (MessageFilter { conversation: some("A"), ..all() }, &[2]),
        (MessageFilter { listings: Some(strings(&["L1"])), ..all() }, &[1]),
        (MessageFilter { listings: Some(strings(&["l1", "L1", "x"])), ..all() }, &[1, 2]),
        (MessageFilter { listings: Some(Vec::new()), ..all() }, &[]),
        (MessageFilter { senders: Some(strings(&["bob", "dan"])), ..all() }, &[2]),
        (MessageFilter { senders: Some(Vec::new()), ..all() }, &[]),
        (MessageFilter { participants: vec![strings(&["ann"])], ..all() }, &[1, 2, 3]),
        (MessageFilter { participants: vec![strings(&["sue"]), strings(&["ann"])], ..all() }, &[3]),
        (MessageFilter { participants: vec![strings(&["sue"]), strings(&["bob"])], ..all() }, &[]),
        (MessageFilter { participants: vec![strings(&["sue", "bob"])], ..all() }, &[1, 2, 3]),
        (MessageFilter { participants: vec![strings(&["ann"]), Vec::new()], ..all() }, &[]),
        (MessageFilter { category: some("Bikes"), ..all() }, &[1]),
        (MessageFilter { category: some("bikes"), ..all() }, &[2]),
        (MessageFilter { kind: Some(Kind::Support), ..all() }, &[3]),
        (MessageFilter { kind: Some(Kind::Direct), ..all() }, &[1, 2]),
        (MessageFilter { from: Some(at + 1_000), ..all() }, &[2, 3]),
        (MessageFilter { to: Some(at + 1_000), ..all() }, &[1]),
        (MessageFilter { from: Some(at), to: Some(at + 1_001), ..all() }, &[1, 2]),
        (MessageFilter { from: Some(i64::MIN), to: Some(i64::MAX), ..all() }, &[1, 2, 3]),
        (MessageFilter { from: Some(-5), to: Some(-1), ..all() }, &[]),
        (MessageFilter { has_attachment: Some(true), ..all() }, &[1]),
        (MessageFilter { has_attachment: Some(false), ..all() }, &[2, 3]),
        (MessageFilter { kind: Some(Kind::Direct), from: Some(at + 1), ..all() }, &[2]),
    ];
    for (filter, expected) in cases {
        let query =
            MessageQuery { filter: filter.clone(), order: Order::Newest, ..query(user("ann"), "") };
        let mut seqs: Vec<_> = found(&*index, &query).await;
        seqs.reverse();
        let seqs: Vec<_> = seqs.iter().map(|hit| hit.1).collect();
        assert_eq!(seqs, *expected, "{filter:?}");
    }
}
