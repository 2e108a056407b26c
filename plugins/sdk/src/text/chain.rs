//! Labels joined by dots and ats, however those are written: what an address is read from.

use std::ops::Range;

use super::tld::{Tld, tld};
use super::{Class, Lexicon, Scan};

/// What stands between two labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    At,
    Dot,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// `a.b`
    Plain,
    /// `a . b` or `a .b`
    Spaced,
    /// `a. b`, which is how sentences end
    Trailing,
    /// `a,b`
    Comma,
    /// `a (dot) b`, `a[.]b`, `a -at- b`
    Bracketed,
    /// `a dot b`
    Word(Tongue),
}

/// Whose word it is; what may naturally follow it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    English,
    German,
    Spanish,
    French,
    Italian,
    Portuguese,
    Dutch,
    /// Any other: these words are seldom said before what looks like a top-level domain.
    Other,
}

/// One label and what joins it to the one before (`None` for the first).
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// Tokens `from..to`.
    pub from: usize,
    pub to: usize,
    pub join: Option<(Sign, How)>,
}

/// So many labels are read at once: longer chains are no addresses.
pub(super) const MAX_LABELS: usize = 12;

use Tongue::{Dutch, English, French, German, Italian, Other, Portuguese, Spanish};

#[rustfmt::skip]
static JOINERS: Lexicon<(Sign, Tongue), 67> = Lexicon::new(&[
    ("at", (Sign::At, English)), ("atsign", (Sign::At, English)), ("aett", (Sign::At, German)),
    ("klammeraffe", (Sign::At, German)), ("affenschwanz", (Sign::At, German)),
    ("affe", (Sign::At, German)), ("aet", (Sign::At, German)), ("arroba", (Sign::At, Spanish)),
    ("aroba", (Sign::At, Spanish)), ("arobase", (Sign::At, French)), ("arrobase", (Sign::At, French)),
    ("arobas", (Sign::At, French)), ("arobaze", (Sign::At, French)), ("chiocciola", (Sign::At, Italian)),
    ("chiocciolina", (Sign::At, Italian)), ("apenstaartje", (Sign::At, Dutch)),
    ("apestaartje", (Sign::At, Dutch)), ("apenstaart", (Sign::At, Dutch)),
    ("apestaart", (Sign::At, Dutch)), ("собака", (Sign::At, Other)), ("собачка", (Sign::At, Other)),
    ("sobaka", (Sign::At, Other)), ("sobachka", (Sign::At, Other)), ("malpa", (Sign::At, Other)),
    ("malpka", (Sign::At, Other)), ("snabela", (Sign::At, Other)), ("alfakroll", (Sign::At, Other)),
    ("krollalfa", (Sign::At, Other)), ("krolalfa", (Sign::At, Other)), ("miukumauku", (Sign::At, Other)),
    ("miumau", (Sign::At, Other)), ("zavinac", (Sign::At, Other)), ("kukac", (Sign::At, Other)),
    ("arond", (Sign::At, Other)), ("arondul", (Sign::At, Other)), ("eta", (Sign::At, Other)),
    ("παπάκι", (Sign::At, Other)), ("papaki", (Sign::At, Other)),
    ("majmunce", (Sign::At, Other)), ("maimunka", (Sign::At, Other)), ("равлик", (Sign::At, Other)),
    ("strudel", (Sign::At, Other)), ("kuyruklu", (Sign::At, Other)),
    ("dot", (Sign::Dot, English)), ("d0t", (Sign::Dot, English)), ("period", (Sign::Dot, English)),
    ("doot", (Sign::Dot, English)), ("punkt", (Sign::Dot, German)), ("pkt", (Sign::Dot, German)),
    ("punto", (Sign::Dot, Spanish)), ("point", (Sign::Dot, French)), ("ponto", (Sign::Dot, Portuguese)),
    ("punt", (Sign::Dot, Dutch)), ("kropka", (Sign::Dot, Other)), ("tečka", (Sign::Dot, Other)),
    ("bodka", (Sign::Dot, Other)), ("piste", (Sign::Dot, Other)), ("punktum", (Sign::Dot, Other)),
    ("prik", (Sign::Dot, Other)), ("nokta", (Sign::Dot, Other)), ("punct", (Sign::Dot, Other)),
    ("точка", (Sign::Dot, Other)), ("крапка", (Sign::Dot, Other)), ("tochka", (Sign::Dot, Other)),
    ("tocka", (Sign::Dot, Other)), ("taskas", (Sign::Dot, Other)), ("τελεία", (Sign::Dot, Other)),
]);

