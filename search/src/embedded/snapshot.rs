//! What a search looks at: the index as it was after one commit.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::columnar::ColumnValues;
use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

/// The index after a commit, and the position that came with it.
pub(super) struct Snapshot {
    pub(super) searcher: Searcher,
    /// In the searcher's order.
    pub(super) segments: Vec<Arc<Columns>>,
    pub(super) position: Option<String>,
}

/// A segment's columns; what is deleted does not change them.
pub(super) struct Columns {
    id: SegmentId,
    pub(super) at: Arc<dyn ColumnValues<i64>>,
    pub(super) seq: Arc<dyn ColumnValues<u64>>,
    pub(super) flags: Arc<dyn ColumnValues<u64>>,
    /// No document is newer.
    pub(super) newest: i64,
}

impl Snapshot {
    /// Takes over what the one before has opened already.
    pub(super) fn new(
        searcher: Searcher,
        position: Option<String>,
        before: Option<&Self>,
    ) -> tantivy::Result<Self> {
        let opened: HashMap<_, _> = before
            .iter()
            .flat_map(|before| &before.segments)
            .map(|columns| (columns.id, columns))
            .collect();
        let columns = |reader: &SegmentReader| match opened.get(&reader.segment_id()) {
            Some(columns) => Ok(Arc::clone(columns)),
            None => Columns::open(reader).map(Arc::new),
        };
        let segments =
            searcher.segment_readers().iter().map(columns).collect::<tantivy::Result<_>>()?;
        Ok(Self { searcher, segments, position })
    }
}

impl Columns {
    fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        let at = columns.i64("at")?.first_or_default_col(0);
        Ok(Self {
            id: reader.segment_id(),
            newest: at.max_value(),
            at,
            seq: columns.u64("seq")?.first_or_default_col(0),
            flags: columns.u64("flags")?.first_or_default_col(0),
        })
    }
}
