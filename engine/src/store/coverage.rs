//! How many active listings have messaging, kept as counters.

use std::collections::{BTreeMap, HashMap};

use surrealdb::types::Object;

use super::StoreError;
use super::db::Db;
use super::value::Row;
use crate::domain::{Listing, ListingId, ListingStatus, MessagingException};

/// How many active listings have messaging, and why the others have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Active listings.
    pub active: u64,
    /// Those with messaging.
    pub enabled: u64,
    /// How many have none, by reason; reasons that apply to none are left out.
    pub exceptions: Vec<(MessagingException, u64)>,
}

/// What the listings in the store add up to.
#[derive(Default)]
pub(super) struct Counters {
    active: u64,
    exceptions: BTreeMap<MessagingException, u64>,
}

impl Counters {
    /// Counts the whole table, once.
    pub(super) async fn count(db: &Db) -> Result<Self, StoreError> {
        // The one exception there is; a further one needs a further column here.
        let sql = "SELECT (seller = NONE) AS no_seller, count() AS listings FROM listing \
                   WHERE status = 'active' GROUP BY no_seller";
        let mut counters = Self::default();
        for row in db.ask(sql, Object::new()).await?.rows(0)? {
            let row = &mut Row::new(row, "listing counts")?;
            let listings = row.count("listings")?;
            counters.active += listings;
            if row.serde::<bool>("no_seller")? {
                counters.exceptions.insert(MessagingException::NoSeller, listings);
            }
        }
        Ok(counters)
    }

    pub(super) fn coverage(&self) -> Coverage {
        let exceptions: Vec<_> =
            self.exceptions.iter().filter(|(_, n)| **n > 0).map(|(why, n)| (*why, *n)).collect();
        let without: u64 = exceptions.iter().map(|(_, n)| n).sum();
        Coverage { active: self.active, enabled: self.active.saturating_sub(without), exceptions }
    }

    /// Takes the old rows off and puts the new ones on; of several new ones of an id the last counts.
    pub(super) fn replace(&mut self, before: Vec<Listing>, after: Vec<Listing>) {
        let after: HashMap<ListingId, Listing> =
            after.into_iter().map(|listing| (listing.id.clone(), listing)).collect();
        // The same id may have been asked for twice.
        let before: HashMap<ListingId, Listing> =
            before.into_iter().map(|listing| (listing.id.clone(), listing)).collect();
        for listing in before.values().filter(|listing| listing.status == ListingStatus::Active) {
            self.active = self.active.saturating_sub(1);
            if let Some(why) = listing.messaging_exception() {
                let count = self.exceptions.entry(why).or_default();
                *count = count.saturating_sub(1);
            }
        }
        for listing in after.values().filter(|listing| listing.status == ListingStatus::Active) {
            self.active += 1;
            if let Some(why) = listing.messaging_exception() {
                *self.exceptions.entry(why).or_default() += 1;
            }
        }
    }
}
