//! Requests in a queue of the KMDF host, and every way in which they end.
#![cfg(windows)]

mod rulebreaker;

use std::fs::{self, File};
use std::process::{Command as Program, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

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

/// The events that tell the driver to act.
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

/// Digits of the driver's history ([`code::HISTORY`]).
const CANCELLED: u32 = 0x2;
const CLEANUP_CANCELLED_CLOSE: u32 = 0x123;

/// Set in the environment of a process that this test starts.
const WAITER: &str = "HOST_WAITING_PROCESS";
const PATIENCE: Duration = Duration::from_secs(20);

fn raise_event(event: Event) {
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

/// Sends a request and waits until it is in the queue.
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
fn the_driver_retrieves_queued_requests_in_order_with_their_bytes() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let first = park(&device, 0, 0x0102_0304);
    let second = park(&device, 1, 0x0506_0708);
    assert_eq!(ask(&device, code::RETRIEVE), 0);
    assert_eq!((first.answer(), second.is_done()), (0x0102_0304, false));
    assert_eq!(first.result(&device), Ok(4));
    raise_event(COMPLETE_ALL);
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

/// Waits longer than the host's limit on a request that the driver owns.
#[test]
fn a_queued_request_has_no_time_limit() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let request = park(&device, 0, 7);
    thread::sleep(Duration::from_secs(11));
    raise_event(COMPLETE_ALL);
    assert_eq!(request.answer(), 7);
    drop(device);
    driver.finish();
}

/// The handle stays open, because its close would make the host check at once.
#[test]
fn a_request_that_the_driver_never_completes_is_a_violation() {
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
    // The end of the driver's process fails the request.
    assert_ne!(request.wait().0, 0);
}

#[test]
fn a_stopping_driver_still_retrieves_queued_requests() {
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
fn another_thread_can_cancel_the_request_of_a_blocked_caller() {
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
fn a_cancelled_request_is_handed_back_to_the_driver() {
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
fn without_a_cancel_callback_the_host_completes_a_cancelled_request() {
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
fn the_host_completes_a_cancelled_request_that_it_never_presented() {
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
    raise_event(COMPLETE_KEPT);
    assert_eq!(kept.answer(), 0);
    assert_eq!(ask(&device, code::HISTORY), 0);
    drop(device);
    let counts = driver.finish();
    assert_eq!((counts.requests_presented, counts.requests_cancelled), (2, 1));
}

#[test]
fn a_request_that_is_cancelled_before_it_is_queued_is_cancelled_on_queue() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let request = Request::send(&device, code::KEEP, 0);
    wait_until("the driver keeps it", || queues()[0].owned == 1);
    request.cancel(&device);
    wait_until("it is cancelled", || ask(&device, code::IS_KEPT_CANCELLED) == 1);
    assert!(!request.is_done());
    raise_event(FORWARD_KEPT);
    assert_eq!(request.result(&device), Err(ERROR_OPERATION_ABORTED));
    assert_eq!(ask(&device, code::HISTORY), CANCELLED);
    drop(device);
    assert_eq!(driver.finish().requests_forwarded, 1);
}

#[test]
fn closing_a_handle_cancels_only_its_own_requests() {
    let driver = Running::start(NO_RULE);
    let (device, other) = (open().unwrap(), open().unwrap());
    let lost = park(&device, 0, 1);
    let kept = park(&other, 1, 2);
    drop(device);
    assert_eq!(lost.wait().0, STATUS_CANCELLED);
    wait_until("the file is closed", || ask(&other, code::HISTORY) == CLEANUP_CANCELLED_CLOSE);
    assert!(!kept.is_done());
    raise_event(COMPLETE_ALL);
    assert_eq!(kept.answer(), 2);
    drop(other);
    assert_eq!(driver.finish().requests_cancelled, 1);
}

/// Wine cannot report the result of such a request, so the test reads it from the host.
#[test]
fn the_end_of_a_thread_cancels_its_requests() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let kept = park(&device, 0, 1);
    let _its_memory_stays_as_it_is =
        thread::scope(|scope| scope.spawn(|| park(&device, 1, 2)).join().unwrap());
    wait_for_waiting(1);
    assert_eq!(ask(&device, code::HISTORY), CANCELLED);
    raise_event(COMPLETE_ALL);
    assert_eq!(kept.answer(), 1);
    drop(device);
    driver.finish();
}

#[test]
fn the_end_of_a_process_cancels_its_requests() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let kept = park(&device, 0, 1);
    let mut process = Program::new(env::current_exe().unwrap())
        .args(["--exact", "a_process_with_a_queued_request"])
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
    raise_event(COMPLETE_ALL);
    assert_eq!(kept.answer(), 1);
    drop(device);
    assert_eq!(driver.finish().requests_cancelled, 1);
}

/// Not a test, but the process that the test above starts and kills.
#[test]
fn a_process_with_a_queued_request() {
    if env::var_os(WAITER).is_some() {
        let device = open().unwrap();
        Request::send(&device, code::PARK, 0).wait();
    }
}

#[test]
fn a_purged_queue_hands_its_requests_back_and_accepts_no_more() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let requests = [park(&device, 0, 1), park(&device, 1, 2)];
    raise_event(PURGE);
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
fn a_deleted_queue_hands_its_requests_back() {
    let driver = Running::start(NO_RULE);
    let device = open().unwrap();
    let request = park(&device, 0, 1);
    raise_event(DELETE_QUEUE);
    assert_eq!(request.result(&device), Err(ERROR_OPERATION_ABORTED));
    assert_eq!(queues().len(), 1);
    drop(device);
    driver.finish();
}

#[test]
fn a_request_has_a_file_object_if_the_driver_requested_them() {
    for (mode, has_one) in [(NO_RULE, 1), (NO_FILE_OBJECTS, 0)] {
        let driver = Running::start(mode);
        let device = open().unwrap();
        assert_eq!(ask(&device, code::HAS_FILE_OBJECT), has_one);
        drop(device);
        driver.finish();
    }
}

#[test]
fn planned_failures_of_forward_and_retrieve_happen() {
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
        raise_event(COMPLETE_ALL);
        assert_eq!(request.answer(), 2);
        drop(device);
        driver.finish();
    }
}

/// Retrieval and cancellation race. Either may win, but each request is completed once, its sender
/// gets the result, and a late cancellation cancels no other request.
#[test]
fn a_request_that_is_retrieved_and_cancelled_at_once_is_completed_once() {
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
            scope.spawn(|| raise_event(COMPLETE_ALL));
            requests.iter().step_by(2).rev().for_each(|request| request.cancel(&device));
        });
        // Some requests may have entered the queue after the event.
        wait_until("all are done", || {
            raise_event(COMPLETE_ALL);
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
