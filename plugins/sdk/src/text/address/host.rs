//! Hosts without a scheme: `www.b.com/c`, `b dot com`, `b.com`.

use super::url::path_end;
use super::{Address, AddressKind, host_end, joined, joined_folded};
use crate::text::chain::{How, Link, Sign};
use crate::text::tld::{Tld, tld};
use crate::text::{Class, Lexicon, Scan};

/// Words before a host with a wordy top-level domain that make it a link.
static CUES: Lexicon<(), 20> = Lexicon::new(&[
    ("visit", ()),
    ("site", ()),
    ("website", ()),
    ("webpage", ()),
    ("page", ()),
    ("url", ()),
    ("link", ()),
    ("at", ()),
    ("on", ()),
    ("via", ()),
    ("browse", ()),
    ("webseite", ()),
    ("seite", ()),
    ("auf", ()),
    ("unter", ()),
    ("pagina", ()),
    ("sito", ()),
    ("lien", ()),
    ("sur", ()),
    ("en", ()),
]);

/// The host a chain makes, if it does.
pub(super) fn read(scan: &Scan, links: &[Link]) -> Option<Address> {
    // Behind an at that made no e-mail address only a loosely written at leaves a host: `look at a.com`.
    let start = match links.iter().position(|link| matches!(link.join, Some((Sign::At, _)))) {
        Some(at) if matches!(links[at].join, Some((_, How::Word(_) | How::Spaced))) => at,
        Some(_) => return None,
        None => 0,
    };
    let www = scan.folded_between(links[start].from, links[start].to) == b"www";
    let end = host_end(scan, links, start, www);
    if end < start + 2 {
        return None;
    }
    let labels = &links[start..end];
    let last = &labels[labels.len() - 1];
    let name = &labels[labels.len() - 2];
    let label = scan.folded_between(last.from, last.to);
    let to = path_end(scan, last.to);
    let has_path = to > last.to;
    let loosest = labels[1..].iter().filter_map(|link| link.join).map(|join| join.1);
    let (confidence, why) = match loosest.max_by_key(|how| looseness(*how))? {
        _ if www => (0.95, "host starting with www"),
        How::Plain => (plain_host(scan, labels, to, has_path)?, "host name"),
        How::Bracketed => (0.93, "host name with a disguised dot"),
        How::Spaced if has_path => (0.9, "link with spaces"),
        _ if is_filler(scan.folded_between(name.from, name.to)) => return None,
        How::Spaced => (0.75, "host name with spaces"),
        How::Trailing => (0.6, "host name with a space"),
        How::Comma => (0.7, "host name with a comma"),
        How::Word(_) => (0.85, "host name with a spelled-out dot"),
    };
    let named = scan.folded_between(name.from, name.to);
    let has_letter = named.iter().any(|byte| !byte.is_ascii_digit());
    let sure = matches!(tld(label), Some(Tld::Sure));
    // `t dot me slash anna`
    let telegram = named == b"t" && label == b"me";
    (www || (has_letter && (named.len() > 1 || sure || has_path || telegram))).then(|| Address {
        kind: AddressKind::Link,
        range: scan.range(labels[0].from, to),
        tokens: labels[0].from..to,
        host: joined(scan, labels),
        folded_host: joined_folded(scan, labels),
        user: None,
        has_path,
        has_scheme: false,
        confidence,
        why,
    })
}

fn looseness(how: How) -> u8 {
    match how {
        How::Plain => 0,
        How::Bracketed => 1,
        How::Word(_) => 2,
        How::Spaced => 3,
        How::Trailing => 4,
        How::Comma => 5,
    }
}

