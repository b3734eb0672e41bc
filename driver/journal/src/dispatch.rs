//! Dispatch of requests. This is the only entry for requests, and the only place that
//! checks their lengths: once, on a copy.
//!
//! [`Journal::dispatch`] has one arm for each operation. A rejected request writes no byte
//! of output.

use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering};

use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DescribeReply, DescribeRequest, READ, ReadFlags, ReadReply, ReadRequest,
    Record, Rejection, RequestHeader, SESSIONS, SessionsReply, SessionsRequest, VERSION,
};
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::journal::{Journal, Recorder, Vitals};
use crate::sessions::Present;

/// A copy of a request, taken before any of its bytes is interpreted.
///
/// In buffered I/O, input and output are the same memory. The copy also allows the output
/// to be written.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    bytes: [u8; Self::KEPT],
    /// The length of the request, in bytes; at most [`Self::KEPT`] of them are copied.
    length: usize,
    is_aligned: bool,
}

impl Input {
    /// The length of the longest request, in bytes.
    const KEPT: usize = size_of::<ReadRequest>();
    /// Requests consist of 64-bit words.
    const ALIGNMENT: usize = align_of::<u64>();

    /// Copies a request.
    #[must_use]
    pub fn copy_of(input: &[u8]) -> Self {
        let mut bytes = [0; Self::KEPT];
        for (copy, byte) in bytes.iter_mut().zip(input) {
            *copy = *byte;
        }
        let is_aligned = input.is_empty() || input.as_ptr().addr().is_multiple_of(Self::ALIGNMENT);
        Self { bytes, length: input.len(), is_aligned }
    }

    /// The request, checked: aligned, of this version, and of its structure's length.
    fn request<R>(&self) -> Result<R, Rejection>
    where
        R: FromBytes + Immutable + KnownLayout + Unaligned,
    {
        const { assert!(size_of::<R>() <= Self::KEPT) };
        if !self.is_aligned {
            return Err(Rejection::Misaligned);
        }
        // Another version may have other lengths, so the version is checked first.
        if self.length < size_of::<U32>() {
            return Err(Rejection::Truncated);
        }
        let (header, _) =
            RequestHeader::read_from_prefix(&self.bytes).map_err(|_| Rejection::Truncated)?;
        if header.version.get() != VERSION {
            return Err(Rejection::UnknownVersion);
        }
        if self.length > size_of::<R>() {
            return Err(Rejection::Oversized);
        }
        if self.length < size_of::<R>() {
            return Err(Rejection::Truncated);
        }
        R::read_from_prefix(&self.bytes)
            .map(|(request, _)| request)
            .map_err(|_| Rejection::Truncated)
    }
}

/// The next step for a request that passed its checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Complete the request: the reply has this length, in bytes.
    Answered(usize),
    /// Make the read pending until record `from` exists. The output is untouched.
    Pends {
        /// The sequence number to pass to [`Journal::answer_pending`].
        from: u64,
    },
    /// Call [`Journal::answer_sessions`], which needs the recorder. The output is
    /// untouched.
    Sessions,
}

impl<S: Deref<Target = [AtomicU64]>> Journal<S> {
    /// Checks a request, and writes its reply where that needs neither the recorder nor a
    /// wait. Calls `vitals` only for a describe reply.
    ///
    /// # Errors
    ///
    /// The reason for the rejection. The output is untouched.
    pub fn dispatch(
        &self,
        code: ControlCode,
        input: &Input,
        output: &mut [u8],
        vitals: impl FnOnce() -> Vitals,
    ) -> Result<Outcome, Rejection> {
        let outcome = match code {
            DESCRIBE => self.answer_describe(input, output, vitals).map(Outcome::Answered),
            READ => self.answer_read(input, output),
            SESSIONS => Self::check_sessions(input, output),
            _ => Err(Rejection::UnknownCode),
        };
        if outcome.is_err() {
            self.count_rejection();
        }
        outcome
    }

    /// Writes the reply to a pending read, and returns the reply's length in bytes.
    ///
    /// # Errors
    ///
    /// [`Rejection::OutputTooSmall`]. The output for which [`dispatch`](Self::dispatch)
    /// returned [`Outcome::Pends`] is large enough.
    pub fn answer_pending(&self, from: u64, output: &mut [u8]) -> Result<usize, Rejection> {
        ReadOutput::new(output).map(|output| self.read_into(from, output))
    }

