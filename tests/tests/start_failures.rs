//! A driver that lacks memory at a step of its start fails the start and leaves nothing behind; for
//! the ring alone, it does with less.
#![cfg(windows)]

use std::fs;

use kmdf_host_control::{INJECTION_PATH, Injection, Verdict};
use sessionwatch_tests::{Fixture, clear_verdicts, verdicts};

/// Every call without which the driver cannot do its work.
const NECESSARY: [&str; 8] = [
    "WdfDriverCreate",
    "WdfControlDeviceInitAllocate",
    "WdfDeviceInitAssignName",
    "WdfDeviceCreate",
    "WdfSpinLockCreate",
    "WdfIoQueueCreate",
    "WdfDeviceCreateSymbolicLink",
    "IoRegisterContainerNotification",
];

/// The plan is gone at the end, however the test ends.
struct Plan;

impl Plan {
    fn fail_first(call: &str) -> Self {
        let injection = Injection { call: call.into(), nth: 1 };
        fs::create_dir_all(r"C:\kmdf-host").unwrap();
        fs::write(INJECTION_PATH, serde_json::to_string(&injection).unwrap()).unwrap();
        Self
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        let _there_may_be_none = fs::remove_file(INJECTION_PATH);
    }
}

#[test]
fn a_start_without_memory_fails_and_leaves_nothing() {
    let fixture = Fixture::installed();
    for call in NECESSARY {
        clear_verdicts();
        let plan = Plan::fail_first(call);
        assert!(fixture.service().start().is_err(), "started although {call} failed");
        drop(plan);
        let verdicts = verdicts();
        assert!(
            matches!(verdicts.as_slice(), [Verdict::Clean { entry_failed: true, .. }]),
            "{call}: {verdicts:#?}"
        );
    }
    clear_verdicts();
    fixture.service().start().unwrap();
    fixture.finish();
}

/// The ring is the one large allocation; with less of it the driver still does its work.
#[test]
fn a_start_without_memory_for_the_ring_keeps_fewer_events() {
    let capacity = |fixture: &Fixture| fixture.device().describe().capacity.get();
    let fixture = Fixture::started();
    let usual = capacity(&fixture);
    fixture.finish();

    let fixture = Fixture::installed();
    let plan = Plan::fail_first("ExAllocatePool2");
    fixture.service().start().unwrap();
    drop(plan);
    assert!(capacity(&fixture) < usual);
    fixture.finish();
}
