//! What a text must contain for a pattern to match at all, so that most patterns need not run.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::view::Form;

/// More alternatives than this say little.
const MAX_ALTERNATIVES: usize = 16;

/// Texts of which one must occur, in the form the pattern is searched in; `None` if there are none.
pub fn required(hir: &Hir, form: Form) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub, form),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub, form),
        HirKind::Concat(parts) => in_sequence(parts, form),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(required(branch, form)?);
                if all.len() > MAX_ALTERNATIVES {
                    return None;
                }
            }
            Some(all)
        }
        HirKind::Empty | HirKind::Look(_) => None,
        _ => exact(hir, form).filter(|text| !text.is_empty()).map(|text| vec![text]),
    }
}

/// The best of what the parts require; neighbours that are plain text are taken together.
fn in_sequence(parts: &[Hir], form: Form) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut offer = |candidate: Option<Vec<String>>| {
        if let Some(candidate) = candidate
            && worth(&candidate) > best.as_deref().map_or(0, worth)
        {
            best = Some(candidate);
        }
    };
    let mut run = String::new();
    for part in parts {
        if let Some(text) = exact(part, form) {
            run.push_str(&text);
            continue;
        }
        offer(Some(vec![std::mem::take(&mut run)]));
        offer(required(part, form));
    }
    offer(Some(vec![run]));
    best
}

/// Long texts are rare ones.
fn worth(candidate: &[String]) -> usize {
    candidate.iter().map(String::len).min().unwrap_or(0)
}

/// The one text this matches, if there is only one in this form.
fn exact(hir: &Hir, form: Form) -> Option<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => {
            let mut text = String::new();
            str::from_utf8(&literal.0).ok()?.chars().for_each(|one| form.read(one, &mut text));
            Some(text)
        }
        HirKind::Class(class) => only_letter(class, form),
        HirKind::Capture(capture) => exact(&capture.sub, form),
        _ => None,
    }
}

/// The letter all of a class's members are in this form, as with `[Aa]`.
fn only_letter(class: &Class, form: Form) -> Option<String> {
    /// A letter has three variants at most.
    const MAX_VARIANTS: usize = 4;
    let Class::Unicode(class) = class else { return None };
    if class.ranges().len() > MAX_VARIANTS {
        return None;
    }
    let mut members = class.ranges().iter().flat_map(|range| range.start()..=range.end());
    let mut only: Option<String> = None;
    for member in members.by_ref().take(MAX_VARIANTS) {
        let mut text = String::new();
        form.read(member, &mut text);
        if only.get_or_insert_with(|| text.clone()) != &text {
            return None;
        }
    }
    if members.next().is_some() { None } else { only }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str, form: Form) -> Option<Vec<String>> {
        let mut parser = regex_syntax::ParserBuilder::new();
        let hir = parser.case_insensitive(form != Form::Exact).build().parse(pattern);
        required(&hir.expect("a pattern"), form)
    }

    #[test]
    fn the_rarest_text_is_required() {
        for (pattern, expected) in [
            (r"\bwestern\s+union\b", Some(vec!["western"])),
            (r"\bMoneyGram|(?:Ria)\s", Some(vec!["moneygram", "ria"])),
            (r"(?:a|b)*", None),
            (r"\d+\s?(?:btc|eth)\b", Some(vec!["btc", "eth"])),
            (r"[a-z]{30}", None),
            (r"Straße\d", Some(vec!["straße"])),
            (r"ΟΔΟΣ", Some(vec!["οδοσ"])),
            (r"x?y*\w", None),
        ] {
            let expected = expected.map(|texts| texts.into_iter().map(str::to_owned).collect());
            assert_eq!(of(pattern, Form::Lower), expected, "{pattern}");
        }
        assert_eq!(of("IBAN", Form::Exact), Some(vec!["IBAN".to_owned()]));
        assert_eq!(of("(?i)IBAN", Form::Exact), None, "the form has all variants");
    }
}
