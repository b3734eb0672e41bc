//! Checks the project's scenario files: they parse, and have the events that they describe.

mod terminal_server;

use std::collections::HashSet;
use std::fs;

use kmdf_host_control::{Event, Raise, Scenario};

fn read(name: &str) -> String {
    fs::read_to_string(format!("../../scenarios/{name}.json")).unwrap()
}

fn raises(name: &str) -> Vec<Raise> {
    Scenario::parse(&read(name)).unwrap().raises().unwrap()
}

#[test]
fn the_workstation_day_reuses_session_ids() {
    let raises = raises("workstation-day");
    let created = |session| {
        raises.iter().filter(|r| (r.session, r.event) == (session, Event::CREATED)).count()
    };
    assert_eq!((created(1), created(2), created(3)), (1, 3, 2));
}

#[test]
fn the_terminal_server_file_is_up_to_date_with_its_generator() {
    assert_eq!(read("terminal-server-morning"), terminal_server::morning());
}

#[test]
fn two_hundred_users_log_on_to_the_terminal_server() {
    let raises = raises("terminal-server-morning");
    let logons = raises.iter().filter(|raise| raise.event == Event::LOGON);
    assert_eq!(logons.map(|raise| raise.session).collect::<HashSet<_>>().len(), 200);
}

#[test]
fn the_malformed_file_has_every_kind_of_irregularity() {
    let raises = raises("malformed");
    let any = |condition: fn(&Raise) -> bool| raises.iter().any(condition);
    assert!(any(|r| r.payload.bytes.is_none() && r.payload.length != 0));
    assert!(any(|r| r.payload.length == u32::MAX));
    assert!(any(|r| r.event == Event::CONNECTED && r.payload.length == 1));
    assert!(any(|r| r.event == Event(u32::MAX)));
    assert!(any(|r| r.event == Event::IGNORE));
    assert!(any(|r| r.session == u32::MAX));
    assert!(any(|r| r.local == 255));
    assert!(any(|r| r.information_fails));
}
