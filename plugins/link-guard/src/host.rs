//! A link's host: as written, decoded, and as it looks.

use std::ops::Range;

use rialto_filter_sdk::Link;
use rialto_filter_sdk::text::{Address, AddressKind, SKIP, fold};

use crate::punycode;

/// A host somebody may be led to.
#[derive(Debug)]
pub struct Candidate {
    /// Where the link or address is, in bytes.
    pub range: Range<usize>,
    /// Lower case, punycode decoded, without a dot at the end.
    pub host: String,
    /// How its labels look: see [`skeleton`].
    pub looks: Vec<String>,
    /// What stands before `@` in the link.
    pub user: Option<String>,
    /// A link and not an e-mail address.
    pub is_link: bool,
    /// Whether it starts with a scheme.
    pub has_scheme: bool,
    /// Whether it has a path or the like.
    pub has_path: bool,
}

impl Candidate {
    /// From what the guard itself found.
    pub fn from_address(address: &Address) -> Self {
        let is_link = address.kind == AddressKind::Link;
        let user = address.user.clone().filter(|_| is_link);
        let read = Self::read(&address.host, address.range.clone());
        Self { user, is_link, has_scheme: address.has_scheme, has_path: address.has_path, ..read }
    }

    /// From what the host of the filter found.
    pub fn from_link(link: &Link) -> Self {
        let (scheme, rest) = link.url.split_once("://").unwrap_or(("", &link.url));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let user = authority.rsplit_once('@').map(|(user, _)| user.to_owned());
        Self {
            user,
            has_scheme: !scheme.is_empty(),
            has_path: path.len() > 1,
            ..Self::read(&link.host, link.span.range())
        }
    }

    fn read(host: &str, range: Range<usize>) -> Self {
        let host = decoded(host.trim_end_matches('.'));
        let looks = host.split('.').map(skeleton).collect();
        Self { range, host, looks, user: None, is_link: true, has_scheme: false, has_path: false }
    }
}

/// The host with its punycode labels decoded, in lower case.
pub fn decoded(host: &str) -> String {
    let label = |label: &str| {
        let label = label.to_lowercase();
        let plain = label.strip_prefix("xn--").and_then(punycode::decode);
        plain.map_or(label, |plain| plain.to_lowercase())
    };
    host.split('.').map(label).collect::<Vec<_>>().join(".")
}

/// The host with look-alike letters as plain ones.
pub fn folded(host: &str) -> String {
    host.chars().map(fold).filter(|byte| *byte != SKIP).map(char::from).collect()
}

/// How a label looks at a glance: look-alike letters folded, digits as the letters they resemble.
/// Equal skeletons are easily taken for each other.
pub fn skeleton(label: &str) -> String {
    let mut looks = String::with_capacity(label.len());
    for character in label.chars() {
        let folded = fold(character);
        if folded == SKIP {
            continue;
        }
        let letter = match folded {
            b'0' => 'o',
            b'1' | b'i' | b'|' => 'l',
            b'2' => 'z',
            b'3' => 'e',
            b'4' => 'a',
            b'5' | b'$' => 's',
            b'8' => 'b',
            b'9' => 'g',
            other => char::from(other),
        };
        match (looks.chars().next_back(), letter) {
            (Some('r'), 'n') => replace_last(&mut looks, 'm'),
            (Some('v'), 'v') => replace_last(&mut looks, 'w'),
            _ => looks.push(letter),
        }
    }
    looks
}

fn replace_last(text: &mut String, letter: char) {
    text.pop();
    text.push(letter);
}

/// Whether `host` is `parent` or lies below it.
pub fn is_below(host: &str, parent: &str) -> bool {
    host.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The index of the label a host is known by: `example` of `www.example.co.uk`.
pub fn main_label<T: AsRef<str>>(labels: &[T]) -> usize {
    let count = labels.len();
    let second = count.checked_sub(2).map(|index| labels[index].as_ref());
    let country = labels.last().is_some_and(|last| last.as_ref().len() == 2);
    let shared =
        matches!(second, Some("co" | "com" | "org" | "net" | "gov" | "gob" | "ac" | "or" | "ne"));
    if country && shared && count >= 3 { count - 3 } else { count.saturating_sub(2) }
}

/// Whether letters of more than one script are mixed in one label, as no honest name does.
pub fn mixes_scripts(host: &str) -> bool {
    host.split('.').any(|label| {
        let latin = label.chars().any(|letter| letter.is_ascii_alphabetic());
        let other = label.chars().any(|letter| {
            // Greek, Cyrillic and Armenian; mathematical and full-width letters.
            matches!(u32::from(letter), 0x370..=0x58F | 0x1_D400..=0x1_D7FF | 0xFF21..=0xFF5A)
        });
        latin && other
    })
}

/// Whether the host is an IP address, however it is written.
pub fn is_ip_address(host: &str) -> bool {
    let number = |label: &str| {
        let digits = label.strip_prefix("0x");
        let hexadecimal =
            digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        hexadecimal || (!label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()))
    };
    host.starts_with('[') || (host.split('.').count() <= 4 && host.split('.').all(number))
}
