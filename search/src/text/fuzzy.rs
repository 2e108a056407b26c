//! Words with typing errors: Meilisearch's rules as an automaton over the bytes of words.

use std::fmt;
use std::sync::OnceLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

/// Accepts what is at most so many errors away from a word. Neighbours that changed places are one error; one in the first
/// character counts twice.
pub(crate) struct Fuzzy {
    dfa: DFA,
    first: Vec<u8>,
    errors: u8,
}

/// How far it came; and whether what it read begins like the word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    begins: Begins,
    at: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// So many bytes of the first character were right.
    SoFar(usize),
    Right,
    Wrong,
}

impl fmt::Debug for Fuzzy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fuzzy").field("errors", &self.errors).finish_non_exhaustive()
    }
}

impl Fuzzy {
    /// `errors` is 1 or 2; `prefix`: whatever follows is accepted too.
    pub(crate) fn new(word: &str, errors: u8, prefix: bool) -> Self {
        static BUILDERS: [OnceLock<LevenshteinAutomatonBuilder>; 2] =
            [OnceLock::new(), OnceLock::new()];
        let builder = BUILDERS[usize::from(errors > 1)]
            .get_or_init(|| LevenshteinAutomatonBuilder::new(errors.clamp(1, 2), true));
        let dfa = if prefix { builder.build_prefix_dfa(word) } else { builder.build_dfa(word) };
        let first = word.chars().take(1).collect::<String>().into_bytes();
        Self { dfa, first, errors: errors.clamp(1, 2) }
    }

    /// How many errors a word has, a wrong first character counted twice; `None` if too many.
    pub(crate) fn errors(&self, word: &str) -> Option<u8> {
        let state = word.bytes().fold(self.start(), |state, byte| self.accept(&state, byte));
        self.cost(state)
    }

    fn cost(&self, state: State) -> Option<u8> {
        let Distance::Exact(errors) = self.dfa.distance(state.at) else { return None };
        let cost = if state.begins == Begins::Right || errors == 0 { errors } else { errors + 1 };
        (cost <= self.errors).then_some(cost)
    }
}

impl Automaton for Fuzzy {
    type State = State;

    fn start(&self) -> State {
        State { begins: Begins::SoFar(0), at: self.dfa.initial_state() }
    }

    fn is_match(&self, state: &State) -> bool {
        self.cost(*state).is_some()
    }

    fn can_match(&self, state: &State) -> bool {
        state.at != SINK_STATE && (self.errors > 1 || state.begins != Begins::Wrong)
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let begins = match state.begins {
            Begins::SoFar(right) if self.first.get(right) != Some(&byte) => Begins::Wrong,
            Begins::SoFar(right) if right + 1 == self.first.len() => Begins::Right,
            Begins::SoFar(right) => Begins::SoFar(right + 1),
            known => known,
        };
        State { begins, at: self.dfa.transition(state.at, byte) }
    }
}
