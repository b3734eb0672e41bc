//! Tests the users of events in `sessionwatch follow`, over the driver's own journal and a
//! directory of data.

mod machine;
mod people;

use std::cell::RefCell;
use std::rc::Rc;

use machine::{Handle, Happening, Machine};
use people::{People, terminal_server, user};
use proptest::prelude::*;
use serde_json::Value;
use sessionwatch::args::{FilterArguments, FollowArguments, UserArguments};
use sessionwatch::command::follow;
use sessionwatch::error::Error;
use sessionwatch::render::{Form, Layout, Printer, Table};
use sessionwatch_protocol::{EventKind, SessionState};
use sessionwatch_reader::Start;
use sessionwatch_who::ConnectState;

fn follow(
    machine: &Rc<RefCell<Machine>>,
    people: &People,
    options: &FollowArguments,
    form: Form,
) -> Result<String, Error> {
    let mut output = Vec::new();
    let mut printer = Printer::new(form, &mut output);
    match follow::run(&Handle(Rc::clone(machine)), Some(people), options, &mut printer) {
        Err(error) if !error.is_interrupted() => return Err(error),
        _ => printer.end().unwrap(),
    }
    Ok(String::from_utf8(output).unwrap())
}

/// The sequence number and the user of each event, and the account.
fn users(text: &str) -> (Vec<(u64, Value)>, Value) {
    let mut lines: Vec<Value> = text.lines().map(|line| line.parse().unwrap()).collect();
    let account = lines.pop().unwrap();
    let user = |line: &Value| match &line["who"] {
        Value::Null => Value::Null,
        who => who["user"].clone(),
    };
    lines.retain(|line| line["sequence"].is_u64());
    (lines.iter().map(|line| (line["sequence"].as_u64().unwrap(), user(line))).collect(), account)
}

fn from_oldest() -> FollowArguments {
    FollowArguments { from: Some(Start::Oldest), ..FollowArguments::default() }
}

/// A machine on which Anna logs on while Zoë disconnects.
fn morning() -> Rc<RefCell<Machine>> {
    let machine = Machine::new(64);
    for (session_id, event, state) in [
        (2, EventKind::CREATED, SessionState::CREATED),
        (2, EventKind::CONNECTED, SessionState::CONNECTED),
        (3, EventKind::DISCONNECTED, SessionState::DISCONNECTED_LOGGED_ON),
        (2, EventKind::LOGON, SessionState::LOGGED_ON),
        (4, EventKind::CREATED, SessionState::CREATED),
        (4, EventKind::TERMINATED, SessionState::TERMINATED),
    ] {
        machine.borrow_mut().raise_in(session_id, event, state);
    }
    machine
}

#[test]
fn only_the_newest_event_of_a_session_has_its_user() {
    let mut people = terminal_server();
    people.sessions.push(user(4, "the next user of this id", ConnectState::ACTIVE));
    let text = follow(&morning(), &people, &from_oldest(), Form::Ndjson).unwrap();
    let (events, _) = users(&text);
    let null = Value::Null;
    let expected = [
        (1, null.clone()),
        (2, null.clone()),
        (3, "Zoë".into()),
        (4, "anna".into()),
        (5, null.clone()),
        (6, null),
    ];
    assert_eq!(events, expected);
}

#[test]
fn a_new_event_has_every_known_field() {
    let machine = Machine::new(64);
    machine.borrow_mut().happenings = [Happening::Events(1), Happening::Events(1)].into();
    let text =
        follow(&machine, &terminal_server(), &FollowArguments::default(), Form::Ndjson).unwrap();
    assert_eq!(users(&text).0, [(1, "Zoë".into()), (2, "Zoë".into())]);
    insta::assert_snapshot!(text);
}

#[test]
fn an_event_during_the_look_up_makes_the_user_uncertain() {
    let (machine, people) = (morning(), terminal_server());
    let other = Rc::clone(&machine);
    *people.meanwhile.borrow_mut() = Some(Box::new(move || {
        // Both sessions have another event before the second snapshot.
        for (session_id, state) in [(2, SessionState::LOGGED_OFF), (3, SessionState::LOGGED_OFF)] {
            other.borrow_mut().raise_in(session_id, EventKind::LOGOFF, state);
        }
    }));
    let text = follow(&machine, &people, &from_oldest(), Form::Ndjson).unwrap();
    let (events, _) = users(&text);
    assert!(events[..6].iter().all(|(_, user)| user.is_null()), "{events:?}");
    assert_eq!(events[6..], [(7, "anna".into()), (8, "Zoë".into())], "the newest events");
}

