//! The KMDF host detects every rule that the rulebreaker breaks, and no other.
#![cfg(windows)]

mod rulebreaker;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use kmdf_host_control::client::Client;
use kmdf_host_control::{Command, Event, Order, Payload, Raise, Rule, State, Verdict};
use rulebreaker::{Request, built_image, code, install, open, wait_for_verdicts};
use sessionwatch_tests::{clear_verdicts, start};

/// The time limit on a request. One rule is broken by never completing it.
const REQUEST_PATIENCE: Duration = Duration::from_secs(2);

/// The expected verdicts: the rulebreaker's number of the rule, the call, the rule.
const EXPECTED: &[(u32, &str, Rule)] = &[
    (1, "WdfRequestComplete", Rule::CompletedTwice),
    (2, "EvtIoDeviceControl", Rule::NeverCompleted),
    (3, "EvtDriverUnload", Rule::RegistrationLeft),
    (4, "IoUnregisterContainerNotification", Rule::UnknownRegistration),
    (5, "IoUnregisterContainerNotification", Rule::RegistrationInCallback),
    (6, "EvtDriverUnload", Rule::PoolLeft),
    (7, "ExFreePoolWithTag", Rule::BadPoolFree),
    (8, "ExFreePoolWithTag", Rule::PoolOverrun),
    (9, "ExFreePoolWithTag", Rule::WrongPoolTag),
    (10, "WdfDriverCreate", Rule::WrongSize),
    (11, "WdfSpinLockCreate", Rule::WrongSize),
    (12, "WdfIoQueueCreate", Rule::WrongSize),
    (13, "IoRegisterContainerNotification", Rule::WrongSize),
    (14, "WdfSpinLockRelease", Rule::LockNotHeld),
    (15, "WdfSpinLockRelease", Rule::LockOwnedByOther),
    (16, "EvtIoDeviceControl", Rule::LockHeldAtReturn),
    (17, "WdfSpinLockAcquire", Rule::LockRecursion),
    (18, "WdfDriverOpenParametersRegistryKey", Rule::IrqlTooHigh),
    (19, "ExAllocatePool2", Rule::PoolInCallback),
    (20, "WdfSpinLockAcquire", Rule::NullHandle),
    (21, "WdfSpinLockAcquire", Rule::WrongHandleType),
    (22, "WdfSpinLockAcquire", Rule::StaleHandle),
    (23, "WdfSpinLockAcquire", Rule::ForeignHandle),
    (24, "WdfRequestCompleteWithInformation", Rule::InformationTooLarge),
    (25, "EvtDriverUnload", Rule::DeviceInitLeft),
    (26, "IoGetContainerInformation", Rule::StaleSessionObject),
    (27, "WdfDriverCreate", Rule::SecondDriver),
    (28, "WdfTimerCreate", Rule::Unimplemented),
    (29, "WdfObjectGetTypedContextWorker", Rule::ContextTypeMismatch),
    (30, "WdfControlDeviceInitAllocate", Rule::WrongGlobals),
    (31, "DriverEntry", Rule::DeviceNotFinished),
    (32, "DriverEntry", Rule::RegistrationLeft),
    (33, "DriverEntry", Rule::PoolLeft),
    (34, "ExAllocatePool2", Rule::BadPoolRequest),
    (35, "WdfObjectDelete", Rule::DeleteRefused),
    (36, "the processor", Rule::Crash),
    (37, "IoGetContainerInformation", Rule::NullPointer),
    (38, "WdfRequestCompleteWithInformation", Rule::PoolOverrun),
    (39, "the processor", Rule::Crash),
    (40, "KeBugCheckEx", Rule::BugCheck),
    (41, "WdfRequestComplete", Rule::BadArgument),
    (42, "WdfDeviceInitAssignName", Rule::StaleDeviceInit),
    (43, "IoUnregisterContainerNotification", Rule::IrqlTooHigh),
    (45, "the processor", Rule::Crash),
    (46, "WdfRequestComplete", Rule::RequestNotOwned),
    (47, "WdfRequestForwardToIoQueue", Rule::RequestNotOwned),
    (48, "WdfRequestForwardToIoQueue", Rule::BadArgument),
    (49, "WdfRequestRetrieveOutputBuffer", Rule::RequestNotOwned),
    (50, "WdfIoQueueCreate", Rule::BadArgument),
    (51, "WdfIoQueueCreate", Rule::BadArgument),
    (52, "WdfIoQueueCreate", Rule::NullPointer),
    (53, "WdfIoQueueCreate", Rule::BadArgument),
    (54, "WdfIoQueuePurgeSynchronously", Rule::WaitInQueueCallback),
    (55, "WdfIoQueuePurgeSynchronously", Rule::IrqlTooHigh),
    (56, "WdfIoQueueRetrieveNextRequest", Rule::NeverCompleted),
    (57, "EvtIoCanceledOnQueue", Rule::NeverCompleted),
    (58, "WdfDriverOpenParametersRegistryKey", Rule::IrqlTooHigh),
    (59, "WdfDeviceInitSetFileObjectConfig", Rule::WrongSize),
    (60, "WdfDeviceInitSetFileObjectConfig", Rule::BadArgument),
    (61, "WdfDeviceInitSetFileObjectConfig", Rule::Unimplemented),
    (62, "WdfObjectDelete", Rule::DeleteRefused),
    (63, "WdfFileObjectGetDevice", Rule::StaleHandle),
    (64, "WdfIoQueueRetrieveNextRequest", Rule::NullPointer),
    (65, "WdfRequestForwardToIoQueue", Rule::WrongHandleType),
    (66, "the processor", Rule::Crash),
    (80, "EtwWriteTransfer", Rule::StaleHandle),
    (81, "EvtDriverUnload", Rule::ProviderLeft),
    (82, "EtwRegister", Rule::IrqlTooHigh),
    (83, "EtwUnregister", Rule::IrqlTooHigh),
    (84, "EtwWriteTransfer", Rule::BadPointer),
    (85, "EtwSetInformation", Rule::WrongSize),
    (86, "EtwWriteTransfer", Rule::WrongSize),
    (87, "EtwWriteTransfer", Rule::BadArgument),
    (88, "EtwUnregister", Rule::ForeignHandle),
    (89, "EtwWriteTransfer", Rule::BadArgument),
    (90, "EtwWriteTransfer", Rule::BadArgument),
    (91, "EtwWriteTransfer", Rule::BadArgument),
    (92, "EtwSetInformation", Rule::BadString),
];
const NO_RULE: u32 = 0;
const USE_FREED_POOL: u32 = 36;
const LATE_REQUEST_BUFFER: u32 = 39;
const FAIL_CLEANLY: u32 = 44;
const PAYLOAD_UNDER_LOCK: u32 = 45;
const WAITING_REQUEST_BUFFER: u32 = 66;

