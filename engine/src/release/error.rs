//! What can go wrong with a change, told apart by who can mend it.

use crate::filter::PolicyError;
use crate::filter::policy::PolicyProblem;
use crate::plugin::{ConfigProblem, PluginError, Refusal};
use crate::store::{ChangeError, StoreError};

/// What clients switch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// There is no such filter, version, policy or list.
    NotFound,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// A value is not well formed.
    Invalid,
    /// The component is no filter.
    ComponentRefused,
    /// The configuration doesn't fit the filter.
    ConfigRefused,
    /// It can't be done while the filter stands as it does.
    NotPossible,
    /// Too much waits already.
    Busy,
    /// More than one call may carry, or than a list may hold.
    TooMany,
}

/// Something a person can mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What clients switch on.
    pub code: ProblemCode,
    /// What is wrong and what to do.
    pub message: String,
    /// The input's field, with a JSON pointer behind it where it is about a configuration, such as `config/hosts/0`.
    pub field: Option<String>,
}

impl Problem {
    /// A problem with a field of the input.
    pub fn new(code: ProblemCode, field: &str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Some(field.to_owned()) }
    }
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReleaseError {
    /// Whoever asked can mend it.
    #[error("{}", .0.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Problem>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine is stopping, or a part of it failed.
    #[error("filters can't be changed now: {0}")]
    Failed(String),
}

impl ReleaseError {
    /// Refused for one reason.
    pub fn refused(code: ProblemCode, field: &str, message: impl Into<String>) -> Self {
        Self::Refused(vec![Problem::new(code, field, message)])
    }

    pub(super) fn no_filter(name: &str) -> Self {
        Self::refused(ProblemCode::NotFound, "name", format!("there is no filter called `{name}`"))
    }

    pub(super) fn no_version(name: &str, version: u32) -> Self {
        let message = format!("the filter `{name}` has no version {version}");
        Self::refused(ProblemCode::NotFound, "version", message)
    }
}

impl From<ChangeError> for ReleaseError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Conflict => Self::Refused(vec![Problem {
                code: ProblemCode::Conflict,
                message: error.to_string(),
                field: None,
            }]),
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

impl From<Refusal> for ReleaseError {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::Busy => ProblemCode::Busy,
            _ => ProblemCode::ComponentRefused,
        };
        Self::refused(code, "component", refusal.to_string())
    }
}

impl From<PluginError> for ReleaseError {
    fn from(error: PluginError) -> Self {
        match error {
            PluginError::Refused(refusal) => refusal.into(),
            PluginError::Config(problems) => Self::Refused(problems.iter().map(config).collect()),
            PluginError::Configure(fault) => {
                let message = format!("`configure` failed: {fault}");
                Self::refused(ProblemCode::ConfigRefused, "config", message)
            }
        }
    }
}

impl From<PolicyError> for ReleaseError {
    fn from(error: PolicyError) -> Self {
        let problem = |one: &PolicyProblem| Problem {
            code: ProblemCode::Invalid,
            message: one.to_string(),
            field: Some("text".to_owned()),
        };
        Self::Refused(error.problems.iter().map(problem).collect())
    }
}

fn config(problem: &ConfigProblem) -> Problem {
    let field = format!("config{}", problem.path);
    Problem::new(ProblemCode::ConfigRefused, &field, problem.problem.clone())
}
