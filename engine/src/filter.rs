//! Filters detect, policy decides: a message goes through every live filter, and policy turns their signals into one verdict.
//! Knows nothing of WebAssembly.

mod facts;
mod figures;
mod judging;
pub mod links;
pub mod lists;
pub mod normalize;
pub mod pipeline;
pub mod policy;
mod pool;
pub mod recent;
pub mod replay;
pub mod set;
pub mod shadow;
pub mod stats;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use crate::domain::{ConversationId, ConversationKind, Span, UserId};
use crate::telemetry::trace::Context;

pub use facts::Facts;
pub use links::Link;
pub use lists::Lists;
pub use pipeline::{Judged, Overloaded, Pipeline};
pub use policy::{Policy, PolicyChanges, PolicyError, PolicyProblem};
pub use recent::{Lookback, Recent, Sketch};
pub use set::{Candidate, CandidateMode, FilterSet, Release, Slot, SwitchedOff};
pub use shadow::ShadowResult;
pub use stats::{FilterStats, FilterStatsSnapshot};

/// Where in a message's life it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A new message.
    Create,
    /// A new text for an existing message.
    Edit,
}

/// Everything a filter is told about one message.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// As written.
    pub text: Arc<str>,
    /// New or edited.
    pub stage: Stage,
    /// The time.
    pub now: DateTime<Utc>,
    /// Who said it.
    pub sender: SenderFacts,
    /// Where.
    pub conversation: ConversationFacts,
    /// About what.
    pub listing: Option<ListingFacts>,
}

/// Who said it.
#[derive(Debug, Clone)]
pub struct SenderFacts {
    /// The user; filters only see an opaque key.
    pub id: UserId,
    /// Role words, such as `user`, `seller`.
    pub roles: Vec<String>,
    /// When the account was made, if known.
    pub account_created_at: Option<DateTime<Utc>>,
    /// BCP 47 tag, if known.
    pub locale: Option<String>,
}

/// Where it was said.
#[derive(Debug, Clone)]
pub struct ConversationFacts {
    /// The conversation; filters only see an opaque key.
    pub id: ConversationId,
    /// Direct or support.
    pub kind: ConversationKind,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// Events before this message.
    pub message_count: u64,
    /// The sender's first message here.
    pub is_first_contact: bool,
    /// BCP 47 tag of who will read it, if known; filters don't see it.
    pub recipient_locale: Option<String>,
}

/// What it is about.
#[derive(Debug, Clone)]
pub struct ListingFacts {
    /// Its title, for the words of notices; filters don't see it.
    pub title: Option<String>,
    /// The marketplace's category.
    pub category: Option<String>,
    /// Minor units.
    pub price_minor: Option<i64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
}

/// Something a filter found, already validated: spans inside the text and on character borders, confidence 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// One of the filter's declared ids.
    pub id: String,
    /// 0 to 1.
    pub confidence: f32,
    /// Where in the text.
    pub spans: Vec<Span>,
    /// Name and value pairs that explain it.
    pub evidence: Vec<(String, String)>,
}

/// What an inspection is for, which decides what it may leave behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A message is being judged: counters count.
    Live,
    /// A draft or a text is being tried: nothing may change, counters included.
    Rehearsal,
}

