//! Failures on demand, and the places where there could be one.

use serde::{Deserialize, Serialize};

/// Where the host looks for a [`Plan`], as JSON, whenever a driver binds.
pub const INJECTION_PATH: &str = r"C:\kmdf-host\injection.json";

/// Where the host writes each [`Site`] that a driver passes, one line of JSON each, newest last; as
/// long as there is a [`Plan`], be it an empty one.
pub const SITES_PATH: &str = r"C:\kmdf-host\sites.json";

/// What is to fail in a load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan {
    /// Each counts for itself; where two mean the same call, the first one has it.
    pub failures: Vec<Injection>,
}

/// Calls that fail, mostly as if there were no memory: a status becomes
/// `STATUS_INSUFFICIENT_RESOURCES`, a pointer or handle NULL. What needs no memory fails as it may:
/// `WdfRequestForwardToIoQueue` with `STATUS_WDF_BUSY`, `WdfIoQueueRetrieveNextRequest` with
/// `STATUS_WDF_PAUSED`, `IoGetContainerInformation` with `STATUS_UNSUCCESSFUL`.
///
/// Counted are only calls that can fail by their documentation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// The function, as in [`Site::call`]; without it, each one.
    #[serde(default)]
    pub call: Option<String>,
    /// The callback that makes the call, as in [`Site::callback`]; without it, each one.
    #[serde(default)]
    pub within: Option<String>,
    /// Which of these calls since the driver was loaded is the first to fail, counted from 1.
    pub nth: u32,
    /// How many of them fail, from that one on.
    #[serde(default = "once")]
    pub times: u32,
    /// Another status than the usual one, for functions that return one.
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

/// A call that a driver made and that can fail by its documentation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The callback that the call was made in, by its name in the framework, or `DriverEntry`.
    pub callback: String,
    /// The function: one of the framework's table or one of the kernel's.
    pub call: String,
    /// Which call of this function in this callback, counted from 1 over all times that the
    /// callback ran since the driver was loaded.
    pub nth: u32,
    /// The status of a failure, or nothing where the function returns a pointer or handle.
    pub status: Option<u32>,
    /// Whether the call was made to fail.
    pub failed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_written_by_hand_in_one_line() {
        let plan: Plan =
            serde_json::from_str(r#"[{"call": "WdfIoQueueCreate", "nth": 1}]"#).unwrap();
        assert_eq!(plan, Injection::nth(1, "WdfIoQueueCreate").into());
    }
}
