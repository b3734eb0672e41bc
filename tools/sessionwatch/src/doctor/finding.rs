//! A line of the diagnosis.

use serde::Serialize;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Good.
    Ok,
    /// Unknown.
    Unknown,
    /// Working, but not in the best way.
    Warning,
    /// Not working.
    Problem,
}

impl State {
    /// Its name in the output for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// A line of the diagnosis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the check, which is stable.
    pub check: &'static str,
    /// The state.
    pub state: State,
    /// The finding.
    pub finding: String,
    /// The advice, if there is any.
    pub advice: Option<String>,
}

impl Finding {
    pub(super) fn new(check: &'static str, state: State, finding: impl Into<String>) -> Self {
        Self { check, state, finding: finding.into(), advice: None }
    }

    pub(super) fn ok(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, State::Ok, finding)
    }

    pub(super) fn unknown(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, State::Unknown, finding)
    }

    pub(super) fn warning(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, State::Warning, finding)
    }

    pub(super) fn problem(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, State::Problem, finding)
    }

    pub(super) fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}
