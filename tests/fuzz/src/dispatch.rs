//! Dispatch against a model: after any events, every request gets the outcome that follows
//! from a plain list of the events, and no other byte of output is written.

use std::sync::atomic::AtomicU64;

use sessionwatch_journal::{
    Clocks, Information, Input, Journal, Load, Notification, Outcome, Payload, PendingCounts,
    Present, Recorder, Ring, RingCapacity, Settings, Vitals,
};
use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DescribeReply, DescribeRequest, READ, ReadReply, ReadRequest, Record,
    RecordFlags, Rejection, SESSIONS, SessionsReply, SessionsRequest, SettingFlags, VERSION,
    decode_describe, decode_read, decode_sessions,
};
use zerocopy::{FromBytes, IntoBytes, transmute};

use crate::case::{EventBytes, JournalSize, Step, take};

const JOURNAL_ID: u64 = 77;
/// The flags that `docs/protocol.md` defines.
const DOCUMENTED_FLAGS: u16 = 0x01FF;
/// Fills every output, so that a byte that the driver did not write is recognized.
const UNTOUCHED: u8 = 0xA5;
/// The limit on the steps of a case, which bounds its time.
const MOST_STEPS: usize = 64;
/// The limit on a request's length, in bytes: longer than every request.
const LONGEST_INPUT: usize = 24;
/// The limit on an output's size, in bytes: room for more records than any ring here keeps.
const LARGEST_OUTPUT: usize = 4096;

/// Runs the steps of a case on a journal.
///
/// # Panics
///
/// If an outcome breaks a promise of the journal.
pub fn dispatch(mut bytes: &[u8]) {
    let Some(size) = take(&mut bytes) else { return };
    let mut driver = Driver::new(size);
    for _ in 0..MOST_STEPS {
        let Some(step) = take::<Step>(&mut bytes) else { break };
        if step.is_request.is_multiple_of(2) {
            driver.events(&step);
        } else {
            driver.request(&step);
        }
    }
    driver.check_account();
}

/// A journal, and its model: the list of its events.
pub(crate) struct Driver {
    journal: Journal<Vec<AtomicU64>>,
    recorder: Recorder<Vec<Present>>,
    capacity: u32,
    events: Vec<Event>,
    reads: u64,
    rejected: u64,
}

/// An event of the model. Its sequence number is its index plus one.
#[derive(Clone, Copy)]
struct Event {
    kind: u32,
    /// The kernel's information.
    information: Option<Information>,
    system: u64,
    /// The expected monotonic time of the record.
    monotonic: u64,
}

/// The outcome of a request.
pub(crate) enum Answer {
    /// The reply has this length, in bytes.
    Replied(usize),
    /// The read is pending until this sequence number exists.
    Pends(u64),
    Rejected(Rejection),
}

impl Driver {
    pub(crate) fn new(size: JournalSize) -> Self {
        let capacity = u32::from(size.capacity % 64) + 1;
        let words = Ring::<Vec<AtomicU64>>::words_for(capacity);
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        let entries = vec![Present::default(); usize::from(size.sessions % 32)];
        let load = Load {
            clocks: Clocks { system: JOURNAL_ID, monotonic: 0 },
            driver_version: [1, 2, 3],
            settings: Settings {
                capacity: RingCapacity {
                    records: capacity,
                    requested: capacity,
                    flags: SettingFlags::empty(),
                },
                ..Settings::default()
            },
        };
        let (journal, recorder) = Journal::new(words, entries, load).expect("room for a record");
        Self { journal, recorder, capacity, events: Vec::new(), reads: 0, rejected: 0 }
    }

    /// The sequence number of the next event.
    fn next(&self) -> u64 {
        self.events.len() as u64 + 1
    }

    /// The sequence number of the oldest record in the ring.
    fn first(&self) -> u64 {
        self.next().saturating_sub(u64::from(self.capacity)).max(1)
    }

    pub(crate) fn events(&mut self, step: &Step) {
        let bytes: EventBytes = transmute!(step.bytes);
        for _ in 0..step.count.get() % 256 {
            self.event(step, &bytes);
        }
    }

    fn event(&mut self, step: &Step, bytes: &EventBytes) {
        let event = bytes.event.get();
        let is_null = !bytes.is_null.is_multiple_of(2);
        let mut connect_info = [0; 8];
        connect_info[..4].copy_from_slice(step.code.as_bytes());
        connect_info[4] = bytes.payload_local;
        let payload =
            Payload::from_notification(event, is_null, bytes.length.get(), || connect_info);
        let information = bytes.is_unknown.is_multiple_of(2).then(|| Information {
            session_id: bytes.session_id.get(),
            state: bytes.state.get(),
            local_session: bytes.local,
        });

        let sequence = self.next();
        let clocks =
            Clocks { system: sequence << 32, monotonic: sequence + u64::from(step.offset) };
        let before = self.events.last().map_or(0, |last| last.monotonic);
        let monotonic = before.max(clocks.monotonic);
        let notification = Notification { event, payload, information };
        let recorded = self.journal.record(&mut self.recorder, &notification, clocks);
        assert_eq!(recorded, Some(sequence));
        self.events.push(Event { kind: event, information, system: clocks.system, monotonic });
    }

