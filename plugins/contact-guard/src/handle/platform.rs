//! Messengers by name, however it is written, and by host.

use rialto_filter_sdk::text::{Address, Class, LETTER, Lexicon, OTHER, Scan};

use crate::number::as_letters;
use crate::words::Messenger::{
    Discord, Facebook, Instagram, Kakao, Kik, Line, Linkedin, Onlyfans, Pinterest, Signal, Skype,
    Snapchat, Telegram, Threads, Threema, Tiktok, Twitch, Twitter, Viber, Vk, Wechat, Whatsapp,
    Zalo,
};
use crate::words::{Meaning, Messenger, meaning};

static HOSTS: Lexicon<Messenger, 37> = Lexicon::new(&[
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
    ("vk.com", Vk),
    ("vk.me", Vk),
    ("twitter.com", Twitter),
    ("x.com", Twitter),
    ("threads.net", Threads),
    ("twitch.tv", Twitch),
    ("onlyfans.com", Onlyfans),
    ("linkedin.com", Linkedin),
    ("ok.ru", Vk),
    ("viber.me", Viber),
    ("snapchat.me", Snapchat),
    ("pinterest.com", Pinterest),
]);

/// The messenger a link leads to, if it names somebody there.
pub fn messenger_of(link: &Address) -> Option<Messenger> {
    let host = link.folded_host.as_str();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let known = HOSTS.get(host.as_bytes());
    let known = known.or_else(|| host.ends_with(".whatsapp.com").then_some(Whatsapp));
    known.filter(|_| link.has_path)
}

/// Messengers by what no Latin, Greek or Cyrillic word says.
const WRITTEN: [(&str, Messenger); 12] = [
    ("微信", Wechat),
    ("v信", Wechat),
    ("카톡", Kakao),
    ("카카오톡", Kakao),
    ("텔레그램", Telegram),
    ("텔레", Telegram),
    ("ไลน์", Line),
    ("واتس", Whatsapp),
    ("تلگرام", Telegram),
    ("تليجرام", Telegram),
    ("וואטסאפ", Whatsapp),
    ("👻", Snapchat),
];

/// Whether a mail provider is named here: `anna_99 on gmail`.
pub fn mail_provider(scan: &Scan, token: usize) -> bool {
    matches!(
        scan.folded(token),
        b"gmail"
            | b"googlemail"
            | b"hotmail"
            | b"gmx"
            | b"protonmail"
            | b"icloud"
            | b"yahoo"
            | b"outlook"
            | b"gmailcom"
            | b"hotmailcom"
            | b"yahoocom"
            | b"gmailcon"
    )
}

/// The messenger named at this token, whether the word means nothing else, and the token behind it.
pub fn platform(scan: &Scan, token: usize) -> Option<(Messenger, bool, usize)> {
    match scan.class(token)? {
        Class::Word => {}
        Class::Digits => {
            // A name that starts with a digit for a letter: `1nsta`.
            let starts = scan.class(token + 1) == Some(Class::Word)
                && !(token > 0 && scan.class(token - 1) == Some(Class::Word));
            return starts.then(|| disguised(scan, token)).flatten();
        }
        Class::Sign(OTHER) => return written(scan, token),
        _ => return None,
    }
    let word = scan.folded(token);
    if let Some(found) = in_two_words(scan, token, word) {
        return Some(found);
    }
    if let Some(Meaning::Platform(messenger, sure)) = meaning(word)
        && scan.class(token + 1) != Some(Class::Digits)
    {
        return (word != b"whats").then_some((messenger, sure, token + 1));
    }
    if let Some(messenger) = inflected(word) {
        return Some((messenger, true, token + 1));
    }
    match word {
        b"tr" | b"bk" if !scan.written(token, token + 1).is_ascii() => {
            Some((if word == b"tr" { Telegram } else { Vk }, true, token + 1))
        }
        [_] => spaced_out(scan, token).or_else(|| disguised(scan, token)),
        [.., LETTER] | [LETTER, ..] => written(scan, token),
        _ => disguised(scan, token),
    }
}

/// `whats app`, `what's app`, `tik tok`, `the green app`
fn in_two_words(scan: &Scan, token: usize, word: &[u8]) -> Option<(Messenger, bool, usize)> {
    let next = scan.skip_space(token + 1);
    let messenger = match (word, scan.folded(next)) {
        (b"whats" | b"wats", b"app" | b"ap") | (b"what", b"sapp") => Whatsapp,
        (b"face", b"book") => return Some((Facebook, false, next + 1)),
        (b"insta", b"gram") => Instagram,
        (b"tele", b"gram") => Telegram,
        (b"snap", b"chat") => Snapchat,
        (b"kakao", b"talk") => Kakao,
        (b"tik", b"tok") => Tiktok,
        (b"we", b"chat") if scan.folded(scan.skip_space(next + 1)) == b"id" => Wechat,
        (b"what" | b"whats" | b"w", b"'" | b"-" | b"/") => {
            let rest = scan.skip_space(next + 1);
            let app = if scan.folded(rest) == b"s" { scan.skip_space(rest + 1) } else { rest };
            return (scan.folded(app) == b"app").then_some((Whatsapp, true, app + 1));
        }
        (b"whats", _) => {
            // `chama no whats`
            let before = token.checked_sub(2).map(|at| scan.folded(at));
            let no = matches!(before, Some(b"no" | b"al" | b"pelo" | b"o" | b"por" | b"meu"));
            return no.then_some((Whatsapp, true, token + 1));
        }
        (b"green" | b"blue" | b"yellow" | b"purple" | b"grune" | b"blaue" | b"gelbe", _) => {
            let app = (next..next + 6).find(|at| scan.folded(*at) == b"app")?;
            let messenger = match word {
                b"green" | b"grune" => Whatsapp,
                b"blue" | b"blaue" => Telegram,
                b"purple" => Viber,
                _ => Snapchat,
            };
            return Some((messenger, false, app + 1));
        }
        _ => return None,
    };
    Some((messenger, true, next + 1))
}

/// A messenger with another language's ending: `whatsappissa`, `messengerze`.
fn inflected(word: &[u8]) -> Option<Messenger> {
    let messenger = |stem: &[u8], messenger| {
        (word.len() > stem.len() && word.len() <= stem.len() + 4 && word.starts_with(stem))
            .then_some(messenger)
    };
    match word {
        [b'w', ..] => messenger(b"whatsapp", Whatsapp),
        [b't', ..] if word != b"telegrams" => messenger(b"telegram", Telegram),
        [b'i', ..] => messenger(b"instagram", Instagram),
        _ => None,
    }
}

/// A messenger in a script that does not fold, or as a picture.
fn written(scan: &Scan, token: usize) -> Option<(Messenger, bool, usize)> {
    let written = scan.written(token, token + 1);
    let known = WRITTEN.iter().find(|(name, _)| written.contains(name))?;
    Some((known.1, true, token + 1))
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
