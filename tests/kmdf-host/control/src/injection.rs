//! Planned failures, and the call sites that can fail.

use serde::{Deserialize, Serialize};

/// The file with the [`Plan`], as JSON. The host reads it whenever a driver binds.
pub const INJECTION_PATH: &str = r"C:\kmdf-host\injection.json";

/// The file with each [`Site`] that a driver passes, one line of JSON each, newest last. The host
/// writes it while a [`Plan`] exists, even an empty one.
pub const SITES_PATH: &str = r"C:\kmdf-host\sites.json";

/// The planned failures of a load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan {
    /// Each injection counts calls on its own. If two match a call, the first one applies.
    pub failures: Vec<Injection>,
}

/// Calls that fail, usually as with too little memory: the status is
/// `STATUS_INSUFFICIENT_RESOURCES`, or the pointer or handle is NULL. Calls that need no memory
/// fail with another status: `WdfRequestForwardToIoQueue` with `STATUS_WDF_BUSY`,
/// `WdfIoQueueRetrieveNextRequest` with `STATUS_WDF_PAUSED`, `IoGetContainerInformation` with
/// `STATUS_UNSUCCESSFUL`.
///
/// Only calls that can fail by their documentation count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// The function, as in [`Site::call`]; any function if `None`.
    #[serde(default)]
    pub call: Option<String>,
    /// The callback that makes the call, as in [`Site::callback`]; any callback if `None`.
    #[serde(default)]
    pub within: Option<String>,
    /// The first matching call to fail, counted from 1 since the driver was loaded.
    pub nth: u32,
    /// The number of matching calls to fail, from that one on.
    #[serde(default = "once")]
    pub times: u32,
    /// The status to fail with, in place of the usual one.
    #[serde(default)]
    pub status: Option<u32>,
}

const fn once() -> u32 {
    1
}

impl Injection {
    /// The n-th call of this function, counted from 1.
    #[must_use]
    pub fn nth(nth: u32, call: &str) -> Self {
        Self { call: Some(call.into()), within: None, nth, times: 1, status: None }
    }
}

impl From<Injection> for Plan {
    fn from(failure: Injection) -> Self {
        Self { failures: vec![failure] }
    }
}

/// A call of the driver that can fail by its documentation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The callback that made the call, by its name in the framework, or `DriverEntry`.
    pub callback: String,
    /// The function, of the framework or the kernel.
    pub call: String,
    /// The number of this function's call in this callback, from 1, over all runs of the callback
    /// since the driver was loaded.
    pub nth: u32,
    /// The status of a failure; `None` if the function returns a pointer or handle.
    pub status: Option<u32>,
    /// True if the host made the call fail.
    pub failed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_can_be_written_in_one_line() {
        let plan: Plan =
            serde_json::from_str(r#"[{"call": "WdfIoQueueCreate", "nth": 1}]"#).unwrap();
        assert_eq!(plan, Injection::nth(1, "WdfIoQueueCreate").into());
    }
}
