//! The end of a run that broke a rule.
//!
//! A violation ends the process at once, on any thread and under any lock, because the driver's
//! later actions prove nothing. Windows bug-checks in some of these cases, and continues with
//! damaged memory in others.
#![expect(unsafe_code, reason = "ends the process")]

use std::process;
use std::sync::Mutex;

use kmdf_host_control::Rule;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use crate::watch::sync::lock;
use crate::watch::verdict;

/// The first violation never releases this lock, so no second one follows it into the file.
static ENDING: Mutex<()> = Mutex::new(());

/// Ends the process: `call` broke `rule`.
pub(crate) fn violation(call: &str, rule: Rule, detail: impl Into<String>) -> ! {
    let _ending = lock(&ENDING);
    verdict::violated(call, rule, detail.into());
    // SAFETY: the pseudo handle of the own process is always valid.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the process must end, whatever its other threads do.
    unsafe { TerminateProcess(process, 1) };
    process::abort()
}
