//! Links in a text: with a scheme, starting with `www.`, or a bare host whose last label is a known top-level domain.

use crate::domain::Span;

/// A link and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The whole link as written: `text[span]`.
    pub span: Span,
    /// Lower-case host name without user and port.
    pub host: String,
}

impl Link {
    /// The link as written; `text` is the text it was found in.
    pub fn url<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.span.start as usize..self.span.end as usize).unwrap_or_default()
    }
}

/// More links than this in one message are not listed.
const MAX_LINKS: usize = 64;

/// Finds links in order. A bare host needs a known top-level domain, and one that is also an English word a path.
pub fn find(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    if !text.bytes().any(|byte| byte == b'.') {
        return links;
    }
    let mut at = 0;
    for token in text.split(is_separator) {
        let start = at + (token.len() - token.trim_start_matches(is_opening).len());
        at += token.len() + text[at + token.len()..].chars().next().map_or(0, char::len_utf8);
        if links.len() < MAX_LINKS
            && let Some((from, to, host)) = parse(token.trim_start_matches(is_opening))
            && let (Ok(from), Ok(to)) = (u32::try_from(start + from), u32::try_from(start + to))
        {
            links.push(Link { span: Span { start: from, end: to }, host });
        }
    }
    links
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '“' | '”' | '«' | '»' | '|' | '`' | ',' | ';')
}

fn is_opening(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '\'' | '*' | '_' | '~' | ':' | '!' | '?' | '.' | '-' | '=')
}

fn is_closing(c: char) -> bool {
    matches!(c, '.' | ':' | '!' | '?' | '\'' | ')' | ']' | '}' | '*' | '…' | '~')
}

/// Finds a link in a word: its first and one past its last byte, and the host.
fn parse(word: &str) -> Option<(usize, usize, String)> {
    let scheme = find_ignoring_case(word, "http://").map(|at| (at, at + 7));
    let scheme = scheme.or_else(|| find_ignoring_case(word, "https://").map(|at| (at, at + 8)));
    let (start, authority_start) = scheme.unwrap_or((0, 0));
    let rest = &word[authority_start..];
    let authority_len = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = &rest[..authority_len];
    let has_path = authority_len < rest.len();

    let end =
        if has_path { trim_end(word, authority_start + authority_len + 1) } else { word.len() };
    let (user, host_and_port) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if scheme.is_none() && user.is_some() {
        return None; // An e-mail address.
    }
    let host = strip_port(host_and_port).trim_end_matches(is_closing);
    let host_end = authority_start + (authority.len() - host_and_port.len()) + host.len();
    // Text glued to a port or a dot belongs to the link only if a path follows.
    let end = if has_path { end } else { host_end + port_len(&host_and_port[host.len()..]) };
    let lower = host.to_lowercase();
    let plausible = if scheme.is_some() {
        is_host(&lower)
    } else {
        is_host(&lower) && has_known_tld(&lower, has_path || lower.starts_with("www."))
    };
    plausible.then_some((start, end, lower))
}