    /// Writes the sessions reply, and returns its length in bytes. Takes time in proportion
    /// to the table of sessions. No event is recorded meanwhile, because the caller holds
    /// the recorder: so the reply is a snapshot.
    ///
    /// # Errors
    ///
    /// [`Rejection::OutputTooSmall`]. The output for which [`dispatch`](Self::dispatch)
    /// returned [`Outcome::Sessions`] is large enough.
    pub fn answer_sessions<T: DerefMut<Target = [Present]>>(
        &self,
        recorder: &Recorder<T>,
        output: &mut [u8],
    ) -> Result<usize, Rejection> {
        let (head, records) =
            output.split_at_mut_checked(SessionsReply::SIZE).ok_or(Self::NO_ROOM_FOR_SESSIONS)?;
        let (records, _) = records.as_chunks_mut();
        let count = recorder.sessions.copy_to(records);
        let field = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).into();
        let reply = SessionsReply {
            version: VERSION.into(),
            record_size: Record::SIZE_FIELD,
            journal_id: self.id().into(),
            // Stable here: pushing needs the recorder.
            next: self.ring.next().into(),
            present: field(recorder.sessions.present()),
            count: field(count),
            untracked: self.untracked.load(Ordering::Relaxed).into(),
            reserved: [0.into(); 3],
        };
        head.copy_from_slice(reply.as_bytes());
        Ok(count.saturating_mul(Record::SIZE).saturating_add(SessionsReply::SIZE))
    }

    /// Counts a request that was rejected after [`dispatch`](Self::dispatch) returned.
    pub fn count_rejection(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    fn answer_describe(
        &self,
        input: &Input,
        output: &mut [u8],
        vitals: impl FnOnce() -> Vitals,
    ) -> Result<usize, Rejection> {
        let request: DescribeRequest = input.request()?;
        if request.header.flags.get() != 0 {
            return Err(Rejection::InvalidField);
        }
        let output = output
            .get_mut(..DescribeReply::SIZE)
            .ok_or(Rejection::OutputTooSmall { needed: DescribeReply::SIZE })?;
        output.copy_from_slice(self.describe(&vitals()).as_bytes());
        Ok(DescribeReply::SIZE)
    }

    const NO_ROOM_FOR_SESSIONS: Rejection =
        Rejection::OutputTooSmall { needed: SessionsReply::SIZE };

    fn check_sessions(input: &Input, output: &[u8]) -> Result<Outcome, Rejection> {
        let request: SessionsRequest = input.request()?;
        if request.header.flags.get() != 0 {
            return Err(Rejection::InvalidField);
        }
        if output.len() < SessionsReply::SIZE {
            return Err(Self::NO_ROOM_FOR_SESSIONS);
        }
        Ok(Outcome::Sessions)
    }

    fn answer_read(&self, input: &Input, output: &mut [u8]) -> Result<Outcome, Rejection> {
        let request: ReadRequest = input.request()?;
        let from = request.from.get();
        let flags = request.flags().ok_or(Rejection::InvalidField)?;
        if from == 0 {
            return Err(Rejection::InvalidField);
        }
        let output = ReadOutput::new(output)?;
        if flags.contains(ReadFlags::WAIT) && from >= self.ring.next() {
            return Ok(Outcome::Pends { from });
        }
        Ok(Outcome::Answered(self.read_into(from, output)))
    }

    fn read_into(&self, from: u64, ReadOutput { head, records }: ReadOutput) -> usize {
        let read = self.ring.read(from, records);
        let reply = ReadReply {
            version: VERSION.into(),
            record_size: Record::SIZE_FIELD,
            journal_id: self.id().into(),
            from: from.into(),
            lost: read.lost.into(),
            count: u32::try_from(read.count).unwrap_or(u32::MAX).into(),
            reserved: 0.into(),
            next: read.next.into(),
            end: read.end.into(),
            reserved_tail: 0.into(),
        };
        head.copy_from_slice(reply.as_bytes());
        self.reads.fetch_add(1, Ordering::Relaxed);
        read.count.saturating_mul(Record::SIZE).saturating_add(ReadReply::SIZE)
    }
}

