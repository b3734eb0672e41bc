//! A start that failed, and what it must leave behind: nothing.

use kmdf_host_control::{Site, Verdict};
use sessionwatch_tests::{Device, Fixture, clear_verdicts, verdicts};
use windows_service::service::ServiceState;
use windows_sys::Win32::Foundation::RtlNtStatusToDosError;

use crate::outcome::Outcome;
use crate::tracelogging::{Event, Value};

/// What the driver makes of NULL.
const STATUS_INSUFFICIENT_RESOURCES: u32 = 0xC000_009A;

/// Where the driver said why it does not start.
pub(crate) struct Said {
    pub debug_output: String,
    pub trace: Vec<Event>,
}

/// Asserts that a start that failed with this error was undone, and that service
/// manager, debugger and trace were told why.
pub(crate) fn undone(
    fixture: &Fixture,
    error: &windows_service::Error,
    failures: &[Site],
    said: &Said,
) -> Outcome {
    let windows_service::Error::Winapi(error) = error else { panic!("{error}") };
    let error = error.raw_os_error().unwrap().cast_unsigned();
    let mut causes = failures.iter().filter(|site| site.call != "EtwWriteTransfer");
    let last = causes.next_back().unwrap_or_else(|| panic!("error {error} without a failure"));
    let status = last.status.unwrap_or(STATUS_INSUFFICIENT_RESOURCES);
    assert_eq!(error, win32_error(status), "not the error of {status:#x}: {failures:?}");
    let reason = format!("does not start: {} failed, status {status:#010x}", last.call);
    assert!(said.debug_output.contains(&reason), "{reason:?} is not in: {}", said.debug_output);
    // Where tracing has failed too, nothing can be said in it.
    if failures.iter().all(|site| !site.call.starts_with("Etw")) {
        let event = said.trace.last().expect("a trace");
        let call = Value::Text(last.call.clone());
        let fields = [("Status".into(), Value::Status(status)), ("Call".into(), call)];
        assert_eq!((event.name.as_str(), &event.fields[..]), ("StartFailed", &fields[..]));
    }
    assert_eq!(fixture.service().state(), ServiceState::Stopped);
    assert!(Device::open().is_err(), "the device is still there");
    assert_clean(true);
    Outcome { start_error: Some(error), ..Outcome::default() }
}

/// Asserts that the driver starts, and does as if it had never failed to.
pub(crate) fn assert_starts(fixture: &Fixture) {
    clear_verdicts();
    fixture.service().start().unwrap();
    assert_eq!(fixture.device().describe().requests_rejected, 0);
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
