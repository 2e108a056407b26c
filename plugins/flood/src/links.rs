//! Counting links to elsewhere.

use rialto_filter_sdk::Message;

/// How many links there are, those to the marketplace's own hosts left out.
pub fn count(message: &Message, own_hosts: &[String]) -> u32 {
    let elsewhere = |host: &str| !own_hosts.iter().any(|own| is_below(host, own));
    let found = if message.links.is_empty() {
        hosts(&message.text).filter(|host| elsewhere(host)).count()
    } else {
        message.links.iter().filter(|link| elsewhere(&link.host)).count()
    };
    u32::try_from(found).unwrap_or(u32::MAX)
}

/// Hosts behind `://` and `www.`, for links the engine did not make out (`hxxp://…`); as written.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    // Most texts have none, and to look for both in each word takes longer.
    let any = text.contains("://") || text.contains("www.");
    let words = if any { text } else { "" }.split_whitespace();
    words.filter_map(|word| {
        let at = match word.find("://") {
            Some(at) => at + 3,
            None => word.find("www.")?,
        };
        let rest = word.get(at..)?;
        let host = rest.split(['/', '?', '#', ':', ',', ')']).next()?;
        host.contains('.').then_some(host)
    })
}

/// Case doesn't matter, as the engine gives hosts in lower case and the operator may not.
fn is_below(host: &str, parent: &str) -> bool {
    let Some(rest) = host.len().checked_sub(parent.len()) else { return false };
    let (host, parent) = (host.as_bytes(), parent.as_bytes());
    host[rest..].eq_ignore_ascii_case(parent) && (rest == 0 || host[rest - 1] == b'.')
}

#[cfg(test)]
mod tests {
    use rialto_filter_sdk::{Link, span, testing};

    use super::*;

    #[test]
    fn links_elsewhere_are_counted() {
        let own = ["Market.example".to_owned()];
        for (text, expected) in [
            ("no link. at all", 0),
            ("https://a.example/x and www.b.example, hxxp://c.example", 3),
            ("https://market.example/item/3 and https://www.MARKET.example", 0),
            ("https://notmarket.example", 1),
            ("https://market.example.evil.com", 1),
            ("://é", 0),
        ] {
            assert_eq!(count(&testing::message(text), &own), expected, "{text}");
        }
    }

    #[test]
    fn what_the_engine_found_comes_first() {
        let mut message = testing::message("a.example and shop.market.example");
        let link =
            |host: &str| Link { url: host.to_owned(), host: host.to_owned(), span: span(0..9) };
        message.links = vec![link("a.example"), link("shop.market.example")];
        assert_eq!(count(&message, &["market.example".to_owned()]), 1);
        assert_eq!(count(&message, &[]), 2);
    }
}
