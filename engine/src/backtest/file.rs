//! Messages from a file: `label TAB text` lines, or one JSON object a line.

use chrono::{DateTime, TimeDelta, Utc};
use rialto_filter_cases::{CaseContext, CaseKind, CaseStage};
use serde::Deserialize;

use crate::domain::{ConversationId, ConversationKind, UserId};
use crate::filter::{ConversationFacts, Inspection, ListingFacts, SenderFacts, Stage};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// `label TAB text`.
    Tsv,
    /// `{"text": "…", "label": "spam", "context": {…}}`; label and context may be left out.
    JsonLines,
}

/// A line that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {problem}")]
pub struct FileError {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong and what to do.
    pub problem: String,
}

/// A message of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileMessage {
    /// Counted from 1.
    pub line: u64,
    /// What was said.
    pub text: String,
    /// What its label says.
    pub unwanted: Option<bool>,
    /// Where it differs from a first contact by a new account.
    pub context: CaseContext,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonLine {
    text: String,
    label: Option<String>,
    #[serde(default)]
    context: CaseContext,
}

const UNWANTED: [&str; 16] = [
    "spam", "scam", "bad", "unwanted", "positive", "pos", "yes", "y", "true", "1", "abuse",
    "fraud", "harmful", "toxic", "unsafe", "contact",
];
const WANTED: [&str; 17] = [
    "ham", "ok", "good", "wanted", "negative", "neg", "no", "n", "false", "0", "-1", "benign",
    "clean", "harmless", "legit", "safe", "none",
];

/// What a label says: whether the message is unwanted; `None` if the word is not known.
pub fn label(word: &str) -> Option<bool> {
    let is = |known: &&str| known.eq_ignore_ascii_case(word.trim());
    if UNWANTED.iter().any(is) {
        return Some(true);
    }
    WANTED.iter().any(is).then_some(false)
}

/// Reads a whole file; empty lines are skipped, the first wrong line is an error.
pub fn parse(format: FileFormat, text: &str) -> Result<Vec<FileMessage>, FileError> {
    let mut messages = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let parsed = match format {
            FileFormat::Tsv => tsv(line, text),
            FileFormat::JsonLines => json(line, text),
        };
        messages.push(parsed.map_err(|problem| FileError { line, problem })?);
    }
    Ok(messages)
}

fn tsv(line: u64, text: &str) -> Result<FileMessage, String> {
    let (word, text) =
        text.split_once('\t').ok_or("has no tab; write the label, a tab and the text")?;
    let message = FileMessage {
        line,
        text: text.to_owned(),
        unwanted: Some(known(word)?),
        context: CaseContext::default(),
    };
    Ok(message)
}

fn json(line: u64, text: &str) -> Result<FileMessage, String> {
    let parsed: JsonLine =
        serde_json::from_str(text).map_err(|error| format!("is no message: {error}"))?;
    let unwanted = parsed.label.as_deref().map(known).transpose()?;
    Ok(FileMessage { line, text: parsed.text, unwanted, context: parsed.context })
}

fn known(word: &str) -> Result<bool, String> {
    label(word).ok_or_else(|| {
        format!(
            "has the label {word:?}; write {} and the like for unwanted messages, {} and the like for others",
            UNWANTED[..3].join(", "),
            WANTED[..3].join(", ")
        )
    })
}

impl FileMessage {
    /// As filters are told of it, at `now` unless its context says otherwise.
    pub(super) fn inspection(&self, now: DateTime<Utc>) -> Inspection {
        let context = &self.context;
        let given = context.now.and_then(|seconds| i64::try_from(seconds).ok());
        let now = given.and_then(|at| DateTime::from_timestamp(at, 0)).unwrap_or(now);
        let before = |seconds: u64| {
            let age = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
            age.and_then(|age| now.checked_sub_signed(age)).unwrap_or(DateTime::UNIX_EPOCH)
        };
        // Lines that name no key are of different people in different conversations.
        let key = |given: &Option<String>, what: &str| {
            given.clone().unwrap_or_else(|| format!("{what}-of-line-{}", self.line))
        };
        Inspection {
            text: self.text.as_str().into(),
            stage: match context.stage {
                Some(CaseStage::Edit) => Stage::Edit,
                Some(CaseStage::Create) | None => Stage::Create,
            },
            now,
            sender: SenderFacts {
                id: UserId::trusted(key(&context.sender_key, "sender")),
                roles: context.roles.clone(),
                account_created_at: Some(before(context.account_age_seconds.unwrap_or(0))),
                locale: context.language.clone(),
            },
            conversation: ConversationFacts {
                id: ConversationId::trusted(key(&context.conversation_key, "conversation")),
                kind: match context.kind {
                    Some(CaseKind::Support) => ConversationKind::Support,
                    Some(CaseKind::Direct) | None => ConversationKind::Direct,
                },
                created_at: before(context.conversation_age_seconds),
                message_count: context.message_count,
                is_first_contact: context.is_first_contact.unwrap_or(true),
                recipient_locale: context.language.clone(),
            },
            listing: (context.category.is_some() || context.price_minor.is_some()).then(|| {
                ListingFacts {
                    title: None,
                    category: context.category.clone(),
                    price_minor: context.price_minor,
                    currency: context.currency.clone(),
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_say_the_same() {
        let tsv = parse(FileFormat::Tsv, "spam\tWin a prize\n\nham\tsee you\tat six\n");
        let json = "{\"text\": \"Win a prize\", \"label\": \"Spam\"}\n\n{\"text\": \"see you\\tat six\", \"label\": \"0\"}";
        let tsv = tsv.expect("both lines are messages");
        assert_eq!(tsv, parse(FileFormat::JsonLines, json).expect("both are messages"));
        assert_eq!((tsv[1].line, tsv[1].unwanted), (3, Some(false)));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = parse(FileFormat::Tsv, "ham\tok\nspan\tno").expect_err("no label");
        assert_eq!(error.line, 2);
        assert!(error.to_string().contains("\"span\""), "{error}");
        parse(FileFormat::Tsv, "spam").expect_err("no tab");
        parse(FileFormat::JsonLines, r#"{"txt": ""}"#).expect_err("no text");
    }

    #[test]
    fn absurd_ages_are_no_panic() {
        let line = r#"{"text": "a", "context": {"accountAgeSeconds": 18446744073709551615}}"#;
        let messages = parse(FileFormat::JsonLines, line).expect("a message");
        let inspection = messages[0].inspection(DateTime::UNIX_EPOCH);
        assert!(inspection.sender.account_created_at.is_some());
    }
}