/// Words that are a dot and a top-level domain at once.
pub(super) fn is_dot_com(word: &[u8]) -> bool {
    matches!(word, b"dotcom" | b"puntocom" | b"pointcom" | b"pontocom")
}

/// Reads the chain that starts at this token into `links`, which is emptied first.
pub(super) fn read(scan: &Scan, start: usize, links: &mut Vec<Link>) {
    links.clear();
    let Some(to) = label(scan, start) else { return };
    links.push(Link { from: start, to, join: None });
    let mut end = to;
    let mut has_at = false;
    while links.len() < MAX_LABELS
        && let Some(((sign, how), next)) = join(scan, end)
        && let Some(to) = label(scan, next)
        && (sign == Sign::Dot || !has_at)
        && continues(scan, how, sign, has_at, next..to)
    {
        has_at |= sign == Sign::At;
        links.push(Link { from: next, to, join: Some((sign, how)) });
        end = to;
    }
}

/// Whether a label behind a loosely written dot belongs to the chain.
fn continues(scan: &Scan, how: How, sign: Sign, has_at: bool, label: Range<usize>) -> bool {
    if sign == Sign::At {
        return true;
    }
    let Range { start: from, end: to } = label;
    let word = scan.folded_between(from, to);
    match how {
        How::Plain | How::Bracketed | How::Word(_) => true,
        How::Spaced => tld(word).is_some() || matches!(join(scan, to), Some(((_, How::Spaced), _))),
        // `ok,com`: only behind an at, or before the commonest of all.
        How::Comma => has_at && tld(word).is_some() || matches!(word, b"com" | b"net" | b"org"),
        How::Trailing => {
            matches!(word, b"com" | b"org" | b"net" | b"co")
                && scan.written(from, to).starts_with(|first: char| !first.is_uppercase())
        }
    }
}

/// The end of the label that starts at this token: letters, digits, and single signs inside.
fn label(scan: &Scan, start: usize) -> Option<usize> {
    let wordy = |token| matches!(scan.class(token), Some(Class::Word | Class::Digits));
    let mut end = start;
    while scan.is_sign(end, b'_') && end < start + 3 {
        end += 1;
    }
    if !wordy(end) {
        return None;
    }
    loop {
        while wordy(end) {
            end += 1;
        }
        let Some(Class::Sign(sign @ (b'-' | b'_' | b'+'))) = scan.class(end) else { break };
        if decorated(scan, end).is_some() {
            break;
        }
        let mut behind = end;
        while scan.is_sign(behind, sign) {
            behind += 1;
        }
        if !wordy(behind) {
            // A local part may end in an underscore.
            if sign == b'_' && scan.is_sign(behind, b'@') {
                end = behind;
            }
            break;
        }
        end = behind;
    }
    Some(end)
}

/// The dot or at that starts at this token, and the token behind it.
fn join(scan: &Scan, start: usize) -> Option<((Sign, How), usize)> {
    let at = scan.skip_space(start);
    let spaced = at > start;
    match scan.class(at)? {
        Class::Sign(b'.') if !spaced && between_dots(scan, at).is_some() => {
            let (sign, next) = between_dots(scan, at)?;
            Some(((sign, How::Bracketed), next))
        }
        Class::Sign(b',') if !spaced && scan.class(at + 1) == Some(Class::Word) => {
            Some(((Sign::Dot, How::Comma), at + 1))
        }
        Class::Sign(sign @ (b'.' | b'@')) => {
            let next = scan.skip_space(at + 1);
            let sign = if sign == b'@' { Sign::At } else { Sign::Dot };
            let how = match (spaced, next > at + 1) {
                (false, false) => How::Plain,
                (false, true) if sign == Sign::Dot => How::Trailing,
                _ => How::Spaced,
            };
            Some(((sign, how), next))
        }
        Class::Sign(_) => decorated(scan, at).map(|(sign, next)| ((sign, How::Bracketed), next)),
        Class::Word if spaced => {
            let word = scan.folded(at);
            if is_dot_com(word) {
                return Some(((Sign::Dot, How::Word(English)), at));
            }
            let (sign, tongue, behind) = joiner(scan, at)?;
            let next = scan.skip_space(behind);
            // An at may end its line.
            let next = match scan.class(next) {
                Some(Class::Break) if sign == Sign::At && next == behind => next + 1,
                _ => next,
            };
            (next > behind).then_some(((sign, How::Word(tongue)), next))
        }
        _ => None,
    }
}

