//! The path of a notification through the journal, from the callback to a reader.

use std::sync::atomic::AtomicU64;

use sessionwatch_journal::{
    Clocks, ConnectInfo, Information, Input, Journal, Load, Notification, Outcome, Payload,
    PendingCounts, Present, Recorder, Ring, RingCapacity, Setting, Settings, Vitals,
};
use sessionwatch_protocol::{
    DESCRIBE, DescribeReply, DescribeRequest, EventKind, Locality, READ, ReadRequest, Record,
    RecordFlags, SessionState, SessionsReply, decode_describe, decode_read, decode_sessions,
};
use zerocopy::IntoBytes;

const LOADED: Clocks = Clocks { system: 1000, monotonic: 10 };
const NOTIFIED: Clocks = Clocks { system: 2000, monotonic: 20 };
const DESCRIBED: Clocks = Clocks { system: 3000, monotonic: 30 };

const LOGON: Notification = Notification {
    event: EventKind::LOGON.0,
    payload: Payload::Missing { claimed: 0 },
    information: Some(Information {
        session_id: 5,
        state: SessionState::LOGGED_ON.0,
        local_session: 0,
    }),
};

/// A journal of 64 records, with a table for `sessions`.
struct Machine {
    journal: Journal<Vec<AtomicU64>>,
    recorder: Recorder<Vec<Present>>,
}

impl Machine {
    fn new(sessions: usize, loaded: Clocks) -> Self {
        let capacity = RingCapacity::from_setting(Setting::Number(64));
        let settings = Settings { capacity, ..Settings::default() };
        let words = Ring::<Vec<AtomicU64>>::words_for(capacity.records);
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        let load = Load { clocks: loaded, driver_version: [0, 1, 0], settings };
        let places = vec![Present::default(); sessions];
        let (journal, recorder) = Journal::new(words, places, load).unwrap();
        Self { journal, recorder }
    }

    /// Records a notification, and reads its record back.
    fn notify(&mut self, notification: Notification) -> Record {
        let sequence = self.journal.record(&mut self.recorder, &notification, NOTIFIED).unwrap();
        let mut output = [0; 112];
        let request = ReadRequest::new(sequence);
        let outcome = self.journal.dispatch(READ, &input(&request), &mut output, vitals);
        assert_eq!(outcome, Ok(Outcome::Answered(112)));
        decode_read(&output).unwrap().records[0]
    }

    fn describe(&self) -> DescribeReply {
        let mut output = [0; DescribeReply::SIZE];
        let request = DescribeRequest::new();
        let answer = self.journal.dispatch(DESCRIBE, &input(&request), &mut output, vitals);
        assert_eq!(answer, Ok(Outcome::Answered(DescribeReply::SIZE)));
        *decode_describe(&output).unwrap()
    }
}

fn vitals() -> Vitals {
    Vitals { clocks: DESCRIBED, pending: PendingCounts::default(), is_registered: false }
}

/// A request, aligned like the I/O manager's copy.
fn input(request: &(impl IntoBytes + zerocopy::Immutable)) -> Input {
    let mut words = [0_u64; 2];
    let bytes = &mut words.as_mut_bytes()[..request.as_bytes().len()];
    bytes.copy_from_slice(request.as_bytes());
    Input::copy_of(bytes)
}

#[test]
fn a_record_has_the_fields_of_its_notification() {
    let mut machine = Machine::new(8, LOADED);
    let expected = Record {
        sequence: 1.into(),
        system_time: 2000.into(),
        monotonic_time: 20.into(),
        session_id: 5.into(),
        kind: EventKind::LOGON.0.into(),
        state: SessionState::LOGGED_ON.0.into(),
        locality: Locality::REMOTE.0,
        reserved: 0,
        flags: 0.into(),
        instance: 1.into(),
    };
    assert_eq!(machine.notify(LOGON), expected);
}

#[test]
fn an_event_without_a_session_id_has_no_instance() {
    let mut machine = Machine::new(8, LOADED);
    let record = machine.notify(Notification { information: None, ..LOGON });
    assert_eq!((record.session_id.get(), record.instance.get()), (u32::MAX, 0));
    assert_eq!(
        record.flags(),
        RecordFlags::INFORMATION_FAILED.union(RecordFlags::SESSION_ID_UNKNOWN)
    );
}

