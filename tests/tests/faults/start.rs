//! A start that failed, and what it must leave behind: nothing.

use kmdf_host_control::{Site, Verdict};
use sessionwatch_tests::{Device, Fixture, clear_verdicts, verdicts};
use windows_service::service::ServiceState;
use windows_sys::Win32::Foundation::RtlNtStatusToDosError;

use crate::outcome::Outcome;

/// What the driver makes of NULL.
const STATUS_INSUFFICIENT_RESOURCES: u32 = 0xC000_009A;

/// Asserts that a start that failed with this error was undone, and that service
/// manager and debugger were told why.
pub(crate) fn undone(
    fixture: &Fixture,
    error: &windows_service::Error,
    failures: &[Site],
    debug_output: &str,
) -> Outcome {
    let windows_service::Error::Winapi(error) = error else { panic!("{error}") };
    let error = error.raw_os_error().unwrap().cast_unsigned();
    let last = failures.last().unwrap_or_else(|| panic!("error {error} without a failure"));
    let status = last.status.unwrap_or(STATUS_INSUFFICIENT_RESOURCES);
    assert_eq!(error, win32_error(status), "not the error of {status:#x}: {failures:?}");
    let reason = format!("does not start, status {status:#010x}");
    assert!(debug_output.contains(&reason), "{reason:?} is not in: {debug_output}");
    assert_eq!(fixture.service().state(), ServiceState::Stopped);
    assert!(Device::open().is_err(), "the device is still there");
    assert_clean(true);
    Outcome { start_error: Some(error), ..Outcome::default() }
}

/// Asserts that the driver starts, and does as if it had never failed to.
pub(crate) fn assert_starts(fixture: &Fixture) {
    clear_verdicts();
    fixture.service().start().unwrap();
    assert_eq!(fixture.device().describe().refused, 0);
    fixture.service().stop();
    assert_clean(false);
}

/// Asserts that there was one load, and that the host has nothing to say against
/// it.
pub(crate) fn assert_clean(failed: bool) {
    let verdicts = verdicts();
    assert!(
        matches!(
            verdicts.as_slice(),
            [Verdict::Clean { entry_failed, .. }] if *entry_failed == failed
        ),
        "{verdicts:#?}"
    );
}

#[expect(unsafe_code, reason = "a system call without any condition")]
fn win32_error(status: u32) -> u32 {
    // SAFETY: every value is a status.
    unsafe { RtlNtStatusToDosError(status.cast_signed()) }
}