/// A message under inspection, with what is derived from its text once for all filters.
#[derive(Debug)]
pub struct Subject {
    inspection: Inspection,
    purpose: Purpose,
    trace: Option<Context>,
    recent: Option<Arc<Recent>>,
    normalized: OnceLock<String>,
    links: OnceLock<Vec<Link>>,
    sketch: OnceLock<Sketch>,
    lookback: OnceLock<Arc<Lookback>>,
    derived: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Subject {
    /// Derives nothing yet.
    pub fn new(inspection: Inspection) -> Self {
        Self {
            inspection,
            purpose: Purpose::Live,
            trace: None,
            recent: None,
            normalized: OnceLock::new(),
            links: OnceLock::new(),
            sketch: OnceLock::new(),
            lookback: OnceLock::new(),
            derived: OnceLock::new(),
        }
    }

    /// The same, said what for.
    pub fn with_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// The same, as a part of something that is traced.
    pub fn with_trace(self, trace: Option<Context>) -> Self {
        Self { trace, ..self }
    }

    /// What the inspection is a part of, if that is traced.
    pub fn trace(&self) -> Option<Context> {
        self.trace
    }

    /// What the inspection is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// With the past that filters may look back at.
    pub fn with_recent(self, recent: Arc<Recent>) -> Self {
        Self { recent: Some(recent), ..self }
    }

    /// The past as seen from this message, if there is one.
    pub fn lookback(&self) -> Option<&Arc<Lookback>> {
        let recent = self.recent.as_ref()?;
        Some(self.lookback.get_or_init(|| Arc::new(Lookback::new(Arc::clone(recent), self))))
    }

    /// What of the text is compared with other texts.
    pub fn sketch(&self) -> &Sketch {
        self.sketch.get_or_init(|| Sketch::of(self.normalized()))
    }

    /// Something that one kind of filter derives once for all its filters; `None` if another kind took the place.
    pub fn derived<T: Any + Send + Sync>(&self, derive: impl FnOnce(&Self) -> T) -> Option<&T> {
        self.derived.get_or_init(|| Box::new(derive(self))).downcast_ref()
    }

    /// The text in NFKC, lower case, without invisible characters, white space collapsed.
    pub fn normalized(&self) -> &str {
        self.normalized.get_or_init(|| normalize::normalize(&self.inspection.text))
    }

    /// The links in the text, in order.
    pub fn links(&self) -> &[Link] {
        self.links.get_or_init(|| links::find(&self.inspection.text))
    }
}

impl std::ops::Deref for Subject {
    type Target = Inspection;

    fn deref(&self) -> &Inspection {
        &self.inspection
    }
}

/// A signal a filter can give.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalDescription {
    /// Such as `contact.phone`.
    pub id: String,
    /// For people.
    pub description: String,
    /// Weight in a policy's sums unless the policy says otherwise.
    pub default_weight: f32,
}

/// In what way a filter failed on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// Used up its deadline.
    Timeout,
    /// Asked for more memory than it may have.
    Memory,
    /// Crashed, or called something it was not granted.
    Trap,
    /// Returned something that can't be true, such as a span outside the text.
    Invalid,
    /// Said itself that it could not judge.
    Fault,
    /// Switched off after too many crashes.
    Quarantined,
    /// No instance was to be had.
    Overloaded,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Timeout,
        Self::Memory,
        Self::Trap,
        Self::Invalid,
        Self::Fault,
        Self::Quarantined,
        Self::Overloaded,
    ];

    /// Its place in `ALL`.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The word for it in logs and evidence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::Trap => "trap",
            Self::Invalid => "invalid-result",
            Self::Fault => "fault",
            Self::Quarantined => "quarantined",
            Self::Overloaded => "overloaded",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A filter could not judge a message; its fail mode decides what becomes of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {text}")]
pub struct FilterFault {
    /// In what way.
    pub kind: FaultKind,
    /// What happened, for an operator.
    pub text: String,
}

impl FilterFault {
    /// A fault with its explanation.
    pub fn new(kind: FaultKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// Something that looks at messages and says what it found; it never decides anything.
pub trait Filter: Send + Sync {
    /// Such as `contact-guard`.
    fn name(&self) -> &str;

    /// The version and the first 8 hexadecimal digits of the digest, such as `1.0.0+9f86d081`.
    fn version(&self) -> &str;

    /// Every signal it can give.
    fn signals(&self) -> &[SignalDescription];

    /// Whether it looks at what was said before, so that the recent past is worth keeping.
    fn looks_back(&self) -> bool {
        false
    }

    /// Looks at one message, knowing what the filters before it found. Blocks, on an inspector's thread.
    fn inspect(&self, subject: &Subject, earlier: &[Signal]) -> Result<Vec<Signal>, FilterFault>;
}
