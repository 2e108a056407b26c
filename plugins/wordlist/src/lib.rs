//! Finds what the operator lists: words and phrases, regular expressions, and entries of the host's lists.

mod config;
mod findings;
mod gate;
mod index;
mod listed;
mod pattern;
mod view;

use rialto_filter_sdk::{
    ConfigProblem, Context, Description, Fault, Filter, Message, Signal, SignalDescription,
    export_filter,
};

pub use config::{Config, Matching, OperatorList, PatternEntry, SignalId, WordList};
use findings::Findings;
use index::Index;
use pattern::Pattern;
use view::{Form, View};

/// The filter.
#[derive(Debug)]
pub struct Wordlist {
    config: Config,
    patterns: Vec<Pattern>,
    /// Patterns that no text can do without; their bit is the pattern's place.
    always: u64,
    /// By form: the lists' words, and texts that patterns require; owners are lists, then patterns.
    indexes: [Index; 3],
    /// Whether a form is used at all.
    used: [bool; 3],
}

impl Filter for Wordlist {
    type Config = Config;

    fn describe() -> Description {
        Description {
            name: "wordlist",
            version: env!("CARGO_PKG_VERSION"),
            config_schema: include_str!("../config.schema.json"),
            signals: SIGNALS,
        }
    }

    fn new(config: Config) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = config.problems();
        let mut filter = Self {
            patterns: Vec::with_capacity(config.patterns.len()),
            always: 0,
            indexes: Default::default(),
            used: [false; 3],
            config,
        };
        if problems.is_empty() {
            filter.index_lists(&mut problems);
            filter.read_patterns(&mut problems);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for index in filter.indexes.iter_mut().filter(|index| !index.is_empty()) {
            index.finish();
        }
        for list in &filter.config.operator_lists {
            filter.used[Form::of(true, list.fold) as usize] = true;
        }
        Ok(filter)
    }

    fn inspect(&self, message: &Message, _context: &Context) -> Result<Vec<Signal>, Fault> {
        if self.used == [false; 3] {
            return Ok(Vec::new());
        }
        let view = |form: Form| self.used[form as usize].then(|| View::new(&message.text, form));
        let views = Form::ALL.map(view);
        let lists = self.config.lists.len();
        let mut words: Vec<Findings> = Vec::new();
        let mut open = self.always;
        for (view, index) in views.iter().zip(&self.indexes) {
            let Some(view) = view else { continue };
            index.find(view.searched(), |owner, word, place| match owner.checked_sub(lists) {
                Some(pattern) => open |= 1 << pattern,
                None => Findings::of(&mut words, owner).add(word, view.range(place)),
            });
        }
        // In the order of the configuration, whatever was found first.
        words.sort_unstable_by_key(|found| found.owner);
        let mut signals = Vec::new();
        for found in words {
            let list = &self.config.lists[found.owner];
            signals.push(found.list_signal(list));
        }
        self.find_patterns(open, &views, &mut signals)?;
        self.find_listed(&views, &mut signals);
        Ok(signals)
    }
}

const SIGNALS: &[SignalDescription] = &[
    SignalDescription {
        id: "wordlist.denied",
        description: "A word or phrase of a list that must not be used",
        default_weight: 1.0,
    },
    SignalDescription {
        id: "wordlist.watched",
        description: "A word or phrase of a list that is worth a look",
        default_weight: 0.4,
    },
    SignalDescription {
        id: "wordlist.pattern",
        description: "Text that fits one of the operator's regular expressions",
        default_weight: 0.7,
    },
    SignalDescription {
        id: "wordlist.listed",
        description: "A word or phrase of a list kept by the engine",
        default_weight: 1.0,
    },
];

impl Wordlist {
    fn index_lists(&mut self, problems: &mut Vec<ConfigProblem>) {
        let mut read = String::new();
        for (owner, list) in self.config.lists.iter().enumerate() {
            let form = Form::of(list.ignore_case, list.fold);
            for (at, word) in list.words.iter().enumerate() {
                read.clear();
                form.read_all(word, &mut read);
                let word = read.trim();
                let problem = match word.len() {
                    0 => "has nothing to look for",
                    1..=config::MAX_WORD => {
                        self.indexes[form as usize].add(word, owner, list.matching);
                        self.used[form as usize] = true;
                        continue;
                    }
                    _ => "must have at most 128 bytes",
                };
                problems.push(ConfigProblem::new(format!("/lists/{owner}/words/{at}"), problem));
            }
        }
    }

    fn read_patterns(&mut self, problems: &mut Vec<ConfigProblem>) {
        for (at, entry) in self.config.patterns.iter().enumerate() {
            let form = Form::of(entry.ignore_case, entry.fold);
            match Pattern::new(&entry.regex, form) {
                Ok((pattern, required)) => {
                    self.used[form as usize] = true;
                    self.patterns.push(pattern);
                    match required {
                        Some(texts) => {
                            let owner = self.config.lists.len() + at;
                            let index = &mut self.indexes[form as usize];
                            for text in texts {
                                let end = text.floor_char_boundary(config::MAX_WORD);
                                index.add(&text[..end], owner, Matching::Substring);
                            }
                        }
                        None => self.always |= 1 << at,
                    }
                }
                Err(problem) => {
                    problems.push(ConfigProblem::new(format!("/patterns/{at}/regex"), problem));
                }
            }
        }
    }

    fn find_patterns(
        &self,
        open: u64,
        views: &[Option<View>; 3],
        signals: &mut Vec<Signal>,
    ) -> Result<(), Fault> {
        for (at, pattern) in self.patterns.iter().enumerate() {
            let Some(view) = &views[pattern.form as usize] else { continue };
            if open >> at & 1 == 0 {
                continue;
            }
            let mut found = Findings::new(at);
            for place in pattern.find(view.searched())? {
                found.add(view.written(place.clone()), view.range(place));
            }
            if !found.is_empty() {
                signals.push(found.pattern_signal(&self.config.patterns[at]));
            }
        }
        Ok(())
    }

    fn find_listed(&self, views: &[Option<View>; 3], signals: &mut Vec<Signal>) {
        for (at, list) in self.config.operator_lists.iter().enumerate() {
            let Some(view) = &views[Form::of(true, list.fold) as usize] else { continue };
            let mut found = Findings::new(at);
            for place in listed::find(view, &list.list, list.max_words.into()) {
                found.add(&view.searched()[place.clone()], view.range(place));
            }
            if !found.is_empty() {
                signals.push(found.listed_signal(list));
            }
        }
    }
}

export_filter!(Wordlist);