/// An output buffer with room for the head of a read reply and at least one record.
struct ReadOutput<'output> {
    head: &'output mut [u8],
    records: &'output mut [[u8; Record::SIZE]],
}

impl<'output> ReadOutput<'output> {
    fn new(output: &'output mut [u8]) -> Result<Self, Rejection> {
        let too_small = Rejection::OutputTooSmall { needed: ReadReply::SMALLEST_OUTPUT };
        let (head, records) = output.split_at_mut_checked(ReadReply::SIZE).ok_or(too_small)?;
        let (records, _) = records.as_chunks_mut::<{ Record::SIZE }>();
        // The reply's count has 32 bits.
        let room = records.len().min(u32::MAX as usize);
        let records = records.get_mut(..room).filter(|room| !room.is_empty()).ok_or(too_small)?;
        Ok(Self { head, records })
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;
    use sessionwatch_protocol::{
        EventKind, SettingFlags, decode_describe, decode_read, decode_sessions,
    };

    use super::*;
    use crate::{
        Clocks, Information, Load, Notification, Payload, PendingCounts, Recorder, Ring,
        RingCapacity, Settings,
    };

    const VITALS: Vitals = Vitals {
        clocks: Clocks { system: 500, monotonic: 60 },
        pending: PendingCounts { pending: 2, pended: 5, cancelled: 3 },
        is_registered: true,
    };
    const UNTOUCHED: u8 = 0xA5;

    type HeapJournal = Journal<Vec<AtomicU64>>;

    fn journal(capacity: u32, events: u64) -> HeapJournal {
        let (journal, mut recorder) = empty(capacity);
        for time in 1..=events {
            record(&journal, &mut recorder, time);
        }
        journal
    }

    fn empty(capacity: u32) -> (HeapJournal, Recorder<Vec<Present>>) {
        let words = (0..Ring::<Vec<AtomicU64>>::words_for(capacity)).map(|_| AtomicU64::new(0));
        let load = Load {
            clocks: Clocks { system: 77, monotonic: 5 },
            driver_version: [1, 2, 3],
            settings: Settings {
                capacity: RingCapacity {
                    records: capacity,
                    requested: 9,
                    flags: SettingFlags::CAPACITY_CLAMPED,
                },
                ..Settings::default()
            },
        };
        Journal::new(words.collect(), vec![Present::default(); 64], load).unwrap()
    }

    fn record(journal: &HeapJournal, recorder: &mut Recorder<Vec<Present>>, time: u64) {
        let notification = Notification {
            event: EventKind::LOGON.0,
            payload: Payload::Missing { claimed: 0 },
            information: Some(Information { session_id: 1, state: 6, local_session: 1 }),
        };
        journal.record(recorder, &notification, Clocks { system: time, monotonic: time }).unwrap();
    }

    /// Dispatches into a buffer of `room` bytes and returns the reply. Asserts that the rest
    /// of the buffer is untouched.
    fn ask(
        journal: &HeapJournal,
        code: ControlCode,
        input: &[u8],
        room: usize,
    ) -> Result<Vec<u8>, Rejection> {
        match outcome(journal, code, input, room)? {
            (Outcome::Answered(length), mut output) => {
                assert!(output[length..].iter().all(|byte| *byte == UNTOUCHED));
                output.truncate(length);
                Ok(output)
            }
            (other, _) => panic!("{other:?}"),
        }
    }

    /// Like [`ask`], but returns the outcome and the whole output.
    fn outcome(
        journal: &HeapJournal,
        code: ControlCode,
        input: &[u8],
        room: usize,
    ) -> Result<(Outcome, Vec<u8>), Rejection> {
        // A request must be aligned, and a Vec<u8> need not be.
        let mut aligned = [0_u64; 8];
        let copy = &mut aligned.as_mut_bytes()[..input.len()];
        copy.copy_from_slice(input);
        let mut output = vec![UNTOUCHED; room];
        let outcome = journal.dispatch(code, &Input::copy_of(copy), &mut output, || VITALS);
        if !matches!(outcome, Ok(Outcome::Answered(_))) {
            assert!(output.iter().all(|byte| *byte == UNTOUCHED));
        }
        outcome.map(|outcome| (outcome, output))
    }

    #[test]
    fn describe_returns_the_counters_and_the_settings() {
        let journal = journal(4, 6);
        let bytes = ask(&journal, DESCRIBE, DescribeRequest::new().as_bytes(), 300).unwrap();
        let reply = decode_describe(&bytes).unwrap();
        assert_eq!((reply.first.get(), reply.next.get()), (3, 7));
        assert_eq!(reply.journal_id.get(), 77);
        assert_eq!((reply.capacity.get(), reply.requested_capacity.get()), (4, 9));
        assert_eq!(reply.settings(), SettingFlags::CAPACITY_CLAMPED);
        assert_eq!(reply.driver_version, [1, 2, 3, 0]);
        assert_eq!((reply.loaded_system_time.get(), reply.loaded_monotonic_time.get()), (77, 5));
        assert_eq!((reply.system_time.get(), reply.monotonic_time.get()), (500, 60));
        assert_eq!(
            (reply.reads_pending.get(), reply.reads_pended.get(), reply.reads_cancelled.get()),
            (2, 5, 3)
        );
        assert_eq!(
            (reply.maximum_pending_reads.get(), reply.maximum_pending_reads_per_handle.get()),
            (256, 16)
        );
        assert_eq!((reply.is_registered.get(), reply.event_mask.get()), (1, u32::MAX));
        assert_eq!(reply.last_event_system_time, 6);
        assert_eq!(reply.last_event_monotonic_time, 6);
        assert_eq!(reply.seen_by_kind, [0, 0, 0, 0, 0, 6, 0, 0]);
    }

    #[test]
    fn a_read_counts_the_overwritten_records_as_lost() {
        let journal = journal(4, 6);
        let bytes = ask(&journal, READ, ReadRequest::new(1).as_bytes(), 4096).unwrap();
        let batch = decode_read(&bytes).unwrap();
        assert_eq!((batch.head.lost.get(), batch.records.len()), (2, 4));
        assert_eq!(batch.records[0].sequence.get(), 3);
        assert_eq!((batch.head.reserved.get(), batch.head.reserved_tail.get()), (0, 0));
    }

    #[test]
    fn a_describe_request_with_a_flag_is_rejected() {
        let mut request = DescribeRequest::new();
        for bit in 0..32 {
            request.header.flags = (1_u32 << bit).into();
            assert_eq!(
                ask(&journal(4, 0), DESCRIBE, request.as_bytes(), 240).unwrap_err(),
                Rejection::InvalidField
            );
        }
    }

    #[test]
    fn a_read_past_the_end_returns_no_records() {
        let journal = journal(4, 6);
        for from in [7, 8, u64::MAX] {
            let bytes = ask(&journal, READ, ReadRequest::new(from).as_bytes(), 112).unwrap();
            let batch = decode_read(&bytes).unwrap();
            assert_eq!((batch.head.next.get(), batch.head.lost.get()), (from, 0));
            assert!(batch.records.is_empty());
        }
    }

    #[test]
    fn a_waiting_read_past_the_end_becomes_pending() {
        let journal = journal(4, 6);
        let wait =
            |from, room| outcome(&journal, READ, ReadRequest::waiting(from).as_bytes(), room);
        for from in [7, 8, u64::MAX] {
            assert_eq!(wait(from, 112).unwrap().0, Outcome::Pends { from });
        }
        for (from, lost, count) in [(1, 2, 4), (6, 0, 1)] {
            let (outcome, output) = wait(from, 4096).unwrap();
            assert_eq!(outcome, Outcome::Answered(64 + 48 * count));
            let batch = decode_read(&output[..64 + 48 * count]).unwrap();
            assert_eq!((batch.head.lost.get(), batch.records.len()), (lost, count));
        }
        assert_eq!(wait(7, 111), Err(Rejection::OutputTooSmall { needed: 112 }));
        assert_eq!(wait(0, 112), Err(Rejection::InvalidField));
    }

    #[test]
    fn a_pending_read_gets_the_same_reply_as_any_other_read() {
        let (journal, mut recorder) = empty(4);
        record(&journal, &mut recorder, 10);
        let mut output = [UNTOUCHED; 200];
        assert_eq!(journal.answer_pending(1, &mut output), Ok(112));
        let asked = ask(&journal, READ, ReadRequest::new(1).as_bytes(), 200).unwrap();
        assert_eq!((&output[..112], &output[112..]), (&asked[..], &[UNTOUCHED; 88][..]));
        assert_eq!(journal.reads.load(Ordering::Relaxed), 2);
        let too_small = Err(Rejection::OutputTooSmall { needed: 112 });
        assert_eq!(journal.answer_pending(1, &mut output[..111]), too_small);
    }

    #[test]
    fn a_snapshot_includes_every_event_below_its_sequence_number() {
        let (journal, mut recorder) = empty(4);
        let request = SessionsRequest::new();
        for events in 0..3 {
            let (outcome, mut output) =
                outcome(&journal, SESSIONS, request.as_bytes(), 200).unwrap();
            assert_eq!(outcome, Outcome::Sessions);
            let length = journal.answer_sessions(&recorder, &mut output).unwrap();
            let snapshot = decode_sessions(&output[..length]).unwrap();
            assert_eq!(snapshot.head.journal_id, 77);
            assert_eq!(snapshot.head.next, events + 1);
            let last =
                snapshot.sessions.first().map(|last| (last.sequence.get(), last.instance.get()));
            assert_eq!(last, (events > 0).then_some((events, 1)));
            assert!(output[length..].iter().all(|byte| *byte == UNTOUCHED));
            record(&journal, &mut recorder, events);
        }
        let mut output = [UNTOUCHED; 111];
        assert_eq!(journal.answer_sessions(&recorder, &mut output), Ok(64));
        let snapshot = decode_sessions(&output[..64]).unwrap();
        assert_eq!((snapshot.head.present.get(), snapshot.head.count.get()), (1, 0));
        assert_eq!(output[64..], [UNTOUCHED; 47]);
        let too_small = Err(Rejection::OutputTooSmall { needed: 64 });
        assert_eq!(journal.answer_sessions(&recorder, &mut output[..63]), too_small);
    }

    #[test]
    fn a_bad_sessions_request_is_rejected_and_counted() {
        let journal = journal(4, 6);
        let mut request = SessionsRequest::new();
        let ask = |request: &SessionsRequest, room| {
            outcome(&journal, SESSIONS, request.as_bytes(), room).map(|(outcome, _)| outcome)
        };
        assert_eq!(ask(&request, 64), Ok(Outcome::Sessions));
        assert_eq!(ask(&request, 63), Err(Rejection::OutputTooSmall { needed: 64 }));
        request.header.flags = 1.into();
        assert_eq!(ask(&request, 64), Err(Rejection::InvalidField));
        request.header.version = 2.into();
        assert_eq!(ask(&request, 64), Err(Rejection::UnknownVersion));
        assert_eq!(journal.rejected.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn each_kind_of_bad_request_is_rejected_with_its_own_status() {
        let journal = journal(4, 6);
        let good = ReadRequest::new(1);
        let whole = good.as_bytes();
        let read = |input: &[u8]| ask(&journal, READ, input, 4096).unwrap_err();

        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), Rejection::Truncated, "{length}");
        }
        let longer = [whole, &[0]].concat();
        assert_eq!(read(&longer), Rejection::Oversized);
        let mut newer = longer.clone();
        newer[0] = 2;
        assert_eq!(read(&newer), Rejection::UnknownVersion);
        assert_eq!(read(&newer[..4]), Rejection::UnknownVersion);
        assert_eq!(Input::copy_of(&[]).request::<ReadRequest>(), Err(Rejection::Truncated));
        let mut flagged = good;
        flagged.header.flags = 0x8000.into();
        assert_eq!(read(flagged.as_bytes()), Rejection::InvalidField);
        assert_eq!(read(ReadRequest::new(0).as_bytes()), Rejection::InvalidField);
        let unknown = ControlCode(READ.0 + 8);
        assert_eq!(ask(&journal, unknown, whole, 4096).unwrap_err(), Rejection::UnknownCode);
        assert_eq!(journal.rejected.load(Ordering::Relaxed), 16 + 6);
        assert_eq!(journal.reads.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_misaligned_request_is_rejected() {
        let journal = journal(4, 6);
        for offset in 1..8 {
            let mut memory = [0_u64; 4];
            let request = &mut memory.as_mut_bytes()[offset..][..16];
            request.copy_from_slice(ReadRequest::new(1).as_bytes());
            let mut output = [UNTOUCHED; 200];
            let answer = journal.dispatch(READ, &Input::copy_of(request), &mut output, || VITALS);
            assert_eq!(answer, Err(Rejection::Misaligned), "{offset}");
            assert_eq!(output, [UNTOUCHED; 200]);
        }
    }

    #[test]
    fn a_rejection_for_a_small_output_has_the_needed_size() {
        let journal = journal(4, 6);
        for room in 0..112 {
            assert_eq!(
                ask(&journal, READ, ReadRequest::new(1).as_bytes(), room).unwrap_err(),
                Rejection::OutputTooSmall { needed: 112 }
            );
        }
        for room in 112..160 {
            let bytes = ask(&journal, READ, ReadRequest::new(1).as_bytes(), room).unwrap();
            assert_eq!(bytes.len(), 112);
        }
        assert_eq!(
            ask(&journal, DESCRIBE, DescribeRequest::new().as_bytes(), 239).unwrap_err(),
            Rejection::OutputTooSmall { needed: 240 }
        );
    }

    #[test]
    fn monotonic_time_never_decreases_from_record_to_record() {
        let (journal, mut recorder) = empty(8);
        for time in [10, 30, 20, 25, 40] {
            record(&journal, &mut recorder, time);
        }
        let bytes = ask(&journal, READ, ReadRequest::new(1).as_bytes(), 4096).unwrap();
        let records = decode_read(&bytes).unwrap().records;
        let times = |time: fn(&Record) -> u64| records.iter().map(time).collect::<Vec<_>>();
        assert_eq!(times(|record| record.monotonic_time.get()), [10, 30, 30, 30, 40]);
        assert_eq!(times(|record| record.system_time.get()), [10, 30, 20, 25, 40]);
    }

    proptest! {
        /// Any input gets a rejection that wrote nothing, or a reply that decodes.
        #[test]
        fn any_request_is_rejected_or_gets_a_whole_reply(
            code in prop_oneof![Just(DESCRIBE.0), Just(READ.0), Just(SESSIONS.0), any::<u32>()],
            version in 0u8..3,
            mut input in prop::collection::vec(any::<u8>(), 0..40),
            room in 0usize..1000,
            events in 0u64..30,
        ) {
            if let Some(first) = input.get_mut(..4) {
                first.copy_from_slice(&[version, 0, 0, 0]);
            }
            let journal = journal(7, events);
            if let Ok((Outcome::Answered(length), output)) =
                outcome(&journal, ControlCode(code), &input, room)
            {
                let bytes = &output[..length];
                if ControlCode(code) == READ {
                    prop_assert!(decode_read(bytes).is_ok());
                } else {
                    prop_assert!(decode_describe(bytes).is_ok());
                }
            }
        }

        /// Reads of any size, between any events, add up: seen = delivered + lost.
        #[test]
        fn delivered_and_lost_add_up_to_the_events_seen(
            capacity in 1u32..20,
            turns in prop::collection::vec((0u64..30, 1usize..10), 1..40),
        ) {
            let (journal, mut recorder) = empty(capacity);
            let (mut seen, mut delivered, mut lost, mut from) = (0, 0, 0, 1);
            for (events, room) in turns {
                for _ in 0..events {
                    seen += 1;
                    record(&journal, &mut recorder, seen);
                }
                let room = ReadReply::SIZE + room * Record::SIZE;
                let bytes = ask(&journal, READ, ReadRequest::new(from).as_bytes(), room).unwrap();
                let batch = decode_read(&bytes).unwrap();
                prop_assert_eq!(batch.head.end.get(), seen + 1);
                delivered += batch.records.len() as u64;
                lost += batch.head.lost.get();
                from = batch.head.next.get();
                prop_assert_eq!(delivered + lost + (batch.head.end.get() - from), seen);
            }
        }
    }
}
