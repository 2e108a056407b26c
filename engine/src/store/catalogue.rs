//! Users and listings as the marketplace pushes them.

use std::hash::Hash;
use std::sync::Arc;

use surrealdb::types::{Object, RecordId, RecordIdKey, RecordIdKeyRange, Value};
use tokio::sync::oneshot;

use super::cache::Cache;
use super::commit::{Catalogue, Work};
use super::coverage::{Counters, Coverage};
use super::group::{NewRecord, REPLACE, Table};
use super::value::{NewRow, Row, int, millis, named, serde_value, text};
use super::writer::Job;
use super::{CatalogueEntry, CommitError, Queue, Store, StoreError};
use crate::domain::{Listing, ListingId, ListingStatus, User, UserId};

/// Which listings are wanted; `None` means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListingFilter {
    /// Of this status.
    pub status: Option<ListingStatus>,
    /// Of this category.
    pub category: Option<String>,
    /// Of this seller.
    pub seller: Option<UserId>,
}

pub(super) const USER: Table = Table {
    one: REPLACE,
    many: "INSERT INTO user $rows ON DUPLICATE KEY UPDATE name = $input.name, \
           locale = $input.locale, created_at = $input.created_at RETURN NONE",
};

pub(super) const LISTING: Table = Table {
    one: REPLACE,
    many: "INSERT INTO listing $rows ON DUPLICATE KEY UPDATE \
           title = $input.title, seller = $input.seller, category = $input.category, \
           price_minor = $input.price_minor, currency = $input.currency, url = $input.url, \
           image_url = $input.image_url, status = $input.status RETURN NONE",
};

impl Store {
    /// Adds or replaces users, all or none. Of several with one id the last counts.
    pub async fn upsert_users(&self, users: Vec<User>) -> Result<(), StoreError> {
        let _forget = self.forget_users(&users);
        self.write_catalogue(Catalogue { users, ..Catalogue::default() }).await
    }

    /// Adds the user unless one of this id exists.
    pub async fn ensure_user(&self, user: &User) -> Result<(), StoreError> {
        if self.user(&user.id).await?.is_some() {
            return Ok(());
        }
        let introduced = vec![user.clone()];
        let _forget = self.forget_users(&introduced);
        self.write_catalogue(Catalogue { introduced, ..Catalogue::default() }).await
    }

    /// Makes the next read of these users and listings come from the database. For whoever learned of a change from the
    /// outbox, which may be before the one who made it has the answer.
    pub fn read_afresh(&self, changed: &CatalogueEntry) {
        self.inner.users.forget(changed.users.iter());
        self.inner.listings.forget(changed.listings.iter());
    }

    /// Forgotten also if the write fails or is given up half-way: it may have been made.
    fn forget_users(&self, users: &[User]) -> ForgetOnDrop<'_, UserId, User> {
        let ids = users.iter().map(|user| user.id.clone()).collect();
        ForgetOnDrop { cache: &self.inner.users, ids }
    }

    /// Through a writer of its own, so that the outbox names what changed in the transaction that changed it.
    async fn write_catalogue(&self, catalogue: Catalogue) -> Result<(), StoreError> {
        let Catalogue { users, introduced, listings } = &catalogue;
        if users.is_empty() && introduced.is_empty() && listings.is_empty() {
            return Ok(());
        }
        let (answer, outcome) = oneshot::channel();
        let closing = || StoreError::Unavailable("it is closing".into());
        let Queue { jobs, backlog } = &self.inner.catalogue;
        let job = Job { work: Work::Catalogue(catalogue), waiting: backlog.enter(), answer };
        jobs.send(job).await.map_err(|_| closing())?;
        match outcome.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(CommitError::Store(error))) => Err(error),
            // It appends no event and its queue makes it wait: neither can happen.
            Ok(Err(error)) => Err(StoreError::Query(error.to_string())),
            Err(_) => Err(closing()),
        }
    }

    /// The user of this id. Cached, bounded; that there is none is cached too.
    pub async fn user(&self, id: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        let version = match self.inner.users.get(id) {
            Ok(known) => return Ok(known),
            Err(version) => version,
        };
        let found = self.one(named("user", id.as_str())).await?;
        let user = found.map(read_user).transpose()?.map(Arc::new);
        self.inner.users.fill(id.clone(), user.clone(), version);
        Ok(user)
    }

    /// Adds or replaces listings, all or none. Of several with one id the last counts.
    pub async fn upsert_listings(&self, listings: Vec<Listing>) -> Result<(), StoreError> {
        if listings.is_empty() {
            return Ok(());
        }
        // Held over the write, so that counters and rows change in the same order.
        let mut kept = self.inner.coverage.lock().await;
        let before = match kept.as_ref() {
            Some(_) => self.listings_of(listings.iter().map(|listing| &listing.id)).await?,
            None => Vec::new(),
        };
        // Taken away meanwhile: if this fails or is given up half-way, they are counted again.
        let counters = kept.take();
        let ids = listings.iter().map(|listing| listing.id.clone()).collect();
        let forget = ForgetOnDrop { cache: &self.inner.listings, ids };
        let catalogue = Catalogue { listings: listings.clone(), ..Catalogue::default() };
        self.write_catalogue(catalogue).await?;
        drop(forget);
        *kept = counters.map(|mut counters| {
            counters.replace(before, listings);
            counters
        });
        Ok(())
    }

    async fn listings_of(
        &self,
        ids: impl Iterator<Item = &ListingId>,
    ) -> Result<Vec<Listing>, StoreError> {
        let ids: Vec<Value> =
            ids.map(|id| Value::RecordId(named("listing", id.as_str()))).collect();
        let variables = variable("ids", Value::Array(ids.into()));
        let rows = self.inner.db.ask("SELECT * FROM $ids", variables).await?.rows(0)?;
        rows.into_iter().map(read_listing).collect()
    }

    /// The listing of this id.
    pub async fn listing(&self, id: &ListingId) -> Result<Option<Arc<Listing>>, StoreError> {
        let version = match self.inner.listings.get(id) {
            Ok(known) => return Ok(known),
            Err(version) => version,
        };
        let found = self.one(named("listing", id.as_str())).await?;
        let listing = found.map(read_listing).transpose()?.map(Arc::new);
        self.inner.listings.fill(id.clone(), listing.clone(), version);
        Ok(listing)
    }

    /// Up to `limit` listings in order of their ids, those after `after`.
    pub async fn listings(
        &self,
        filter: &ListingFilter,
        after: Option<&ListingId>,
        limit: usize,
    ) -> Result<Vec<Listing>, StoreError> {
        let mut variables = Object::new();
        let mut conditions = Vec::new();
        let wanted = [
            ("status", filter.status.map(serde_value)),
            ("category", filter.category.as_ref().map(text)),
            ("seller", filter.seller.as_ref().map(|seller| text(seller.as_str()))),
        ];
        for (field, value) in wanted {
            if let Some(value) = value {
                conditions.push(format!("{field} = ${field}"));
                variables.insert(field, value);
            }
        }
        let mut sql = String::from("SELECT * FROM $range");
        if !conditions.is_empty() {
            sql.push_str(" WHERE ");
            sql.push_str(&conditions.join(" AND "));
        }
        sql.push_str(" LIMIT $limit");
        variables.insert("range", listings_after(after));
        variables.insert("limit", int(limit as u64));
        let rows = self.inner.db.ask(&sql, variables).await?.rows(0)?;
        rows.into_iter().map(read_listing).collect()
    }

    /// How many listings have messaging. Counted once, then kept right by every upsert.
    pub async fn listing_coverage(&self) -> Result<Coverage, StoreError> {
        let mut counters = self.inner.coverage.lock().await;
        if counters.is_none() {
            *counters = Some(Counters::count(&self.inner.db).await?);
        }
        Ok(counters.as_ref().map(Counters::coverage).unwrap_or_default())
    }

    /// Whether there are no users and no listings: a new store.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let sql = "SELECT VALUE id FROM user LIMIT 1; SELECT VALUE id FROM listing LIMIT 1";
        let mut answers = self.inner.db.ask(sql, Object::new()).await?;
        Ok(answers.rows(0)?.is_empty() && answers.rows(1)?.is_empty())
    }

    /// The row of this id.
    pub(super) async fn one(&self, id: RecordId) -> Result<Option<Value>, StoreError> {
        let variables = variable("id", Value::RecordId(id));
        let rows = self.inner.db.ask("SELECT * FROM ONLY $id", variables).await?.rows(0)?;
        Ok(rows.into_iter().next())
    }
}

