//! Addresses in one word: `annaatgmaildotcom`, `exampledotcom`.

use super::email::is_provider;
use super::{Address, AddressKind};
use crate::text::Scan;
use crate::text::chain::Link;

/// What the word ends with, and what that stands for.
const ENDS: [(&[u8], &str); 11] = [
    (b"dotcom", ".com"),
    (b"puntocom", ".com"),
    (b"pontocom", ".com"),
    (b"pointcom", ".com"),
    (b"punktcom", ".com"),
    (b"punktde", ".de"),
    (b"punktnet", ".net"),
    (b"dotnet", ".net"),
    (b"dotorg", ".org"),
    (b"puntoes", ".es"),
    (b"puntoit", ".it"),
];

const ATS: [&[u8]; 4] = [b"at", b"arroba", b"aet", b"klammeraffe"];

/// The address the label is, if it is one.
pub(super) fn read(scan: &Scan, label: &Link) -> Option<Address> {
    let word = scan.folded_between(label.from, label.to);
    if !(9..=64).contains(&word.len()) {
        return None;
    }
    let (name, end) = ENDS.iter().find_map(|(end, tld)| Some((word.strip_suffix(*end)?, *tld)))?;
    if name.len() < 4 || name.iter().any(|byte| !byte.is_ascii_graphic()) {
        return None;
    }
    let split = (2..name.len()).find_map(|at| {
        let (user, rest) = name.split_at(at);
        let provider = ATS.iter().find_map(|sign| rest.strip_prefix(*sign))?;
        is_provider(provider).then_some((user, provider))
    });
    let text = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect::<String>();
    let (user, host) = split.map_or((None, name), |(user, host)| (Some(user), host));
    let host = text(host) + end;
    Some(Address {
        kind: if user.is_some() { AddressKind::Email } else { AddressKind::Link },
        range: scan.range(label.from, label.to),
        tokens: label.from..label.to,
        folded_host: host.clone(),
        host,
        user: user.map(text),
        has_path: false,
        has_scheme: false,
        confidence: if split.is_some() { 0.92 } else { 0.75 },
        why: "address spelled out in one word",
    })
}
