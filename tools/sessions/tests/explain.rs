//! Tests the explainer with complete streams and with lost sequence numbers.

use std::collections::HashMap;
use std::ops::Range;

use proptest::prelude::*;
use sessionwatch_protocol::{EventKind as Event, Locality, Record, SessionState as State};
use sessionwatch_reader::Lost;
use sessionwatch_sessions::{Began, Ended, Explainer, HandOver, Instance, Meaning, Step};
use zerocopy::FromZeros;

const ALL: u32 = u32::MAX;
const SECOND: u64 = 10_000_000;

/// Records like those of the driver, one per second, from sequence number 1 on.
fn records(events: &[(u32, Event, State)]) -> Vec<Record> {
    let mut present = HashMap::new();
    (1..)
        .zip(events)
        .map(|(sequence, (session_id, kind, state))| {
            if *kind == Event::CREATED {
                present.remove(session_id);
            }
            let instance: u64 = *present.entry(*session_id).or_insert(sequence);
            if *kind == Event::TERMINATED {
                present.remove(session_id);
            }
            let mut record = Record::new_zeroed();
            record.sequence = sequence.into();
            record.system_time = (sequence * SECOND).into();
            record.monotonic_time = (sequence * SECOND).into();
            record.session_id = (*session_id).into();
            record.kind = kind.0.into();
            record.state = state.0.into();
            record.instance = instance.into();
            record
        })
        .collect()
}

/// Explains the records, except the lost ones.
fn explain(
    records: &[Record],
    lost: &[Range<u64>],
    event_mask: u32,
) -> (Vec<(Record, Step)>, Vec<Instance>) {
    let from = records.first().map_or(1, |record| record.sequence.get());
    let mut explainer = Explainer::new(from, event_mask);
    let (mut steps, mut instances) = (Vec::new(), Vec::new());
    for record in records {
        let sequence = record.sequence.get();
        if let Some(gap) = lost.iter().find(|gap| gap.start == sequence) {
            explainer.lose(&Lost {
                first: gap.start,
                count: gap.end - gap.start,
                previous_time: None,
                next_time: None,
            });
        }
        if !lost.iter().any(|gap| gap.contains(&sequence)) {
            let step = explainer.explain(record, true, |instance| instances.push(instance));
            steps.push((*record, step));
        }
    }
    instances.extend(explainer.into_present());
    instances.sort_unstable_by_key(|instance| instance.first.sequence);
    (steps, instances)
}

fn last_sentence(events: &[(u32, Event, State)], lost: &[Range<u64>], event_mask: u32) -> String {
    explain(&records(events), lost, event_mask).0.last().unwrap().1.sentence()
}

