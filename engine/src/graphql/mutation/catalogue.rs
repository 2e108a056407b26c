//! What the marketplace's backend pushes: users and listings. All rows are checked before any is stored.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::domain::{self, IdError, UserId, access};
use crate::graphql::errors::Fault;
use crate::graphql::types::listing::{Listing, ListingStatus};
use crate::graphql::types::user::User;
use crate::graphql::types::user_error::{UserError, UserErrorCode};
use crate::graphql::{ids, limits, rooms, viewer};

/// Longest name or title, bytes.
const MAX_TEXT: usize = 500;
/// Longest address, bytes.
const MAX_URL: usize = 2_048;
/// Longest category or language tag, bytes.
const MAX_WORD: usize = 64;

/// A user as the marketplace knows them.
#[derive(Debug, InputObject)]
pub struct UserInput {
    /// The marketplace's own id, the `sub` of the user's tokens.
    id: ID,
    /// The name others see.
    name: String,
    /// BCP 47 language tag.
    locale: Option<String>,
    /// When the account was made.
    created_at: Option<DateTime<Utc>>,
}

/// Users to store.
#[derive(Debug, InputObject)]
pub struct UpsertUsersInput {
    /// The users; those known already are replaced.
    users: Vec<UserInput>,
}

/// A listing as the marketplace knows it.
#[derive(Debug, InputObject)]
pub struct ListingInput {
    /// The marketplace's own id.
    external_id: ID,
    /// What is offered.
    title: String,
    /// Who offers it; without, nobody can be asked about it.
    seller_id: Option<ID>,
    /// The marketplace's category, such as `car`.
    category: Option<String>,
    /// Price in the currency's minor unit, such as cents; needs `currency`.
    price_minor: Option<i64>,
    /// ISO 4217 code.
    currency: Option<String>,
    /// The listing's page, `http` or `https`.
    url: Option<String>,
    /// Its first picture, `http` or `https`.
    image_url: Option<String>,
    /// Where it stands.
    #[graphql(default)]
    status: ListingStatus,
}

/// Listings to store.
#[derive(Debug, InputObject)]
pub struct UpsertListingsInput {
    /// The listings; those known already are replaced.
    listings: Vec<ListingInput>,
}

/// What storing users led to.
#[derive(Debug, SimpleObject)]
pub struct UpsertUsersPayload {
    /// The users as stored; empty if any was refused.
    users: Vec<User>,
    /// Why nothing was stored; empty if all were.
    user_errors: Vec<UserError>,
}

/// What storing listings led to.
#[derive(Debug, SimpleObject)]
pub struct UpsertListingsPayload {
    /// The listings as stored; empty if any was refused.
    listings: Vec<Listing>,
    /// Why nothing was stored; empty if all were.
    user_errors: Vec<UserError>,
}

/// What the marketplace's backend pushes.
#[derive(Debug, Default)]
pub struct CatalogueMutation;

#[Object]
impl CatalogueMutation {
    /// Stores users, all or none; for the marketplace's backend.
    async fn upsert_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The users, at most 1,000 unless configured otherwise.")]
        input: UpsertUsersInput,
    ) -> Result<UpsertUsersPayload, Fault> {
        admit(ctx)?;
        let users = match check_all("users", input.users, limits(ctx)?.bulk, user) {
            Ok(users) => users,
            Err(user_errors) => return Ok(UpsertUsersPayload { users: vec![], user_errors }),
        };
        rooms(ctx)?.store.upsert_users(users.clone()).await?;
        let users = users.into_iter().map(|user| User::named(user.id, user.name)).collect();
        Ok(UpsertUsersPayload { users, user_errors: vec![] })
    }

    /// Stores listings, all or none; for the marketplace's backend. Active ones have messaging at once.
    async fn upsert_listings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The listings, at most 1,000 unless configured otherwise.")]
        input: UpsertListingsInput,
    ) -> Result<UpsertListingsPayload, Fault> {
        admit(ctx)?;
        let listings = match check_all("listings", input.listings, limits(ctx)?.bulk, listing) {
            Ok(listings) => listings,
            Err(user_errors) => {
                return Ok(UpsertListingsPayload { listings: vec![], user_errors });
            }
        };
        rooms(ctx)?.store.upsert_listings(listings.clone()).await?;
        let listings = listings.into_iter().map(Listing).collect();
        Ok(UpsertListingsPayload { listings, user_errors: vec![] })
    }
}

fn admit(ctx: &Context<'_>) -> Result<(), Fault> {
    if access::may_push_catalogue(viewer(ctx)?.role) {
        return Ok(());
    }
    Err(Fault::Forbidden("Only the marketplace's backend and admins push users and listings."))
}

