//! What becomes of a notification, from the callback to a reader.

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
const TOLD: Clocks = Clocks { system: 2000, monotonic: 20 };
const ASKED: Clocks = Clocks { system: 3000, monotonic: 30 };

const LOGON: Notification = Notification {
    event: EventKind::LOGON.0,
    payload: Payload::Missing { claimed: 0 },
    information: Some(Information {
        session_id: 5,
        state: SessionState::LOGGED_ON.0,
        local_session: 0,
    }),
};

/// A journal of a few records, as the driver has it: with room for `sessions`.
struct Machine {
    journal: Journal<Vec<AtomicU64>>,
    recorder: Recorder<Vec<Present>>,
}

impl Machine {
    fn new(sessions: usize, loaded: Clocks) -> Self {
        let capacity = RingCapacity::weigh(Setting::Number(64));
        let settings = Settings { capacity, ..Settings::default() };
        let words = Ring::<Vec<AtomicU64>>::words_for(capacity.records);
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        let load = Load { clocks: loaded, driver_version: [0, 1, 0], settings };
        let places = vec![Present::default(); sessions];
        let (journal, recorder) = Journal::new(words, places, load).unwrap();
        Self { journal, recorder }
    }

    fn tell(&mut self, notification: Notification) -> Record {
        let number = self.journal.record(&mut self.recorder, &notification, TOLD).unwrap();
        let mut output = [0; 112];
        let request = ReadRequest::new(number);
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
    Vitals { clocks: ASKED, pending: PendingCounts::default(), is_registered: false }
}

/// A request, aligned as the I/O manager aligns it.
fn input(request: &(impl IntoBytes + zerocopy::Immutable)) -> Input {
    let mut words = [0_u64; 2];
    let bytes = &mut words.as_mut_bytes()[..request.as_bytes().len()];
    bytes.copy_from_slice(request.as_bytes());
    Input::copy_of(bytes)
}

#[test]
fn a_record_says_what_the_kernel_said() {
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
    assert_eq!(machine.tell(LOGON), expected);
}

#[test]
fn an_event_of_no_known_session_belongs_to_no_instance_and_fills_no_table() {
    let mut machine = Machine::new(8, LOADED);
    let record = machine.tell(Notification { information: None, ..LOGON });
    assert_eq!((record.session_id.get(), record.instance.get()), (u32::MAX, 0));
    assert_eq!(
        record.flags(),
        RecordFlags::INFORMATION_FAILED.union(RecordFlags::SESSION_ID_UNKNOWN)
    );
}

#[test]
fn a_session_more_than_the_table_holds_is_recorded_and_flagged() {
    let mut machine = Machine::new(0, LOADED);
    let record = machine.tell(LOGON);
    assert_eq!((record.session_id.get(), record.instance.get()), (5, 0));
    assert_eq!(record.flags(), RecordFlags::INSTANCE_UNTRACKED);
    assert_eq!(machine.describe().malformed.get(), 0, "that is the driver's limit");
    let odd = machine.tell(Notification { event: 99, ..LOGON });
    assert_eq!(odd.flags(), RecordFlags::EVENT_UNKNOWN.union(RecordFlags::INSTANCE_UNTRACKED));
    let mut output = [0; SessionsReply::SIZE];
    assert_eq!(machine.journal.answer_sessions(&machine.recorder, &mut output), Ok(64));
    let snapshot = decode_sessions(&output).unwrap();
    assert_eq!((snapshot.head.present.get(), snapshot.head.untracked.get()), (0, 2));
}

#[test]
fn malformed_notifications_are_counted() {
    let mut machine = Machine::new(8, LOADED);
    machine.tell(LOGON);
    assert_eq!(machine.describe().malformed.get(), 0);
    machine.tell(Notification { event: 99, ..LOGON });
    machine.tell(Notification { payload: Payload::Missing { claimed: 8 }, ..LOGON });
    let other = ConnectInfo { session_id: 6, local_session: 1 };
    machine.tell(Notification {
        event: EventKind::CONNECTED.0,
        payload: Payload::ConnectInfo(other),
        ..LOGON
    });
    assert_eq!(machine.describe().malformed.get(), 3);
}

#[test]
fn a_driver_that_is_not_told_of_anything_says_so() {
    let mut machine = Machine::new(8, LOADED);
    let account = machine.describe();
    assert_eq!((account.is_registered.get(), account.last_event_monotonic_time.get()), (0, 0));
    assert_eq!(account.seen_by_kind, [0; 8]);
    machine.tell(LOGON);
    machine.tell(Notification { event: 99, ..LOGON });
    let account = machine.describe();
    assert_eq!(account.last_event_system_time, TOLD.system);
    assert_eq!(account.last_event_monotonic_time, TOLD.monotonic);
    assert_eq!(account.seen_by_kind, [0, 0, 0, 0, 0, 1, 0, 1]);
    assert_eq!(machine.journal.next_sequence(), 3);
}

#[test]
fn a_record_can_be_had_by_its_number_without_a_read() {
    let mut machine = Machine::new(8, LOADED);
    let reads = |machine: &Machine| machine.describe().reads_completed.get();
    let first = machine.tell(LOGON);
    let before = reads(&machine);
    assert_eq!(machine.journal.recorded(1), Some(first));
    assert_eq!((machine.journal.recorded(0), machine.journal.recorded(2)), (None, None));
    assert_eq!(reads(&machine), before);
    for _ in 1..64 {
        machine.tell(LOGON);
    }
    assert_eq!(machine.journal.recorded(1), Some(first));
    let last = machine.tell(LOGON);
    assert_eq!((machine.journal.recorded(1), machine.journal.recorded(65)), (None, Some(last)));
}

#[test]
fn reads_and_refusals_are_counted_apart() {
    let mut machine = Machine::new(8, LOADED);
    for _ in 0..3 {
        machine.tell(LOGON);
    }
    let mut output = [0; 8];
    let answer = machine.journal.dispatch(READ, &input(&ReadRequest::new(1)), &mut output, vitals);
    assert!(answer.is_err());
    let account = machine.describe();
    assert_eq!((account.reads_completed.get(), account.requests_rejected.get()), (3, 1));
}

#[test]
fn a_load_has_an_id_even_where_the_clock_was_never_set() {
    let clock_at_zero = Clocks { system: 0, ..LOADED };
    assert_eq!(Machine::new(8, clock_at_zero).describe().journal_id.get(), 1);
    assert_eq!(Machine::new(8, LOADED).describe().journal_id.get(), 1000);
}
