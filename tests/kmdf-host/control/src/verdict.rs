//! What the host says of a load.

use serde::{Deserialize, Serialize};

use crate::Rule;

/// One line of the verdict file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The driver was unloaded and had broken no rule.
    Clean {
        /// The file of the image.
        image: String,
        /// SHA-256 of the file of the image.
        image_sha256: String,
        /// Whether `DriverEntry` failed, and the load ended there.
        entry_failed: bool,
        /// What the load did.
        counts: Counts,
    },
    /// A rule was broken; the process ended there.
    Violation {
        /// The function that was called, or the callback that returned.
        call: String,
        /// The rule.
        rule: Rule,
        /// What exactly was seen.
        detail: String,
        /// SHA-256 of the file of the image, when one was loaded.
        image_sha256: Option<String>,
    },
}

/// What a load did.
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
    /// Session events the driver was told of.
    pub events: u64,
    /// Pool blocks allocated.
    pub pool_allocations: u64,
    /// Pool blocks freed.
    pub pool_frees: u64,
}

/// Reads a verdict file's text.
///
/// # Errors
/// A line is not a verdict.
pub fn read_verdicts(text: &str) -> Result<Vec<Verdict>, serde_json::Error> {
    text.lines().filter(|line| !line.is_empty()).map(serde_json::from_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_call_and_rule() {
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
