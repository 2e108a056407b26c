//! Labels joined by dots and ats, however those are written: what an address is read from.

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

use Tongue::{Dutch, English, French, German, Italian, Portuguese, Spanish};

static JOINERS: Lexicon<(Sign, Tongue), 19> = Lexicon::new(&[
    ("at", (Sign::At, English)),
    ("klammeraffe", (Sign::At, German)),
    ("affenschwanz", (Sign::At, German)),
    ("arroba", (Sign::At, Spanish)),
    ("arobase", (Sign::At, French)),
    ("arrobase", (Sign::At, French)),
    ("arobas", (Sign::At, French)),
    ("chiocciola", (Sign::At, Italian)),
    ("chiocciolina", (Sign::At, Italian)),
    ("apenstaartje", (Sign::At, Dutch)),
    ("dot", (Sign::Dot, English)),
    ("d0t", (Sign::Dot, English)),
    ("period", (Sign::Dot, English)),
    ("punkt", (Sign::Dot, German)),
    ("pkt", (Sign::Dot, German)),
    ("punto", (Sign::Dot, Spanish)),
    ("point", (Sign::Dot, French)),
    ("ponto", (Sign::Dot, Portuguese)),
    ("punt", (Sign::Dot, Dutch)),
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
        && continues(scan, how, sign, next, to)
    {
        has_at |= sign == Sign::At;
        links.push(Link { from: next, to, join: Some((sign, how)) });
        end = to;
    }
}

/// Whether a label behind a loosely written dot belongs to the chain.
fn continues(scan: &Scan, how: How, sign: Sign, from: usize, to: usize) -> bool {
    if sign == Sign::At {
        return true;
    }
    let word = scan.folded_between(from, to);
    match how {
        How::Plain | How::Bracketed | How::Word(_) => true,
        How::Spaced => tld(word).is_some() || matches!(join(scan, to), Some(((_, How::Spaced), _))),
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
            let (sign, tongue) = JOINERS.get(word)?;
            let next = scan.skip_space(at + 1);
            (next > at + 1).then_some(((sign, How::Word(tongue)), next))
        }
        _ => None,
    }
}

/// A dot or at between brackets, dashes or the like: `(at)`, `[.]`, `-dot-`.
fn decorated(scan: &Scan, open: usize) -> Option<(Sign, usize)> {
    let Class::Sign(opening) = scan.class(open)? else { return None };
    let closing = match opening {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        b'-' | b'_' | b'*' | b'|' | b'~' | b'/' | b'\'' | b'"' => opening,
        _ => return None,
    };
    let bracket = closing != opening;
    let inside = if bracket { scan.skip_space(open + 1) } else { open + 1 };
    let sign = match scan.class(inside)? {
        Class::Sign(b'@') => Sign::At,
        Class::Sign(b'.') => Sign::Dot,
        Class::Word if bracket && scan.folded(inside) == b"a" => Sign::At,
        Class::Word => JOINERS.get(scan.folded(inside))?.0,
        _ => return None,
    };
    let close = if bracket { scan.skip_space(inside + 1) } else { inside + 1 };
    scan.is_sign(close, closing).then(|| (sign, scan.skip_space(close + 1)))
}

/// Whether a top-level domain may follow this joiner, rather than an everyday word that looks like one.
pub(super) fn may_follow(how: How, kind: Tld, label: &[u8]) -> bool {
    match how {
        How::Plain | How::Bracketed => true,
        How::Spaced | How::Trailing => kind == Tld::Sure,
        How::Word(tongue) => match (tongue, label) {
            (French | Spanish | Portuguese, b"de" | b"se" | b"la")
            | (Italian | Spanish, b"es" | b"di") => false,
            (German, b"at")
            | (Spanish, b"it")
            | (English, b"es" | b"club" | b"shop" | b"store" | b"app" | b"me" | b"online") => true,
            _ => kind == Tld::Sure,
        },
    }
}
