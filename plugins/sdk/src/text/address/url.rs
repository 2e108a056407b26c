//! Links with a scheme, and where any link ends.

use super::{Address, AddressKind, visible_lower};
use crate::text::{Class, Scan};

/// `scheme://user@host:port/path`, up to white space.
pub(super) fn with_scheme(scan: &Scan, token: usize) -> Option<Address> {
    let is_scheme = scan.class(token) == Some(Class::Word)
        && scan.is_sign(token + 1, b':')
        && scan.is_sign(token + 2, b'/')
        && scan.is_sign(token + 3, b'/');
    if !is_scheme {
        return None;
    }
    let start = token + 4;
    let mut authority_end = start;
    while let Some(class) = scan.class(authority_end)
        && !matches!(class, Class::Space | Class::Break)
        && !matches!(class, Class::Sign(b'/' | b'?' | b'#' | b'\\' | b'"' | b'<' | b'>'))
    {
        authority_end += 1;
    }
    let mut host_start = start;
    for at in start..authority_end {
        if scan.is_sign(at, b'@') {
            host_start = at + 1;
        }
    }
    let host_end = host_end(scan, host_start, authority_end);
    if host_end == host_start {
        return None;
    }
    let to = trimmed(scan, authority_end.max(host_end), url_end(scan, authority_end)).max(host_end);
    Some(Address {
        kind: AddressKind::Link,
        range: scan.range(token, to),
        tokens: token..to,
        host: visible_lower(scan.written(host_start, host_end)),
        folded_host: scan
            .folded_between(host_start, host_end)
            .iter()
            .copied()
            .map(char::from)
            .collect(),
        user: (host_start > start).then(|| scan.written(start, host_start - 1)).map(visible_lower),
        has_path: to > authority_end,
        has_scheme: true,
        confidence: 0.97,
        why: "link",
    })
}

/// The end of the host that starts at this token, an IPv6 address in brackets included.
fn host_end(scan: &Scan, start: usize, authority_end: usize) -> usize {
    let bracketed = scan.is_sign(start, b'[');
    let mut end = start + usize::from(bracketed);
    while end < authority_end
        && match scan.class(end) {
            Some(Class::Word | Class::Digits | Class::Sign(b'.' | b'-' | b'_')) => true,
            Some(Class::Sign(b':')) => bracketed,
            _ => false,
        }
    {
        end += 1;
    }
    while end > start && scan.is_sign(end - 1, b'.') {
        end -= 1;
    }
    match (bracketed, scan.is_sign(end, b']')) {
        (true, true) => end + 1,
        (true, false) => start,
        (false, _) => end,
    }
}

/// The end of what directly follows a host: port, path, query, fragment.
pub(super) fn path_end(scan: &Scan, host_end: usize) -> usize {
    let mut start = host_end;
    if scan.is_sign(start, b':') && scan.class(start + 1) == Some(Class::Digits) {
        start += 2;
    }
    match scan.class(start) {
        Some(Class::Sign(b'/' | b'?' | b'#')) => {
            let to = trimmed(scan, start, url_end(scan, start));
            // A question mark alone only ends the sentence.
            if to > start { to } else { start }
        }
        _ => start,
    }
}

fn url_end(scan: &Scan, start: usize) -> usize {
    let mut end = start;
    while let Some(class) = scan.class(end)
        && !matches!(class, Class::Space | Class::Break | Class::Sign(b'<' | b'>' | b'"'))
    {
        end += 1;
    }
    end
}

/// Leaves out signs at the end that belong to the sentence.
fn trimmed(scan: &Scan, start: usize, mut end: usize) -> usize {
    while end > start
        && matches!(
            scan.class(end - 1),
            Some(Class::Sign(
                b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'}' | b'\'' | b'*'
            ))
        )
    {
        end -= 1;
    }
    end
}