/// How surely `a.b` is a host; `None` if it may as well be a sentence that lacks a space.
fn plain_host(scan: &Scan, labels: &[Link], to: usize, has_path: bool) -> Option<f32> {
    let last = &labels[labels.len() - 1];
    if has_path {
        return Some(0.95);
    }
    let label = scan.folded_between(last.from, last.to);
    let kind = tld(label)?;
    // `happy news.By the grace`: a capital behind small letters starts a sentence.
    let written = scan.written(labels[0].from, last.to);
    let starts_sentence = scan.written(last.from, last.to).starts_with(char::is_uppercase)
        && written.contains(char::is_lowercase);
    if starts_sentence && (kind == Tld::Wordy || label.len() == 2) {
        return None;
    }
    if label == b"de" && labels.len() == 2 && is_interjection(scan, labels) {
        return None;
    }
    if kind == Tld::Sure {
        return Some(0.9);
    }
    let stands_alone = matches!(
        (scan.class(to), scan.class(to + 1)),
        (None | Some(Class::Break | Class::Sign(_)), _) | (Some(Class::Space), None)
    );
    let before = labels[0].from.checked_sub(2).map(|token| scan.folded(token));
    let cue = before.is_some_and(|word| CUES.get(word).is_some());
    (labels.len() > 2 || stands_alone || cue).then_some(0.7)
}

/// `ok.de acuerdo`: a short answer and a sentence that lacks its space.
fn is_interjection(scan: &Scan, labels: &[Link]) -> bool {
    let behind = labels[1].to;
    scan.class(behind) == Some(Class::Space)
        && scan.class(behind + 1) == Some(Class::Word)
        && matches!(
            scan.folded_between(labels[0].from, labels[0].to),
            b"ok"
                | b"okay"
                | b"si"
                | b"no"
                | b"vale"
                | b"bien"
                | b"bueno"
                | b"super"
                | b"merci"
                | b"gracias"
                | b"perfecto"
                | b"genial"
                | b"claro"
                | b"bom"
                | b"sim"
                | b"oui"
                | b"non"
                | b"bon"
                | b"obrigado"
                | b"parfait"
                | b"top"
                | b"listo"
                | b"nada"
        )
}

/// Words before a spelled-out dot that don't name a host: `the dot com boom`.
fn is_filler(name: &[u8]) -> bool {
    matches!(
        name,
        b"the"
            | b"a"
            | b"this"
            | b"that"
            | b"of"
            | b"no"
            | b"every"
            | b"any"
            | b"un"
            | b"le"
            | b"el"
            | b"der"
            | b"polka"
    )
}

/// `name com/path`
pub(super) fn spaced_path(scan: &Scan, first: &Link) -> Option<Address> {
    let last = scan.skip_space(first.to);
    let fits = last > first.to
        && scan.is_sign(last + 1, b'/')
        && matches!(scan.class(last + 2), Some(Class::Word | Class::Digits))
        && scan.folded_between(first.from, first.to).len() > 3
        && matches!(scan.folded(last), b"com" | b"net" | b"org" | b"ly" | b"io");
    fits.then(|| {
        let to = path_end(scan, last + 1);
        let labels = [*first, Link { from: last, to: last + 1, join: None }];
        Address {
            kind: AddressKind::Link,
            range: scan.range(first.from, to),
            tokens: first.from..to,
            host: joined(scan, &labels),
            folded_host: joined_folded(scan, &labels),
            user: None,
            has_path: true,
            has_scheme: false,
            confidence: 0.85,
            why: "link with a space for its dot",
        }
    })
}

/// `www name com`
pub(super) fn spaced_www(scan: &Scan, behind: usize) -> Option<Address> {
    let name = scan.skip_space(behind);
    let gap = name + 1;
    let last = scan.skip_space(gap);
    let label = scan.folded(last);
    let fits = name > behind
        && last > gap
        && scan.class(name) == Some(Class::Word)
        && matches!(tld(label), Some(Tld::Sure));
    fits.then(|| {
        let word = |token: usize| Link { from: token, to: token + 1, join: None };
        let labels = [word(name), word(last)];
        Address {
            kind: AddressKind::Link,
            range: scan.range(behind - 1, last + 1),
            tokens: behind - 1..last + 1,
            host: joined(scan, &labels),
            folded_host: joined_folded(scan, &labels),
            user: None,
            has_path: false,
            has_scheme: false,
            confidence: 0.85,
            why: "host name with spaces for dots",
        }
    })
}
