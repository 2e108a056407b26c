//! The operator's regular expressions: checked at once, compiled when a text first may match, never slower than linear.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use regex_automata::Input;
use regex_automata::hybrid::dfa::{self, DFA};
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_syntax::hir::{Class, Hir, HirKind};
use rialto_filter_sdk::Fault;

use crate::gate;
use crate::view::Form;

/// Bytes an expression may have.
const MAX_REGEX: usize = 512;
/// What an expression may grow to; see [`size`].
const MAX_SIZE: usize = 20_000;
/// A backstop behind [`MAX_SIZE`], bytes.
const MAX_COMPILED: usize = 8 << 20;
/// Findings of one expression in one text: each may take a look at all of the text.
const MAX_FINDINGS: usize = 64;

/// An expression that was checked.
#[derive(Debug)]
pub struct Pattern {
    /// What it is searched in.
    pub form: Form,
    hir: Hir,
    compiled: OnceCell<Option<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    /// Says fast whether there is anything; gives up where words end in letters beyond ASCII.
    dfa: Option<(DFA, RefCell<dfa::Cache>)>,
    /// Says where.
    vm: (PikeVM, RefCell<pikevm::Cache>),
}

impl Pattern {
    /// Checks the expression, and gives the texts of which one must occur for it to match.
    pub fn new(regex: &str, form: Form) -> Result<(Self, Option<Vec<String>>), String> {
        if regex.len() > MAX_REGEX {
            return Err(format!("has {} bytes; at most {MAX_REGEX} are possible", regex.len()));
        }
        let regex = if form == Form::Folded { &folded(regex) } else { regex };
        let mut parser = regex_syntax::ParserBuilder::new();
        let parser = parser.case_insensitive(form != Form::Exact).nest_limit(50);
        let hir = parser.build().parse(regex).map_err(|error| describe(&error))?;
        if hir.properties().minimum_len().is_none_or(|length| length == 0) {
            return Err("would match an empty text".to_owned());
        }
        if size(&hir) > MAX_SIZE {
            return Err("is too big; repeat less, or use `[a-z]` for `\\w` and `[0-9]` for `\\d`"
                .to_owned());
        }
        let required = gate::required(&hir, form);
        Ok((Self { form, hir, compiled: OnceCell::new() }, required))
    }

    /// Where it matches, in order and apart; at most 64 places.
    pub fn find(&self, text: &str) -> Result<Vec<Range<usize>>, Fault> {
        let compiled = self.compiled.get_or_init(|| Compiled::new(&self.hir));
        let Some(compiled) = compiled else {
            return Err(Fault::new("an expression is too big to be compiled"));
        };
        if !compiled.may_match(text) {
            return Ok(Vec::new());
        }
        let (vm, cache) = &compiled.vm;
        let mut cache = cache.borrow_mut();
        let places = vm.find_iter(&mut cache, text).take(MAX_FINDINGS);
        Ok(places.map(|place| place.range()).filter(|place| !place.is_empty()).collect())
    }
}

impl Compiled {
    fn new(hir: &Hir) -> Option<Self> {
        let config = Config::new()
            .which_captures(WhichCaptures::Implicit)
            .nfa_size_limit(Some(MAX_COMPILED));
        let nfa = Compiler::new().configure(config).build_from_hir(hir).ok()?;
        let config = DFA::config().unicode_word_boundary(true).skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa.clone()).ok();
        let dfa = dfa.map(|dfa| {
            let cache = dfa.create_cache();
            (dfa, RefCell::new(cache))
        });
        let vm = PikeVM::new_from_nfa(nfa).ok()?;
        let cache = RefCell::new(vm.create_cache());
        Some(Self { dfa, vm: (vm, cache) })
    }

    fn may_match(&self, text: &str) -> bool {
        let Some((dfa, cache)) = &self.dfa else { return true };
        let input = Input::new(text).earliest(true);
        // An error is the fast way giving up.
        dfa.try_search_fwd(&mut cache.borrow_mut(), &input).map_or(true, |found| found.is_some())
    }
}

/// The expression with its letters beyond ASCII as [`Form::Folded`] has them; its syntax is all ASCII.
fn folded(regex: &str) -> String {
    let mut folded = String::with_capacity(regex.len());
    for character in regex.chars() {
        let before = folded.len();
        if character.is_ascii() {
            folded.push(character);
        } else {
            Form::Folded.read(character, &mut folded);
        }
        // A sign must not become syntax.
        if !character.is_ascii() && regex_syntax::escape(&folded[before..]) != folded[before..] {
            folded.insert(before, '\\');
        }
    }
    folded
}

fn describe(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => {
            format!("{} at character {}", error.kind(), error.span().start.column)
        }
        regex_syntax::Error::Translate(error) => {
            format!("{} at character {}", error.kind(), error.span().start.column)
        }
        _ => "is no regular expression".to_owned(),
    }
}

/// About how many states it compiles to, counted no further than needed.
fn size(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(size).fold(0, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len() * 2,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.max(1)).max(1);
            size(&repetition.sub).saturating_mul(times as usize).saturating_add(1)
        }
        HirKind::Capture(capture) => size(&capture.sub).saturating_add(1),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(regex: &str) -> String {
        Pattern::new(regex, Form::Lower).map(|_| ()).expect_err("expected it to be refused")
    }

    #[test]
    fn what_can_not_be_is_refused_in_words() {
        assert!(problem("a(b").contains("unclosed group at character 2"), "{}", problem("a(b"));
        assert!(problem("(a)\\1").contains("backreferences"), "{}", problem("(a)\\1"));
        assert!(problem("a*").contains("empty"), "{}", problem("a*"));
        assert!(problem("\\b").contains("empty"), "{}", problem("\\b"));
        assert!(problem("\\w{50}").contains("too big"), "{}", problem("\\w{50}"));
        assert!(problem("((a{100}){100}){100}").contains("too big"));
        let deep = ["(".repeat(99), "a".into(), ")".repeat(99)].concat();
        assert!(problem(&deep).contains("nest"), "{}", problem(&deep));
        assert!(problem(&"a".repeat(600)).contains("512"));
    }

    /// What [`size`] lets through must compile, or messages would fail later.
    #[test]
    fn what_is_not_refused_compiles() {
        for regex in ["\\w{10}", "[a-z0-9]{1,500}", "(?:\\d{1,6}[.,]){15}", "\\W{8}", ".{1,900}x"] {
            let (pattern, _) = Pattern::new(regex, Form::Lower).expect("it is not too big");
            pattern.find("some text").expect("it compiles");
        }
    }

    #[test]
    fn matches_beyond_ascii_too() {
        let find = |regex: &str, form, text: &str| {
            let (pattern, _) = Pattern::new(regex, form).expect("a pattern");
            let places = pattern.find(text).expect("judged");
            places.into_iter().map(|place| text[place].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(find(r"\bкрипт\w*", Form::Lower, "за криптовалюту да"), ["криптовалюту"]);
        assert!(find(r"\bвалют\w*", Form::Lower, "за криптовалюту да").is_empty());
        assert_eq!(find("Überweis.ng", Form::Folded, "per uberweisung"), ["uberweisung"]);
        assert_eq!(find("a．b", Form::Folded, "axb a.b"), ["a.b"], "a sign stays a sign");
    }
}