#[test]
fn the_verdict_names_every_broken_rule() {
    let mut wrong = Vec::new();
    for (number, call, rule) in EXPECTED {
        let verdicts = run(*number);
        let named = matches!(
            verdicts.as_slice(),
            [Verdict::Violation { call: got_call, rule: got_rule, .. }]
                if got_call == call && got_rule == rule
        );
        if !named {
            wrong.push(format!("rule {number}, expected {rule:?} by {call}: {verdicts:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_driver_that_breaks_no_rule_is_clean() {
    let verdicts = run(NO_RULE);
    let [Verdict::Clean { entry_failed: false, counts, .. }] = verdicts.as_slice() else {
        panic!("{verdicts:#?}");
    };
    assert_eq!(counts.opens, 1);
    assert_eq!(counts.requests_presented, 2);
    assert_eq!(counts.requests_completed, 2);
    assert_eq!(counts.events, 3);
    assert_eq!(counts.pool_allocations, 1);
    assert_eq!(counts.pool_frees, 1);
}

#[test]
fn an_entry_that_fails_and_cleans_up_is_clean() {
    let verdicts = run(FAIL_CLEANLY);
    assert!(
        matches!(verdicts.as_slice(), [Verdict::Clean { entry_failed: true, .. }]),
        "{verdicts:#?}"
    );
}

#[test]
fn the_verdict_names_a_use_of_freed_memory() {
    for rule in [USE_FREED_POOL, LATE_REQUEST_BUFFER] {
        let verdicts = run(rule);
        let [Verdict::Violation { detail, .. }] = verdicts.as_slice() else {
            panic!("{verdicts:#?}");
        };
        assert!(detail.starts_with("access violation at image+"), "{detail}");
        assert!(detail.ends_with("in a block that was freed"), "{detail}");
    }
}

#[test]
fn the_verdict_names_a_use_of_a_queued_requests_buffer() {
    let verdicts = run(WAITING_REQUEST_BUFFER);
    let [Verdict::Violation { detail, .. }] = verdicts.as_slice() else {
        panic!("{verdicts:#?}");
    };
    assert!(detail.ends_with("in the buffer of a request that waits in a queue"), "{detail}");
}

#[test]
fn the_verdict_names_a_payload_that_is_read_under_a_lock() {
    let verdicts = run(PAYLOAD_UNDER_LOCK);
    let [Verdict::Violation { detail, .. }] = verdicts.as_slice() else {
        panic!("{verdicts:#?}");
    };
    assert!(detail.ends_with("paged memory, at DISPATCH_LEVEL"), "{detail}");
}

/// Wine itself starts a driver with a missing import.
#[test]
fn the_verdict_names_a_missing_import() {
    let mut image = fs::read(built_image()).unwrap();
    let name = b"KeBugCheckEx";
    let at = image.windows(name.len()).position(|bytes| bytes == name).unwrap();
    image[at..at + name.len()].copy_from_slice(b"KeBugCheckEy");
    let changed = PathBuf::from(r"C:\rulebreaker-changed.sys");
    fs::write(&changed, image).unwrap();
    let verdicts = run_image(&changed, NO_RULE);
    fs::remove_file(changed).unwrap();
    let [Verdict::Violation { call, rule: Rule::UnknownImport, detail, .. }] = verdicts.as_slice()
    else {
        panic!("{verdicts:#?}");
    };
    assert_eq!((call.as_str(), detail.as_str()), ("WdfVersionBind", "ntoskrnl.exe!KeBugCheckEy"));
}

fn run(rule: u32) -> Vec<Verdict> {
    run_image(&built_image(), rule)
}

/// Starts the rulebreaker, drives it, stops it, and returns the verdicts. A broken rule ends the
/// process, so later steps may fail. Only the verdicts count.
fn run_image(image: &Path, rule: u32) -> Vec<Verdict> {
    clear_verdicts();
    let service = install(image, rule);
    if start(&service).is_ok() {
        drive();
        let _the_process_may_be_gone = service.stop();
    }
    let verdicts = wait_for_verdicts();
    service.delete().unwrap();
    verdicts
}

/// Raises events of two sessions, then sends two requests at the same time.
fn drive() {
    let events = [(1, Event::CREATED), (1, Event::CONNECTED), (2, Event::CREATED)];
    let events = events.map(|(session, event)| Raise {
        session,
        event,
        state: State::CREATED,
        local: 0,
        payload: Payload { bytes: Some("0100000001000000".into()), length: 8 },
        information_fails: false,
    });
    if let Ok(client) = Client::open() {
        let raise = Command::Raise { order: Order::Serial, events: events.to_vec() };
        let _the_process_may_be_gone = client.send(&raise);
    }
    let Ok(device) = open() else { return };
    let requests = [(); 2].map(|()| Request::send(&device, code::COUNT_EVENTS, 0));
    let begin = Instant::now();
    while !requests.iter().all(Request::is_done) && begin.elapsed() < REQUEST_PATIENCE {
        thread::sleep(Duration::from_millis(10));
    }
}
