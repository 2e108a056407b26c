//! Which signals, conversations and categories a row is about.

use crate::domain::ConversationKind;

use super::Circumstances;

/// Which texts a pattern means: one, or all that start so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::filter) enum Pattern {
    /// One id.
    Exact(String),
    /// Every id that starts so, such as `contact.`.
    Prefix(String),
}

impl Pattern {
    /// Reads `contact.phone` or `contact.*`, whose parts `fits` must accept.
    pub(super) fn parse(text: &str, fits: impl Fn(&str) -> bool) -> Option<Self> {
        match text.strip_suffix(".*") {
            Some(prefix) => fits(prefix).then(|| Self::Prefix(format!("{prefix}."))),
            None => fits(text).then(|| Self::Exact(text.to_owned())),
        }
    }

    pub(super) fn matches(&self, id: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == id,
            Self::Prefix(prefix) => id.starts_with(prefix.as_str()),
        }
    }

    /// Whether every id of `other` is one of this pattern's.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match other {
            Self::Exact(id) => self.matches(id),
            Self::Prefix(longer) => match self {
                Self::Exact(_) => false,
                Self::Prefix(prefix) => longer.starts_with(prefix.as_str()),
            },
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exact(id) => f.write_str(id),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

/// Conversations a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) direct: bool,
    pub(super) support: bool,
    /// The listing's category must be one of these; `None` for any and for none at all.
    pub(super) categories: Option<Vec<Pattern>>,
}

impl Scope {
    pub(super) fn contains(&self, at: &Circumstances<'_>) -> bool {
        let kind = match at.kind {
            ConversationKind::Direct => self.direct,
            ConversationKind::Support => self.support,
        };
        let category = |patterns: &Vec<Pattern>| {
            at.category.is_some_and(|category| patterns.iter().any(|it| it.matches(category)))
        };
        kind && self.categories.as_ref().is_none_or(category)
    }

    /// Whether every message of `other` is one of this scope's.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let categories = match (&self.categories, &other.categories) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ours), Some(theirs)) => {
                theirs.iter().all(|one| ours.iter().any(|pattern| pattern.covers(one)))
            }
        };
        (self.direct || !other.direct) && (self.support || !other.support) && categories
    }

    pub(super) fn kinds(&self) -> &'static str {
        match (self.direct, self.support) {
            (true, true) => "all",
            (true, false) => "direct",
            (false, _) => "support",
        }
    }
}

/// Whether it looks like `contact.phone`: 1 to 4 parts of a-z, 0-9 and hyphens, starting with a letter, 64 bytes at most.
pub fn is_signal_id(id: &str) -> bool {
    let part_fits = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && !part.ends_with('-')
            && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    id.len() <= 64 && id.split('.').count() <= 4 && id.split('.').all(part_fits)
}

/// Whether it can be a category of the marketplace's, as its listings name it.
pub(super) fn is_category(category: &str) -> bool {
    !category.is_empty()
        && category.len() <= 128
        && category.trim() == category
        && !category.contains('*')
        && !category.chars().any(char::is_control)
}
