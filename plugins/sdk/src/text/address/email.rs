//! E-mail addresses: `a@b.com`, `a (at) b dot com`, `a at gmail`.

use super::{Address, AddressKind, host_end, joined, joined_folded};
use crate::text::chain::{How, Link, Sign, Tongue};
use crate::text::tld::{Tld, tld};
use crate::text::{Lexicon, Scan};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider {
    /// Nothing but mail.
    Mail,
    /// Also a company or a word.
    Also,
}

use Provider::{Also, Mail};

#[rustfmt::skip]
static PROVIDERS: Lexicon<Provider, 58> = Lexicon::new(&[
    ("gmail", Mail), ("gmial", Mail), ("gmai", Mail), ("gmaill", Mail), ("gmil", Mail),
    ("gmeil", Mail), ("gmal", Mail), ("googlemail", Mail), ("hotmail", Mail), ("hotmial", Mail),
    ("hotmai", Mail), ("0utlook", Mail), ("gmx", Mail), ("aol", Mail), ("protonmail", Mail),
    ("ymail", Mail), ("rocketmail", Mail), ("fastmail", Mail), ("rambler", Mail), ("freenet", Also),
    ("outlook", Also), ("yahoo", Also), ("yaho", Also), ("icloud", Also), ("iclod", Also),
    ("proton", Also), ("live", Also), ("msn", Also), ("yandex", Also), ("mail", Also), ("web", Also),
    ("posteo", Also), ("tutanota", Also), ("tuta", Also), ("laposte", Also), ("libero", Also),
    ("wanadoo", Also), ("free", Also), ("orange", Also), ("sapo", Also), ("wp", Also), ("onet", Also),
    ("interia", Also), ("seznam", Also), ("centrum", Also), ("telia", Also), ("luukku", Also),
    ("ziggo", Also), ("kpn", Also), ("ukr", Also), ("bk", Also), ("inbox", Also), ("virgilio", Also),
    ("tiscali", Also), ("uol", Also), ("btinternet", Also), ("яндекс", Mail), ("мэйл", Also),
]);

/// Whether the folded word names a mail provider.
pub(super) fn is_provider(word: &[u8]) -> bool {
    PROVIDERS.get(word).is_some()
}

/// The e-mail address a chain makes, if it does.
pub(super) fn read(scan: &Scan, links: &[Link]) -> Option<Address> {
    let at = links.iter().position(|link| matches!(link.join, Some((Sign::At, _))))?;
    let (_, at_how) = links[at].join?;
    let local = &links[..at];
    let provider = PROVIDERS.get(scan.folded_between(links[at].from, links[at].to));
    let end = host_end(scan, links, at, matches!(at_how, How::Plain | How::Bracketed));
    let has_tld = end > at + 1;
    let loose_dot =
        links[at + 1..end].iter().any(|link| !matches!(link.join, Some((_, How::Plain))));
    let user = joined(scan, local);
    let (confidence, why) = match (at_how, has_tld, provider) {
        (How::Plain, true, _) => (0.98, "e-mail address"),
        (How::Bracketed, true, _) => (0.95, "e-mail address with a disguised at"),
        (How::Word(_), true, Some(_)) => (0.92, "e-mail address with a spelled-out at"),
        (How::Word(Tongue::Other | Tongue::Spanish | Tongue::Italian), true, None) => {
            (0.85, "e-mail address with a spelled-out at")
        }
        (How::Word(tongue), true, None) if loose_dot || tongue != Tongue::English => {
            (0.85, "e-mail address spelled out")
        }
        (How::Spaced, true, _) if !user.bytes().all(|byte| byte.is_ascii_digit()) => {
            (0.9, "e-mail address with spaces")
        }
        (How::Plain | How::Bracketed, false, Some(_)) => (0.85, "mail provider behind an at"),
        (How::Spaced | How::Word(_), false, Some(Mail)) => (0.75, "mail provider behind an at"),
        (How::Spaced, false, Some(Also)) if user.len() > 2 => (0.7, "mail provider behind an at"),
        (How::Word(_), false, Some(Also))
            if user.bytes().any(|byte| !byte.is_ascii_alphabetic()) =>
        {
            (0.65, "mail provider behind an at")
        }
        _ => return None,
    };
    let mut to = links[end - 1].to;
    if !has_tld {
        // `name@gmail com`
        let next = scan.skip_space(to);
        if next > to && matches!(tld(scan.folded(next)), Some(Tld::Sure)) {
            to = next + 1;
        }
    }
    Some(Address {
        kind: AddressKind::Email,
        range: scan.range(links[0].from, to),
        tokens: links[0].from..to,
        host: joined(scan, &links[at..end]),
        folded_host: joined_folded(scan, &links[at..end]),
        user: Some(user),
        has_path: false,
        has_scheme: false,
        confidence,
        why,
    })
}

/// `anna99 gmail com`: a mail provider with spaces for both signs.
pub(super) fn spaced(scan: &Scan, first: &Link) -> Option<Address> {
    let provider = scan.skip_space(first.to);
    let last = scan.skip_space(provider + 1);
    let fits = provider > first.to
        && last > provider + 1
        && matches!(PROVIDERS.get(scan.folded(provider)), Some(Mail))
        && matches!(tld(scan.folded(last)), Some(Tld::Sure));
    let word = |token: usize| Link { from: token, to: token + 1, join: None };
    let host = [word(provider), word(last)];
    fits.then(|| Address {
        kind: AddressKind::Email,
        range: scan.range(first.from, last + 1),
        tokens: first.from..last + 1,
        host: joined(scan, &host),
        folded_host: joined_folded(scan, &host),
        user: Some(joined(scan, &[*first])),
        has_path: false,
        has_scheme: false,
        confidence: 0.75,
        why: "e-mail address with spaces for its signs",
    })
}