    fn request(&mut self, step: &Step) {
        let mut bytes = [0; LONGEST_INPUT];
        bytes[..step.bytes.len()].copy_from_slice(&step.bytes);
        let input = &bytes[..usize::from(step.count.get()) % (LONGEST_INPUT + 1)];
        let offset = usize::from(step.offset % 8);
        let mut output = vec![UNTOUCHED; usize::from(step.room.get()) % LARGEST_OUTPUT];

        let code = ControlCode(step.code.get());
        let expected = Request::parse(code, input, offset, output.len());
        let answer = self.ask(code, input, offset, &mut output);
        match answer {
            Answer::Replied(length) => {
                let (reply, rest) =
                    output.split_at_checked(length).expect("the reply fits into the output");
                assert_untouched(rest);
                match expected.expect("only a valid request gets a reply") {
                    Request::Describe => self.check_description(reply),
                    Request::Read { from, .. } => {
                        self.reads += 1;
                        self.check_batch(
                            from,
                            reply,
                            (output.len() - ReadReply::SIZE) / Record::SIZE,
                        );
                    }
                    Request::Sessions => self.check_snapshot(reply),
                }
            }
            Answer::Pends(from) => {
                assert_untouched(&output);
                assert!(from >= self.next(), "a read pends although its record exists");
                match expected {
                    Some(Request::Read { from: expected, waits: true }) => {
                        assert_eq!(from, expected);
                    }
                    _ => panic!("a request without the flag `wait` pends"),
                }
            }
            Answer::Rejected(rejection) => {
                self.rejected += 1;
                assert_untouched(&output);
                assert!(expected.is_none(), "{rejection}: {input:?} in {} bytes", output.len());
                if let Rejection::OutputTooSmall { needed } = rejection {
                    assert!(needed > output.len());
                }
            }
        }
    }

    /// Dispatches an input that has this offset from an 8-byte boundary, in bytes. The I/O
    /// manager's copies have offset 0.
    pub(crate) fn ask(
        &self,
        code: ControlCode,
        input: &[u8],
        offset: usize,
        output: &mut [u8],
    ) -> Answer {
        let mut words = [0_u64; LONGEST_INPUT / 8 + 1];
        let copy = &mut words.as_mut_bytes()[offset..][..input.len()];
        copy.copy_from_slice(input);
        let vitals = || Vitals {
            clocks: Clocks { system: u64::MAX, monotonic: u64::MAX },
            pending: PendingCounts::default(),
            is_registered: true,
        };
        match self.journal.dispatch(code, &Input::copy_of(copy), output, vitals) {
            Ok(Outcome::Answered(length)) => Answer::Replied(length),
            Ok(Outcome::Pends { from }) => Answer::Pends(from),
            Ok(Outcome::Sessions) => {
                assert_untouched(output);
                let length = self.journal.answer_sessions(&self.recorder, output);
                Answer::Replied(length.expect("dispatch checked the output's size"))
            }
            Err(rejection) => Answer::Rejected(rejection),
        }
    }

    fn check_description(&self, reply: &[u8]) {
        let reply = decode_describe(reply).expect("a describe reply");
        assert_eq!((reply.first.get(), reply.next.get()), (self.first(), self.next()));
        assert_eq!(reply.journal_id.get(), JOURNAL_ID);
        assert_eq!(reply.capacity.get(), self.capacity);
        assert_eq!(
            (reply.reads_completed.get(), reply.requests_rejected.get()),
            (self.reads, self.rejected)
        );
        let seen: u64 = reply.seen_by_kind.iter().map(|seen| seen.get()).sum();
        let events = self.events.len() as u64;
        assert_eq!(seen, events);
        assert!(reply.malformed.get() <= events);
    }

    /// Asserts that each record of a snapshot is the last event of its session.
    fn check_snapshot(&self, reply: &[u8]) {
        let snapshot = decode_sessions(reply).expect("a sessions reply");
        let head = snapshot.head;
        assert_eq!((head.next.get(), head.journal_id.get()), (self.next(), JOURNAL_ID));
        assert!(head.untracked.get() <= self.events.len() as u64);
        assert!(head.reserved.iter().all(|word| word.get() == 0));
        for session in snapshot.sessions {
            let last = session.sequence.get();
            self.check_record(last, session);
            let later = usize::try_from(last).expect("a sequence number of the model");
            let of_session = |event: &Event| {
                event.information.is_some_and(|of| of.session_id == session.session_id.get())
            };
            assert!(!self.events[later..].iter().any(of_session), "{session:?}");
        }
    }

