//! A plan carried out over all segments: the best or newest documents, in order.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use tantivy::postings::SegmentPostings;
use tantivy::query::Scorer;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

use super::plan::Plan;
use super::schema::{SUPPORT, WHOLE};
use super::scope::{self, Facts};
use super::snapshot::{Columns, Snapshot};

/// A document that was found, the worst first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    score: Score,
    at: i64,
    pub(super) seq: u64,
    pub(super) flags: u64,
    pub(super) address: DocAddress,
}

impl Eq for Hit {}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = self.score.total_cmp(&other.score);
        let by_time = || (self.at, self.seq).cmp(&(other.at, other.seq));
        by_score.then_with(by_time).then_with(|| self.address.cmp(&other.address))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The first documents, at most so many, the best first.
pub(super) fn first(plan: &Plan, snapshot: &Snapshot, most: usize) -> tantivy::Result<Vec<Hit>> {
    let mut best = Best { most, hits: BinaryHeap::new() };
    let readers = snapshot.searcher.segment_readers().iter();
    let mut segments: Vec<_> = readers.zip(&snapshot.segments).enumerate().collect();
    segments.sort_by_key(|(_, (_, columns))| Reverse(columns.newest));
    for (ord, (reader, columns)) in segments {
        if !plan.scored && best.worst().is_some_and(|worst| columns.newest < worst.at) {
            break;
        }
        let ord = u32::try_from(ord).unwrap_or(u32::MAX);
        search(plan, reader, columns, ord, &mut best)?;
    }
    let sorted = best.hits.into_sorted_vec();
    Ok(sorted.into_iter().map(|Reverse(hit)| hit).collect())
}

/// The best so far.
struct Best {
    most: usize,
    hits: BinaryHeap<Reverse<Hit>>,
}

impl Best {
    /// The worst of them, once there are as many as are wanted.
    fn worst(&self) -> Option<&Hit> {
        if self.hits.len() < self.most { None } else { self.hits.peek().map(|Reverse(hit)| hit) }
    }

    fn add(&mut self, hit: Hit) {
        if self.hits.len() < self.most {
            self.hits.push(Reverse(hit));
        } else if let Some(mut worst) = self.hits.peek_mut()
            && worst.0 < hit
        {
            *worst = Reverse(hit);
        }
    }
}

fn search(
    plan: &Plan,
    reader: &SegmentReader,
    columns: &Columns,
    segment: u32,
    best: &mut Best,
) -> tantivy::Result<()> {
    let Some((mut docs, most)) = plan.needed(reader)? else { return Ok(()) };
    let hopeless = best
        .worst()
        .is_some_and(|worst| plan.scored && (most, columns.newest) < (worst.score, worst.at));
    if hopeless || docs.doc() == TERMINATED {
        return Ok(());
    }
    let mut viewer = Viewer::new(plan, reader)?;
    let mut unwanted = plan.unwanted(reader)?;
    let alive = reader.alive_bitset();
    let mut doc = docs.doc();
    while doc != TERMINATED {
        let score = if plan.scored { docs.score() } else { 0.0 };
        // What can't be among the best is not looked at more closely.
        let hopeless = best.worst().is_some_and(|worst| {
            score < worst.score || score <= worst.score && columns.at.get_val(doc) < worst.at
        });
        if !hopeless && alive.is_none_or(|alive| alive.is_alive(doc)) {
            let flags = columns.flags.get_val(doc);
            let at = columns.at.get_val(doc);
            if flags & plan.mask == plan.flags
                && at >= plan.from
                && plan.to.is_none_or(|to| at < to)
                && viewer.finds(plan, doc, flags)
                && !has_any(&mut unwanted, doc)
            {
                let address = DocAddress::new(segment, doc);
                best.add(Hit { score, at, seq: columns.seq.get_val(doc), flags, address });
            }
        }
        doc = docs.advance();
    }
    Ok(())
}

fn has_any(sets: &mut [Box<dyn Scorer>], doc: DocId) -> bool {
    sets.iter_mut().any(|set| has(set.as_mut(), doc))
}

/// Asked for ascending documents.
fn has(set: &mut dyn DocSet, doc: DocId) -> bool {
    if set.doc() < doc {
        set.seek(doc);
    }
    set.doc() == doc
}

/// Who is looking, and what is theirs in a segment.
struct Viewer {
    read: Option<SegmentPostings>,
    joined: Option<SegmentPostings>,
}

struct Document<'a> {
    viewer: &'a mut Viewer,
    doc: DocId,
    flags: u64,
}

impl Viewer {
    fn new(plan: &Plan, reader: &SegmentReader) -> tantivy::Result<Self> {
        let postings = |field: Field| -> tantivy::Result<_> {
            let term = Term::from_field_text(field, plan.scope.user());
            Ok(reader.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)?)
        };
        Ok(Self { read: postings(plan.side.readers)?, joined: postings(plan.side.participants)? })
    }

    fn finds(&mut self, plan: &Plan, doc: DocId, flags: u64) -> bool {
        let mut document = Document { viewer: self, doc, flags };
        if plan.messages {
            scope::message(&plan.scope, plan.as_staff, &mut document)
        } else {
            scope::conversation(&plan.scope, &mut document)
        }
    }
}

impl Facts for Document<'_> {
    fn whole(&self) -> bool {
        self.flags & WHOLE != 0
    }

    fn support(&self) -> bool {
        self.flags & SUPPORT != 0
    }

    fn reader(&mut self) -> bool {
        self.viewer.read.as_mut().is_some_and(|read| has(read, self.doc))
    }

    fn participant(&mut self) -> bool {
        self.viewer.joined.as_mut().is_some_and(|joined| has(joined, self.doc))
    }
}
