//! Records that tell their number in every word, so that a torn one shows.

use sessionwatch_protocol::Record;
use zerocopy::{FromBytes, FromZeros};

/// What a test pushes as record `number`.
#[expect(clippy::cast_possible_truncation, reason = "a pattern may be cut")]
pub(crate) fn telling(number: u64) -> Record {
    Record {
        system_time: number.wrapping_mul(3).into(),
        monotonic_time: number.wrapping_mul(5).into(),
        session_id: (number as u32).into(),
        kind: (number as u32).wrapping_mul(7).into(),
        state: (number as u32).wrapping_mul(11).into(),
        locality: number as u8,
        reserved: (number as u8).wrapping_mul(13),
        flags: (number as u16).into(),
        instance: (!number).into(),
        ..Record::new_zeroed()
    }
}

/// Fails unless `bytes` is the whole of what was pushed as `number`.
pub(crate) fn assert_whole(bytes: &[u8; Record::SIZE], number: u64) {
    let record = Record::read_from_bytes(bytes).unwrap();
    assert_eq!(record, Record { sequence: number.into(), ..telling(number) });
}
