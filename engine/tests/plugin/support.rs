//! Components, a host for all tests, and messages.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use rialto_engine::config::{FailMode, Filters};
use rialto_engine::domain::{Clock, ConversationId, ConversationKind, UserId};
use rialto_engine::filter::{
    ConversationFacts, Filter, FilterSet, Inspection, ListingFacts, Pipeline, Policy, SenderFacts,
    Stage, Subject,
};
use rialto_engine::plugin::{Grants, Host, PluginError, PluginFilter, Setup};

/// Where compiled components are kept between test runs.
pub fn data_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-tests")
}

/// The bytes of a built component, such as `fixtures/misbehaving.wasm`.
pub fn component(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/dist").join(name);
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{} ({error}): run `make filters` first", path.display()))
}

/// One engine for all tests of this process.
pub fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| Host::start(&data_dir(), 64 * 1024 * 1024).expect("the host starts"))
}

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

/// Limits for tests: crashes don't quarantine unless the test says so.
pub fn limits() -> Filters {
    Filters { max_crashes: 1_000, ..Filters::default() }
}

pub fn load(
    bytes: &[u8],
    filters: &Filters,
    grants: Grants,
    config: &str,
    clock: &Clock,
) -> Result<PluginFilter, PluginError> {
    let setup = Setup { grants, ..Setup::new(filters, [7; 32], clock) };
    PluginFilter::load(host(), bytes, config, &setup)
}

/// The fixture that does what its message says.
pub fn misbehaving(filters: &Filters, grants: Grants) -> PluginFilter {
    let clock = Clock::from_fn(start);
    load(&component("fixtures/misbehaving.wasm"), filters, grants, "{}", &clock)
        .expect("it is admitted")
}

pub fn inspection(text: &str) -> Inspection {
    let now = start();
    Inspection {
        text: text.into(),
        stage: Stage::Create,
        now,
        sender: SenderFacts {
            id: UserId::new("buyer-1").expect("an id"),
            roles: vec!["user".into()],
            account_created_at: Some(now - chrono::TimeDelta::days(30)),
            locale: Some("en".into()),
        },
        conversation: ConversationFacts {
            id: ConversationId::trusted("0123456789abcdef0123456789abcdef"),
            kind: ConversationKind::Direct,
            created_at: now,
            message_count: 3,
            is_first_contact: false,
            recipient_locale: None,
        },
        listing: Some(ListingFacts {
            title: Some("Bicycle".into()),
            category: Some("bikes".into()),
            price_minor: Some(12_000),
            currency: Some("EUR".into()),
        }),
    }
}

pub fn subject(text: &str) -> Subject {
    Subject::new(inspection(text))
}

pub fn pipeline(config: &Filters, filters: Vec<Arc<dyn Filter>>, fail_mode: FailMode) -> Pipeline {
    let policy = Policy::parse(Policy::DEFAULT, 1).expect("the default policy");
    Pipeline::start(config, FilterSet::new(filters, fail_mode, policy)).expect("threads start")
}