/// A row's field and what is wrong with it.
struct Wrong(&'static str, String);

type Check<I, O> = fn(I) -> Result<O, Wrong>;

fn check_all<I, O>(
    list: &str,
    rows: Vec<I>,
    most: usize,
    check: Check<I, O>,
) -> Result<Vec<O>, Vec<UserError>> {
    if rows.len() > most {
        let message = format!("At most {most} at once, not {}.", rows.len());
        return Err(vec![UserError::new(UserErrorCode::TooMany, format!("input.{list}"), message)]);
    }
    let (mut good, mut errors) = (Vec::with_capacity(rows.len()), Vec::new());
    for (number, row) in rows.into_iter().enumerate() {
        match check(row) {
            Ok(row) => good.push(row),
            Err(Wrong(field, message)) => errors.push(UserError::new(
                UserErrorCode::Invalid,
                format!("input.{list}[{number}].{field}"),
                message,
            )),
        }
    }
    if errors.is_empty() { Ok(good) } else { Err(errors) }
}

fn user(row: UserInput) -> Result<domain::User, Wrong> {
    Ok(domain::User {
        id: id("id", UserId::new(&*row.id))?,
        name: text("name", row.name)?,
        locale: row.locale.map(|locale| word("locale", locale)).transpose()?,
        created_at: row.created_at,
    })
}

fn listing(row: ListingInput) -> Result<domain::Listing, Wrong> {
    if row.price_minor.is_some() && row.currency.is_none() {
        return Err(Wrong("currency", "A price needs its currency.".into()));
    }
    if row.price_minor.is_some_and(|price| price < 0) {
        return Err(Wrong("priceMinor", "A price must not be negative.".into()));
    }
    Ok(domain::Listing {
        id: id("externalId", ids::listing(&row.external_id))?,
        title: text("title", row.title)?,
        seller: row.seller_id.map(|seller| id("sellerId", UserId::new(&*seller))).transpose()?,
        category: row.category.map(|category| word("category", category)).transpose()?,
        price_minor: row.price_minor,
        currency: row.currency.map(currency).transpose()?,
        url: row.url.map(|address| url("url", address)).transpose()?,
        image_url: row.image_url.map(|address| url("imageUrl", address)).transpose()?,
        status: row.status.into(),
    })
}

fn id<T>(field: &'static str, parsed: Result<T, IdError>) -> Result<T, Wrong> {
    parsed.map_err(|error| Wrong(field, error.to_string()))
}

fn text(field: &'static str, text: String) -> Result<String, Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong(field, "Must not be empty.".into()));
    }
    at_most(field, text, MAX_TEXT)
}

fn word(field: &'static str, text: String) -> Result<String, Wrong> {
    if text.trim().is_empty() {
        return Err(Wrong(field, "Must not be empty; leave it out instead.".into()));
    }
    at_most(field, text, MAX_WORD)
}

fn url(field: &'static str, text: String) -> Result<String, Wrong> {
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Err(Wrong(field, "Must start with `https://` or `http://`.".into()));
    }
    at_most(field, text, MAX_URL)
}

fn at_most(field: &'static str, text: String, most: usize) -> Result<String, Wrong> {
    if text.len() > most {
        return Err(Wrong(field, format!("Must be at most {most} bytes.")));
    }
    Ok(text)
}

fn currency(text: String) -> Result<String, Wrong> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(text);
    }
    Err(Wrong("currency", "Must be an ISO 4217 code, three capital letters such as `EUR`.".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(external_id: &str) -> ListingInput {
        ListingInput {
            external_id: ID(external_id.into()),
            title: "A bicycle".into(),
            seller_id: None,
            category: None,
            price_minor: Some(100),
            currency: Some("EUR".into()),
            url: None,
            image_url: None,
            status: ListingStatus::Active,
        }
    }

    #[test]
    fn one_bad_row_refuses_all_and_every_bad_row_is_named() {
        let rows = vec![
            row("1"),
            row(""),
            ListingInput { currency: Some("euro".into()), ..row("3") },
            ListingInput { currency: None, ..row("4") },
            ListingInput { url: Some("javascript:alert(1)".into()), ..row("5") },
        ];
        let errors = check_all("listings", rows, 5, listing).expect_err("refused");
        let fields: Vec<_> = errors.iter().filter_map(|error| error.field.as_deref()).collect();
        assert_eq!(
            fields,
            [
                "input.listings[1].externalId",
                "input.listings[2].currency",
                "input.listings[3].currency",
                "input.listings[4].url"
            ]
        );
        assert_eq!(
            check_all("listings", vec![row("1")], 5, listing).map(|rows| rows.len()).ok(),
            Some(1)
        );
    }

    #[test]
    fn more_rows_than_allowed_are_refused_as_one() {
        let errors =
            check_all("listings", vec![row("1"), row("2")], 1, listing).expect_err("refused");
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].code, UserErrorCode::TooMany);
    }
}
