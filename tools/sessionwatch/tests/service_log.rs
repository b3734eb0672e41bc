//! The log lines of session changes, over the driver's own journal and a directory of data.

mod machine;
mod people;

use std::rc::Rc;

use machine::{Handle, Machine};
use people::{MORNING, terminal_server};
use serde_json::{Value, json};
use sessionwatch::service::{Change, Mark, Reason};
use sessionwatch_protocol::{EventKind, SessionState};
use sessionwatch_reader::Device;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_who::Directory;

const SECOND: u64 = 10_000_000;
/// `WTS_SESSION_LOCK` of `winuser.h`.
const LOCK: Reason = Reason(7);

fn line(change: Change, device: Option<&dyn Device>, directory: Option<&dyn Directory>) -> Value {
    let line = change.line(device, directory).unwrap();
    let (end, object) = line.split_last().unwrap();
    assert_eq!(*end, b'\n');
    serde_json::from_slice(object).unwrap()
}

/// A lock that the service gets now.
fn lock(session_id: u32, device: Option<&dyn Device>) -> Change {
    let time = SystemTime(MORNING + 3 * SECOND);
    Change { time, session_id, reason: LOCK, mark: device.and_then(Mark::of) }
}

/// A driver that started at 08:00:01, with a logon of session 2 at 08:00:02 (UTC).
fn driver() -> Handle {
    let machine = Machine::new(64);
    machine.borrow_mut().raise_in(2, EventKind::LOGON, SessionState::LOGGED_ON);
    Handle(machine)
}

fn assert_nobody(line: &Value) {
    assert_eq!((&line["instance"], &line["who"]), (&json!(null), &json!(null)));
}

#[test]
fn a_lock_is_marked_as_the_services_and_has_its_user() {
    let driver = driver();
    let line = line(lock(2, Some(&driver)), Some(&driver), Some(&terminal_server()));
    assert_eq!(line["type"], "user_mode_event");
    assert_eq!((&line["source"], &line["event"]), (&json!("service"), &json!("session_lock")));
    assert_eq!((&line["session_id"], &line["instance"]), (&json!(2), &json!(1)));
    assert_eq!(line["time"], "2026-03-01T08:00:03.0000000Z");
    assert_eq!(line["who"]["source"], "wts+lsa");
    assert_eq!(line["who"]["user"], "anna");
}

#[test]
fn a_reason_without_a_name_is_its_number() {
    let driver = driver();
    for (reason, event) in
        [(8, "session_unlock"), (11, "session_terminate"), (12, "12"), (99, "99")]
    {
        let change = Change { reason: Reason(reason), ..lock(2, Some(&driver)) };
        let line = line(change, Some(&driver), Some(&terminal_server()));
        assert_eq!((&line["event"], &line["who"]["user"]), (&json!(event), &json!("anna")));
    }
}

/// A wall clock that steps changes no sequence number.
#[test]
fn a_stepped_clock_leaves_the_user() {
    let driver = driver();
    for time in [0, MORNING - 3600 * SECOND, MORNING + 3600 * SECOND] {
        let change = Change { time: SystemTime(time), ..lock(2, Some(&driver)) };
        let line = line(change, Some(&driver), Some(&terminal_server()));
        assert_eq!(line["who"]["user"], "anna");
    }
}

#[test]
fn the_user_is_absent_if_the_session_may_have_changed() {
    let people = terminal_server();
    // The session has had an event since.
    let device = driver();
    let before = lock(2, Some(&device));
    device.0.borrow_mut().raise_in(2, EventKind::LOGOFF, SessionState::LOGGED_OFF);
    assert_nobody(&line(before, Some(&device), Some(&people)));
    // It has ended since, so that the driver has forgotten it.
    let device = driver();
    let before = lock(2, Some(&device));
    device.0.borrow_mut().raise_in(2, EventKind::TERMINATED, SessionState::TERMINATED);
    assert_nobody(&line(before, Some(&device), Some(&people)));
    // Too many events since to look for one of the session.
    let device = driver();
    let before = lock(3, Some(&device));
    for _ in 0..5000 {
        device.0.borrow_mut().raise_in(2, EventKind::LOGON, SessionState::LOGGED_ON);
    }
    assert_nobody(&line(before, Some(&device), Some(&people)));
    // The driver was not running at the change, or is another one since.
    let device = driver();
    assert_nobody(&line(lock(2, None), Some(&device), Some(&people)));
    let other = Mark { journal_id: 1, next: 9 };
    let change = Change { mark: Some(other), ..lock(2, Some(&device)) };
    assert_nobody(&line(change, Some(&device), Some(&people)));
    // Nobody answers.
    assert_nobody(&line(lock(2, Some(&device)), None, Some(&people)));
    // The session changes during the look-up.
    let device = driver();
    let machine = Rc::clone(&device.0);
    *people.meanwhile.borrow_mut() = Some(Box::new(move || {
        machine.borrow_mut().raise_in(2, EventKind::LOGOFF, SessionState::LOGGED_OFF);
    }));
    assert_nobody(&line(lock(2, Some(&device)), Some(&device), Some(&people)));
}

#[test]
fn a_log_without_users_still_has_instances() {
    let driver = driver();
    let line = line(lock(2, Some(&driver)), Some(&driver), None);
    assert_eq!((&line["instance"], &line["who"]), (&json!(1), &json!(null)));
}

#[test]
fn a_session_without_events_has_a_user_but_no_instance() {
    let driver = driver();
    let known = line(lock(3, Some(&driver)), Some(&driver), Some(&terminal_server()));
    assert_eq!((&known["instance"], &known["who"]["user"]), (&json!(null), &json!("Zoë")));
    // Events of other sessions change nothing.
    let before = lock(3, Some(&driver));
    driver.0.borrow_mut().raise_in(2, EventKind::LOGOFF, SessionState::LOGGED_OFF);
    let known = line(before, Some(&driver), Some(&terminal_server()));
    assert_eq!(known["who"]["user"], "Zoë");
    let gone = line(lock(77, Some(&driver)), Some(&driver), Some(&terminal_server()));
    assert_eq!((&gone["instance"], &gone["who"]), (&json!(null), &json!(null)));
}