    /// Compares the reply to a read from sequence number `from` with the model. The output
    /// had room for `room` records.
    fn check_batch(&self, from: u64, reply: &[u8], room: usize) {
        let batch = decode_read(reply).expect("a read reply");
        let head = batch.head;
        let lost = self.first().saturating_sub(from);
        let readable = self.next().saturating_sub(from + lost);
        assert_eq!((head.from.get(), head.lost.get()), (from, lost));
        assert_eq!(u64::from(head.count.get()), readable.min(room as u64));
        assert_eq!(head.next.get(), from + lost + u64::from(head.count.get()));
        assert_eq!((head.end.get(), head.journal_id.get()), (self.next(), JOURNAL_ID));
        assert_eq!((head.reserved.get(), head.reserved_tail.get()), (0, 0));
        for (record, sequence) in batch.records.iter().zip(from + lost..) {
            self.check_record(sequence, record);
        }
    }

    fn check_record(&self, sequence: u64, record: &Record) {
        let event = usize::try_from(sequence - 1).ok().and_then(|index| self.events.get(index));
        let event = event.expect("an event of the model");
        assert_eq!(record.sequence.get(), sequence);
        assert_eq!(record.kind.get(), event.kind);
        assert_eq!(record.system_time.get(), event.system);
        assert_eq!(record.monotonic_time.get(), event.monotonic);
        match event.information {
            Some(information) => {
                assert_eq!(record.session_id.get(), information.session_id);
                assert_eq!(record.state.get(), information.state);
            }
            None => assert!(record.flags().contains(RecordFlags::INFORMATION_FAILED)),
        }
        assert!(record.instance.get() <= sequence, "an instance begins with its first event");
        assert_eq!((record.reserved, record.flags.get() & !DOCUMENTED_FLAGS), (0, 0));
    }

    /// Reads the whole journal in pieces of five records: seen = delivered + lost.
    fn check_account(&mut self) {
        let (mut from, mut seen) = (1, 0);
        while from < self.next() {
            let mut output = [UNTOUCHED; ReadReply::SIZE + 5 * Record::SIZE];
            let Answer::Replied(length) =
                self.ask(READ, ReadRequest::new(from).as_bytes(), 0, &mut output)
            else {
                panic!("a valid request was rejected")
            };
            self.reads += 1;
            self.check_batch(from, &output[..length], 5);
            let batch = decode_read(&output[..length]).expect("a read reply");
            seen += batch.head.lost.get() + batch.records.len() as u64;
            from = batch.head.next.get();
        }
        assert_eq!(seen, self.events.len() as u64);
    }
}

/// A request that is valid by the contract.
enum Request {
    Describe,
    Read { from: u64, waits: bool },
    Sessions,
}

impl Request {
    /// Checks a request by the rules of `docs/protocol.md`, independently of the driver.
    /// `None` for a request that the driver must reject.
    fn parse(code: ControlCode, input: &[u8], offset: usize, room: usize) -> Option<Self> {
        if offset != 0 {
            return None;
        }
        match code {
            DESCRIBE => (input == DescribeRequest::new().as_bytes() && room >= DescribeReply::SIZE)
                .then_some(Self::Describe),
            READ => {
                let request = ReadRequest::read_from_bytes(input).ok()?;
                let (from, flags) = (request.from.get(), request.header.flags.get());
                let is_valid = request.header.version.get() == VERSION
                    && flags <= 1
                    && from != 0
                    && room >= ReadReply::SMALLEST_OUTPUT;
                is_valid.then_some(Self::Read { from, waits: flags == 1 })
            }
            SESSIONS => (input == SessionsRequest::new().as_bytes() && room >= SessionsReply::SIZE)
                .then_some(Self::Sessions),
            _ => None,
        }
    }
}

fn assert_untouched(bytes: &[u8]) {
    assert!(bytes.iter().all(|byte| *byte == UNTOUCHED), "a byte behind the reply was written");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries every length, offset and output size, up to sizes beyond which nothing changes.
    #[test]
    fn every_small_request_is_completed_or_rejected_as_documented() {
        let mut driver = Driver::new(JournalSize { capacity: 1, sessions: 8 });
        let mut bytes = [0; 20];
        bytes[0] = 1;
        bytes[8] = 1;
        let event = Step {
            is_request: 0,
            offset: 0,
            count: 3.into(),
            room: 0.into(),
            code: 0.into(),
            bytes,
        };
        driver.events(&event);
        // Miri needs a thousand times as long.
        let stride = if cfg!(miri) { 7 } else { 1 };
        let rooms = (0..2).chain(62..67).chain(110..115).chain(238..242).chain(158..210);
        for code in [DESCRIBE.0, READ.0, SESSIONS.0, READ.0 + 1, 0] {
            for length in (0..=24_u16).step_by(stride.min(4)) {
                for offset in (0..8).step_by(stride) {
                    for room in rooms.clone().step_by(stride) {
                        driver.request(&Step {
                            is_request: 1,
                            offset,
                            count: length.into(),
                            room: room.into(),
                            code: code.into(),
                            bytes,
                        });
                    }
                }
            }
        }
        driver.check_account();
        assert!(driver.reads > 0 && driver.rejected > 0);
    }
}