#[test]
fn a_failed_look_up_leaves_fields_absent() {
    for call in ["WTSQuerySessionInformationW", "WTSEnumerateSessionsExW"] {
        let people = People { failing: Some(call), ..terminal_server() };
        let text = follow(&morning(), &people, &from_oldest(), Form::Ndjson).unwrap();
        let known = users(&text).0.iter().filter(|(_, user)| !user.is_null()).count();
        assert_eq!(known, if call == "WTSQuerySessionInformationW" { 0 } else { 2 });
    }
    let people = People { failing: Some("LsaEnumerateLogonSessions"), ..terminal_server() };
    let text = follow(&morning(), &people, &from_oldest(), Form::Ndjson).unwrap();
    assert!(text.contains(r#""source":"wts""#) && !text.contains("wts+lsa"));
}

#[test]
fn only_events_of_the_requested_users_are_shown() {
    let asked = |name: &str| FollowArguments {
        users: UserArguments { user: vec![name.to_owned()] },
        ..from_oldest()
    };
    let text = follow(&morning(), &terminal_server(), &asked("ANNA"), Form::Ndjson).unwrap();
    let (events, account) = users(&text);
    assert_eq!(events, [(4, "anna".into())]);
    assert_eq!((&account["delivered"], &account["shown"]), (&6.into(), &1.into()));

    let snapshot = FollowArguments { from: None, snapshot: true, ..asked("zoë") };
    let text = follow(&morning(), &terminal_server(), &snapshot, Form::Ndjson).unwrap();
    assert_eq!(users(&text).0, [(3, "Zoë".into())]);

    // Without any users, the command would never show an event.
    let people = People { failing: Some("WTSEnumerateSessionsExW"), ..terminal_server() };
    let error = follow(&morning(), &people, &asked("anna"), Form::Ndjson).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("WTSEnumerateSessionsExW failed: The RPC server is unavailable (1722)"),
        "{error}"
    );
}

#[test]
fn a_hidden_event_causes_no_look_up() {
    let filter =
        FilterArguments { kind: vec![EventKind::DISCONNECTED], ..FilterArguments::default() };
    let people = terminal_server();
    let options = FollowArguments { filter, ..from_oldest() };
    let text = follow(&morning(), &people, &options, Form::Ndjson).unwrap();
    assert_eq!(users(&text).0, [(3, "Zoë".into())]);
    assert_eq!(*people.asked.borrow(), [3]);
}

#[test]
fn a_count_includes_only_shown_events() {
    let machine = Machine::new(64);
    machine.borrow_mut().happenings = [Happening::Events(5), Happening::Events(5)].into();
    let options = FollowArguments {
        count: Some(2),
        users: UserArguments { user: vec!["zoë".to_owned()] },
        ..FollowArguments::default()
    };
    let text = follow(&machine, &terminal_server(), &options, Form::Ndjson).unwrap();
    // Of events in one reply, only the last one has a user.
    let (events, account) = users(&text);
    assert_eq!(events.len(), 2);
    assert_eq!(account["shown"], 2);
}

fn table(width: u16) -> Form {
    Form::Table(Table::new(Layout::new(width, None), false))
}

#[test]
fn users_at_80_columns() {
    let text = follow(&morning(), &terminal_server(), &from_oldest(), table(80)).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn users_at_200_columns() {
    insta::assert_snapshot!(
        follow(&morning(), &terminal_server(), &from_oldest(), table(200)).unwrap()
    );
}

#[test]
fn users_as_csv() {
    insta::assert_snapshot!(
        follow(&morning(), &terminal_server(), &from_oldest(), Form::Csv).unwrap()
    );
}

proptest! {
    /// Every event is shown, in whatever batches they arrive. Only the newest event of a session
    /// at the time of the look-up has a user.
    #[test]
    fn only_the_newest_event_of_a_session_at_the_look_up_has_a_user(
        before in prop::collection::vec((2u32..5, 1u32..7), 0..20),
        batches in prop::collection::vec(1u64..4, 0..5),
    ) {
        let machine = Machine::new(64);
        for (session_id, event) in &before {
            machine.borrow_mut().raise_in(*session_id, EventKind(*event), SessionState::LOGGED_ON);
        }
        machine.borrow_mut().happenings =
            batches.iter().map(|count| Happening::Events(*count)).collect();
        let mut people = terminal_server();
        people.sessions.push(user(4, "emil", ConnectState::ACTIVE));
        let text = follow(&machine, &people, &from_oldest(), Form::Ndjson).unwrap();
        let (events, _) = users(&text);
        prop_assert_eq!(events.len() as u64, before.len() as u64 + batches.iter().sum::<u64>());
        for (place, (session_id, event)) in before.iter().enumerate() {
            let is_newest = before[place + 1..].iter().all(|(other, _)| other != session_id);
            let is_present = *event != EventKind::TERMINATED.0;
            prop_assert_eq!(!events[place].1.is_null(), is_newest && is_present);
        }
        let mut end = before.len();
        for count in batches {
            end += usize::try_from(count).unwrap();
            prop_assert!(!events[end - 1].1.is_null());
        }
    }
}