fn find_ignoring_case(word: &str, needle: &str) -> Option<usize> {
    word.as_bytes()
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// Where the link ends without closing punctuation, but not before `least`.
fn trim_end(word: &str, least: usize) -> usize {
    let mut end = word.len();
    // Positive: more brackets were opened in the link than closed.
    let mut open = word.chars().fold(0_i64, |open, c| match c {
        '(' => open + 1,
        ')' => open - 1,
        _ => open,
    });
    while end > least
        && let Some(last) = word[..end].chars().next_back()
        && is_closing(last)
    {
        if last == ')' {
            if open >= 0 {
                break;
            }
            open += 1;
        }
        end -= last.len_utf8();
    }
    end
}

fn strip_port(host: &str) -> &str {
    match host.split_once(':') {
        Some((name, _)) => name,
        None => host,
    }
}

fn port_len(after_host: &str) -> usize {
    let digits = after_host
        .strip_prefix(':')
        .map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    if digits == 0 { 0 } else { digits + 1 }
}

/// At least two labels of letters, digits and hyphens, 253 bytes at most.
fn is_host(host: &str) -> bool {
    let mut labels = 0;
    for label in host.split('.') {
        let fits = !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        if !fits {
            return false;
        }
        labels += 1;
    }
    labels >= 2 && host.len() <= 253
}

fn has_known_tld(host: &str, certain: bool) -> bool {
    let Some((name, tld)) = host.rsplit_once('.') else { return false };
    if tld.starts_with("xn--") || TLDS.binary_search(&tld).is_ok() {
        // "3.de" is a number and a typing slip, not a host.
        return certain || name.chars().any(char::is_alphabetic);
    }
    // "thanks.so is it" is a missing space unless a path or `www.` says otherwise.
    certain && WORD_TLDS.binary_search(&tld).is_ok()
}

/// Top-level domains that are rarely the first word of a sentence; sorted.
const TLDS: [&str; 108] = [
    "ae", "agency", "ai", "app", "ar", "asia", "au", "bank", "bg", "bid", "biz", "blog", "br",
    "buzz", "ca", "cam", "cc", "cf", "ch", "cl", "click", "cloud", "club", "cn", "co", "com", "cz",
    "de", "deals", "dev", "digital", "dk", "edu", "ee", "es", "eu", "fi", "fr", "ga", "gd", "gg",
    "gl", "gov", "gq", "gr", "hk", "hr", "hu", "icu", "ie", "il", "info", "io", "ir", "jp", "ke",
    "kr", "lat", "li", "link", "lol", "lt", "lu", "lv", "ly", "market", "mobi", "mx", "net", "ng",
    "nl", "nz", "online", "org", "ph", "pk", "pl", "pro", "pt", "pw", "ro", "rs", "ru", "sa", "se",
    "sg", "shop", "site", "sk", "store", "su", "tech", "th", "tk", "top", "tr", "trade", "tv",
    "tw", "ua", "uk", "vip", "vn", "website", "wiki", "xxx", "xyz", "za",
];

/// Top-level domains that are also everyday words; sorted.
const WORD_TLDS: [&str; 31] = [
    "am", "art", "as", "at", "bar", "be", "cat", "chat", "cheap", "date", "do", "email", "id",
    "in", "is", "it", "life", "live", "me", "my", "no", "page", "rest", "so", "space", "support",
    "to", "us", "win", "work", "world",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(TLDS.is_sorted(), "binary search needs TLDS sorted");
        assert!(WORD_TLDS.is_sorted(), "binary search needs WORD_TLDS sorted");
    }

    #[test]
    fn links_are_found_with_host_and_span() {
        for (text, expected) in [
            ("see https://Example.com/a?b=1.", &[("https://Example.com/a?b=1", "example.com")][..]),
            ("(www.shop.example)", &[]),
            ("(www.foo.it)", &[("www.foo.it", "www.foo.it")]),
            (
                "pay at bit.ly/x, or paypal.com!",
                &[("bit.ly/x", "bit.ly"), ("paypal.com", "paypal.com")],
            ),
            ("t.me/someone", &[("t.me/someone", "t.me")]),
            (
                "HTTP://user:pw@evil.example:8080/p",
                &[("HTTP://user:pw@evil.example:8080/p", "evil.example")],
            ),
            ("http://paypal.com@evil.ru", &[("http://paypal.com@evil.ru", "evil.ru")]),
            ("https://10.0.0.1/login", &[("https://10.0.0.1/login", "10.0.0.1")]),
            ("здесь: аррӏе.com ok", &[("аррӏе.com", "аррӏе.com")]),
            ("xhttp://a.example", &[("http://a.example", "a.example")]),
            ("localhost:4000.com:99", &[]),
            ("site.com:8080 now", &[("site.com:8080", "site.com")]),
            (
                "https://en.wikipedia.org/wiki/A_(b))",
                &[("https://en.wikipedia.org/wiki/A_(b)", "en.wikipedia.org")],
            ),
            ("Thanks.so is it ok.me too", &[]),
            ("mail me at jo@example.com", &[]),
            ("costs 3.50 or 4.de", &[]),
            ("e.g. this... and that", &[]),
            ("no dots here", &[]),
        ] {
            let found = find(text);
            let found: Vec<_> =
                found.iter().map(|link| (link.url(text), link.host.as_str())).collect();
            assert_eq!(found, expected, "links of {text:?}");
        }
    }

    proptest! {
        #[test]
        fn spans_are_on_character_borders(text in "(\\PC|[./:@ hw]|http://|www\\.|com){0,60}") {
            let mut end = 0;
            for link in find(&text) {
                prop_assert!(text.get(link.span.start as usize..link.span.end as usize).is_some());
                prop_assert!(link.span.start >= end && link.span.start < link.span.end);
                end = link.span.end;
            }
        }
    }
}
