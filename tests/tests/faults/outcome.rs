//! The outcome of a failure.

use std::fmt;

/// The differences of a load from one without a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The Win32 error of a failed start.
    pub start_error: Option<u32>,
    /// The capacity of the ring, if it is smaller than requested.
    pub smaller_ring: Option<u32>,
    /// True if a setting could not be read.
    pub settings_unread: bool,
    /// The status of each failed request, in order.
    pub failed_requests: Vec<u32>,
    /// The number of records with the flag `INFORMATION_FAILED`.
    pub records_flagged: usize,
    /// The number of waits in which a read stayed pending until a later event.
    pub completed_late: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.start_error.is_some() {
            parts.push("the start fails with that status".into());
        }
        if self.smaller_ring.is_some() {
            parts.push("the ring is smaller".into());
        }
        if self.settings_unread {
            parts.push("the settings have their defaults".into());
        }
        let mut failed = self.failed_requests.clone();
        failed.dedup();
        parts
            .extend(failed.iter().map(|status| format!("the request fails with `{status:#010X}`")));
        if self.records_flagged > 0 {
            parts.push("the record has the flag `0x0020`".into());
        }
        if self.completed_late > 0 {
            parts.push("the read stays pending until the next event".into());
        }
        if parts.is_empty() {
            parts.push("no effect on journal and requests".into());
        }
        formatter.write_str(&parts.join("; "))
    }
}
