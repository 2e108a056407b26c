//! A query made ready for segments: what a document must have, must not have, and be.

use std::sync::Arc;

use tantivy::query::{
    AllScorer, Bm25StatisticsProvider, Bm25Weight, ConstScorer, EnableScoring, PhrasePrefixQuery,
    PhraseQuery, Query, Scorer, Weight, intersect_scorers,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, Score, Searcher, SegmentReader, TERMINATED, Term};

use super::schema::{ATTACHMENT, Fields, MESSAGE, SUPPORT, Side};
use super::union::union;
use super::words::{Bounded, SequenceScorer, TIER, word};
use crate::document::Kind;
use crate::query::{ConversationQuery, MessageQuery, Order, Scope};
use crate::text::{Matcher, Piece, Sought};

/// Words that the last, unfinished word of a phrase may become.
const MOST_ENDINGS: u32 = 500;

/// What is looked for.
pub(super) struct Plan {
    pub(super) side: Side,
    pieces: Vec<Ready>,
    unwanted: Vec<Ready>,
    /// Of each group a document must have one.
    groups: Vec<Vec<Term>>,
    pub(super) flags: u64,
    /// Which flags matter.
    pub(super) mask: u64,
    pub(super) from: i64,
    pub(super) to: Option<i64>,
    pub(super) scope: Scope,
    pub(super) messages: bool,
    pub(super) as_staff: bool,
    pub(super) scored: bool,
    pub(super) matcher: Arc<Matcher>,
}

enum Ready {
    /// By its place among what the matcher wants.
    Word(usize, Arc<Bm25Weight>),
    Sequence {
        weight: Box<dyn Weight>,
        worth: Score,
    },
}

impl Plan {
    pub(super) fn messages(
        fields: &Fields,
        searcher: &Searcher,
        query: &MessageQuery,
        matcher: Arc<Matcher>,
    ) -> tantivy::Result<Self> {
        let filter = &query.filter;
        let mut plan = Self::new(fields.message, searcher, &query.scope, matcher)?;
        let side = plan.side;
        plan.messages = true;
        plan.scored &= query.order == Order::Relevance;
        plan.as_staff = filter.verdict.is_some();
        plan.need(side.conversation, filter.conversation.as_slice());
        plan.need_any(side.listing, filter.listings.as_deref());
        plan.need_any(fields.sender, filter.senders.as_deref());
        filter.participants.iter().for_each(|group| plan.need_any(side.participants, Some(group)));
        plan.need(side.category, filter.category.as_slice());
        plan.need(fields.verdict, filter.verdict.as_slice());
        plan.flag(MESSAGE, true);
        if let Some(kind) = filter.kind {
            plan.flag(SUPPORT, kind == Kind::Support);
        }
        if let Some(has) = filter.has_attachment {
            plan.flag(ATTACHMENT, has);
        }
        plan.from = filter.from.unwrap_or(i64::MIN);
        plan.to = filter.to;
        Ok(plan)
    }

    pub(super) fn conversations(
        fields: &Fields,
        searcher: &Searcher,
        query: &ConversationQuery,
        matcher: Arc<Matcher>,
    ) -> tantivy::Result<Self> {
        let filter = &query.filter;
        let mut plan = Self::new(fields.conversation, searcher, &query.scope, matcher)?;
        let side = plan.side;
        plan.need_any(side.listing, filter.listings.as_deref());
        filter.participants.iter().for_each(|group| plan.need_any(side.participants, Some(group)));
        plan.need(side.category, filter.category.as_slice());
        let kinds = filter.kind.map_or(vec![Kind::Direct, Kind::Support], |kind| vec![kind]);
        let kinds = kinds.into_iter().map(|kind| Term::from_field_text(side.kind, kind.as_str()));
        plan.groups.push(kinds.collect());
        plan.flag(MESSAGE, false);
        plan.from = filter.from.unwrap_or(i64::MIN);
        plan.to = filter.to;
        Ok(plan)
    }

    fn new(
        side: Side,
        searcher: &Searcher,
        scope: &Scope,
        matcher: Arc<Matcher>,
    ) -> tantivy::Result<Self> {
        let pieces = matcher.wanted.iter().enumerate();
        let pieces = pieces.map(|(place, piece)| Ready::wanted(&side, searcher, place, piece));
        let pieces = pieces.collect::<tantivy::Result<Vec<_>>>()?;
        let unwanted = matcher.unwanted.iter().map(|words| sequence(&side, searcher, words, false));
        let mut plan = Self {
            side,
            scored: !pieces.is_empty(),
            pieces,
            unwanted: unwanted.collect::<tantivy::Result<_>>()?,
            groups: Vec::new(),
            flags: 0,
            mask: 0,
            from: i64::MIN,
            to: None,
            scope: scope.clone(),
            messages: false,
            as_staff: false,
            matcher,
        };
        if let Scope::User(user) = scope {
            plan.need(side.readers, std::slice::from_ref(user));
        }
        Ok(plan)
    }

