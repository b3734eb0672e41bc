//! What came of a failure.

use std::fmt;

/// How a load differed from one without a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The Win32 error of the start, where it failed.
    pub start_error: Option<u32>,
    /// How many events the ring kept, where that was less than asked for.
    pub smaller_ring: Option<u32>,
    /// The settings that were not read.
    pub settings_unread: bool,
    /// The status of each request that was not answered, in order.
    pub refused: Vec<u32>,
    /// How many records say that the kernel told nothing of the session.
    pub records_flagged: usize,
    /// How many reads that waited were answered by a later event only.
    pub woken_late: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.start_error.is_some() {
            parts.push("the start fails with the error of that status".into());
        }
        if self.smaller_ring.is_some() {
            parts.push("the ring keeps fewer events".into());
        }
        if self.settings_unread {
            parts.push("the settings are the defaults".into());
        }
        let mut refused = self.refused.clone();
        refused.dedup();
        parts.extend(
            refused.iter().map(|status| format!("the request fails with `{status:#010X}`")),
        );
        if self.records_flagged > 0 {
            parts.push("the record says that the kernel gave no information".into());
        }
        if self.woken_late > 0 {
            parts.push("the read waits on, until the next event".into());
        }
        if parts.is_empty() {
            parts.push("nothing that a user would notice".into());
        }
        formatter.write_str(&parts.join("; "))
    }
}
