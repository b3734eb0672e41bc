//! Requests that wait in a queue of the KMDF host, and each way in which they end.
#![cfg(windows)]

mod rulebreaker;

use std::{
    env,
    fs::{self, File},
    process::{Command as Program, Stdio},
    thread,
    time::{Duration, Instant},
};

use kmdf_host_control::{
    Event, INJECTION_PATH, Injection, Order, Payload, Plan, Raise, Rule, State, Verdict,
};
use rulebreaker::{
    Request, Running, cancel_all, cancel_own, code, open, open_blocking, send_blocking,
};
use sessionwatch_tests::{queues, raise, wait_for_waiting};

const NO_RULE: u32 = 0;
const NO_CANCEL_CALLBACK: u32 = 70;
const SEQUENTIAL: u32 = 71;
const NO_FILE_OBJECTS: u32 = 72;

/// What the events do in the driver.
const DELETE_QUEUE: Event = Event::TERMINATED;
const FORWARD_KEPT: Event = Event::DISCONNECTED;
const COMPLETE_ALL: Event = Event::LOGON;
const PURGE: Event = Event::LOGOFF;
const COMPLETE_KEPT: Event = Event(7);

const STATUS_CANCELLED: i32 = 0xC000_0120_u32.cast_signed();
const STATUS_NO_MORE_ENTRIES: u32 = 0x8000_001A;
const STATUS_WDF_PAUSED: u32 = 0xC020_0203;
const STATUS_INVALID_DEVICE_STATE: u32 = 0xC000_0184;
const ERROR_BUSY: u32 = 170;
const ERROR_OPERATION_ABORTED: u32 = 995;

/// Digits of the driver's history.
const CANCELLED: u32 = 0x2;
const CLEANUP_CANCELLED_CLOSE: u32 = 0x123;

/// Names the handle that a process of this test's own waits on.
const WAITER: &str = "HOST_WAITING_PROCESS";
const PATIENCE: Duration = Duration::from_secs(20);

fn tell(event: Event) {
    let event = Raise {
        session: 1,
        event,
        state: State::CREATED,
        local: 0,
        payload: Payload { bytes: None, length: 0 },
        information_fails: false,
    };
    let _ = raise(&[event], Order::Serial);
}

/// Sends a request and waits until it waits.
fn park(device: &File, already: u32, input: u32) -> Request {
    let request = Request::send(device, code::PARK, input);
    wait_for_waiting(already + 1);
    assert!(!request.is_done());
    request
}

fn ask(device: &File, code: u32) -> u32 {
    Request::send(device, code, 0).answer()
}

#[test]
fn a_request_waits_until_the_driver_takes_it_in_order_with_its_bytes() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let first = park(&device, 0, 0x0102_0304);
    let second = park(&device, 1, 0x0506_0708);
    assert_eq!(ask(&device, code::RETRIEVE), 0);
    assert_eq!((first.answer(), second.is_done()), (0x0102_0304, false));
    assert_eq!(first.result(&device), Ok(4));
    tell(COMPLETE_ALL);
    assert_eq!(second.answer(), 0x0506_0708);
    assert_eq!(ask(&device, code::RETRIEVE), STATUS_NO_MORE_ENTRIES);
    assert_eq!(ask(&device, code::RETRIEVE_FROM_DEFAULT), STATUS_INVALID_DEVICE_STATE);
    assert_eq!(ask(&device, code::HISTORY), 0);
    drop(device);
    let counts = driver.finish();
    assert_eq!((counts.requests_forwarded, counts.requests_retrieved), (2, 2));
    assert_eq!((counts.requests_presented, counts.requests_completed), (6, 6));
    assert_eq!(counts.requests_cancelled, 0);
}

/// Longer than the driver may keep a request of its own.
#[test]
fn a_request_may_wait_for_long() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let request = park(&device, 0, 7);
    thread::sleep(Duration::from_secs(11));
    tell(COMPLETE_ALL);
    assert_eq!(request.answer(), 7);
    drop(device);
    driver.finish();
}

/// A handle stays open meanwhile: closing it would make the host look at once.
#[test]
fn a_request_that_the_driver_keeps_is_missed() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let request = Request::send(&device, code::KEEP, 0);
    let verdicts = driver.wait_for_verdicts();
    assert!(
        matches!(
            verdicts.as_slice(),
            [Verdict::Violation { call, rule: Rule::NeverCompleted, .. }] if call == "EvtIoDeviceControl"
        ),
        "{verdicts:#?}"
    );
    // What becomes of it when the process that drives it ends.
    assert_ne!(request.wait().0, 0);
}

#[test]
fn a_driver_that_is_stopping_is_asked_for_what_waits() {
    let mut driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let taken = park(&device, 0, 1);
    let lost = park(&device, 1, 2);
    driver.ask_to_stop();
    assert_eq!(ask(&device, code::RETRIEVE), 0);
    assert_eq!(taken.answer(), 1);
    assert!(!lost.is_done());
    drop(device);
    assert_eq!(lost.wait().0, STATUS_CANCELLED);
    assert_eq!(driver.finish().requests_cancelled, 1);
}

