//! Top-level domains people write, and how much one of them says.

use super::Lexicon;

/// How surely `word.tld` is a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tld {
    /// Nothing else ends so.
    Sure,
    /// Also a word: `sold.it is gone` lacks a space.
    Wordy,
}

use Tld::{Sure as S, Wordy as W};

/// The top-level domain, if it is a known one.
pub(super) fn tld(label: &[u8]) -> Option<Tld> {
    TLDS.get(label)
}

/// Whether the label, in lower case, is a top-level domain people write.
pub fn is_known_tld(label: &str) -> bool {
    tld(label.as_bytes()).is_some()
}

#[rustfmt::skip]
static TLDS: Lexicon<Tld, 288> = Lexicon::new(&[
    ("com", S), ("net", S), ("gle", S), ("ру", S), ("рф", S), ("укр", S), ("ком", W), ("org", S), ("edu", S), ("gov", S), ("int", S), ("mil", S),
    ("biz", S), ("io", S), ("co", S), ("uk", S), ("de", S), ("fr", S), ("nl", S), ("pl", S),
    ("ru", S), ("eu", S), ("cz", S), ("sk", S), ("hu", S), ("ro", S), ("bg", S), ("gr", S),
    ("pt", S), ("dk", S), ("fi", S), ("lt", S), ("lv", S), ("ee", S), ("hr", S), ("rs", S),
    ("ua", S), ("by", W), ("kz", S), ("tr", S), ("jp", S), ("cn", S), ("kr", S), ("tw", S),
    ("hk", S), ("sg", S), ("th", S), ("vn", S), ("ph", S), ("nz", S), ("au", S), ("ca", S),
    ("br", S), ("mx", S), ("cl", S), ("pe", S), ("uy", S), ("ve", S), ("ec", S), ("za", S),
    ("ng", S), ("ke", S), ("gh", S), ("eg", S), ("ae", S), ("ir", S), ("pk", S), ("lk", S),
    ("np", S), ("ch", S), ("lu", S), ("li", S), ("mc", W), ("ie", W), ("cat", W), ("xyz", S),
    ("dev", S), ("tk", S), ("ml", S), ("ga", S), ("cf", S), ("gq", S), ("cc", S), ("ws", S),
    ("gd", S), ("gg", S), ("gl", S), ("ly", S), ("tv", S), ("fm", S), ("bz", S), ("st", W),
    ("ai", W), ("vc", S), ("lc", S), ("sx", S), ("mn", S), ("pw", S), ("su", W), ("sbs", S),
    ("icu", S), ("cyou", S), ("bid", S), ("loan", S), ("mobi", S), ("asia", S), ("tel", S),
    ("website", S), ("webcam", S), ("download", S), ("dotcom", S), ("puntocom", S),
    ("pointcom", S), ("pontocom", S), ("arpa", S), ("onion", S),
    ("it", W), ("es", W), ("at", W), ("be", W), ("se", W), ("no", W), ("so", W), ("to", W),
    ("in", W), ("is", W), ("me", W), ("us", W), ("my", W), ("am", W), ("as", W), ("la", W),
    ("id", W), ("il", W), ("ma", W), ("an", W), ("hm", W), ("je", W), ("lol", W), ("one", W),
    ("top", W), ("club", W), ("shop", W), ("store", W), ("app", W), ("live", W), ("link", W),
    ("online", W), ("site", W), ("page", W), ("click", W), ("today", W), ("email", W),
    ("work", W), ("works", W), ("games", W), ("game", W), ("pro", W), ("name", W), ("space", W),
    ("fun", W), ("vip", W), ("win", W), ("men", W), ("best", W), ("news", W), ("blog", W),
    ("art", W), ("design", W), ("tech", W), ("house", W), ("car", W), ("cars", W), ("bike", W),
    ("world", W), ("life", W), ("home", W), ("auto", W), ("cash", W), ("credit", W), ("money", W),
    ("deals", W), ("sale", W), ("buy", W), ("gift", W), ("gifts", W), ("support", W), ("help", W),
    ("info", W), ("chat", W), ("social", W), ("network", W), ("team", W), ("company", W),
    ("center", W), ("group", W), ("services", W), ("solutions", W), ("systems", W), ("agency", W),
    ("plus", W), ("rocks", W), ("ninja", W), ("guru", W), ("expert", W), ("finance", W),
    ("bank", W), ("trade", W), ("trading", W), ("market", W), ("markets", W), ("date", W),
    ("dating", W), ("love", W), ("care", W), ("health", W), ("fit", W), ("fitness", W),
    ("food", W), ("pizza", W), ("bar", W), ("cafe", W), ("coffee", W), ("photo", W),
    ("photos", W), ("pics", W), ("video", W), ("media", W), ("studio", W), ("zone", W),
    ("city", W), ("land", W), ("estate", W), ("rent", W), ("rentals", W), ("tours", W),
    ("travel", W), ("taxi", W), ("place", W), ("wiki", W), ("press", W), ("ink", W), ("red", W),
    ("blue", W), ("pink", W), ("black", W), ("green", W), ("cool", W), ("cheap", W),
    ("express", W), ("delivery", W), ("promo", W), ("review", W), ("reviews", W), ("tips", W),
    ("tools", W), ("toys", W), ("vote", W), ("party", W), ("baby", W), ("kids", W), ("moda", W),
    ("style", W), ("fashion", W), ("shoes", W), ("jewelry", W), ("watch", W), ("run", W),
    ("surf", W), ("yoga", W), ("band", W), ("rip", W), ("stream", W), ("quest", W),
    ("monster", W), ("beauty", W), ("hair", W), ("makeup", W), ("skin", W), ("autos", W),
    ("boats", W), ("homes", W), ("motorcycles", W),
    // Reserved for documentation and tests, and look-alikes of the commonest.
    ("example", S), ("test", W), ("invalid", W), ("c0m", S), ("corn", W),
]);