    fn need(&mut self, field: Field, value: &[String]) {
        self.groups.extend(value.iter().map(|value| vec![Term::from_field_text(field, value)]));
    }

    fn need_any(&mut self, field: Field, values: Option<&[String]>) {
        let terms = |values: &[String]| {
            values.iter().map(|value| Term::from_field_text(field, value)).collect()
        };
        self.groups.extend(values.map(terms));
    }

    fn flag(&mut self, flag: u64, set: bool) {
        self.mask |= flag;
        self.flags |= if set { flag } else { 0 };
    }

    /// What has all that is needed, deleted documents included, and what it is worth at most; `None` if nothing has.
    pub(super) fn needed(&self, reader: &SegmentReader) -> tantivy::Result<Option<Bounded>> {
        let mut all: Vec<Box<dyn Scorer>> = Vec::new();
        let mut most = 0.0;
        for group in &self.groups {
            let Some(set) = any_of(reader, group)? else { return Ok(None) };
            all.push(Box::new(ConstScorer::new(set, 0.0)));
        }
        for piece in &self.pieces {
            let Some((scorer, bound)) = piece.scorer(self, reader)? else { return Ok(None) };
            all.push(scorer);
            most += bound;
        }
        if all.is_empty() {
            return Ok(Some((Box::new(AllScorer::new(reader.max_doc())), most)));
        }
        Ok(Some((intersect_scorers(all, reader.max_doc()), most)))
    }

    /// What has something that is not wanted.
    pub(super) fn unwanted(&self, reader: &SegmentReader) -> tantivy::Result<Vec<Box<dyn Scorer>>> {
        let sets = self.unwanted.iter().map(|piece| piece.scorer(self, reader));
        sets.filter_map(|set| set.map(|set| Some(set?.0)).transpose()).collect()
    }
}

impl Ready {
    fn wanted(
        side: &Side,
        searcher: &Searcher,
        place: usize,
        piece: &Piece,
    ) -> tantivy::Result<Self> {
        match piece {
            Piece::Word(sought) => Ok(Self::Word(place, Arc::new(bm25(side, searcher, sought)?))),
            Piece::Sequence { words, prefix } => sequence(side, searcher, words, *prefix),
        }
    }

    fn scorer(&self, plan: &Plan, reader: &SegmentReader) -> tantivy::Result<Option<Bounded>> {
        match self {
            Self::Word(place, bm25) => match plan.matcher.wanted.get(*place) {
                Some(Piece::Word(sought)) => word(reader, &plan.side, sought, bm25),
                _ => Ok(None),
            },
            Self::Sequence { weight, worth } => {
                let inner = weight.scorer(reader, 1.0)?;
                if inner.doc() == TERMINATED {
                    return Ok(None);
                }
                Ok(Some((Box::new(SequenceScorer { inner, worth: *worth }), Score::INFINITY)))
            }
        }
    }
}

fn bm25(side: &Side, searcher: &Searcher, sought: &Sought) -> tantivy::Result<Bm25Weight> {
    let docs = searcher.total_num_docs()?.max(1);
    let words = searcher.total_num_tokens(side.words)?.max(1);
    let with = searcher.doc_freq(&Term::from_field_text(side.words, &sought.text))?;
    #[expect(clippy::cast_precision_loss, reason = "an average")]
    let length = words as Score / docs as Score;
    Ok(Bm25Weight::for_one_term_without_explain(with.min(docs), docs, length))
}

fn sequence(
    side: &Side,
    searcher: &Searcher,
    words: &[String],
    prefix: bool,
) -> tantivy::Result<Ready> {
    let terms: Vec<_> = words.iter().map(|word| Term::from_field_text(side.words, word)).collect();
    #[expect(clippy::cast_precision_loss, reason = "a query has few words")]
    let worth = TIER * 4.0 * words.len() as Score;
    let scoring = EnableScoring::enabled_from_searcher(searcher);
    let weight = match terms.as_slice() {
        [only] => tantivy::query::TermQuery::new(only.clone(), IndexRecordOption::WithFreqs)
            .weight(scoring)?,
        _ if prefix => {
            let mut query = PhrasePrefixQuery::new(terms);
            query.set_max_expansions(MOST_ENDINGS);
            query.weight(scoring)?
        }
        _ => PhraseQuery::new(terms).weight(scoring)?,
    };
    Ok(Ready::Sequence { weight, worth })
}

/// Documents that have any of the terms, all of one field; `None` if none has.
pub(super) fn any_of(
    reader: &SegmentReader,
    terms: &[Term],
) -> tantivy::Result<Option<Box<dyn DocSet>>> {
    let Some(first) = terms.first() else { return Ok(None) };
    let index = reader.inverted_index(first.field())?;
    let mut found = Vec::new();
    for term in terms {
        found.extend(index.get_term_info(term)?);
    }
    union(&index, &found, reader.max_doc())
}
