//! A finding of the diagnosis as a row.

use serde::Serialize;

use super::row::{Column, Emphasis, Row};
use crate::doctor::{Finding, State};

/// A finding in the output for programs.
#[derive(Serialize)]
pub struct FindingLine<'a> {
    r#type: &'static str,
    check: &'static str,
    state: State,
    finding: &'a str,
    advice: Option<&'a str>,
}

impl Row for Finding {
    type Fields<'row> = FindingLine<'row>;

    const FIELDS: &'static [&'static str] = &["type", "check", "state", "finding", "advice"];

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("state", |finding, _| finding.state.name().to_owned()),
        Column::text("check", |finding, _| finding.check.replace('_', " ")),
        Column::text("finding, and what to do", |finding: &Self, _| match &finding.advice {
            Some(advice) => format!("{}\n=> {advice}", finding.finding),
            None => finding.finding.clone(),
        })
        .wrapping(),
    ];

    fn fields(&self) -> FindingLine<'_> {
        let Self { check, state, finding, advice } = self;
        FindingLine { r#type: "finding", check, state: *state, finding, advice: advice.as_deref() }
    }

    fn emphasis(&self) -> Emphasis {
        if self.state >= State::Warning { Emphasis::Warning } else { Emphasis::None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::testing::assert_columns;

    #[test]
    fn csv_has_a_column_for_every_field() {
        let finding = Finding {
            check: "journal",
            state: State::Warning,
            finding: "odd".to_owned(),
            advice: Some("look".to_owned()),
        };
        assert_columns(Finding::FIELDS, [finding.fields()]);
        for state in [State::Ok, State::Unknown, State::Warning, State::Problem] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
