//! Ids and texts that mean harm, and a comparison with a plain filter over random documents.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rialto_search::{
    Changes, Kind, MessageDocument, MessageFilter, MessageQuery, Order, Projection, Scope, Text,
    Word,
};

use super::stage::{
    NONE, Stage, conversation, conversation_query, found, message, query, search, seqs, user,
};

const HOSTILE: [&str; 14] = [
    "auth0|4\"2' OR readers = \"ann\"",
    "\" OR \"\" = \"",
    "x\") OR (projection = \"whole",
    "\\\" OR 1=1 --",
    "ann' OR 'a' = 'a",
    "*",
    "{}[]()",
    "readers:ann",
    "+ann -bob",
    "ann AND",
    "a b\tc",
    "名前🚲",
    "%00%22",
    "nul\u{0}",
];

/// Its conversation; an id of one has no control characters.
fn of(id: &str) -> String {
    format!("c{}", id.replace(char::is_control, " "))
}

/// Who asks in the name of such an id finds their own, and nothing else; filters by it find nothing else either.
pub async fn ids(stage: Stage) {
    let mut documents = vec![message("private", 1, "secret here")];
    let mut conversations = vec![conversation("private", "Secret", &[("ann", "Ann")])];
    for (seq, id) in (2..).zip(HOSTILE) {
        documents.push(MessageDocument {
            readers: vec![id.to_owned()],
            participants: vec![id.to_owned()],
            sender: id.to_owned(),
            listing: Some(id.to_owned()),
            category: Some(id.to_owned()),
            verdict: id.to_owned(),
            ..message(&of(id), seq, "their own here")
        });
        conversations.push(conversation(&of(id), "Their own", &[(id, "Somebody")]));
    }
    let (_shelf, index) = stage.with(documents, conversations).await;
    for (seq, id) in (2..).zip(HOSTILE) {
        assert_eq!(seqs(&*index, user(id), "here").await, [seq], "{id:?} as the user");
        assert_eq!(
            seqs(&*index, user(&format!("{id} ")), "here").await,
            NONE,
            "{id:?} and a space"
        );
        assert_eq!(
            seqs(&*index, Scope::Support(id.to_owned()), "here").await,
            [seq],
            "{id:?} as support, of direct conversations"
        );
        let some = || Some(id.to_owned());
        for filter in [
            MessageFilter { conversation: Some(of(id)), ..MessageFilter::default() },
            MessageFilter { listings: Some(vec![id.to_owned()]), ..MessageFilter::default() },
            MessageFilter { senders: Some(vec![id.to_owned()]), ..MessageFilter::default() },
            MessageFilter { participants: vec![vec![id.to_owned()]], ..MessageFilter::default() },
            MessageFilter { category: some(), ..MessageFilter::default() },
            MessageFilter { verdict: some(), ..MessageFilter::default() },
        ] {
            let query = MessageQuery {
                filter: filter.clone(),
                ..query(Scope::Everything("mod".to_owned()), "")
            };
            let hits = found(&*index, &query).await;
            assert_eq!(hits, [(of(id), seq)], "{filter:?}");
        }
        let found = index.conversations(&conversation_query(user(id), "")).await;
        let found = found.expect("searched").hits;
        assert_eq!(found.len(), 1, "{id:?} as the user, of conversations");
        assert_eq!(found[0].id, of(id));
        let about = index.about(&[], &[id.to_owned()]).await.expect("asked");
        assert_eq!(about.len(), 1, "{id:?} is in one conversation");
        let erase = Changes { erased: vec![of(id)], ..Changes::default() };
        index.write(erase, "2").await.expect("written");
        assert_eq!(seqs(&*index, user(id), "").await, NONE, "{id:?} erased");
    }
    assert_eq!(seqs(&*index, user("ann"), "").await, [1], "nobody else lost anything");
}

