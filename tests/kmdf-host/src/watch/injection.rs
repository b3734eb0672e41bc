//! Planned failures, and a record of every call site where a failure is possible.
//!
//! The plan is a file that the host reads at every bind: most calls that can fail are made in
//! `DriverEntry`, before a test can send a command. While there is a plan, the host records each
//! call that can fail, so a test needs no list of its own.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use kmdf_host_control::{INJECTION_PATH, Injection, Plan, Rule, SITES_PATH, Site};
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_UNSUCCESSFUL,
};

use crate::watch::files;
use crate::watch::rules::violation;
use crate::watch::status::{STATUS_WDF_BUSY, STATUS_WDF_PAUSED};
use crate::watch::sync::lock;

/// The callback's name on a thread that is in no callback.
const ENTRY: &str = "DriverEntry";

thread_local! {
    /// The innermost callback that this thread is in, by its name in the framework.
    static CALLBACK: Cell<&'static str> = const { Cell::new(ENTRY) };
}

static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

/// The functions that return NULL on failure, by their documentation. The other functions that
/// return a pointer or a handle cannot fail: they look up something that exists.
const MAY_RETURN_NULL: [&str; 3] =
    ["ExAllocatePool2", "WdfControlDeviceInitAllocate", "WdfRequestGetFileObject"];

/// The plan of a load, and its progress.
struct Running {
    failures: Vec<Countdown>,
    passed: HashMap<(&'static str, String), u32>,
}

struct Countdown {
    injection: Injection,
    seen: u32,
}

/// The result of a function that fails.
pub(crate) trait Failure: Sized {
    /// The result of a failed call. `None` if the documentation lists no failure of the function.
    fn of(call: &str, status: Option<u32>) -> Option<Self>;

    /// The result as a status, if its type is one.
    fn status(&self) -> Option<u32> {
        None
    }
}

impl Failure for NTSTATUS {
    /// A call that needs no memory fails as on a queue that was purged or stopped.
    fn of(call: &str, status: Option<u32>) -> Option<Self> {
        Some(status.map_or_else(
            || match call {
                "WdfRequestForwardToIoQueue" => STATUS_WDF_BUSY,
                "WdfIoQueueRetrieveNextRequest" => STATUS_WDF_PAUSED,
                "IoGetContainerInformation" => STATUS_UNSUCCESSFUL,
                _ => STATUS_INSUFFICIENT_RESOURCES,
            },
            u32::cast_signed,
        ))
    }

    fn status(&self) -> Option<u32> {
        Some(self.cast_unsigned())
    }
}

impl Failure for usize {
    fn of(call: &str, _status: Option<u32>) -> Option<Self> {
        MAY_RETURN_NULL.contains(&call).then_some(0)
    }
}

impl Failure for u8 {
    fn of(_call: &str, _status: Option<u32>) -> Option<Self> {
        None
    }
}

impl Failure for () {
    fn of(_call: &str, _status: Option<u32>) -> Option<Self> {
        None
    }
}

impl Countdown {
    /// Counts the call. True if it has to fail.
    fn meets(&mut self, call: &str, callback: &str) -> bool {
        let Injection { call: meant, within, nth, times, .. } = &self.injection;
        let is_meant = meant.as_deref().is_none_or(|meant| meant == call)
            && within.as_deref().is_none_or(|within| within == callback);
        if is_meant {
            self.seen += 1;
        }
        is_meant && self.seen >= *nth && self.seen - nth < *times
    }
}

impl Running {
    fn begin(plan: Plan) -> Self {
        let failures = plan.failures.into_iter();
        let failures = failures.map(|injection| Countdown { injection, seen: 0 }).collect();
        Self { failures, passed: HashMap::new() }
    }

    /// Counts the calls that the callback makes of the function, this one included.
    fn pass(&mut self, call: &str, callback: &'static str) -> u32 {
        let passed = self.passed.entry((callback, call.into())).or_default();
        *passed += 1;
        *passed
    }

    /// The failure that is due at this call. Every planned failure counts every call, so the loop
    /// does not end at the first that is due.
    fn due(&mut self, call: &str, callback: &str) -> Option<Injection> {
        let mut due = None;
        for failure in &mut self.failures {
            if failure.meets(call, callback) && due.is_none() {
                due = Some(failure.injection.clone());
            }
        }
        due
    }
}

/// Reads the plan for the load that begins.
pub(crate) fn read_plan() {
    let Ok(text) = fs::read_to_string(INJECTION_PATH) else {
        *lock(&RUNNING) = None;
        return;
    };
    match serde_json::from_str(&text) {
        Ok(plan) => *lock(&RUNNING) = Some(Running::begin(plan)),
        Err(error) => {
            violation("the host", Rule::HostFailure, format!("{INJECTION_PATH}: {error}"))
        }
    }
}

/// Runs `body` as the callback of this name. The plan and the record name each call's callback.
pub(crate) fn within<T>(callback: &'static str, body: impl FnOnce() -> T) -> T {
    let outer = CALLBACK.replace(callback);
    let result = body();
    CALLBACK.set(outer);
    result
}

/// The result of this call if it has to fail.
pub(crate) fn failure<T: Failure>(call: &str) -> Option<T> {
    let mut running = lock(&RUNNING);
    let running = running.as_mut()?;
    let callback = CALLBACK.get();
    // A call that cannot fail is not counted.
    T::of(call, None)?;
    let due = running.due(call, callback);
    let failure = T::of(call, due.as_ref().and_then(|due| due.status))?;
    let site = Site {
        callback: callback.into(),
        call: call.into(),
        nth: running.pass(call, callback),
        status: failure.status(),
        failed: due.is_some(),
    };
    if let Ok(line) = serde_json::to_string(&site) {
        files::append(Path::new(SITES_PATH), &line);
    }
    due.map(|_| failure)
}
