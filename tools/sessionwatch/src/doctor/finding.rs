//! A line of the diagnosis.

use serde::Serialize;

use crate::render::{Column, Emphasis, Row};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It could not be found out.
    Unknown,
    /// It works, but not as well as it could.
    Warning,
    /// It does not work.
    Problem,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// A line of the diagnosis. The field names are a promise to programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "finding")]
pub struct Finding {
    /// What was looked at; a stable name.
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// What was found.
    pub finding: String,
    /// What to do, where something is to be done.
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

impl Row for Finding {
    const FIELDS: &'static [&'static str] = &["type", "check", "state", "finding", "advice"];

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("state", |finding, _| finding.state.name().to_owned()),
        Column::text("check", |finding, _| finding.check.replace('_', " ")),
        Column::text("finding, and what to do", |finding, _| match &finding.advice {
            Some(advice) => format!("{}\n=> {advice}", finding.finding),
            None => finding.finding.clone(),
        }),
    ];

    fn emphasis(&self) -> Emphasis {
        if self.state >= State::Warning { Emphasis::Warning } else { Emphasis::None }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::render::leaves;

    #[test]
    fn csv_has_every_field() {
        let finding = Finding::warning("journal", "odd").advise("look");
        let fields: BTreeSet<_> = Finding::FIELDS.iter().map(ToString::to_string).collect();
        assert_eq!(leaves(&serde_json::to_value(&finding).unwrap()), fields);
        for state in [State::Ok, State::Unknown, State::Warning, State::Problem] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
