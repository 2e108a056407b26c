//! When segments are merged: often enough that a search has few to look into, seldom enough that small commits don't
//! rewrite much.

use tantivy::index::SegmentMeta;
use tantivy::indexer::{MergeCandidate, MergePolicy};

/// Segments smaller than this count as this large, so that tiny ones are merged together whatever their sizes.
const SMALLEST: u32 = 1_000;
/// Segments of about the same size that are merged.
const TOGETHER: usize = 8;
/// Larger ones are left alone, so that no merge takes minutes and the newest messages stay apart from the old.
const LARGEST: u32 = 400_000;
/// A segment with more than one deleted document in so many is rewritten.
const DELETED: u32 = 3;

/// By size, in steps of eight.
#[derive(Debug)]
pub(super) struct Tiers;

impl MergePolicy for Tiers {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let sizes: Vec<_> =
            segments.iter().map(|s| (s.id(), s.num_docs(), s.num_deleted_docs())).collect();
        candidates(sizes).into_iter().map(MergeCandidate).collect()
    }
}

fn candidates<T: Copy + Ord>(segments: Vec<(T, u32, u32)>) -> Vec<Vec<T>> {
    let mut levels: std::collections::BTreeMap<u32, Vec<(u32, T)>> =
        std::collections::BTreeMap::new();
    let mut merges = Vec::new();
    for (id, alive, deleted) in segments {
        if deleted > (alive + deleted) / DELETED && alive + deleted > SMALLEST {
            merges.push(vec![id]);
        } else if alive < LARGEST {
            levels.entry(level(alive)).or_default().push((alive, id));
        }
    }
    for mut level in levels.into_values().filter(|level| level.len() >= TOGETHER) {
        level.sort_unstable();
        merges.push(level.into_iter().map(|(_, id)| id).collect());
    }
    merges
}

/// 0 up to `SMALLEST`, and one more for eight times as many.
fn level(docs: u32) -> u32 {
    (docs / SMALLEST).checked_ilog2().map_or(0, |log| log / 3 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_messages_in_small_commits() {
        let (mut segments, mut next, mut written, mut most) = (Vec::new(), 0, 0_u64, 0);
        for _ in 0..100_000 {
            segments.push((next, 10, 0));
            next += 1;
            for merge in candidates(segments.clone()) {
                let docs = segments.iter().filter(|(id, ..)| merge.contains(id)).map(|s| s.1).sum();
                segments.retain(|(id, ..)| !merge.contains(id));
                segments.push((next, docs, 0));
                written += u64::from(docs);
                next += 1;
            }
            most = most.max(segments.len());
        }
        assert!(most <= 40, "a search looks into few segments, not {most}");
        assert!(
            written < 20 * 1_000_000,
            "a document is rewritten a few times, not {written}/1000000"
        );
    }

    #[test]
    fn what_is_mostly_deleted_is_rewritten() {
        assert_eq!(candidates(vec![(1, 5_000, 4_000), (2, 5_000, 1_000)]), [vec![1]]);
        assert!(
            candidates(vec![(1, 900_000, 100_000); 20]).is_empty(),
            "the largest are left alone"
        );
    }
}