#[test]
fn a_caller_that_is_blocked_is_freed_by_another_thread() {
    let driver = Running::start(NO_RULE);
    let device = open_blocking().unwrap();
    thread::scope(|scope| {
        let caller = scope.spawn(|| send_blocking(&device, code::PARK));
        wait_for_waiting(1);
        cancel_all(&device);
        assert_eq!(caller.join().unwrap(), Err(ERROR_OPERATION_ABORTED));
    });
    drop(device);
    assert_eq!(driver.finish().requests_cancelled, 1);
}

#[test]
fn a_cancelled_request_comes_back_to_the_driver() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let kept = park(&device, 0, 1);
    let cancelled = park(&device, 1, 2);
    cancelled.cancel(&device);
    assert_eq!(cancelled.wait().0, STATUS_CANCELLED);
    assert_eq!(cancelled.result(&device), Err(ERROR_OPERATION_ABORTED));
    assert_eq!(ask(&device, code::HISTORY), CANCELLED);
    assert!(!kept.is_done());
    cancel_own(&device);
    assert_eq!(kept.result(&device), Err(ERROR_OPERATION_ABORTED));
    drop(device);
    let counts = driver.finish();
    assert_eq!((counts.requests_cancelled, counts.requests_completed), (2, 3));
}

#[test]
fn without_a_callback_the_driver_does_not_hear_of_it() {
    let driver = Running::start(NO_CANCEL_CALLBACK);
    let device = open().unwrap();
    let request = park(&device, 0, 1);
    request.cancel(&device);
    assert_eq!(request.result(&device), Err(ERROR_OPERATION_ABORTED));
    assert_eq!(ask(&device, code::HISTORY), 0);
    drop(device);
    let counts = driver.finish();
    assert_eq!((counts.requests_cancelled, counts.requests_completed), (1, 1));
}

#[test]
fn a_request_that_was_never_presented_is_cancelled_in_silence() {
    let driver = Running::start(SEQUENTIAL);
    let device = open().unwrap();
    let kept = Request::send(&device, code::KEEP, 0);
    let unseen = Request::send(&device, code::PARK, 0);
    wait_until("one is kept, one waits", || {
        let queues = queues();
        queues[0].owned == 1 && queues[0].waiting == 1
    });
    unseen.cancel(&device);
    assert_eq!(unseen.result(&device), Err(ERROR_OPERATION_ABORTED));
    tell(COMPLETE_KEPT);
    assert_eq!(kept.answer(), 0);
    assert_eq!(ask(&device, code::HISTORY), 0);
    drop(device);
    let counts = driver.finish();
    assert_eq!((counts.requests_presented, counts.requests_cancelled), (2, 1));
}

#[test]
fn what_was_cancelled_while_the_driver_had_it_is_cancelled_when_it_is_to_wait() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let request = Request::send(&device, code::KEEP, 0);
    wait_until("the driver keeps it", || queues()[0].owned == 1);
    request.cancel(&device);
    wait_until("it is cancelled", || ask(&device, code::IS_KEPT_CANCELLED) == 1);
    assert!(!request.is_done());
    tell(FORWARD_KEPT);
    assert_eq!(request.result(&device), Err(ERROR_OPERATION_ABORTED));
    assert_eq!(ask(&device, code::HISTORY), CANCELLED);
    drop(device);
    assert_eq!(driver.finish().requests_forwarded, 1);
}

#[test]
fn the_close_of_a_handle_takes_its_own_requests_along() {
    let driver = Running::start(NO_RULE);
    let (device, other) = (open().unwrap(), open().unwrap());
    let lost = park(&device, 0, 1);
    let kept = park(&other, 1, 2);
    drop(device);
    assert_eq!(lost.wait().0, STATUS_CANCELLED);
    wait_until("the file is closed", || ask(&other, code::HISTORY) == CLEANUP_CANCELLED_CLOSE);
    assert!(!kept.is_done());
    tell(COMPLETE_ALL);
    assert_eq!(kept.answer(), 2);
    drop(other);
    assert_eq!(driver.finish().requests_cancelled, 1);
}

/// Wine can tell nobody how the request ended, so it is the host that says so.
#[test]
fn the_end_of_a_thread_cancels_what_it_sent() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let kept = park(&device, 0, 1);
    let _its_memory_stays_as_it_is =
        thread::scope(|scope| scope.spawn(|| park(&device, 1, 2)).join().unwrap());
    wait_for_waiting(1);
    assert_eq!(ask(&device, code::HISTORY), CANCELLED);
    tell(COMPLETE_ALL);
    assert_eq!(kept.answer(), 1);
    drop(device);
    driver.finish();
}