/// A user's day.
const DAY: [(u32, Event, State); 8] = [
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
fn a_day_is_explained_event_by_event() {
    let (steps, instances) = explain(&records(&DAY), &[], ALL);
    let sentences: Vec<_> = steps.iter().map(|(_, step)| step.sentence()).collect();
    assert_eq!(
        sentences,
        [
            "session created",
            "new connection, nobody is logged on",
            "new logon",
            "disconnect, the user stays logged on, connected for 2s",
            "reconnect, away for 1s",
            "logoff, logged on for 3s",
            "disconnect, nobody is logged on, connected for 2s",
            "session terminated, after 7s",
        ]
    );
    let labels: Vec<_> = steps.iter().map(|(_, step)| step.label(3).unwrap()).collect();
    assert_eq!(
        labels,
        [
            "created",
            "new connection",
            "new logon",
            "disconnect",
            "reconnect",
            "logoff",
            "disconnect",
            "terminated"
        ]
    );
    let [day] = &instances[..] else { panic!("{instances:?}") };
    assert_eq!((day.reconnects, day.connected_100ns, day.events), (1, 4 * SECOND, 8));
    assert_eq!((day.began, day.ended), (Began::Created, Some(Ended::Terminated)));
    assert!(day.remarks.is_empty());
}

#[test]
fn the_first_event_shows_the_beginning_of_its_instance() {
    let began =
        |events: &[Record], lost: &[Range<u64>], mask| explain(events, lost, mask).1[0].began;
    let whole = records(&DAY);
    assert_eq!(began(&records(&DAY[5..6]), &[], ALL), Began::BeforeDriver);
    assert_eq!(began(&records(&DAY[5..6]), &[], !1), Began::NotRecorded);
    assert_eq!(began(&whole, std::slice::from_ref(&(1..6)), ALL), Began::Lost);
    assert_eq!(began(&whole[5..], &[], ALL), Began::NotRead);
    let mut untracked = records(&DAY[5..6]);
    untracked[0].instance = 0.into();
    assert_eq!(began(&untracked, &[], ALL), Began::Untracked);
}

#[test]
fn a_transition_is_unexpected_only_if_no_event_is_missing() {
    let without_logon = [DAY[0], DAY[1], DAY[5]];
    assert_eq!(
        last_sentence(&without_logon, &[], ALL),
        "logoff; unexpected: logoff while connected (no event is missing)"
    );
    assert_eq!(last_sentence(&without_logon, &[], !(1 << 4)), "logoff", "the mask excludes logons");
    assert_eq!(last_sentence(&DAY[5..6], &[], ALL), "logoff", "the driver started later");
    let lost = std::slice::from_ref(&(3..6));
    assert_eq!(last_sentence(&DAY[..7], lost, ALL), "disconnect, nobody is logged on");
}

#[test]
fn a_repeated_remark_is_kept_once_with_its_count() {
    let mut events = vec![DAY[0], DAY[1]];
    events.extend([(3, Event::LOGOFF, State::CONNECTED); 200]);
    let (_, instances) = explain(&records(&events), &[], ALL);
    let [remark] = &instances[0].remarks[..] else { panic!("{instances:?}") };
    assert_eq!(remark.count, 200);
}

#[test]
fn a_reused_id_is_another_instance() {
    let again = [&DAY[..], &DAY[..3]].concat();
    let (_, instances) = explain(&records(&again), &[], ALL);
    assert_eq!((instances[0].number, instances[1].number), (1, 9));
    assert_eq!((instances[1].is_logged_on(), instances[1].ended), (Some(true), None));

    // The terminated event is lost. The next instance shows that the first one has ended.
    let (_, instances) = explain(&records(&again), std::slice::from_ref(&(7..10)), ALL);
    assert_eq!(instances[0].ended, Some(Ended::NotSeen));
    assert_eq!(instances[1].began, Began::Lost);
}

#[test]
fn a_hand_over_names_both_sessions() {
    let mut stream = records(&[
        (2, Event::CREATED, State::CREATED),
        (2, Event::CONNECTED, State::CONNECTED),
        (2, Event::LOGON, State::LOGGED_ON),
        (2, Event::DISCONNECTED, State::DISCONNECTED_LOGGED_ON),
        (3, Event::CREATED, State::CREATED),
        (3, Event::CONNECTED, State::CONNECTED),
        (3, Event::DISCONNECTED, State::DISCONNECTED),
        (2, Event::CONNECTED, State::LOGGED_ON),
        (3, Event::TERMINATED, State::TERMINATED),
    ]);
    for record in &mut stream {
        record.locality = Locality::REMOTE.0;
    }
    let (steps, instances) = explain(&stream, &[], ALL);
    let took = &steps[7].1;
    assert_eq!(took.hand_over, Some(HandOver { from: 3, to: 2 }));
    assert_eq!(took.label(2).unwrap(), "hand-over from 3");
    assert_eq!(took.sentence(), "reconnect, away for 4s; session 3 handed its connection to 2");
    assert_eq!((instances[0].handed_from, instances[1].handed_to), (Some(3), Some(2)));

    // The other order: the user's session connects first.
    stream.swap(6, 7);
    for (sequence, record) in (1..).zip(&mut stream) {
        record.sequence = sequence.into();
    }
    let (steps, _) = explain(&stream, &[], ALL);
    assert_eq!(steps[7].1.label(3).unwrap(), "hand-over to 2");

    // A sequence number between them is lost.
    let (steps, _) = explain(&stream, std::slice::from_ref(&(7..8)), ALL);
    assert!(steps.iter().all(|(_, step)| step.hand_over.is_none()));
}

fn any_event() -> impl Strategy<Value = (u32, Event, State)> {
    (1..4_u32, 0..8_u32, 0..10_u32)
        .prop_map(|(session, kind, state)| (session, Event(kind), State(state)))
}

/// Streams of mostly usual events.
fn any_stream() -> impl Strategy<Value = Vec<(u32, Event, State)>> {
    let usual = (1..4_u32, 0..DAY.len()).prop_map(|(session, at)| (session, DAY[at].1, DAY[at].2));
    prop::collection::vec(prop_oneof![3 => usual, 1 => any_event()], 1..60)
}

proptest! {
    /// The explainer claims only what the stream shows, whatever sequence numbers are lost.
    #[test]
    fn the_explainer_claims_only_what_the_stream_shows(
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
            if let Some(HandOver { from, to }) = step.hand_over {
                let session_id = record.session_id.get();
                prop_assert!(from != to && (session_id == from || session_id == to));
            }
        }
        let events: u64 = instances.iter().map(|instance| instance.events).sum();
        prop_assert_eq!(events, steps.len() as u64);
        for instance in &instances {
            let of_instance = |record: &Record| {
                instance.session_id == record.session_id.get()
                    && instance.number == record.instance.get()
            };
            let seen = |kind: Event| {
                let is_seen = |(record, _): &&(Record, Step)| of_instance(record) && record.kind() == kind;
                steps.iter().filter(is_seen).count() as u64
            };
            prop_assert_eq!(instance.logons, seen(Event::LOGON));
            prop_assert_eq!(instance.logoffs, seen(Event::LOGOFF));
            prop_assert_eq!(instance.disconnects, seen(Event::DISCONNECTED));
            prop_assert_eq!(instance.began == Began::Created, seen(Event::CREATED) > 0);
            prop_assert_eq!(instance.first_logon.is_none(), seen(Event::LOGON) == 0);
            prop_assert_eq!(instance.ended == Some(Ended::Terminated), seen(Event::TERMINATED) > 0);
        }
    }
}
