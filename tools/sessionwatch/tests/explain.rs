//! What `explain` makes of streams, whole and with lost numbers.

mod machine;

use std::ops::Range;

use machine::{Handle, JOURNAL_ID, Machine};
use proptest::prelude::*;
use serde_json::Value;
use sessionwatch::explain::{Cause, Explainer, Meaning, Step};
use sessionwatch::reader::{AtEnd, Cursor, Limit, Lost};
use sessionwatch_protocol::{EventKind, Record, SessionState};

const ALL: u32 = u32::MAX;

/// Records as the driver makes them of these events, the first as number 1.
fn records(events: &[(u32, EventKind, SessionState)]) -> Vec<Record> {
    let machine = Machine::new(1024);
    for (session, kind, state) in events {
        machine.borrow_mut().raise_in(*session, *kind, *state);
    }
    let mut cursor = Cursor::new(JOURNAL_ID, 1, 1);
    let mut records = Vec::new();
    while records.len() < events.len() {
        let batch = cursor.read(&Handle(machine.clone()), AtEnd::Return, Limit::NONE).unwrap();
        records.extend_from_slice(batch.records);
    }
    records
}

/// Explains the records, but for those whose numbers are lost.
fn explain(
    records: &[Record],
    lost: &[Range<u64>],
    event_mask: u32,
) -> (Vec<(Record, Step)>, Vec<Value>) {
    let from = records.first().map_or(1, |record| record.sequence.get());
    let mut explainer = Explainer::new(from, event_mask);
    let mut steps = Vec::new();
    for record in records {
        let number = record.sequence.get();
        if let Some(gap) = lost.iter().find(|gap| gap.start == number) {
            explainer.lose(&Lost {
                first: gap.start,
                count: gap.end - gap.start,
                previous_time: None,
                next_time: None,
            });
        }
        if !lost.iter().any(|gap| gap.contains(&number)) {
            steps.push((*record, explainer.explain(record, true)));
        }
    }
    let instances = explainer.finish();
    let instances =
        instances.iter().map(|instance| serde_json::to_value(instance).unwrap()).collect();
    (steps, instances)
}

fn last_sentence(
    events: &[(u32, EventKind, SessionState)],
    lost: &[Range<u64>],
    event_mask: u32,
) -> String {
    explain(&records(events), lost, event_mask).0.last().unwrap().1.sentence()
}

use EventKind as Event;
use SessionState as State;

/// A user's way, as the kernel is known to tell it.
const WAY: [(u32, EventKind, SessionState); 8] = [
    (3, Event::CREATED, State::CREATED),
    (3, Event::CONNECTED, State::CONNECTED),
    (3, Event::LOGON, State::LOGGED_ON),
    (3, Event::DISCONNECTED, State::DISCONNECTED_LOGGED_ON),
    (3, Event::CONNECTED, State::LOGGED_ON),
    (3, Event::LOGOFF, State::LOGGED_OFF),
    (3, Event::DISCONNECTED, State::DISCONNECTED),
    (3, Event::TERMINATED, State::TERMINATED),
];

#[test]
fn a_users_way_is_told_step_by_step() {
    let (steps, instances) = explain(&records(&WAY), &[], ALL);
    let sentences: Vec<_> = steps.iter().map(|(_, step)| step.sentence()).collect();
    assert_eq!(
        sentences,
        [
            "the session is created",
            "a new connection, nobody is logged on",
            "a new logon",
            "a disconnect, the user stays logged on, connected for 2s",
            "a reconnect, away for 1s",
            "a logoff, logged on for 3s",
            "a disconnect, nobody is logged on, connected for 2s",
            "the session is gone, after 7s",
        ]
    );
    assert_eq!(instances.len(), 1);
    assert_eq!(instances[0]["reconnects"], 1);
    assert_eq!(instances[0]["connected_100ns"], 40_000_000);
    assert_eq!(instances[0]["ended_how"], "terminated");
    assert_eq!(instances[0]["odd"], serde_json::json!([]));
}

#[test]
fn a_logoff_without_logon_is_told_with_its_reason() {
    assert_eq!(
        last_sentence(&WAY[5..6], &[], ALL),
        "a logoff; logoff without logon: the driver started later"
    );
    assert_eq!(
        last_sentence(&WAY[..6], std::slice::from_ref(&(3..6)), ALL),
        "a logoff; logoff without logon: 3 events lost before"
    );
    let without_logon = [WAY[0], WAY[1], WAY[5]];
    assert_eq!(
        last_sentence(&without_logon, &[], ALL),
        "a logoff; logoff without logon: no event is missing"
    );
    assert_eq!(
        last_sentence(&without_logon, &[], !(1 << 4)),
        "a logoff; logoff without logon: EventMask leaves such events out"
    );
    let later = &records(&WAY)[4..];
    let (steps, instances) = explain(&later[1..], &[], ALL);
    assert_eq!(
        steps[0].1.sentence(),
        "a logoff; logoff without logon: it began before the first number that was read"
    );
    assert_eq!(instances[0]["began_how"], "not_read");
}

