//! The outcomes of all failures: a report in JSON, and the table in the documentation.

use std::collections::BTreeSet;
use std::fs;

use kmdf_host_control::Site;
use serde_json::{Value, json};

use crate::outcome::Outcome;

const REPORT: &str = r"..\target\reports\faults.json";
const DOCUMENT: &str = r"..\docs\faults.md";

/// The head of the table.
const HEAD: &str = "| Callback | Failed call | Outcome |";

/// A failure and its outcome. It exists only for a load whose verdict was clean.
pub(crate) struct Finding {
    step: &'static str,
    first: Site,
    /// The number of failed calls, including the first.
    count: usize,
    outcome: Outcome,
}

impl Finding {
    pub(crate) fn new(step: &'static str, failed: Vec<Site>, outcome: Outcome) -> Self {
        let count = failed.len();
        let first = failed.into_iter().next().unwrap();
        Self { step, first, count, outcome }
    }

    fn to_json(&self) -> Value {
        json!({
            "step": self.step,
            "callback": self.first.callback,
            "site": self.first.call,
            "nth": self.first.nth,
            "status": self.first.status.map(|status| format!("{status:#010X}")),
            "calls_failed": self.count,
            "outcome": self.outcome.to_string(),
            "start_error": self.outcome.start_error,
            "verdict": "clean",
        })
    }

    /// The row of the table. The table has failures of one call only.
    fn row(&self) -> String {
        let Self { first, outcome, .. } = self;
        format!("| `{}` | `{}` | {outcome} |", first.callback, first.call)
    }
}

/// Writes the report in JSON.
pub(crate) fn write(findings: &[Finding]) {
    let all: Vec<Value> = findings.iter().map(Finding::to_json).collect();
    fs::create_dir_all(r"..\target\reports").unwrap();
    fs::write(REPORT, serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
}

/// Asserts that the table in the documentation has exactly these outcomes.
pub(crate) fn assert_documented(findings: &[Finding]) {
    let single = findings.iter().filter(|finding| finding.count == 1);
    let found: BTreeSet<String> = single.map(Finding::row).collect();
    let text = fs::read_to_string(DOCUMENT).unwrap_or_default();
    let rows = text.lines().skip_while(|line| *line != HEAD).skip(2);
    let documented: BTreeSet<String> =
        rows.take_while(|line| line.starts_with('|')).map(String::from).collect();
    let rows: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(documented, found, "{DOCUMENT} should have these rows:\n{}", rows.join("\n"));
}
