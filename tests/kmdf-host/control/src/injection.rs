//! Failures on demand.

use serde::{Deserialize, Serialize};

/// Where the host looks for an [`Injection`], as JSON, whenever a driver binds.
pub const INJECTION_PATH: &str = r"C:\kmdf-host\injection.json";

/// One call that fails as if there were no memory: a status becomes
/// `STATUS_INSUFFICIENT_RESOURCES`, a pointer or handle NULL. What needs no memory fails as it may:
/// `WdfRequestForwardToIoQueue` with `STATUS_WDF_BUSY`, `WdfIoQueueRetrieveNextRequest` with
/// `STATUS_WDF_PAUSED`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// The function: one of the table, `ExAllocatePool2` or `IoRegisterContainerNotification`.
    pub call: String,
    /// Which call of it since the driver was loaded, counted from 1.
    pub nth: u32,
}
