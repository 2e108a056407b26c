//! The documents of many terms at once.

use tantivy::index::InvertedIndexReader;
use tantivy::postings::TermInfo;
use tantivy::query::BitSetDocSet;
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocId, DocSet, TERMINATED};

/// Above one document in so many a set of bits is faster than a list.
const SPARSE: u32 = 64;

/// Those that have any of the terms; `None` if there are no terms.
pub(super) fn union(
    index: &InvertedIndexReader,
    terms: &[TermInfo],
    max_doc: u32,
) -> tantivy::Result<Option<Box<dyn DocSet>>> {
    let [first, others @ ..] = terms else { return Ok(None) };
    if others.is_empty() {
        let postings = index.read_postings_from_terminfo(first, IndexRecordOption::Basic)?;
        return Ok(Some(Box::new(postings)));
    }
    let entries: u64 = terms.iter().map(|term| u64::from(term.doc_freq)).sum();
    if entries > u64::from(max_doc / SPARSE) {
        let mut bits = BitSet::with_max_value(max_doc);
        each(index, terms, |docs| docs.iter().for_each(|doc| _ = bits.insert(*doc)))?;
        return Ok(Some(Box::new(BitSetDocSet::from(bits))));
    }
    let mut docs = Vec::with_capacity(usize::try_from(entries).unwrap_or_default());
    each(index, terms, |some| docs.extend_from_slice(some))?;
    docs.sort_unstable();
    docs.dedup();
    Ok(Some(Box::new(List { docs, at: 0 })))
}

fn each(
    index: &InvertedIndexReader,
    terms: &[TermInfo],
    mut take: impl FnMut(&[DocId]),
) -> tantivy::Result<()> {
    for term in terms {
        let mut blocks = index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?;
        while !blocks.docs().is_empty() {
            take(blocks.docs());
            blocks.advance();
        }
    }
    Ok(())
}

/// Ascending documents.
struct List {
    docs: Vec<DocId>,
    at: usize,
}

impl DocSet for List {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let rest = self.docs.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|doc| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.docs.len()).unwrap_or(u32::MAX)
    }
}