/// No text finds more than the words in it would.
pub async fn texts(stage: Stage) {
    let theirs =
        MessageDocument { readers: vec!["dan".to_owned()], ..message("d", 2, "red secret") };
    let documents = vec![message("c", 1, "plain words and red ones"), theirs];
    let (_shelf, index) = stage.with(documents, Vec::new()).await;
    let marks = [
        "\"", "'", "-", "--", "－", "＂", "“", "”", "\\\"", "+", "*", "(", "OR ", "NOT ", ":",
        "readers:", "🚲",
    ];
    for mark in marks {
        for text in [
            format!("{mark}secret"),
            format!("secret{mark}"),
            format!("{mark} secret"),
            format!("no{mark}secret"),
        ] {
            for as_phrase in [true, false] {
                let mut query = query(user("ann"), "");
                if as_phrase {
                    query.text.phrases.push(text.clone());
                } else {
                    query.text.words.push(Word { text: text.clone(), prefix: false });
                }
                let hits = found(&*index, &query).await;
                assert_eq!(hits, [], "{text:?} (a phrase: {as_phrase}) is not in what Ann reads");
            }
        }
        let quoted = Text {
            words: vec![Word { text: format!("red{mark}"), prefix: false }],
            ..Text::default()
        };
        let mut query = query(user("ann"), "");
        if mark.trim().chars().any(char::is_alphanumeric) || mark == "🚲" {
            continue;
        }
        query.text = quoted;
        assert_eq!(found(&*index, &query).await, [("c".to_owned(), 1)], "red, and then {mark:?}");
        query.text.words[0].text = format!("{mark}red");
        assert_eq!(found(&*index, &query).await, [("c".to_owned(), 1)], "{mark:?}, and then red");
    }
}

const WORDS: [&str; 8] = ["alfa", "beta", "gama", "delt", "zulu", "kilo", "lima", "oskr"];
const USERS: [&str; 5] = ["u1", "u2", "U1", "u\"3", "u4"];
const CONVERSATIONS: [&str; 4] = ["c1", "C1", "c 2", "c3"];
const SOME: [&str; 3] = ["a", "A", "b"];
const VERDICTS: [&str; 2] = ["deliver", "hold"];

fn one(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(of).prop_map(str::to_owned)
}

fn kind() -> impl Strategy<Value = Kind> {
    select(&[Kind::Direct, Kind::Support][..])
}

fn document() -> impl Strategy<Value = MessageDocument> {
    let text = vec(one(&WORDS), 1..6).prop_map(|words| words.join(" "));
    let projection = select(&Projection::ALL[..]);
    let who = (vec(one(&USERS), 0..3), vec(one(&USERS), 0..3), one(&USERS));
    let what = (option::of(one(&SOME)), option::of(one(&SOME)), one(&VERDICTS));
    (one(&CONVERSATIONS), projection, text, who, kind(), what, 0..20_i64, any::<bool>()).prop_map(
        |(conversation, projection, text, who, kind, what, at, has_attachment)| MessageDocument {
            conversation,
            seq: 0, // told apart below
            projection,
            text,
            readers: who.0,
            participants: who.1,
            sender: who.2,
            kind,
            listing: what.0,
            category: what.1,
            verdict: what.2,
            at,
            has_attachment,
        },
    )
}

fn question() -> impl Strategy<Value = MessageQuery> {
    let scope = (0..3, one(&USERS)).prop_map(|(which, id)| match which {
        0 => Scope::User(id),
        1 => Scope::Support(id),
        _ => Scope::Everything(id),
    });
    let rarely = |values: BoxedStrategy<String>| option::weighted(0.2, values);
    let filter = (
        rarely(one(&CONVERSATIONS).boxed()),
        option::weighted(0.2, vec(one(&SOME), 0..3)),
        option::weighted(0.2, vec(one(&USERS), 0..3)),
        vec(vec(one(&USERS), 1..3), 0..2),
        rarely(one(&SOME).boxed()),
        option::weighted(0.3, kind()),
        (option::weighted(0.2, 0..20_i64), option::weighted(0.2, 0..20_i64)),
        option::weighted(0.2, any::<bool>()),
        rarely(one(&VERDICTS).boxed()),
    )
        .prop_map(
            |(
                conversation,
                listings,
                senders,
                participants,
                category,
                kind,
                at,
                has_attachment,
                verdict,
            )| {
                MessageFilter {
                    conversation,
                    listings,
                    senders,
                    participants,
                    category,
                    kind,
                    from: at.0,
                    to: at.1,
                    has_attachment,
                    verdict,
                }
            },
        );
    (scope, filter, vec(one(&WORDS), 0..2), vec(one(&WORDS), 0..2), any::<bool>()).prop_map(
        |(scope, filter, words, excluded, newest)| MessageQuery {
            text: Text {
                words: words.into_iter().map(|text| Word { text, prefix: false }).collect(),
                phrases: Vec::new(),
                excluded,
            },
            scope,
            filter,
            order: if newest { Order::Newest } else { Order::Relevance },
            offset: 0,
            limit: 500,
        },
    )
}

