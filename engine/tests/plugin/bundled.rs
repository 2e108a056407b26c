//! The bundled filters, as the engine uses them.

use std::sync::Arc;

use rialto_engine::config::{FailMode, Filters};
use rialto_engine::domain::{Action, Clock};
use rialto_engine::filter::Filter;
use rialto_engine::plugin::{Grants, PluginFilter, bundled};

use crate::support::{inspection, load, pipeline, start};

/// Every filter of the binary, in the order they run.
fn all(config: &Filters) -> Vec<Arc<PluginFilter>> {
    assert_eq!(bundled().len(), 7, "run `make filters`");
    let clock = Clock::from_fn(start);
    let load = |(_, bytes): (_, &[u8])| load(bytes, config, Grants::ALL, "{}", &clock);
    bundled().map(|filter| Arc::new(load(filter).expect("it is admitted"))).collect()
}

fn live(filters: &[Arc<PluginFilter>]) -> Vec<Arc<dyn Filter>> {
    filters.iter().map(|filter| Arc::clone(filter) as Arc<dyn Filter>).collect()
}

#[tokio::test]
async fn bundled_filters_find_a_phone_number_and_policy_masks_it() {
    // Patient: first calls are slow, and on a busy machine no filter may be cut short.
    let config = Filters { deadline_ms: 1_000, ..Filters::default() };
    let filters = tokio::task::spawn_blocking({
        let config = config.clone();
        move || all(&config)
    });
    let filters = filters.await.expect("loaded");
    let names: Vec<_> = filters.iter().map(|filter| filter.name()).collect();
    let order = ["contact-guard", "link-guard", "wordlist", "spam", "scam", "tone", "flood"];
    assert_eq!(names, order, "later ones see the signals of earlier ones");
    for filter in &filters {
        let (_, digest) = filter.version().split_once('+').expect("version and digest");
        assert!(digest.len() == 8 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    }
    let pipeline = pipeline(&config, live(&filters), FailMode::Hold);
    let text = "Ruf mich an: +49 151 23456789, danke!";
    let verdict = pipeline.judge(inspection(text)).await.expect("judged").verdict.expect("found");
    assert_eq!(verdict.action, Action::Mask, "{verdict:?}");
    let masked = rialto_engine::domain::verdict::mask(text, &verdict.mask);
    assert!(!masked.contains("23456789") && masked.starts_with("Ruf mich an"), "{masked}");
    let plain = pipeline.judge(inspection("Is the bike still available?")).await.expect("judged");
    assert_eq!(plain.verdict, None, "a plain message has no verdict");
}
