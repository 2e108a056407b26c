//! The kinds of queries that are measured.

use rialto_search::{
    ConversationFilter, ConversationQuery, MessageFilter, MessageQuery, Order, Scope, Text, Word,
};

use crate::corpus::{Corpus, Dice};

/// A kind of query, of which any number can be made.
pub struct Kind {
    pub name: &'static str,
    pub make: fn(&Corpus, &mut Dice) -> MessageQuery,
}

pub const KINDS: [Kind; 15] = [
    Kind { name: "common word", make: |c, d| words(c, &[c.words[d.index(10)].clone()]) },
    Kind {
        name: "common word, newest",
        make: |c, d| newest(words(c, &[c.words[d.index(10)].clone()])),
    },
    Kind { name: "word", make: |c, d| words(c, &[c.words[100 + d.index(900)].clone()]) },
    Kind { name: "rare word", make: |c, d| words(c, &[c.words[30_000 + d.index(30_000)].clone()]) },
    Kind {
        name: "three words",
        make: |c, d| words(c, &[any(c, d, 100), any(c, d, 1_000), any(c, d, 1_000)]),
    },
    Kind { name: "prefix, 1 letter", make: |c, d| prefix(c, d, 1) },
    Kind { name: "prefix, 2 letters", make: |c, d| prefix(c, d, 2) },
    Kind { name: "prefix, 3 letters", make: |c, d| prefix(c, d, 3) },
    Kind { name: "prefix, 5 letters", make: |c, d| prefix(c, d, 5) },
    Kind { name: "one error", make: |c, d| words(c, &[misspelt(c, d, 5, 8)]) },
    Kind { name: "two errors", make: |c, d| words(c, &[misspelt(c, d, 9, 14)]) },
    Kind { name: "phrase", make: |c, d| phrase(c, d) },
    Kind {
        name: "word, not another",
        make: |c, d| {
            let mut query = words(c, &[any(c, d, 1_000)]);
            query.text.excluded = vec![any(c, d, 20)];
            query
        },
    },
    Kind {
        name: "word, with attachment, since",
        make: |c, d| {
            let mut query = words(c, &[any(c, d, 300)]);
            query.filter.has_attachment = Some(true);
            query.filter.from = Some(1_700_000_500_000);
            query
        },
    },
    Kind {
        name: "no words, a category",
        make: |c, d| {
            let mut query = words(c, &[]);
            query.filter.category = Some(format!("category{}", d.below(12)));
            query
        },
    },
];

/// The same query for a moderator, or for one of those who wrote most.
pub fn for_scope(
    mut query: MessageQuery,
    staff: bool,
    corpus: &Corpus,
    dice: &mut Dice,
) -> MessageQuery {
    let busy = &corpus.conversations()[dice.index(400)].people[0].id;
    query.scope =
        if staff { Scope::Everything("moderator".into()) } else { Scope::User(busy.clone()) };
    query
}

/// Conversations by title and names.
pub fn conversations(corpus: &Corpus, dice: &mut Dice) -> ConversationQuery {
    let word = any(corpus, dice, 4_000);
    ConversationQuery {
        text: Text { words: vec![Word { text: word, prefix: true }], ..Text::default() },
        scope: Scope::Everything("moderator".into()),
        filter: ConversationFilter::default(),
        offset: 0,
        limit: 20,
    }
}

fn words(_: &Corpus, words: &[String]) -> MessageQuery {
    let words = words.iter().map(|word| Word { text: word.clone(), prefix: false });
    MessageQuery {
        text: Text { words: words.collect(), ..Text::default() },
        scope: Scope::Everything("moderator".into()),
        filter: MessageFilter::default(),
        order: Order::Relevance,
        offset: 0,
        limit: 20,
    }
}

fn any(corpus: &Corpus, dice: &mut Dice, of: usize) -> String {
    corpus.words[dice.index(of)].clone()
}

fn newest(query: MessageQuery) -> MessageQuery {
    MessageQuery { order: Order::Newest, ..query }
}

fn prefix(corpus: &Corpus, dice: &mut Dice, letters: usize) -> MessageQuery {
    let word = any(corpus, dice, 3_000);
    let mut query = words(corpus, &[word.chars().take(letters).collect()]);
    query.text.words[0].prefix = true;
    query
}

fn phrase(corpus: &Corpus, dice: &mut Dice) -> MessageQuery {
    let mut query = words(corpus, &[]);
    query.text.phrases = vec![format!("{} {}", any(corpus, dice, 10), any(corpus, dice, 100))];
    query
}

/// A word of such a length with two neighbours changed, and if it is long, a letter too many.
fn misspelt(corpus: &Corpus, dice: &mut Dice, least: usize, most: usize) -> String {
    loop {
        let mut letters: Vec<char> = any(corpus, dice, 5_000).chars().collect();
        if (least..=most).contains(&letters.len()) {
            letters.swap(2, 3);
            if least > 8 {
                letters.insert(6, 'q');
            }
            return letters.into_iter().collect();
        }
    }
}
