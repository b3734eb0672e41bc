//! The host's verdict on a load.

use serde::{Deserialize, Serialize};

use crate::Rule;

/// One line of the verdict file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The driver was unloaded, and broke no rule.
    Clean {
        /// The file of the image.
        image: String,
        /// SHA-256 of the file of the image.
        image_sha256: String,
        /// True if `DriverEntry` failed, which ended the load.
        entry_failed: bool,
        /// The counts of the load.
        counts: Counts,
    },
    /// The driver broke a rule, which ended the process.
    Violation {
        /// The called function, or the callback that returned.
        call: String,
        /// The rule.
        rule: Rule,
        /// The details of the violation.
        detail: String,
        /// SHA-256 of the file of the image, if one was loaded.
        image_sha256: Option<String>,
    },
}

/// The counts of a load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Calls of the driver into the framework.
    pub calls: u64,
    /// Calls of the host into the driver.
    pub callbacks: u64,
    /// Handles opened.
    pub opens: u64,
    /// Requests presented to the driver.
    pub requests_presented: u64,
    /// Requests the driver completed.
    pub requests_completed: u64,
    /// Requests the driver put into another queue.
    #[serde(default)]
    pub requests_forwarded: u64,
    /// Requests the driver took out of a queue.
    #[serde(default)]
    pub requests_retrieved: u64,
    /// Requests that were cancelled, flushed or purged while they waited in a queue.
    #[serde(default)]
    pub requests_cancelled: u64,
    /// Notification callbacks of the driver.
    pub events: u64,
    /// Pool blocks allocated.
    pub pool_allocations: u64,
    /// Pool blocks freed.
    pub pool_frees: u64,
}

/// Parses the text of a verdict file.
///
/// # Errors
/// If a line is not a verdict.
pub fn read_verdicts(text: &str) -> Result<Vec<Verdict>, serde_json::Error> {
    text.lines().filter(|line| !line.is_empty()).map(serde_json::from_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_keeps_its_call_and_rule_in_the_file() {
        let verdict = Verdict::Violation {
            call: "WdfRequestComplete".into(),
            rule: Rule::CompletedTwice,
            detail: "request 0x10".into(),
            image_sha256: None,
        };
        let line = serde_json::to_string(&verdict).unwrap();
        assert!(line.contains(r#""verdict":"violation""#), "{line}");
        assert!(line.contains(r#""rule":"completed-twice""#), "{line}");
        assert_eq!(
            read_verdicts(&format!("{line}\n\n{line}\n")).unwrap(),
            vec![verdict.clone(), verdict]
        );
    }
}
