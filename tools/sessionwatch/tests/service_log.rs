//! The log lines of session changes, over the driver's own journal and a directory of data.

mod machine;
mod people;

use std::rc::Rc;

use machine::{Handle, Machine};
use people::{MORNING, terminal_server};
use serde_json::{Value, json};
use sessionwatch::service::Change;
use sessionwatch_protocol::{EventKind, SessionState};
use sessionwatch_reader::Device;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_who::Directory;

const SECOND: u64 = 10_000_000;

fn line(change: Change, device: Option<&dyn Device>, directory: Option<&dyn Directory>) -> Value {
    let line = change.line(device, directory).unwrap();
    let (end, object) = line.split_last().unwrap();
    assert_eq!(*end, b'\n');
    serde_json::from_slice(object).unwrap()
}

fn lock(session_id: u32, seconds: u64) -> Change {
    Change { time: SystemTime(MORNING + seconds * SECOND), session_id, event: "session_lock" }
}

/// A driver that started at 08:00:01, with a logon of session 2 at 08:00:02 (UTC).
fn driver() -> Handle {
    let machine = Machine::new(64);
    machine.borrow_mut().raise_in(2, EventKind::LOGON, SessionState::LOGGED_ON);
    Handle(machine)
}

#[test]
fn a_lock_has_the_service_as_its_source_and_has_its_user() {
    let line = line(lock(2, 3), Some(&driver()), Some(&terminal_server()));
    assert_eq!(line["type"], "user_mode_event");
    assert_eq!((&line["source"], &line["event"]), (&json!("service"), &json!("session_lock")));
    assert_eq!((&line["session_id"], &line["instance"]), (&json!(2), &json!(1)));
    assert_eq!(line["time"], "2026-03-01T08:00:03.0000000Z");
    assert_eq!(line["who"]["source"], "wts+lsa");
    assert_eq!(line["who"]["user"], "anna");
}

#[test]
fn an_uncertain_user_is_absent() {
    let people = terminal_server();
    let nobody =
        |line: Value| assert_eq!((&line["instance"], &line["who"]), (&json!(null), &json!(null)));
    // The session has had an event since the change.
    nobody(line(lock(2, 1), Some(&driver()), Some(&people)));
    // The driver was not loaded yet, so it may have missed events.
    nobody(line(lock(3, 0), Some(&driver()), Some(&people)));
    // Driver or user mode does not answer.
    nobody(line(lock(2, 3), None, Some(&people)));
    nobody(line(lock(2, 3), Some(&driver()), None));
    // An event occurs during the look-up.
    let device = driver();
    let machine = Rc::clone(&device.0);
    *people.meanwhile.borrow_mut() = Some(Box::new(move || {
        let mut machine = machine.borrow_mut();
        for _ in 0..5 {
            machine.raise_in(2, EventKind::LOGOFF, SessionState::LOGGED_OFF);
        }
    }));
    nobody(line(lock(2, 3), Some(&device), Some(&people)));
}

#[test]
fn a_session_without_driver_events_has_a_user_but_no_instance() {
    let known = line(lock(3, 4), Some(&driver()), Some(&terminal_server()));
    assert_eq!((&known["instance"], &known["who"]["user"]), (&json!(null), &json!("Zoë")));
    let gone = line(lock(77, 4), Some(&driver()), Some(&terminal_server()));
    assert_eq!((&gone["instance"], &gone["who"]), (&json!(null), &json!(null)));
}
