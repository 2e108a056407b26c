//! What both indexes are set up with: typing errors allowed, synonyms, attributes; read from schema/search.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

const MESSAGES: &str = include_str!("../../schema/search/messages.json");
const CONVERSATIONS: &str = include_str!("../../schema/search/conversations.json");
const SYNONYMS: &str = include_str!("../../schema/search/synonyms.json");

static SHIPPED: LazyLock<Settings> = LazyLock::new(|| {
    Settings::parse(MESSAGES, CONVERSATIONS, SYNONYMS)
        .expect("the files are part of the program, and a test reads them")
});

/// How a word may be written wrongly, by its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typos {
    /// Characters from which one error is forgiven.
    pub one: usize,
    /// Characters from which two are.
    pub two: usize,
    /// Whether numbers are forgiven as well; if not, they are found exactly.
    pub in_numbers: bool,
}

impl Typos {
    /// How many errors are forgiven in a word (normalized): 0, 1 or 2.
    pub fn allowed(&self, word: &str) -> u8 {
        if !self.in_numbers && is_number(word) {
            return 0;
        }
        let length = word.chars().count();
        u8::from(length >= self.one) + u8::from(length >= self.two)
    }
}

/// Whether a word counts as a number: Meilisearch's rule.
fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_digit())
}

/// Words that stand for each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synonyms(BTreeMap<String, Vec<String>>);

impl Synonyms {
    /// The other words for a word (in small letters); empty for most.
    pub fn of(&self, word: &str) -> &[String] {
        self.0.get(word).map_or(&[], Vec::as_slice)
    }

    /// Every word that has others, with them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(word, others)| (word.as_str(), others.as_slice()))
    }
}

/// What is wrong with a settings file.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It is no JSON, or of another shape.
    #[error("schema/search/{file}: {problem}")]
    Unreadable {
        /// Which file.
        file: &'static str,
        /// What is wrong, and where.
        problem: String,
    },
    /// The files say different things about what both indexes share.
    #[error(
        "schema/search: messages.json and conversations.json differ in {0}, of which there is one"
    )]
    Differ(&'static str),
}

/// All of schema/search.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Meilisearch's settings of the messages' index, synonyms included.
    pub messages: Map<String, Value>,
    /// Meilisearch's settings of the conversations' index, synonyms included.
    pub conversations: Map<String, Value>,
    /// For both.
    pub typos: Typos,
    /// For both.
    pub synonyms: Synonyms,
}

impl Settings {
    /// Those the program was built with.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads the three files.
    pub fn parse(
        messages: &str,
        conversations: &str,
        synonyms: &str,
    ) -> Result<Self, SettingsError> {
        let synonyms = read_synonyms(synonyms)?;
        let mut messages = read_object("messages.json", messages)?;
        let mut conversations = read_object("conversations.json", conversations)?;
        let typos = read_typos("messages.json", &messages)?;
        if read_typos("conversations.json", &conversations)? != typos {
            return Err(SettingsError::Differ("typoTolerance"));
        }
        let all: Value = synonyms
            .iter()
            .map(|(word, others)| (word.to_owned(), Value::from(others.to_vec())))
            .collect();
        messages.insert("synonyms".to_owned(), all.clone());
        conversations.insert("synonyms".to_owned(), all);
        Ok(Self { messages, conversations, typos, synonyms })
    }

