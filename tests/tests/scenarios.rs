//! Compares every field of every record of each scenario with the raised event.
#![cfg(windows)]

use std::collections::HashMap;

use kmdf_host_control::{Order, Raise};
use sessionwatch_protocol::{Record, RecordFlags};
use sessionwatch_tests::{Expected, Fixture, Raised, expected, raise, scenario};

/// Raises a scenario, one event after the other, and reads it back in batches of `room`.
fn replay(name: &str, room: usize) -> (Vec<Raised>, Vec<Record>) {
    let fixture = Fixture::started();
    let raised = raise(&scenario(name), Order::Serial);
    let device = fixture.device();
    let (lost, records) = device.read_all(1, room);
    assert_eq!(lost, 0);
    let described = device.describe();
    assert_eq!(described.next.get(), records.len() as u64 + 1);
    let malformed = records.iter().filter(|record| !record.flags().is_empty()).count();
    assert_eq!(described.malformed.get(), malformed as u64);
    drop(device);
    let [counts] = fixture.into_counts()[..] else { panic!("more than one load") };
    assert_eq!(counts.events, raised.len() as u64);
    (raised, records)
}

fn assert_as_raised(raised: &[Raised], records: &[Record]) {
    let expected = expected(raised.iter().map(|raised| &raised.raise));
    assert_eq!(records.len(), expected.len());
    for ((record, expected), raised) in records.iter().zip(expected).zip(raised) {
        assert_eq!(Expected::of(record), expected, "{raised:?}");
        assert!(raised.moment.covers(record), "{record:?} is not of {:?}", raised.moment);
    }
    for pair in records.windows(2) {
        assert!(pair[0].monotonic_time <= pair[1].monotonic_time);
    }
}

#[test]
fn a_workstation_day_is_recorded_as_raised() {
    let (raised, records) = replay("workstation-day", 1);
    assert_as_raised(&raised, &records);
}

#[test]
fn a_terminal_server_morning_is_recorded_as_raised() {
    let (raised, records) = replay("terminal-server-morning", 100);
    let sessions = raised.iter().map(|raised| raised.raise.session);
    assert!(sessions.collect::<std::collections::HashSet<_>>().len() >= 200);
    assert_as_raised(&raised, &records);
}

#[test]
fn malformed_notifications_are_recorded_and_flagged() {
    let (raised, records) = replay("malformed", 7);
    assert_as_raised(&raised, &records);
    // The scenario must have every kind of irregularity.
    let any = |holds: &dyn Fn(&Raise) -> bool| {
        assert!(raised.iter().any(|raised| holds(&raised.raise)));
    };
    for event in [0, 7, u32::MAX] {
        any(&|raise| raise.event.0 == event);
    }
    for session in [0, u32::MAX] {
        any(&|raise| raise.session == session);
    }
    let connect = |raise: &Raise| raise.event.0 == 3;
    any(&|raise| connect(raise) && raise.payload.bytes.is_none());
    any(&|raise| connect(raise) && raise.payload.bytes.is_some() && raise.payload.length < 8);
    any(&|raise| connect(raise) && raise.payload.length > 256);
    any(&|raise| raise.information_fails);
    for flag in [
        RecordFlags::PAYLOAD_MISSING,
        RecordFlags::PAYLOAD_SHORT,
        RecordFlags::PAYLOAD_OVERSIZED,
        RecordFlags::PAYLOAD_DISAGREES,
        RecordFlags::LOCALITY_INVALID,
        RecordFlags::INFORMATION_FAILED,
        RecordFlags::SESSION_ID_UNKNOWN,
        RecordFlags::EVENT_UNKNOWN,
    ] {
        let is_flagged = |record: &Record| record.flags().contains(flag);
        assert!(records.iter().any(is_flagged), "no record has {flag:?}");
    }
}

/// On a real machine, several sessions have events at the same time. The sequence numbers have no
/// gaps, the events of a session keep their order, and monotonic time never decreases.
#[test]
fn concurrent_events_keep_their_order_within_a_session() {
    let fixture = Fixture::started();
    let raised = raise(&scenario("terminal-server-morning"), Order::Concurrent);
    let (lost, records) = fixture.device().read_all(1, 1000);
    assert_eq!((lost, records.len()), (0, raised.len()));
    for (number, record) in (1..).zip(&records) {
        assert_eq!(record.sequence.get(), number);
    }
    for pair in records.windows(2) {
        assert!(pair[0].monotonic_time <= pair[1].monotonic_time);
    }

    // The order of different sessions changes only the sequence numbers. So each session is
    // compared on its own.
    let mut of_session: HashMap<u32, Vec<&Record>> = HashMap::new();
    for record in &records {
        of_session.entry(record.session_id.get()).or_default().push(record);
    }
    for (session, records) in of_session {
        let raised = raised.iter().filter(|raised| raised.raise.session == session);
        let raised: Vec<_> = raised.collect();
        let expected = expected(raised.iter().map(|raised| &raised.raise));
        assert_eq!(records.len(), expected.len());
        for (record, expected) in records.iter().zip(&expected) {
            let number = |number: u64| records[usize::try_from(number - 1).unwrap()].sequence.get();
            let expected = Expected {
                sequence: number(expected.sequence),
                instance: number(expected.instance),
                ..expected.clone()
            };
            assert_eq!(Expected::of(record), expected);
        }
    }
    fixture.finish();
}
