//! Records whose every field follows from the sequence number, so that a torn one shows.

use sessionwatch_protocol::Record;
use zerocopy::{FromBytes, FromZeros};

/// The record that tests push as `sequence`.
#[expect(clippy::cast_possible_truncation, reason = "a pattern may be truncated")]
pub(crate) fn numbered(sequence: u64) -> Record {
    Record {
        system_time: sequence.wrapping_mul(3).into(),
        monotonic_time: sequence.wrapping_mul(5).into(),
        session_id: (sequence as u32).into(),
        kind: (sequence as u32).wrapping_mul(7).into(),
        state: (sequence as u32).wrapping_mul(11).into(),
        locality: sequence as u8,
        reserved: (sequence as u8).wrapping_mul(13),
        flags: (sequence as u16).into(),
        instance: (!sequence).into(),
        ..Record::new_zeroed()
    }
}

/// Asserts that `bytes` is the whole record that was pushed as `sequence`.
pub(crate) fn assert_whole(bytes: &[u8; Record::SIZE], sequence: u64) {
    let record = Record::read_from_bytes(bytes).unwrap();
    assert_eq!(record, Record { sequence: sequence.into(), ..numbered(sequence) });
}
