//! Words in a segment: the documents that have them exactly, nearly or with typing errors, and how good they are.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::query::{Bm25Weight, Scorer};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::schema::{SHORT_PREFIX, Side};
use super::union::union;
use crate::text::{Sought, Tier};

/// Of all words that begin with what is sought or differ from it by typing errors, so many per segment are looked for, those
/// of the best tier and in most documents. Only beginnings of three characters, of many different words, come near it.
const MOST_WORDS: usize = 2_000;

/// What a tier is worth; more than any BM25 score, so that it goes before.
pub(super) const TIER: Score = 100.0;

/// Sets of documents by tier, best last.
type ByTier = [Option<Box<dyn DocSet>>; 3];

/// Documents with a word, in one segment.
pub(super) struct WordScorer {
    exact: Option<Exact>,
    others: ByTier,
    doc: DocId,
}

/// Documents with exactly the word.
struct Exact {
    postings: SegmentPostings,
    lengths: FieldNormReader,
    bm25: Arc<Bm25Weight>,
}

/// Documents of a segment, and what the best of them can be worth at most.
pub(super) type Bounded = (Box<dyn Scorer>, Score);

/// The documents that have a word; `None` if there are none.
pub(super) fn word(
    reader: &SegmentReader,
    side: &Side,
    sought: &Sought,
    bm25: &Arc<Bm25Weight>,
) -> tantivy::Result<Option<Bounded>> {
    let index = reader.inverted_index(side.words)?;
    let term = Term::from_field_text(side.words, &sought.text);
    let exact = match index.read_postings(&term, IndexRecordOption::WithFreqs)? {
        Some(postings) => Some(Exact {
            postings,
            lengths: reader.get_fieldnorms_reader(side.words)?,
            bm25: Arc::clone(bm25),
        }),
        None => None,
    };
    let mut found = expand(&index, sought)?;
    for synonym in &sought.synonyms {
        if let [only] = synonym.as_slice() {
            let term = Term::from_field_text(side.words, only);
            found[Tier::Near as usize].extend(index.get_term_info(&term)?);
        }
    }
    let mut others: ByTier = [None, None, None];
    for (set, terms) in others.iter_mut().zip(&found) {
        *set = union(&index, terms, reader.max_doc())?;
    }
    if sought.prefix && is_short(&sought.text) {
        let term = Term::from_field_text(side.beginnings, &sought.text);
        let beginnings = reader.inverted_index(side.beginnings)?;
        if let Some(postings) = beginnings.read_postings(&term, IndexRecordOption::Basic)? {
            others[Tier::Near as usize] = Some(Box::new(postings));
        }
    }
    if others.iter().all(Option::is_none) {
        return Ok(exact.map(|exact| {
            let most = exact.most();
            (Box::new(exact) as Box<dyn Scorer>, most)
        }));
    }
    let near = others.iter().rposition(Option::is_some).map_or(0.0, worth);
    let most = exact.as_ref().map_or(near, Exact::most);
    let mut scorer = WordScorer { exact, others, doc: 0 };
    scorer.settle();
    Ok(Some((Box::new(scorer), most)))
}

/// What a tier below exact is worth.
fn worth(tier: usize) -> Score {
    [1.0, 2.0, 3.0].get(tier).map_or(0.0, |tiers| tiers * TIER)
}

fn is_short(word: &str) -> bool {
    word.chars().nth(SHORT_PREFIX).is_none()
}

