//! One line of a listings file: what it may say, and what is wrong with it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{Listing, ListingId, ListingStatus, UserId};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    external_id: String,
    title: String,
    category: Option<String>,
    /// Major units. Taken as it is written, because a binary fraction is not money.
    #[serde(borrow)]
    price: Option<&'a RawValue>,
    currency: Option<String>,
    seller: Option<String>,
    url: Option<String>,
    image: Option<String>,
}

// As `upsertListings` has them.
const MAX_TITLE_BYTES: usize = 500;
const MAX_CATEGORY_BYTES: usize = 64;
const MAX_URL_BYTES: usize = 2_048;

/// Currencies whose minor unit is not a hundredth (ISO 4217).
const MINOR_DIGITS: &[(usize, &str)] = &[
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// Reads a line as an active listing, or says what is wrong with it. Fields that are not known are left alone.
pub(super) fn parse(line: &str) -> Result<Listing, String> {
    let row: Row<'_> = serde_json::from_str(line).map_err(|error| {
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        format!("{what} (column {})", error.column())
    })?;
    if row.title.trim().is_empty() {
        return Err("`title` is empty".into());
    }
    at_most("title", Some(&row.title), MAX_TITLE_BYTES)?;
    at_most("category", row.category.as_deref(), MAX_CATEGORY_BYTES)?;
    web_address("url", row.url.as_deref())?;
    web_address("image", row.image.as_deref())?;
    let currency = row.currency.map(|code| currency(&code)).transpose()?;
    let price_minor = match (row.price, &currency) {
        (None, _) => None,
        (Some(_), None) => return Err("`price` is without a `currency`".into()),
        (Some(price), Some(currency)) => Some(minor_units(price.get(), currency)?),
    };
    Ok(Listing {
        id: ListingId::new(row.external_id).map_err(|error| format!("`externalId`: {error}"))?,
        title: row.title,
        seller: row
            .seller
            .map(|id| UserId::new(id).map_err(|error| format!("`seller`: {error}")))
            .transpose()?,
        category: row.category,
        price_minor,
        currency,
        url: row.url,
        image_url: row.image,
        status: ListingStatus::Active,
    })
}

fn at_most(field: &str, text: Option<&str>, most: usize) -> Result<(), String> {
    match text {
        Some(text) if text.len() > most => Err(format!("`{field}` is longer than {most} bytes")),
        _ => Ok(()),
    }
}

/// Addresses are shown as links, so nothing but the web may stand there.
fn web_address(field: &str, text: Option<&str>) -> Result<(), String> {
    match text {
        Some(text) if !text.starts_with("https://") && !text.starts_with("http://") => {
            Err(format!("`{field}` must start with https:// or http://"))
        }
        text => at_most(field, text, MAX_URL_BYTES),
    }
}

fn currency(code: &str) -> Result<String, String> {
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(code.to_ascii_uppercase())
    } else {
        Err(format!("`currency` {code:?} is no ISO 4217 code such as EUR"))
    }
}

/// `12.5` EUR is 1250; `12` JPY is 12.
fn minor_units(written: &str, currency: &str) -> Result<i64, String> {
    let text = written.trim_matches('"').trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(format!("`price` {written} is no amount such as 12 or 12.50"));
    }
    let places = MINOR_DIGITS
        .iter()
        .find(|(_, codes)| codes.split(' ').any(|code| code == currency))
        .map_or(2, |(places, _)| *places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places {
        return Err(format!(
            "`price` {written} has more than the {places} decimals {currency} has"
        ));
    }
    format!("{whole}{fraction:0<places$}")
        .parse()
        .map_err(|_| format!("`price` {written} is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_line_becomes_a_listing() {
        let line = r#"{"externalId": "L1", "category": "car", "title": "2005 Volvo", "price": 600,
            "currency": "usd", "seller": "u7", "url": "https://x.example/1", "image": "https://x.example/1.jpg",
            "colour": "red"}"#;
        let listing = parse(line).expect("it is right");
        let expected = Listing {
            id: ListingId::trusted("L1"),
            title: "2005 Volvo".into(),
            seller: Some(UserId::trusted("u7")),
            category: Some("car".into()),
            price_minor: Some(60_000),
            currency: Some("USD".into()),
            url: Some("https://x.example/1".into()),
            image_url: Some("https://x.example/1.jpg".into()),
            status: ListingStatus::Active,
        };
        assert_eq!(listing, expected);
    }

    #[test]
    fn prices_are_exact() {
        let cases = [
            ("600", "USD", Ok(60_000)),
            ("0.1", "EUR", Ok(10)),
            ("1.005", "EUR", Err("has more than the 2 decimals EUR has")),
            ("19.99", "EUR", Ok(1_999)),
            ("19.990", "EUR", Ok(1_999)),
            ("\"19.99\"", "EUR", Ok(1_999)),
            ("1234", "JPY", Ok(1_234)),
            ("1234.5", "JPY", Err("has more than the 0 decimals JPY has")),
            ("1.234", "KWD", Ok(1_234)),
            ("90071992547409.93", "EUR", Ok(9_007_199_254_740_993)),
            ("-1", "EUR", Err("is no amount")),
            ("1e3", "EUR", Err("is no amount")),
            ("\"free\"", "EUR", Err("is no amount")),
            ("true", "EUR", Err("is no amount")),
            ("99999999999999999999", "EUR", Err("is too large")),
        ];
        for (price, currency, expected) in cases {
            let line = format!(
                r#"{{"externalId": "1", "title": "x", "price": {price}, "currency": "{currency}"}}"#
            );
            match (parse(&line), expected) {
                (Ok(listing), Ok(minor)) => assert_eq!(listing.price_minor, Some(minor), "{price}"),
                (Err(reason), Err(part)) => assert!(reason.contains(part), "{price}: {reason}"),
                (got, expected) => panic!("{price} {currency}: {got:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn wrong_lines_say_why() {
        let cases = [
            (r#"{"title": "x"}"#, "missing field `externalId` (column 14)"),
            (r#"{"externalId": "1"}"#, "missing field `title` (column 19)"),
            (r#"{"externalId": "", "title": "x"}"#, "`externalId`: listing id must not be empty"),
            (r#"{"externalId": "1", "title": " "}"#, "`title` is empty"),
            (
                r#"{"externalId": "1", "title": "x", "seller": ""}"#,
                "`seller`: user id must not be empty",
            ),
            (r#"{"externalId": "1", "title": "x", "price": 1}"#, "`price` is without a `currency`"),
            (
                r#"{"externalId": "1", "title": "x", "currency": "€"}"#,
                "`currency` \"€\" is no ISO 4217 code such as EUR",
            ),
            (
                r#"{"externalId": "1", "title": "x", "url": "javascript:alert(1)"}"#,
                "`url` must start with https:// or http://",
            ),
            ("{", "EOF while parsing an object (column 1)"),
        ];
        for (line, reason) in cases {
            assert_eq!(parse(line), Err(reason.to_owned()), "{line}");
        }
        let long = format!(r#"{{"externalId": "1", "title": "{}"}}"#, "x".repeat(501));
        assert_eq!(parse(&long), Err("`title` is longer than 500 bytes".to_owned()));
        let nothing = parse(r#"{"externalId": "1", "title": "x", "price": null, "seller": null}"#);
        assert!(nothing.is_ok_and(|listing| listing.price_minor.is_none()));
    }
}