/// Forgets cached rows when a write ends, however it ends.
struct ForgetOnDrop<'a, K: Eq + Hash + Clone, V> {
    cache: &'a Cache<K, V>,
    ids: Vec<K>,
}

impl<K: Eq + Hash + Clone, V> Drop for ForgetOnDrop<'_, K, V> {
    fn drop(&mut self) {
        self.cache.forget(self.ids.iter());
    }
}

pub(super) fn variable(name: &str, value: Value) -> Object {
    let mut variables = Object::new();
    variables.insert(name, value);
    variables
}

fn listings_after(after: Option<&ListingId>) -> RecordId {
    use std::ops::Bound;
    let start = after.map_or(Bound::Unbounded, |id| {
        Bound::Excluded(RecordIdKey::String(id.as_str().to_owned()))
    });
    let range = RecordIdKeyRange { start, end: Bound::Unbounded };
    RecordId::new("listing", RecordIdKey::Range(Box::new(range)))
}

pub(super) fn user_row(user: &User) -> NewRecord {
    let row = NewRow::new()
        .with("name", text(&user.name))
        .maybe("locale", user.locale.as_ref().map(text))
        .maybe("created_at", user.created_at.map(millis));
    (named("user", user.id.as_str()), row)
}

fn read_user(value: Value) -> Result<User, StoreError> {
    let row = &mut Row::new(value, "user")?;
    Ok(User {
        id: UserId::trusted(row.name()?),
        name: row.text("name")?,
        locale: row.maybe_text("locale")?,
        created_at: row.maybe_time("created_at")?,
    })
}

pub(super) fn listing_row(listing: &Listing) -> NewRecord {
    let row = NewRow::new()
        .with("title", text(&listing.title))
        .maybe("seller", listing.seller.as_ref().map(|seller| text(seller.as_str())))
        .maybe("category", listing.category.as_ref().map(text))
        .maybe("price_minor", listing.price_minor.map(surrealdb::types::SurrealValue::into_value))
        .maybe("currency", listing.currency.as_ref().map(text))
        .maybe("url", listing.url.as_ref().map(text))
        .maybe("image_url", listing.image_url.as_ref().map(text))
        .with("status", serde_value(listing.status));
    (named("listing", listing.id.as_str()), row)
}

fn read_listing(value: Value) -> Result<Listing, StoreError> {
    let row = &mut Row::new(value, "listing")?;
    Ok(Listing {
        id: ListingId::trusted(row.name()?),
        title: row.text("title")?,
        seller: row.maybe_text("seller")?.map(UserId::trusted),
        category: row.maybe_text("category")?,
        price_minor: row.maybe_int("price_minor")?,
        currency: row.maybe_text("currency")?,
        url: row.maybe_text("url")?,
        image_url: row.maybe_text("image_url")?,
        status: row.serde("status")?,
    })
}
