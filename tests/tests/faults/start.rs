//! Assertions on a failed start, which must undo everything.

use kmdf_host_control::{Site, Verdict};
use sessionwatch_tests::{Device, Fixture, clear_verdicts, verdicts};
use windows_service::service::ServiceState;
use windows_sys::Win32::Foundation::RtlNtStatusToDosError;

use crate::outcome::Outcome;
use crate::tracelogging::{Event, Value};

/// The driver's status for a call that returned NULL.
const STATUS_INSUFFICIENT_RESOURCES: u32 = 0xC000_009A;

/// The driver's messages on a failed start.
pub(crate) struct Messages {
    pub debug_output: String,
    pub trace: Vec<Event>,
}

/// Asserts that a failed start was undone, and that the service manager, the debugger and the trace
/// got the reason.
pub(crate) fn assert_undone(
    fixture: &Fixture,
    error: &windows_service::Error,
    failures: &[Site],
    messages: &Messages,
) -> Outcome {
    let windows_service::Error::Winapi(error) = error else { panic!("{error}") };
    let error = error.raw_os_error().unwrap().cast_unsigned();
    let mut causes = failures.iter().filter(|site| site.call != "EtwWriteTransfer");
    let last = causes.next_back().unwrap_or_else(|| panic!("error {error} without a failure"));
    let status = last.status.unwrap_or(STATUS_INSUFFICIENT_RESOURCES);
    assert_eq!(error, win32_error(status), "not the error of {status:#x}: {failures:?}");
    let reason = format!("does not start: {} failed, status {status:#010x}", last.call);
    assert!(
        messages.debug_output.contains(&reason),
        "{reason:?} is not in: {}",
        messages.debug_output
    );
    // A failure of tracing itself prevents the event.
    if failures.iter().all(|site| !site.call.starts_with("Etw")) {
        let event = messages.trace.last().expect("a trace");
        let call = Value::Text(last.call.clone());
        let fields = [("Status".into(), Value::Status(status)), ("Call".into(), call)];
        assert_eq!((event.name.as_str(), &event.fields[..]), ("StartFailed", &fields[..]));
    }
    assert_eq!(fixture.service().state(), ServiceState::Stopped);
    assert!(Device::open().is_err(), "the device still exists");
    assert_clean(true);
    Outcome { start_error: Some(error), ..Outcome::default() }
}

/// Asserts that the driver starts after a failed start.
pub(crate) fn assert_starts(fixture: &Fixture) {
    clear_verdicts();
    fixture.service().start().unwrap();
    assert_eq!(fixture.device().describe().requests_rejected, 0);
    fixture.service().stop();
    assert_clean(false);
}

/// Asserts that there was one load, with a clean verdict.
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
    // SAFETY: the function takes any value.
    unsafe { RtlNtStatusToDosError(status.cast_signed()) }
}
