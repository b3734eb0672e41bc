//! What the service writes of what it was told, over the driver's own journal and a
//! directory of data.

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

/// The driver was started at 8:00:01, and session 2 logged on at 8:00:02.
fn driver() -> Handle {
    let machine = Machine::new(64);
    machine.borrow_mut().raise_in(2, EventKind::LOGON, SessionState::LOGGED_ON);
    Handle(machine)
}

#[test]
fn a_lock_is_marked_as_the_services_and_has_its_user() {
    let line = line(lock(2, 3), Some(&driver()), Some(&terminal_server()));
    assert_eq!(line["type"], "user_mode_event");
    assert_eq!((&line["source"], &line["event"]), (&json!("service"), &json!("session_lock")));
    assert_eq!((&line["session_id"], &line["instance"]), (&json!(2), &json!(1)));
    assert_eq!(line["time"], "2026-03-01T08:00:03.0000000Z");
    assert_eq!(line["who"]["source"], "wts+lsa");
    assert_eq!(line["who"]["user"], "anna");
}

#[test]
fn who_it_was_is_absent_where_it_may_have_changed() {
    let people = terminal_server();
    let nobody =
        |line: Value| assert_eq!((&line["instance"], &line["who"]), (&json!(null), &json!(null)));
    // The session has had an event since.
    nobody(line(lock(2, 1), Some(&driver()), Some(&people)));
    // The driver was not there yet, so there may have been any.
    nobody(line(lock(3, 0), Some(&driver()), Some(&people)));
    // There is nobody to ask.
    nobody(line(lock(2, 3), None, Some(&people)));
    nobody(line(lock(2, 3), Some(&driver()), None));
    // It happens while one asks.
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
fn a_session_that_the_driver_has_seen_nothing_of_has_a_user_but_no_instance() {
    let known = line(lock(3, 4), Some(&driver()), Some(&terminal_server()));
    assert_eq!((&known["instance"], &known["who"]["user"]), (&json!(null), &json!("Zoë")));
    let gone = line(lock(77, 4), Some(&driver()), Some(&terminal_server()));
    assert_eq!((&gone["instance"], &gone["who"]), (&json!(null), &json!(null)));
}
