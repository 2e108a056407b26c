//! Services that hide where a link leads.

use rialto_filter_sdk::text::Lexicon;

/// Whether the host is a known shortener.
pub fn is_known(host: &str) -> bool {
    KNOWN.get(host.strip_prefix("www.").unwrap_or(host).as_bytes()).is_some()
}

#[rustfmt::skip]
static KNOWN: Lexicon<(), 56> = Lexicon::new(&[
    ("bit.ly", ()), ("bitly.com", ()), ("j.mp", ()), ("tinyurl.com", ()), ("t.co", ()), ("goo.gl", ()),
    ("is.gd", ()), ("v.gd", ()), ("ow.ly", ()), ("buff.ly", ()), ("cutt.ly", ()), ("rb.gy", ()),
    ("rebrand.ly", ()), ("shorturl.at", ()), ("short.io", ()), ("tiny.cc", ()), ("t.ly", ()),
    ("s.id", ()), ("shorte.st", ()), ("adf.ly", ()), ("bc.vc", ()), ("ouo.io", ()), ("lnkd.in", ()),
    ("dlvr.it", ()), ("trib.al", ()), ("soo.gd", ()), ("clck.ru", ()), ("vk.cc", ()), ("u.to", ()),
    ("qr.ae", ()), ("x.co", ()), ("mcaf.ee", ()), ("db.tt", ()), ("su.pr", ()), ("bl.ink", ()),
    ("urlz.fr", ()), ("urlr.me", ()), ("kutt.it", ()), ("gg.gg", ()), ("lnk.to", ()), ("lnk.bio", ()),
    ("linktr.ee", ()), ("qrco.de", ()), ("kurzelinks.de", ()), ("1url.com", ()), ("2no.co", ()),
    ("iplogger.org", ()), ("grabify.link", ()), ("snip.ly", ()), ("shrtco.de", ()), ("tny.im", ()),
    ("page.link", ()), ("n9.cl", ()), ("acortar.link", ()), ("dub.sh", ()), ("amzn.to", ()),
]);
