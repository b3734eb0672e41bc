//! Compares the examples in `docs/protocol.md` with the structures of this crate.

use sessionwatch_protocol::{
    DescribeReply, DescribeRequest, EventKind, Locality, ReadReply, ReadRequest, Record,
    RecordFlags, SessionState, SessionsReply, SessionsRequest, SettingFlags, VERSION,
    decode_describe, decode_read, decode_sessions,
};
use zerocopy::{FromZeros, IntoBytes};

const JOURNAL: u64 = 0x01DC_A951_6703_8000;
const NOW: (u64, u64) = (0x01DC_A951_709B_E600, 0x0A30_FC80);

/// The bytes of an example in the page.
fn example(name: &str) -> Vec<u8> {
    let page = include_str!("../../../docs/protocol.md");
    let (_, rest) = page.split_once(&format!("```hex {name}\n")).expect(name);
    let (digits, _) = rest.split_once("```").expect(name);
    digits.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect(name)).collect()
}

#[test]
fn the_requests_are_as_documented() {
    assert_eq!(example("describe-request"), DescribeRequest::new().as_bytes());
    assert_eq!(example("sessions-request"), SessionsRequest::new().as_bytes());
    assert_eq!(example("read-request"), ReadRequest::new(1042).as_bytes());
    assert_eq!(example("waiting-read-request"), ReadRequest::waiting(1042).as_bytes());
}

#[test]
fn the_describe_reply_is_as_documented() {
    let reply = DescribeReply {
        version: VERSION.into(),
        record_size: Record::SIZE_FIELD,
        journal_id: JOURNAL.into(),
        capacity: 64.into(),
        requested_capacity: 5.into(),
        settings: SettingFlags::CAPACITY_CLAMPED.bits().into(),
        driver_version: [0.into(), 1.into(), 0.into(), 0.into()],
        loaded_system_time: JOURNAL.into(),
        loaded_monotonic_time: 10_000_000.into(),
        system_time: NOW.0.into(),
        monotonic_time: NOW.1.into(),
        first: 37.into(),
        next: 101.into(),
        malformed: 3.into(),
        reserved: 0.into(),
        reads_completed: 7.into(),
        requests_rejected: 2.into(),
        event_mask: u32::MAX.into(),
        untracked: 0.into(),
        last_event_system_time: NOW.0.into(),
        last_event_monotonic_time: NOW.1.into(),
        reads_pended: 5.into(),
        reads_cancelled: 1.into(),
        reads_pending: 4.into(),
        maximum_pending_reads: 256.into(),
        maximum_pending_reads_per_handle: 16.into(),
        is_registered: 1.into(),
        seen_by_kind: [0, 20, 15, 30, 10, 12, 11, 2].map(Into::into),
    };
    let bytes = example("describe-reply");
    assert_eq!(bytes, reply.as_bytes());
    assert_eq!(decode_describe(&bytes), Ok(&reply));
}

#[test]
fn the_read_reply_is_as_documented() {
    let bytes = example("read-reply");
    let batch = decode_read(&bytes).unwrap();
    let head = ReadReply {
        version: VERSION.into(),
        record_size: Record::SIZE_FIELD,
        journal_id: JOURNAL.into(),
        from: 35.into(),
        lost: 2.into(),
        count: 1.into(),
        next: 38.into(),
        end: 101.into(),
        ..ReadReply::new_zeroed()
    };
    assert_eq!(*batch.head, head);
    assert_eq!(batch.records, [record()]);
}

#[test]
fn the_sessions_reply_is_as_documented() {
    let bytes = example("sessions-reply");
    let snapshot = decode_sessions(&bytes).unwrap();
    let head = SessionsReply {
        version: VERSION.into(),
        record_size: Record::SIZE_FIELD,
        journal_id: JOURNAL.into(),
        next: 101.into(),
        present: 2.into(),
        count: 1.into(),
        ..SessionsReply::new_zeroed()
    };
    assert_eq!((*snapshot.head, snapshot.sessions), (head, &[record()][..]));
}

/// The record in the page's examples.
fn record() -> Record {
    Record {
        sequence: 37.into(),
        system_time: NOW.0.into(),
        monotonic_time: NOW.1.into(),
        session_id: 2.into(),
        kind: EventKind::CONNECTED.0.into(),
        state: SessionState::CONNECTED.0.into(),
        locality: Locality::REMOTE.0,
        reserved: 0,
        flags: RecordFlags::PAYLOAD_SHORT.bits().into(),
        instance: 30.into(),
    }
}
