//! Made-up messages whose words are as frequent as in real ones, the same on every run.

use std::collections::HashMap;

use rialto_search::{Changes, ConversationDocument, Kind, MessageDocument, Person, Projection};

/// What the filters are tested with: short messages of buyers, sellers and those who bother them.
const CASES: [&str; 4] = [
    include_str!("../../../plugins/spam/cases.jsonl"),
    include_str!("../../../plugins/scam/cases.jsonl"),
    include_str!("../../../plugins/tone/cases.jsonl"),
    include_str!("../../../plugins/contact-guard/cases.jsonl"),
];
const VOCABULARY: usize = 60_000;
const CONVERSATIONS: usize = 20_000;
const USERS: u64 = 30_000;
const LONGEST: usize = 300;
/// The first message was sent then; one follows every twenty seconds.
const BEGINNING: i64 = 1_700_000_000_000;
const INTERVAL: i64 = 20_000;

/// Numbers that look random.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % limit.max(1)
    }

    pub fn index(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).unwrap_or_default()
    }
}

pub struct Corpus {
    /// The most frequent first.
    pub words: Vec<String>,
    /// For each word, how often it or one before it comes.
    sums: Vec<u64>,
    conversations: Vec<ConversationDocument>,
    dice: Dice,
    next: Vec<u64>,
    sent: i64,
}

impl Corpus {
    pub fn new() -> Self {
        let words = vocabulary();
        let mut sum = 0;
        let weight = |rank: usize| 1_000_000_000 / (rank as u64 + 3);
        let sums = (0..words.len()).map(|rank| {
            sum += weight(rank);
            sum
        });
        let sums = sums.collect();
        let mut corpus = Self {
            words,
            sums,
            conversations: Vec::new(),
            dice: Dice::new(7),
            next: vec![1; CONVERSATIONS],
            sent: 0,
        };
        corpus.conversations =
            (0..CONVERSATIONS).map(|number| corpus.conversation(number)).collect();
        corpus
    }

    /// All conversations, as documents.
    pub fn conversations(&self) -> &[ConversationDocument] {
        &self.conversations
    }

    /// The next messages, of which each is new.
    pub fn messages(&mut self, count: usize) -> Changes {
        let messages = (0..count).map(|_| self.message()).collect();
        Changes { messages, ..Changes::default() }
    }

    /// A message of so many bytes at most, in words of their usual frequency.
    pub fn text(&mut self) -> String {
        // Mostly short, some long: sixty on average.
        let length = 8 + self.dice.index(40) + self.dice.index(40) * self.dice.index(8) / 2;
        let mut text = String::new();
        while text.len() < length {
            if !text.is_empty() {
                text.push(' ');
            }
            let at = self.dice.below(self.sums.last().copied().unwrap_or_default());
            text.push_str(&self.words[self.sums.partition_point(|sum| *sum <= at)]);
        }
        text.truncate(LONGEST);
        text
    }

    fn conversation(&mut self, number: usize) -> ConversationDocument {
        let kind = if number.is_multiple_of(10) { Kind::Support } else { Kind::Direct };
        let people = match kind {
            Kind::Support => [self.user(), format!("agent{}", self.dice.below(20))],
            Kind::Direct => [self.user(), self.user()],
        };
        let listing = (kind == Kind::Direct).then(|| format!("listing{}", self.dice.below(15_000)));
        let title: Vec<_> = (0..4).map(|_| self.words[self.dice.index(5_000)].clone()).collect();
        let name = |id: &String| format!("{} {id}", self.words[200 + number % 3_000]);
        ConversationDocument {
            id: format!("conversation-{number:06}"),
            kind,
            readers: people.to_vec(),
            people: people.iter().map(|id| Person { id: id.clone(), name: name(id) }).collect(),
            title: listing.is_some().then(|| title.join(" ")),
            listing,
            category: Some(format!("category{}", number % 12)),
            at: BEGINNING,
        }
    }

    fn user(&mut self) -> String {
        format!("user{}", self.dice.below(USERS))
    }

    fn message(&mut self) -> MessageDocument {
        // Some conversations are much longer than others.
        let place = self.dice.index(CONVERSATIONS).min(self.dice.index(CONVERSATIONS));
        let text = self.text();
        let conversation = &self.conversations[place];
        let seq = self.next[place];
        self.next[place] += 1;
        self.sent += 1;
        MessageDocument {
            conversation: conversation.id.clone(),
            seq,
            projection: Projection::Whole,
            text,
            readers: conversation.readers.clone(),
            participants: conversation.readers.clone(),
            sender: conversation.readers[self.dice.index(2)].clone(),
            kind: conversation.kind,
            listing: conversation.listing.clone(),
            category: conversation.category.clone(),
            at: BEGINNING + self.sent * INTERVAL,
            verdict: if self.dice.below(50) == 0 { "hold" } else { "deliver" }.into(),
            has_attachment: self.dice.below(20) == 0,
        }
    }
}

/// The words of real messages by their frequency, then made-up ones.
fn vocabulary() -> Vec<String> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for line in CASES.iter().flat_map(|file| file.lines()) {
        let case: serde_json::Value = serde_json::from_str(line).expect("cases are JSON lines");
        for word in case["text"].as_str().unwrap_or_default().split(|c: char| !c.is_alphabetic()) {
            if !word.is_empty() {
                *counts.entry(word.to_lowercase()).or_default() += 1;
            }
        }
    }
    let mut real: Vec<_> = counts.into_iter().collect();
    real.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let mut words: Vec<_> = real.into_iter().map(|(word, _)| word).collect();
    let mut known: std::collections::HashSet<_> = words.iter().cloned().collect();
    let mut dice = Dice::new(1);
    while words.len() < VOCABULARY {
        let word = made_up(&mut dice);
        if known.insert(word.clone()) {
            words.push(word);
        }
    }
    words
}

fn made_up(dice: &mut Dice) -> String {
    const ONSETS: [&str; 24] = [
        "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr",
        "pr", "ch", "sh", "br", "cl", "gr", "k",
    ];
    const REST: [&str; 20] = [
        "a", "e", "i", "o", "u", "ea", "ou", "an", "en", "in", "on", "er", "ar", "or", "al", "es",
        "ing", "ent", "at", "ic",
    ];
    let syllables = 2 + dice.index(3);
    (0..syllables).map(|_| format!("{}{}", ONSETS[dice.index(24)], REST[dice.index(20)])).collect()
}
