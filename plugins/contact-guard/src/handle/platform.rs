//! Messengers by name, however it is written, and by host.

use rialto_filter_sdk::text::{Address, Class, Lexicon, Scan};

use crate::number::as_letters;
use crate::words::Messenger::{
    Discord, Facebook, Instagram, Kakao, Kik, Line, Signal, Skype, Snapchat, Telegram, Threema,
    Tiktok, Viber, Wechat, Whatsapp, Zalo,
};
use crate::words::{Meaning, Messenger, meaning};

static HOSTS: Lexicon<Messenger, 25> = Lexicon::new(&[
    ("wa.me", Whatsapp),
    ("api.whatsapp.com", Whatsapp),
    ("whatsapp.com", Whatsapp),
    ("t.me", Telegram),
    ("telegram.me", Telegram),
    ("telegram.dog", Telegram),
    ("signal.me", Signal),
    ("signal.group", Signal),
    ("instagram.com", Instagram),
    ("instagr.am", Instagram),
    ("ig.me", Instagram),
    ("snapchat.com", Snapchat),
    ("weixin.qq.com", Wechat),
    ("join.skype.com", Skype),
    ("viber.com", Viber),
    ("line.me", Line),
    ("kik.me", Kik),
    ("discord.gg", Discord),
    ("discord.com", Discord),
    ("facebook.com", Facebook),
    ("fb.com", Facebook),
    ("m.me", Facebook),
    ("tiktok.com", Tiktok),
    ("threema.id", Threema),
    ("zalo.me", Zalo),
]);

/// The messenger a link leads to, if it names somebody there.
pub fn messenger_of(link: &Address) -> Option<Messenger> {
    let host = link.folded_host.as_str();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let known = HOSTS.get(host.as_bytes());
    let known = known.or_else(|| host.ends_with(".whatsapp.com").then_some(Whatsapp));
    known.filter(|_| link.has_path)
}

/// The messenger named at this token, whether the word means nothing else, and the token behind it.
pub fn platform(scan: &Scan, token: usize) -> Option<(Messenger, bool, usize)> {
    if scan.class(token) != Some(Class::Word) {
        // A name that starts with a digit for a letter: `1nsta`.
        let starts = scan.class(token) == Some(Class::Digits)
            && scan.class(token + 1) == Some(Class::Word)
            && !(token > 0 && scan.class(token - 1) == Some(Class::Word));
        return starts.then(|| disguised(scan, token)).flatten();
    }
    let word = scan.folded(token);
    let next = scan.skip_space(token + 1);
    match (word, scan.folded(next)) {
        (b"face", b"book") => return Some((Facebook, false, next + 1)),
        (b"insta", b"gram") => return Some((Instagram, true, next + 1)),
        (b"tele", b"gram") => return Some((Telegram, true, next + 1)),
        (b"snap", b"chat") => return Some((Snapchat, true, next + 1)),
        (b"kakao", b"talk") => return Some((Kakao, true, next + 1)),
        _ => {}
    }
    if let Some(Meaning::Platform(messenger, sure)) = meaning(word)
        && scan.class(token + 1) != Some(Class::Digits)
    {
        if word == b"whats" {
            let app = scan.skip_space(token + 1);
            return (scan.folded(app) == b"app").then_some((Whatsapp, true, app + 1));
        }
        return Some((messenger, sure, token + 1));
    }
    if word.len() == 1 { spaced_out(scan, token) } else { disguised(scan, token) }
}

/// `t3legram`, `what$app`, `in5ta`
fn disguised(scan: &Scan, token: usize) -> Option<(Messenger, bool, usize)> {
    let mut end = token;
    while end < token + 8
        && matches!(scan.class(end), Some(Class::Word | Class::Digits | Class::Sign(b'$' | b'@')))
    {
        end += 1;
    }
    if end < token + 2 {
        return None;
    }
    let chunk = scan.folded_between(token, end);
    if chunk.len() > 16 {
        return None;
    }
    match meaning(&as_letters(chunk)[..chunk.len()]) {
        Some(Meaning::Platform(messenger, sure)) => Some((messenger, sure, end)),
        _ => None,
    }
}

/// `w h a t s a p p`, `i.n.s.t.a`
fn spaced_out(scan: &Scan, token: usize) -> Option<(Messenger, bool, usize)> {
    let mut letters = [0; 16];
    let mut count = 0;
    let mut at = token;
    let mut end = token;
    let mut best = None;
    while count < letters.len()
        && scan.class(at) == Some(Class::Word)
        && scan.tokens()[at].chars() == 1
    {
        letters[count] = scan.folded(at)[0];
        count += 1;
        end = at + 1;
        if count >= 5
            && let Some(Meaning::Platform(messenger, true)) = meaning(&letters[..count])
        {
            best = Some((messenger, true, end));
        }
        let gap =
            matches!(scan.class(end), Some(Class::Space | Class::Sign(b'.' | b'-' | b'_' | b'*')));
        at = end + usize::from(gap);
    }
    best.filter(|_| end > token)
}
