//! E-mail addresses and links, written plainly or disguised.

mod email;
mod glued;
mod host;
mod url;

use std::ops::Range;

use super::chain::{self, How, Link, Sign, may_follow};
use super::tld::tld;
use super::{LETTER, SKIP, Scan, fold};

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// An e-mail address.
    Email,
    /// A link, or a host alone.
    Link,
}

/// An address in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// What kind it is.
    pub kind: AddressKind,
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// The first token of it and the first behind it.
    pub tokens: Range<usize>,
    /// The host, lower case, as written but for invisible characters and disguised dots.
    pub host: String,
    /// The host with look-alike letters folded; letters without a look-alike are `\u{1}`.
    pub folded_host: String,
    /// What stands before `@` in a link, or the local part of an e-mail address.
    pub user: Option<String>,
    /// Whether a link has more than a host: a path, a query or a fragment.
    pub has_path: bool,
    /// Whether it starts with a scheme, as in `https://`.
    pub has_scheme: bool,
    /// 0 to 1.
    pub confidence: f32,
    /// Why it is taken for an address, in a few words.
    pub why: &'static str,
}

/// Every address in the text, in order, without overlaps.
pub fn addresses(scan: &Scan) -> Vec<Address> {
    let mut found = Vec::new();
    let mut links = Vec::new();
    let mut token = 0;
    while token < scan.tokens().len() {
        token = match next_address(scan, token, &mut links) {
            Ok(address) => {
                let behind = address.tokens.end.max(token + 1);
                found.push(address);
                behind
            }
            Err(behind) => behind,
        };
    }
    found
}

/// The address that starts at this token, or where to look next.
fn next_address(scan: &Scan, token: usize, links: &mut Vec<Link>) -> Result<Address, usize> {
    if let Some(address) = url::with_scheme(scan, token) {
        return Ok(address);
    }
    chain::read(scan, token, links);
    let Some(first) = links.first() else { return Err(token + 1) };
    if links.len() == 1
        && let Some(address) = glued::read(scan, first)
    {
        return Ok(address);
    }
    if let Some(address) = email::read(scan, links).or_else(|| host::read(scan, links)) {
        return Ok(address);
    }
    if links.len() == 1
        && let Some(address) = email::spaced(scan, first).or_else(|| host::spaced_path(scan, first))
    {
        return Ok(address);
    }
    if scan.folded_between(first.from, first.to) == b"www"
        && let Some(address) = host::spaced_www(scan, first.to)
    {
        return Ok(address);
    }
    // Without an at the chain was judged as a whole; where it was cut short, its last label starts anew.
    let has_at = links.iter().any(|link| matches!(link.join, Some((Sign::At, _))));
    Err(match links.last() {
        Some(last) if !has_at && links.len() == chain::MAX_LABELS => last.from,
        Some(last) if !has_at => last.to,
        _ => first.to,
    })
}

/// The end of the host that starts at link `start`: behind its last top-level domain, or `start + 1`.
fn host_end(scan: &Scan, links: &[Link], start: usize, any_tld: bool) -> usize {
    let ends_host = |link: &Link| {
        let label = scan.folded_between(link.from, link.to);
        let Some((Sign::Dot, how)) = link.join else { return false };
        match tld(label) {
            Some(kind) => may_follow(how, kind, label),
            None => {
                any_tld
                    && matches!(how, How::Plain | How::Bracketed)
                    && (2..=24).contains(&label.len())
                    && (label.iter().all(|byte| byte.is_ascii_lowercase() || *byte == LETTER)
                        || label.starts_with(b"xn"))
            }
        }
    };
    let last = links.iter().skip(start + 1).rposition(ends_host);
    last.map_or(start + 1, |last| start + 2 + last)
}

fn joined(scan: &Scan, labels: &[Link]) -> String {
    let mut text = String::with_capacity(24);
    for link in labels {
        let written = scan.written(link.from, link.to);
        if !text.is_empty() {
            text.push('.');
        }
        push_visible_lower(&mut text, written);
    }
    text
}

fn joined_folded(scan: &Scan, labels: &[Link]) -> String {
    let mut text = String::with_capacity(24);
    for link in labels {
        if !text.is_empty() {
            text.push('.');
        }
        text.extend(scan.folded_between(link.from, link.to).iter().copied().map(char::from));
    }
    text
}

fn visible_lower(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    push_visible_lower(&mut lower, text);
    lower
}

fn push_visible_lower(lower: &mut String, text: &str) {
    if text.is_ascii() {
        let visible = text.bytes().filter(|byte| !byte.is_ascii_whitespace());
        lower.extend(visible.map(|byte| char::from(byte.to_ascii_lowercase())));
    } else {
        let visible = text.chars().filter(|it| fold(*it) != SKIP && !it.is_whitespace());
        lower.extend(visible.flat_map(char::to_lowercase));
    }
}
