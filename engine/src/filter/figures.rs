//! What Prometheus is told of the pipeline and its filters. Counts of a version begin anew when it is loaded again.

use std::sync::Arc;

use super::FilterStatsSnapshot;
use super::pipeline::Pipeline;
use super::set::{CandidateMode, FilterSet, Release};
use crate::telemetry::catalogue::{self, Metric};
use crate::telemetry::{Page, sends};

/// A version of the current set.
struct Version<'a> {
    release: &'a Arc<Release>,
    mode: &'static str,
    stats: FilterStatsSnapshot,
}

impl Version<'_> {
    fn labels(&self) -> [(&'static str, &str); 2] {
        [("filter", self.release.filter.name()), ("version", self.release.filter.version())]
    }
}

impl Pipeline {
    /// Writes figures of the pipeline and of every version that judges or is tried.
    pub fn write_figures(&self, page: &mut Page) {
        page.single(&catalogue::PIPELINE_WAITING, self.waiting());
        page.single(&catalogue::SHADOWS_MISSED, self.shadows_missed());
        let set = self.current();
        let versions = versions(&set);
        page.metric(&catalogue::FILTER_INSPECTIONS);
        for it in &versions {
            let [filter, version] = it.labels();
            page.sample(&[filter, version, ("mode", it.mode)], it.stats.inspected);
        }
        page.metric(&catalogue::FILTER_FLAGGED);
        for it in &versions {
            page.sample(&it.labels(), it.stats.flagged);
        }
        let faults = |it: &FilterStatsSnapshot| {
            it.faults.iter().map(|(kind, count)| (kind.as_str(), *count)).collect()
        };
        by_word(page, &catalogue::FILTER_FAULTS, "fault", &versions, faults);
        let acted = |it: &FilterStatsSnapshot| {
            it.acted
                .iter()
                .map(|(action, count)| (sends::verdict(action.index()), *count))
                .collect()
        };
        by_word(page, &catalogue::FILTER_VERDICTS, "verdict", &versions, acted);
        page.metric(&catalogue::FILTER_SECONDS);
        for it in &versions {
            page.histogram(&it.labels(), &it.release.stats.spread());
        }
    }
}

fn by_word(
    page: &mut Page,
    metric: &'static Metric,
    label: &'static str,
    versions: &[Version<'_>],
    counts: impl Fn(&FilterStatsSnapshot) -> Vec<(&'static str, u64)>,
) {
    page.metric(metric);
    for it in versions {
        let [filter, version] = it.labels();
        for (word, count) in counts(&it.stats) {
            page.sample(&[filter, version, (label, word)], count);
        }
    }
}

fn versions(set: &FilterSet) -> Vec<Version<'_>> {
    let slots = set.slots.iter().flat_map(|slot| {
        let candidate = slot.candidate.as_ref().map(|candidate| {
            let mode = match candidate.mode {
                CandidateMode::Shadow => "shadow",
                CandidateMode::Canary { .. } => "canary",
            };
            (&candidate.release, mode)
        });
        slot.live.iter().map(|release| (release, "live")).chain(candidate)
    });
    let mut versions: Vec<Version<'_>> = Vec::new();
    for (release, mode) in slots {
        let found = Version { release, mode, stats: release.stats.snapshot() };
        // A version that was switched off and one on trial may be the same: a series may be there once only.
        if versions.iter().all(|known| known.labels() != found.labels()) {
            versions.push(found);
        }
    }
    versions
}