/// Other words of the segment that match, by tier.
fn expand(index: &InvertedIndexReader, sought: &Sought) -> tantivy::Result<[Vec<TermInfo>; 3]> {
    let mut found: [Vec<TermInfo>; 3] = Default::default();
    let mut take = |key: &[u8], info: &TermInfo| {
        let tier = std::str::from_utf8(key).ok().and_then(|key| sought.rate(key));
        match tier {
            Some(Tier::Exact) | None => {}
            Some(tier) => found[tier as usize].push(info.clone()),
        }
    };
    if let Some(fuzzy) = &sought.fuzzy {
        let mut terms = index.terms().search(fuzzy).into_stream()?;
        while terms.advance() {
            take(terms.key(), terms.value());
        }
    } else if sought.prefix && !is_short(&sought.text) {
        let mut terms = index.terms().range().ge(sought.text.as_bytes()).into_stream()?;
        while terms.advance() && terms.key().starts_with(sought.text.as_bytes()) {
            take(terms.key(), terms.value());
        }
    }
    let mut room = MOST_WORDS;
    for terms in found.iter_mut().rev() {
        if terms.len() > room {
            terms.sort_unstable_by_key(|term| std::cmp::Reverse(term.doc_freq));
            terms.truncate(room);
        }
        room -= terms.len();
    }
    Ok(found)
}

impl WordScorer {
    fn sets(&mut self) -> impl Iterator<Item = &mut dyn DocSet> {
        let exact = self.exact.as_mut().map(|exact| exact as &mut dyn DocSet);
        let others = self.others.iter_mut().flatten().map(|set| set.as_mut() as &mut dyn DocSet);
        exact.into_iter().chain(others)
    }

    fn settle(&mut self) -> DocId {
        self.doc = self.sets().map(|set| set.doc()).min().unwrap_or(TERMINATED);
        self.doc
    }
}

impl DocSet for WordScorer {
    fn advance(&mut self) -> DocId {
        let doc = self.doc;
        if doc == TERMINATED {
            return doc;
        }
        let mut next = TERMINATED;
        for set in self.sets() {
            let at = if set.doc() == doc { set.advance() } else { set.doc() };
            next = next.min(at);
        }
        self.doc = next;
        next
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let mut next = TERMINATED;
        for set in self.sets() {
            let at = if set.doc() < target { set.seek(target) } else { set.doc() };
            next = next.min(at);
        }
        self.doc = next;
        next
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let exact = self.exact.as_ref().map_or(0, DocSet::size_hint);
        self.others.iter().flatten().fold(exact, |sum, set| sum.saturating_add(set.size_hint()))
    }
}

impl Scorer for WordScorer {
    fn score(&mut self) -> Score {
        if let Some(exact) = &mut self.exact
            && exact.doc() == self.doc
        {
            return exact.score();
        }
        let tiers = self.others.iter().zip([1.0, 2.0, 3.0]).rev();
        let has =
            |set: &Option<Box<dyn DocSet>>| set.as_ref().is_some_and(|set| set.doc() == self.doc);
        tiers.into_iter().find(|(set, _)| has(set)).map_or(0.0, |(_, tier)| tier * TIER)
    }
}

impl Exact {
    fn most(&self) -> Score {
        TIER * 4.0 + self.bm25.max_score()
    }
}

impl DocSet for Exact {
    fn advance(&mut self) -> DocId {
        self.postings.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.postings.seek(target)
    }

    fn doc(&self) -> DocId {
        self.postings.doc()
    }

    fn size_hint(&self) -> u32 {
        self.postings.size_hint()
    }
}

impl Scorer for Exact {
    fn score(&mut self) -> Score {
        let length = self.lengths.fieldnorm_id(self.postings.doc());
        TIER * 4.0 + self.bm25.score(length, self.postings.term_freq())
    }
}

/// Documents with a sequence of words.
pub(super) struct SequenceScorer {
    pub(super) inner: Box<dyn Scorer>,
    /// What its tiers are worth.
    pub(super) worth: Score,
}

impl DocSet for SequenceScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.inner.seek(target)
    }

    fn doc(&self) -> DocId {
        self.inner.doc()
    }

    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }

    fn cost(&self) -> u64 {
        self.inner.cost()
    }
}

impl Scorer for SequenceScorer {
    fn score(&mut self) -> Score {
        self.worth + self.inner.score()
    }
}