#[test]
fn the_end_of_a_process_cancels_what_it_sent() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let kept = park(&device, 0, 1);
    let mut process = Program::new(env::current_exe().unwrap())
        .args(["--exact", "a_process_that_waits"])
        .env(WAITER, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_waiting(2);
    process.kill().unwrap();
    process.wait().unwrap();
    wait_for_waiting(1);
    assert!(!kept.is_done());
    tell(COMPLETE_ALL);
    assert_eq!(kept.answer(), 1);
    drop(device);
    assert_eq!(driver.finish().requests_cancelled, 1);
}

/// Not a test of its own: the process that the one above ends.
#[test]
fn a_process_that_waits() {
    if env::var_os(WAITER).is_some() {
        let device = open().unwrap();
        Request::send(&device, code::PARK, 0).wait();
    }
}

#[test]
fn a_purged_queue_gives_its_requests_back_and_takes_no_more() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let requests = [park(&device, 0, 1), park(&device, 1, 2)];
    tell(PURGE);
    for request in requests {
        assert_eq!(request.result(&device), Err(ERROR_OPERATION_ABORTED));
    }
    assert_eq!(ask(&device, code::HISTORY), CANCELLED << 4 | CANCELLED);
    let refused = Request::send(&device, code::PARK, 3);
    assert_eq!(refused.result(&device), Err(ERROR_BUSY));
    assert_eq!(ask(&device, code::RETRIEVE), STATUS_NO_MORE_ENTRIES);
    drop(device);
    assert_eq!(driver.finish().requests_cancelled, 2);
}

#[test]
fn a_queue_that_is_deleted_gives_its_requests_back() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let request = park(&device, 0, 1);
    tell(DELETE_QUEUE);
    assert_eq!(request.result(&device), Err(ERROR_OPERATION_ABORTED));
    assert_eq!(queues().len(), 1);
    drop(device);
    driver.finish();
}

#[test]
fn a_request_has_a_file_object_if_the_driver_asked_for_them() {
    for (mode, has_one) in [(NO_RULE, 1), (NO_FILE_OBJECTS, 0)] {
        let driver = Running::start(mode);
        let device = open().unwrap();
        assert_eq!(ask(&device, code::HAS_FILE_OBJECT), has_one);
        drop(device);
        driver.finish();
    }
}

#[test]
fn forwarding_and_retrieving_fail_on_demand() {
    for call in ["WdfRequestForwardToIoQueue", "WdfIoQueueRetrieveNextRequest"] {
        let plan = Plan::from(Injection::nth(1, call));
        fs::create_dir_all(r"C:\kmdf-host").unwrap();
        fs::write(INJECTION_PATH, serde_json::to_string(&plan).unwrap()).unwrap();
        let driver = Running::start(NO_RULE);
        fs::remove_file(INJECTION_PATH).unwrap();
        let device = open().unwrap();
        if call == "WdfRequestForwardToIoQueue" {
            let refused = Request::send(&device, code::PARK, 1);
            assert_eq!(refused.result(&device), Err(ERROR_BUSY));
        }
        let request = park(&device, 0, 2);
        if call == "WdfIoQueueRetrieveNextRequest" {
            assert_eq!(ask(&device, code::RETRIEVE_FROM_DEFAULT), STATUS_WDF_PAUSED);
        }
        tell(COMPLETE_ALL);
        assert_eq!(request.answer(), 2);
        drop(device);
        driver.finish();
    }
}

/// Whoever wins, each request ends once, and its sender learns how; and a cancellation that comes
/// late hits no other request.
#[test]
fn a_request_that_is_taken_and_cancelled_at_once_ends_once() {
    const ROUNDS: u32 = 100;
    const BATCH: u32 = 16;
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let (mut taken, mut cancelled) = (0, 0);
    for round in 0..ROUNDS {
        let requests: Vec<_> =
            (0..BATCH).map(|at| Request::send(&device, code::PARK, round << 8 | at)).collect();
        if round % 2 == 0 {
            wait_for_waiting(BATCH);
        }
        thread::scope(|scope| {
            scope.spawn(|| tell(COMPLETE_ALL));
            requests.iter().step_by(2).rev().for_each(|request| request.cancel(&device));
        });
        // Some may have come after the event.
        wait_until("all are done", || {
            tell(COMPLETE_ALL);
            requests.iter().all(Request::is_done)
        });
        for (at, request) in (0..).zip(&requests) {
            match request.wait() {
                (0, answer) => {
                    assert_eq!(answer, round << 8 | at);
                    taken += 1;
                }
                (STATUS_CANCELLED, _) if at % 2 == 0 => cancelled += 1,
                (status, _) => panic!("request {at} of round {round}: {status:#x}"),
            }
        }
    }
    drop(device);
    let counts = driver.finish();
    assert_eq!((counts.requests_retrieved, counts.requests_cancelled), (taken, cancelled));
    assert_eq!(counts.requests_completed, u64::from(ROUNDS * BATCH));
    assert!(taken > 0 && cancelled > 0, "no race: {taken} taken, {cancelled} cancelled");
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "not yet: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}