    /// Changes with any setting, and with who makes an index of them: `maker` names the kind of index and the version of
    /// what it stores. Hexadecimal, 32 digits.
    pub fn digest(&self, maker: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(maker.as_bytes());
        for settings in [&self.messages, &self.conversations] {
            hasher.update(b"\n");
            let sorted: BTreeMap<_, _> = settings.iter().collect();
            for (name, value) in sorted {
                hasher.update(format!("{name}={value};").as_bytes());
            }
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

fn unreadable(file: &'static str, problem: &impl ToString) -> SettingsError {
    SettingsError::Unreadable { file, problem: problem.to_string() }
}

fn read_object(file: &'static str, text: &str) -> Result<Map<String, Value>, SettingsError> {
    serde_json::from_str(text).map_err(|error| unreadable(file, &error))
}

fn read_typos(file: &'static str, settings: &Map<String, Value>) -> Result<Typos, SettingsError> {
    let tolerance = settings.get("typoTolerance").unwrap_or(&Value::Null);
    let size = |name: &str| {
        tolerance["minWordSizeForTypos"][name]
            .as_u64()
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| {
                unreadable(
                    file,
                    &format_args!("typoTolerance.minWordSizeForTypos.{name} must be a number"),
                )
            })
    };
    let exact_numbers = tolerance["disableOnNumbers"]
        .as_bool()
        .ok_or_else(|| unreadable(file, &"typoTolerance.disableOnNumbers must be true or false"))?;
    Ok(Typos { one: size("oneTypo")?, two: size("twoTypos")?, in_numbers: !exact_numbers })
}

/// Sets of single words, each word in one set.
fn read_synonyms(text: &str) -> Result<Synonyms, SettingsError> {
    const FILE: &str = "synonyms.json";
    let sets: Vec<Vec<String>> =
        serde_json::from_str(text).map_err(|error| unreadable(FILE, &error))?;
    let mut all = BTreeMap::new();
    for set in &sets {
        for word in set {
            if word.is_empty() || !word.chars().all(|c| c.is_lowercase() || c.is_numeric()) {
                return Err(unreadable(
                    FILE,
                    &format_args!("`{word}` must be one word in small letters"),
                ));
            }
            let others = set.iter().filter(|other| *other != word).cloned().collect();
            if all.insert(word.clone(), others).is_some() {
                return Err(unreadable(
                    FILE,
                    &format_args!(
                        "`{word}` is there twice; put all that mean the same into one set"
                    ),
                ));
            }
        }
    }
    Ok(Synonyms(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::DEEPEST;

    #[test]
    fn the_shipped_files_fit_together() {
        let settings = Settings::parse(MESSAGES, CONVERSATIONS, SYNONYMS)
            .expect("schema/search must be readable");
        for (name, of) in
            [("messages", &settings.messages), ("conversations", &settings.conversations)]
        {
            assert_eq!(
                of["pagination"]["maxTotalHits"],
                DEEPEST + 1,
                "{name}: one more than the deepest place, to know whether there are more"
            );
            assert_eq!(
                of["rankingRules"][0], "sort",
                "{name}: an order that was asked for goes before relevance"
            );
            assert_eq!(of["synonyms"]["tv"][0], "television", "{name}: synonyms");
        }
        for (word, others) in settings.synonyms.iter() {
            for other in others {
                assert!(
                    settings.synonyms.of(other).iter().any(|back| back == word),
                    "{other} must stand for {word}, as {word} does for {other}"
                );
            }
        }
    }

    #[test]
    fn typing_errors_by_length() {
        let typos = Settings::shipped().typos;
        for (word, allowed) in [
            ("bike", 0),
            ("house", 1),
            ("zürich", 1),
            ("bicycles", 1),
            ("furniture", 2),
            ("123456789", 0),
            ("自転車", 0),
        ] {
            assert_eq!(typos.allowed(word), allowed, "{word}");
        }
    }

    #[test]
    fn wrong_files_are_refused_by_name() {
        let refused = |messages: &str, synonyms: &str| {
            Settings::parse(messages, CONVERSATIONS, synonyms)
                .expect_err("it must be refused")
                .to_string()
        };
        assert!(refused("[]", SYNONYMS).contains("messages.json"));
        let strict = MESSAGES.replace("\"oneTypo\": 5", "\"oneTypo\": 6");
        assert!(refused(&strict, SYNONYMS).contains("differ in typoTolerance"));
        assert!(refused(MESSAGES, r#"[["TV", "television"]]"#).contains("`TV`"));
        assert!(refused(MESSAGES, r#"[["a", "b"], ["b", "c"]]"#).contains("`b` is there twice"));
    }

    #[test]
    fn the_digest_changes_with_any_setting_and_maker() {
        let digest = |messages: &str, synonyms: &str, maker: &str| {
            Settings::parse(messages, CONVERSATIONS, synonyms).expect("readable").digest(maker)
        };
        let shipped = Settings::shipped().digest("a 1");
        assert_eq!(shipped, digest(MESSAGES, SYNONYMS, "a 1"), "the same again");
        let sortable = MESSAGES.replace(r#"["at", "seq"]"#, r#"["at"]"#);
        assert_ne!(shipped, digest(&sortable, SYNONYMS, "a 1"), "settings");
        assert_ne!(shipped, digest(MESSAGES, "[]", "a 1"), "synonyms");
        assert_ne!(shipped, digest(MESSAGES, SYNONYMS, "a 2"), "maker");
    }
}
