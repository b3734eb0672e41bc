//! Failures on demand: the n-th call of one function fails, mostly as if there were no memory.
//!
//! The plan is a file, since most of what can fail does so in `DriverEntry`, before anybody can talk
//! to the host. It is read at every bind.

use std::{fs, sync::Mutex};

use kmdf_host_control::{INJECTION_PATH, Injection, Rule};

use crate::{
    nt::{STATUS_INSUFFICIENT_RESOURCES, STATUS_WDF_BUSY, STATUS_WDF_PAUSED, Status},
    rules::violation,
    sync::lock,
};

static PLAN: Mutex<Option<Injection>> = Mutex::new(None);

/// What a function returns that fails; nothing if it cannot.
pub(crate) trait Failure: Sized {
    fn of(call: &str) -> Option<Self>;
}

impl Failure for Status {
    /// What needs no memory fails as it would on a queue that was purged or stopped.
    fn of(call: &str) -> Option<Self> {
        Some(match call {
            "WdfRequestForwardToIoQueue" => STATUS_WDF_BUSY,
            "WdfIoQueueRetrieveNextRequest" => STATUS_WDF_PAUSED,
            _ => STATUS_INSUFFICIENT_RESOURCES,
        })
    }
}

impl Failure for usize {
    fn of(_call: &str) -> Option<Self> {
        Some(0)
    }
}

impl Failure for u8 {
    fn of(_call: &str) -> Option<Self> {
        None
    }
}

impl Failure for () {
    fn of(_call: &str) -> Option<Self> {
        None
    }
}

/// Reads the plan for the load that begins.
pub(crate) fn read_plan() {
    let Ok(text) = fs::read_to_string(INJECTION_PATH) else {
        *lock(&PLAN) = None;
        return;
    };
    match serde_json::from_str(&text) {
        Ok(plan) => *lock(&PLAN) = Some(plan),
        Err(error) => {
            violation("the host", Rule::HostFailure, format!("{INJECTION_PATH}: {error}"))
        }
    }
}

/// The result of this call if it is the one that has to fail.
pub(crate) fn failure<T: Failure>(call: &str) -> Option<T> {
    let mut plan = lock(&PLAN);
    let planned = plan.as_mut().filter(|planned| planned.call == call)?;
    planned.nth = planned.nth.checked_sub(1)?;
    if planned.nth == 0 { T::of(call) } else { None }
}