#[test]
fn an_id_that_is_used_again_is_another_instance() {
    let again = [&WAY[..], &WAY[..3]].concat();
    let (_, instances) = explain(&records(&again), &[], ALL);
    assert_eq!((&instances[0]["instance"], &instances[1]["instance"]), (&1.into(), &9.into()));
    assert_eq!(
        (&instances[0]["logged_on"], &instances[1]["logged_on"]),
        (&Value::Null, &true.into())
    );

    // Its end is lost: that it is over is known by the next instance.
    let (_, instances) = explain(&records(&again), std::slice::from_ref(&(7..10)), ALL);
    assert_eq!(instances[0]["ended_how"], "not_seen");
    assert_eq!(instances[0]["ended"], Value::Null);
    assert_eq!(
        (&instances[1]["began_how"], &instances[1]["began"]),
        (&"lost".into(), &Value::Null)
    );
}

#[test]
fn an_unexpected_transition_is_named() {
    let twice = [WAY[0], WAY[1], WAY[1]];
    assert_eq!(
        last_sentence(&twice, &[], ALL),
        "a new connection, nobody is logged on; connected while connected: no event is missing"
    );
}

fn any_event() -> impl Strategy<Value = (u32, EventKind, SessionState)> {
    (1..4_u32, 0..8_u32, 0..10_u32)
        .prop_map(|(session, kind, state)| (session, EventKind(kind), SessionState(state)))
}

/// Events that follow the usual way more often than not.
fn any_stream() -> impl Strategy<Value = Vec<(u32, EventKind, SessionState)>> {
    let usual = (1..4_u32, 0..WAY.len()).prop_map(|(session, at)| (session, WAY[at].1, WAY[at].2));
    prop::collection::vec(prop_oneof![3 => usual, 1 => any_event()], 1..60)
}

proptest! {
    /// Whatever is lost, nothing is claimed that was not seen.
    #[test]
    fn nothing_is_claimed_that_was_not_seen(
        stream in any_stream(),
        gaps in prop::collection::vec((1..60_u64, 1..6_u64), 0..4),
    ) {
        let records = records(&stream);
        let mut lost: Vec<Range<u64>> = Vec::new();
        let mut gaps = gaps;
        gaps.sort_unstable();
        for (start, count) in gaps {
            let end = (start + count).min(records.len() as u64 + 1);
            if start < end && lost.last().is_none_or(|last| last.end < start) {
                lost.push(start..end);
            }
        }
        let (steps, instances) = explain(&records, &lost, ALL);
        let is_lost_between = |from: u64, to: u64| {
            lost.iter().any(|gap| gap.start < to && from < gap.end)
        };
        for (place, (record, step)) in steps.iter().enumerate() {
            let of_instance = |(other, _): &&(Record, Step)| {
                (other.session_id, other.instance) == (record.session_id, record.instance)
            };
            let before: Vec<_> = steps[..place].iter().filter(of_instance).collect();
            if let Some(after) = step.after_100ns {
                let begin = record.monotonic_time.get() - after;
                let seen = before.iter().find(|(other, _)| other.monotonic_time.get() == begin);
                prop_assert!(seen.is_some(), "{step:?}");
                let begin = seen.unwrap().0.sequence.get();
                prop_assert!(
                    step.meaning == Meaning::Terminated
                        || !is_lost_between(begin, record.sequence.get())
                );
            }
            if step.meaning == Meaning::Reconnect {
                let says = |record: &Record| {
                    record.kind() == Event::LOGON
                        || [State::LOGGED_ON, State::DISCONNECTED_LOGGED_ON].contains(&record.state())
                };
                prop_assert!(says(record) || before.iter().any(|(other, _)| says(other)));
            }
            match step.odd.map(|odd| odd.cause) {
                Some(Cause::Lost(count)) => {
                    let total: u64 = lost.iter().map(|gap| gap.end - gap.start).sum();
                    prop_assert!(count > 0 && count <= total);
                    prop_assert!(is_lost_between(record.instance.get(), record.sequence.get()));
                }
                Some(Cause::BeforeTheDriver) => {
                    let first = before.first().map_or(record, |(first, _)| first);
                    prop_assert_eq!(first.sequence, first.instance);
                    prop_assert!(first.kind() != Event::CREATED);
                }
                _ => {}
            }
        }
        let events: u64 = instances.iter().map(|instance| instance["events"].as_u64().unwrap()).sum();
        prop_assert_eq!(events, steps.len() as u64);
        for instance in &instances {
            let of_instance = |record: &Record| {
                instance["session_id"] == record.session_id.get() && instance["instance"] == record.instance.get()
            };
            let seen = |kind: EventKind| {
                steps.iter().filter(|(record, _)| of_instance(record) && record.kind() == kind).count() as u64
            };
            prop_assert_eq!(instance["logons"].as_u64(), Some(seen(Event::LOGON)));
            prop_assert_eq!(instance["logoffs"].as_u64(), Some(seen(Event::LOGOFF)));
            prop_assert_eq!(instance["disconnects"].as_u64(), Some(seen(Event::DISCONNECTED)));
            prop_assert_eq!(instance["began"].is_null(), seen(Event::CREATED) == 0 || instance["began_how"] != "created");
            prop_assert_eq!(instance["first_logon"].is_null(), seen(Event::LOGON) == 0);
            prop_assert!(instance["ended"].is_null() || seen(Event::TERMINATED) > 0);
        }
    }
}
