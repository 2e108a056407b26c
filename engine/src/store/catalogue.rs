//! Users and listings as the marketplace pushes them.

use std::hash::Hash;
use std::sync::Arc;

use surrealdb::types::{Object, RecordId, RecordIdKey, RecordIdKeyRange, Value};

use super::cache::Cache;
use super::coverage::{Counters, Coverage};
use super::value::{NewRow, Row, int, millis, named, serde_value, text};
use super::{Store, StoreError};
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

const UPSERT_USERS: &str = "INSERT INTO user $users ON DUPLICATE KEY UPDATE name = $input.name, \
     locale = $input.locale, created_at = $input.created_at RETURN NONE";

const UPSERT_LISTINGS: &str = "INSERT INTO listing $listings ON DUPLICATE KEY UPDATE \
     title = $input.title, seller = $input.seller, category = $input.category, \
     price_minor = $input.price_minor, currency = $input.currency, url = $input.url, \
     image_url = $input.image_url, status = $input.status RETURN NONE";

impl Store {
    /// Adds or replaces users, all or none. Of several with one id the last counts.
    pub async fn upsert_users(&self, users: Vec<User>) -> Result<(), StoreError> {
        self.write_users(&users, UPSERT_USERS).await
    }

    /// Adds the user unless one of this id exists.
    pub async fn ensure_user(&self, user: &User) -> Result<(), StoreError> {
        if self.user(&user.id).await?.is_some() {
            return Ok(());
        }
        let insert = "INSERT IGNORE INTO user $users RETURN NONE";
        self.write_users(std::slice::from_ref(user), insert).await
    }

    async fn write_users(&self, users: &[User], sql: &str) -> Result<(), StoreError> {
        if users.is_empty() {
            return Ok(());
        }
        // Forgotten also if the write fails or is given up half-way: it may have been made.
        let ids = users.iter().map(|user| user.id.clone()).collect();
        let _forget = ForgetOnDrop { cache: &self.inner.users, ids };
        let rows: Vec<Value> = users.iter().map(user_row).collect();
        let variables = variable("users", Value::Array(rows.into()));
        self.inner.db.ask(sql, variables).await.map(|_| ())
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
        let rows: Vec<Value> = listings.iter().map(listing_row).collect();
        // Taken away meanwhile: if this fails or is given up half-way, they are counted again.
        let counters = kept.take();
        let variables = variable("listings", Value::Array(rows.into()));
        let ids = listings.iter().map(|listing| listing.id.clone()).collect();
        let forget = ForgetOnDrop { cache: &self.inner.listings, ids };
        self.inner.db.ask(UPSERT_LISTINGS, variables).await?;
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

fn user_row(user: &User) -> Value {
    NewRow::of(named("user", user.id.as_str()))
        .with("name", text(&user.name))
        .maybe("locale", user.locale.as_ref().map(text))
        .maybe("created_at", user.created_at.map(millis))
        .value()
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

fn listing_row(listing: &Listing) -> Value {
    NewRow::of(named("listing", listing.id.as_str()))
        .with("title", text(&listing.title))
        .maybe("seller", listing.seller.as_ref().map(|seller| text(seller.as_str())))
        .maybe("category", listing.category.as_ref().map(text))
        .maybe("price_minor", listing.price_minor.map(surrealdb::types::SurrealValue::into_value))
        .maybe("currency", listing.currency.as_ref().map(text))
        .maybe("url", listing.url.as_ref().map(text))
        .maybe("image_url", listing.image_url.as_ref().map(text))
        .with("status", serde_value(listing.status))
        .value()
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