/// The joining word at this token and the token behind it; `at sign` and `snabel-a` are one.
fn joiner(scan: &Scan, at: usize) -> Option<(Sign, Tongue, usize)> {
    let word = scan.folded(at);
    if word == b"snabel" {
        let a = at + 2;
        let fits = matches!(scan.class(at + 1), Some(Class::Space | Class::Sign(b'-')));
        return (fits && scan.folded(a) == b"a").then_some((Sign::At, Other, a + 1));
    }
    let (sign, tongue) = JOINERS.get(word)?;
    let next = scan.skip_space(at + 1);
    let sign_named = word == b"at" && next > at + 1 && scan.folded(next) == b"sign";
    Some((sign, tongue, if sign_named { next + 1 } else { at + 1 }))
}

/// `.at.` and `.dot.`
fn between_dots(scan: &Scan, open: usize) -> Option<(Sign, usize)> {
    let fits = scan.class(open + 1) == Some(Class::Word)
        && scan.is_sign(open + 2, b'.')
        && scan.class(open + 3) == Some(Class::Word);
    let (sign, _) = fits.then(|| JOINERS.get(scan.folded(open + 1))).flatten()?;
    // `orf.at.example`: a host's own top-level domain is not followed by a mail provider's name alone.
    let known = scan.folded(open + 1) != b"at" || scan.is_sign(open + 4, b'.');
    known.then_some((sign, open + 3))
}

/// A dot or at between brackets, dashes or the like: `(at)`, `[.]`, `-dot-`.
fn decorated(scan: &Scan, open: usize) -> Option<(Sign, usize)> {
    let Class::Sign(opening) = scan.class(open)? else { return None };
    let closing = match opening {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        b'-' | b'_' | b'*' | b'|' | b'~' | b'/' | b'\'' | b'"' | b'=' => opening,
        _ => return None,
    };
    let bracket = closing != opening;
    let inside = if bracket { scan.skip_space(open + 1) } else { open + 1 };
    let mut end = inside + 1;
    let sign = match scan.class(inside)? {
        Class::Sign(b'@') => Sign::At,
        Class::Sign(b'.') => Sign::Dot,
        Class::Word if bracket && matches!(scan.folded(inside), b"a" | b"et" | b"w") => Sign::At,
        Class::Word => {
            let (sign, _, to) = joiner(scan, inside)?;
            end = to;
            sign
        }
        _ => return None,
    };
    let close = if bracket { scan.skip_space(end) } else { end };
    scan.is_sign(close, closing).then(|| (sign, scan.skip_space(close + 1)))
}

/// Whether a top-level domain may follow this joiner, rather than an everyday word that looks like one.
pub(super) fn may_follow(how: How, kind: Tld, label: &[u8]) -> bool {
    match how {
        How::Plain | How::Bracketed => true,
        How::Spaced | How::Trailing | How::Comma => kind == Tld::Sure,
        How::Word(tongue) => match (tongue, label) {
            (French | Spanish | Portuguese, b"de" | b"se" | b"la")
            | (Italian | Spanish, b"es" | b"di") => false,
            (Other, _)
            | (German, b"at")
            | (Spanish, b"it")
            | (English, b"es" | b"club" | b"shop" | b"store" | b"app" | b"me" | b"online") => true,
            _ => kind == Tld::Sure,
        },
    }
}