/// What the documentation of `Scope`, `MessageFilter` and `Text` says, said once more in the plainest way.
fn finds(query: &MessageQuery, document: &MessageDocument) -> bool {
    let me = query.scope.user();
    let reads = document.readers.iter().any(|reader| reader == me);
    let takes_part = document.participants.iter().any(|id| id == me);
    let whole = document.projection == Projection::Whole;
    let direct = document.kind == Kind::Direct;
    let in_scope = match query.scope {
        Scope::User(_) => reads,
        Scope::Support(_) => whole && (!direct || reads),
        Scope::Everything(_) => whole && (!direct || !takes_part || reads),
    };
    let as_staff = match query.scope {
        Scope::User(_) => false,
        Scope::Support(_) => whole && !direct,
        Scope::Everything(_) => whole && (!direct || !takes_part),
    };
    let filter = &query.filter;
    let has = |word: &str| document.text.split(' ').any(|other| other == word);
    let any = |wanted: &Option<Vec<String>>, value: Option<&String>| {
        wanted.as_ref().is_none_or(|all| value.is_some_and(|value| all.contains(value)))
    };
    in_scope
        && filter.conversation.as_ref().is_none_or(|id| *id == document.conversation)
        && any(&filter.listings, document.listing.as_ref())
        && any(&filter.senders, Some(&document.sender))
        && filter
            .participants
            .iter()
            .all(|group| group.iter().any(|id| document.participants.contains(id)))
        && (filter.category.is_none() || filter.category == document.category)
        && filter.kind.is_none_or(|kind| kind == document.kind)
        && filter.from.is_none_or(|from| document.at >= from)
        && filter.to.is_none_or(|to| document.at < to)
        && filter.has_attachment.is_none_or(|has| has == document.has_attachment)
        && filter.verdict.as_ref().is_none_or(|verdict| as_staff && *verdict == document.verdict)
        && query.text.words.iter().all(|word| has(&word.text))
        && !query.text.excluded.iter().any(|word| has(word))
}

/// Random documents, random questions: the same hits as the plain filter's.
pub async fn compared(stage: Stage) {
    let mut runner = TestRunner::default();
    let mut documents =
        vec(document(), 150).new_tree(&mut runner).expect("documents can be made").current();
    for (seq, document) in (1..).zip(&mut documents) {
        document.seq = seq;
    }
    let (_shelf, index) = stage.with(documents.clone(), Vec::new()).await;
    let mut answered = 0;
    for _ in 0..300 {
        let query = question().new_tree(&mut runner).expect("a question can be made").current();
        let mut expected: Vec<_> = documents
            .iter()
            .filter(|document| finds(&query, document))
            .map(|document| document.seq)
            .collect();
        let mut hits: Vec<_> =
            search(&*index, &query).await.hits.iter().map(|hit| hit.seq).collect();
        answered += usize::from(!hits.is_empty());
        if query.order == Order::Newest {
            expected.sort_by_key(|seq| {
                let document = documents.iter().find(|d| d.seq == *seq).expect("there");
                std::cmp::Reverse((document.at, document.seq))
            });
        } else {
            hits.sort_unstable();
        }
        assert_eq!(hits, expected, "{query:?}\nover {documents:#?}");
    }
    assert!(answered > 30, "only {answered} of 300 questions found anything");
}