#[test]
fn a_session_without_an_entry_in_the_table_is_recorded_and_flagged() {
    let mut machine = Machine::new(0, LOADED);
    let record = machine.notify(LOGON);
    assert_eq!((record.session_id.get(), record.instance.get()), (5, 0));
    assert_eq!(record.flags(), RecordFlags::INSTANCE_UNTRACKED);
    assert_eq!(machine.describe().malformed.get(), 0, "this is a limit of the driver");
    let unknown = machine.notify(Notification { event: 99, ..LOGON });
    assert_eq!(unknown.flags(), RecordFlags::EVENT_UNKNOWN.union(RecordFlags::INSTANCE_UNTRACKED));
    let mut output = [0; SessionsReply::SIZE];
    assert_eq!(machine.journal.answer_sessions(&machine.recorder, &mut output), Ok(64));
    let snapshot = decode_sessions(&output).unwrap();
    assert_eq!((snapshot.head.present.get(), snapshot.head.untracked.get()), (0, 2));
}

#[test]
fn malformed_notifications_are_counted() {
    let mut machine = Machine::new(8, LOADED);
    machine.notify(LOGON);
    assert_eq!(machine.describe().malformed.get(), 0);
    machine.notify(Notification { event: 99, ..LOGON });
    machine.notify(Notification { payload: Payload::Missing { claimed: 8 }, ..LOGON });
    let other = ConnectInfo { session_id: 6, local_session: 1 };
    machine.notify(Notification {
        event: EventKind::CONNECTED.0,
        payload: Payload::ConnectInfo(other),
        ..LOGON
    });
    assert_eq!(machine.describe().malformed.get(), 3);
}

#[test]
fn a_describe_reply_has_the_registration_the_last_event_and_the_counts_by_kind() {
    let mut machine = Machine::new(8, LOADED);
    let described = machine.describe();
    assert_eq!((described.is_registered.get(), described.last_event_monotonic_time.get()), (0, 0));
    assert_eq!(described.seen_by_kind, [0; 8]);
    machine.notify(LOGON);
    machine.notify(Notification { event: 99, ..LOGON });
    let described = machine.describe();
    assert_eq!(described.last_event_system_time, NOTIFIED.system);
    assert_eq!(described.last_event_monotonic_time, NOTIFIED.monotonic);
    assert_eq!(described.seen_by_kind, [0, 0, 0, 0, 0, 1, 0, 1]);
    assert_eq!(machine.journal.next_sequence(), 3);
}

#[test]
fn recorded_returns_a_record_without_counting_a_read() {
    let mut machine = Machine::new(8, LOADED);
    let reads = |machine: &Machine| machine.describe().reads_completed.get();
    let first = machine.notify(LOGON);
    let before = reads(&machine);
    assert_eq!(machine.journal.recorded(1), Some(first));
    assert_eq!((machine.journal.recorded(0), machine.journal.recorded(2)), (None, None));
    assert_eq!(reads(&machine), before);
    for _ in 1..64 {
        machine.notify(LOGON);
    }
    assert_eq!(machine.journal.recorded(1), Some(first));
    let last = machine.notify(LOGON);
    assert_eq!((machine.journal.recorded(1), machine.journal.recorded(65)), (None, Some(last)));
}

#[test]
fn completed_reads_and_rejections_have_separate_counters() {
    let mut machine = Machine::new(8, LOADED);
    for _ in 0..3 {
        machine.notify(LOGON);
    }
    let mut output = [0; 8];
    let answer = machine.journal.dispatch(READ, &input(&ReadRequest::new(1)), &mut output, vitals);
    assert!(answer.is_err());
    let described = machine.describe();
    assert_eq!((described.reads_completed.get(), described.requests_rejected.get()), (3, 1));
}

#[test]
fn a_journal_id_is_not_0_even_if_the_clock_is() {
    let clock_at_zero = Clocks { system: 0, ..LOADED };
    assert_eq!(Machine::new(8, clock_at_zero).describe().journal_id.get(), 1);
    assert_eq!(Machine::new(8, LOADED).describe().journal_id.get(), 1000);
}
