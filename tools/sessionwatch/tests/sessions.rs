//! Tests `sessionwatch sessions` over the driver's own journal and a directory of data.

mod machine;
mod people;

use std::cell::RefCell;
use std::rc::Rc;

use machine::{Handle, Machine};
use people::{People, terminal_server};
use serde_json::Value;
use sessionwatch::args::{SessionsArguments, UserArguments};
use sessionwatch::command::sessions;
use sessionwatch::error::Error;
use sessionwatch::render::{Form, Layout, Printer, Table};
use sessionwatch_failure::NotWindows;
use sessionwatch_protocol::{EventKind, SessionState};
use sessionwatch_reader::{Device, DeviceError, ReadError};
use sessionwatch_sessions::SessionKind;
use sessionwatch_who::Directory;

/// The output and the notes of the command.
fn show(
    device: Result<&dyn Device, Error>,
    directory: Option<&dyn Directory>,
    options: &SessionsArguments,
    form: Form,
) -> (String, Vec<String>) {
    let (mut output, mut notes) = (Vec::new(), Vec::new());
    let mut printer = Printer::new(form, &mut output);
    let mut note = |text: &str| notes.push(text.to_owned());
    sessions::run(device, Ok(directory), options, &mut printer, &mut note).unwrap();
    printer.end().unwrap();
    (String::from_utf8(output).unwrap(), notes)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The driver on the terminal server. It started after the creation of session 1.
fn driver() -> Rc<RefCell<Machine>> {
    let machine = Machine::new(64);
    for (session_id, event, state) in [
        (2, EventKind::CREATED, SessionState::CREATED),
        (2, EventKind::LOGON, SessionState::LOGGED_ON),
        (3, EventKind::DISCONNECTED, SessionState::DISCONNECTED_LOGGED_ON),
        (4, EventKind::CREATED, SessionState::CREATED),
    ] {
        machine.borrow_mut().raise_in(session_id, event, state);
    }
    machine
}

fn terminal_server_as(form: Form) -> String {
    let (text, notes) =
        show(Ok(&Handle(driver())), Some(&terminal_server()), &SessionsArguments::default(), form);
    assert_eq!(notes, [""; 0]);
    text
}

fn table(width: u16) -> Form {
    Form::Table(Table::new(Layout::new(width, None), false))
}

#[test]
fn the_sessions_at_80_columns() {
    insta::assert_snapshot!(terminal_server_as(table(80)));
}

#[test]
fn the_sessions_at_200_columns() {
    insta::assert_snapshot!(terminal_server_as(table(200)));
}

#[test]
fn the_sessions_as_ndjson() {
    insta::assert_snapshot!(terminal_server_as(Form::Ndjson));
}

#[test]
fn the_sessions_as_json() {
    insta::assert_snapshot!(terminal_server_as(Form::Json));
}

#[test]
fn the_sessions_as_csv() {
    insta::assert_snapshot!(terminal_server_as(Form::Csv));
}

#[test]
fn without_the_driver_user_modes_view_is_listed() {
    let (text, notes) = show(
        Err(DeviceError::NotRunning.into()),
        Some(&terminal_server()),
        &SessionsArguments::default(),
        Form::Ndjson,
    );
    let sessions = lines(&text);
    assert_eq!(sessions.len(), 5);
    assert!(sessions.iter().all(|session| session["driver"].is_null()));
    assert_eq!(notes.len(), 1);
    assert_eq!(
        notes[0],
        "showing user mode's view alone: cannot open the driver: it is not running; to see both, \
         start it with `sc start sessionwatch` in an elevated prompt, or install it first"
    );
}

#[test]
fn without_user_mode_the_drivers_view_is_listed() {
    let people = People { failing: Some("WTSEnumerateSessionsExW"), ..terminal_server() };
    let (text, notes) =
        show(Ok(&Handle(driver())), Some(&people), &SessionsArguments::default(), Form::Ndjson);
    let kinds: Vec<_> = lines(&text).iter().map(|line| line["kind"].clone()).collect();
    assert_eq!(kinds, ["user", "disconnected", "nobody"]);
    assert!(lines(&text).iter().all(|session| session["who"].is_null()));
    assert!(
        notes[0].contains("WTSEnumerateSessionsExW failed: The RPC server is unavailable (1722)"),
        "{notes:?}"
    );

    // The command does not look up users of a recording, so there is no note.
    let (_, notes) = show(Ok(&Handle(driver())), None, &SessionsArguments::default(), Form::Ndjson);
    assert_eq!(notes, [""; 0]);
}

#[test]
fn without_either_view_the_drivers_error_is_reported() {
    let mut output = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    let error = sessions::run(
        Err::<&dyn Device, _>(DeviceError::NotRunning.into()),
        Err::<Option<&dyn Directory>, _>(NotWindows::DRIVER.into()),
        &SessionsArguments::default(),
        &mut printer,
        &mut |note| panic!("{note}"),
    );
    assert!(matches!(error, Err(Error::Read(ReadError::Device(DeviceError::NotRunning)))));
}

#[test]
fn a_failed_query_leaves_its_fields_absent() {
    let user = |people: &People| {
        let (text, notes) =
            show(Ok(&Handle(driver())), Some(people), &SessionsArguments::default(), Form::Ndjson);
        assert_eq!(notes, [""; 0]);
        lines(&text)[2]["who"].clone()
    };
    let who = user(&People { failing: Some("LsaEnumerateLogonSessions"), ..terminal_server() });
    assert_eq!(
        (&who["source"], &who["user"], &who["sid"]),
        (&"wts".into(), &"anna".into(), &Value::Null)
    );
    // The fields from the list remain.
    let who = user(&People { failing: Some("WTSQuerySessionInformationW"), ..terminal_server() });
    assert_eq!((&who["user"], &who["client_name"]), (&"anna".into(), &Value::Null));
}

#[test]
fn an_event_during_the_query_makes_the_user_uncertain() {
    let (machine, people) = (driver(), terminal_server());
    let other = Rc::clone(&machine);
    *people.meanwhile.borrow_mut() = Some(Box::new(move || {
        other.borrow_mut().raise_in(2, EventKind::LOGOFF, SessionState::LOGGED_OFF);
    }));
    let (text, _) =
        show(Ok(&Handle(machine)), Some(&people), &SessionsArguments::default(), Form::Ndjson);
    let sessions = lines(&text);
    assert_eq!(sessions[2]["driver"]["event"], "logoff");
    assert_eq!((&sessions[2]["who"], &sessions[2]["kind"]), (&Value::Null, &"nobody".into()));
    assert_eq!(sessions[3]["who"]["user"], "Zoë", "the other sessions had no event");
}

#[test]
fn only_the_requested_sessions_are_listed() {
    let ids = |options: &SessionsArguments| {
        let (text, _) =
            show(Ok(&Handle(driver())), Some(&terminal_server()), options, Form::Ndjson);
        lines(&text).iter().map(|line| line["session_id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let all = SessionsArguments::default();
    assert_eq!(ids(&all), [0, 1, 2, 3, 4, 65_536]);
    let kind = vec![SessionKind::User, SessionKind::Listener];
    assert_eq!(ids(&SessionsArguments { kind, ..all.clone() }), [2, 65_536]);
    assert_eq!(ids(&SessionsArguments { session: vec![3, 9], ..all.clone() }), [3]);
    let users = UserArguments { user: vec![r"office\ZOË".to_owned()] };
    assert_eq!(ids(&SessionsArguments { users, ..all }), [3]);
}
