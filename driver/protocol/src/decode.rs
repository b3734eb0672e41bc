//! Decodes replies. Every field is checked before any of the reply is used.

use zerocopy::FromBytes;

use crate::record::Record;
use crate::reply::{DescribeReply, ReadReply, SessionsReply};
use crate::version::VERSION;

/// The reason why bytes are not a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are fewer or more than the reply has.
    Length {
        /// The length of the reply, in bytes.
        expected: usize,
        /// The length of the bytes.
        actual: usize,
    },
    /// The reply is of another version.
    Version(u32),
    /// The records are of another size, in bytes.
    RecordSize(u32),
    /// The fields of the reply's head contradict each other.
    Account,
    /// The sequence number of the record at this index contradicts the head.
    Sequence(u32),
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Length { expected, actual } => {
                write!(formatter, "the reply has {actual} bytes instead of {expected}")
            }
            Self::Version(version) => {
                write!(formatter, "the reply has version {version} instead of {VERSION}")
            }
            Self::RecordSize(size) => write!(
                formatter,
                "the reply has records of {size} bytes instead of {}",
                Record::SIZE
            ),
            Self::Account => formatter.write_str("the sequence numbers of the reply do not add up"),
            Self::Sequence(index) => {
                write!(formatter, "record {index} of the reply is out of sequence")
            }
        }
    }
}

impl core::error::Error for DecodeError {}

/// A read reply, with its records.
#[derive(Clone, Copy, Debug)]
pub struct ReadBatch<'bytes> {
    /// The head.
    pub head: &'bytes ReadReply,
    /// The records, with consecutive sequence numbers from `head.from + head.lost`.
    pub records: &'bytes [Record],
}

/// A sessions reply, with the last record of each session.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'bytes> {
    /// The head.
    pub head: &'bytes SessionsReply,
    /// The last record of each session, with a sequence number below `head.next`.
    pub sessions: &'bytes [Record],
}

/// Checks a describe reply.
///
/// # Errors
///
/// If the bytes are not a describe reply of this version.
pub fn decode_describe(bytes: &[u8]) -> Result<&DescribeReply, DecodeError> {
    let length = DecodeError::Length { expected: DescribeReply::SIZE, actual: bytes.len() };
    let (reply, rest) = DescribeReply::ref_from_prefix(bytes).map_err(|_| length)?;
    check_shape(reply.version.get(), reply.record_size.get())?;
    if !rest.is_empty() {
        return Err(length);
    }
    if reply.first.get() == 0 || reply.first > reply.next {
        return Err(DecodeError::Account);
    }
    Ok(reply)
}

/// Checks a read reply and its records.
///
/// # Errors
///
/// If the bytes are not a read reply of this version, or if its sequence numbers do not add
/// up, record by record.
pub fn decode_read(bytes: &[u8]) -> Result<ReadBatch<'_>, DecodeError> {
    let (head, rest) = ReadReply::ref_from_prefix(bytes)
        .map_err(|_| DecodeError::Length { expected: ReadReply::SIZE, actual: bytes.len() })?;
    check_shape(head.version.get(), head.record_size.get())?;
    let count = head.count.get();
    let records = check_records(ReadReply::SIZE, rest, count)?;
    let first = head.from.get().checked_add(head.lost.get()).ok_or(DecodeError::Account)?;
    let next = first.checked_add(u64::from(count)).ok_or(DecodeError::Account)?;
    // An empty reply may start behind the end, at a sequence number that no record has yet.
    // Every delivered or lost record is before the end.
    let beyond_end = next > head.end.get() && next != head.from.get();
    if first == 0 || next != head.next.get() || beyond_end {
        return Err(DecodeError::Account);
    }
    for (index, record) in (0..count).zip(records) {
        if record.sequence.get() != first + u64::from(index) {
            return Err(DecodeError::Sequence(index));
        }
    }
    Ok(ReadBatch { head, records })
}

/// Checks a sessions reply and its records.
///
/// # Errors
///
/// If the bytes are not a sessions reply of this version, or if a record cannot belong to
/// the snapshot.
pub fn decode_sessions(bytes: &[u8]) -> Result<Snapshot<'_>, DecodeError> {
    let (head, rest) = SessionsReply::ref_from_prefix(bytes)
        .map_err(|_| DecodeError::Length { expected: SessionsReply::SIZE, actual: bytes.len() })?;
    check_shape(head.version.get(), head.record_size.get())?;
    let count = head.count.get();
    let sessions = check_records(SessionsReply::SIZE, rest, count)?;
    if head.next.get() == 0 || head.count > head.present {
        return Err(DecodeError::Account);
    }
    for (index, record) in (0..count).zip(sessions) {
        let (instance, sequence) = (record.instance.get(), record.sequence.get());
        if instance == 0 || instance > sequence || sequence >= head.next.get() {
            return Err(DecodeError::Sequence(index));
        }
    }
    Ok(Snapshot { head, sessions })
}

/// The `count` records behind a head of this size. No byte may follow them.
fn check_records(head: usize, bytes: &[u8], count: u32) -> Result<&[Record], DecodeError> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    <[Record]>::ref_from_prefix_with_elems(bytes, count)
        .ok()
        .and_then(|(records, tail)| tail.is_empty().then_some(records))
        .ok_or(DecodeError::Length {
            expected: head.saturating_add(Record::SIZE.saturating_mul(count)),
            actual: head.saturating_add(bytes.len()),
        })
}

fn check_shape(version: u32, record_size: u32) -> Result<(), DecodeError> {
    if version != VERSION {
        return Err(DecodeError::Version(version));
    }
    if record_size != Record::SIZE_FIELD.get() {
        return Err(DecodeError::RecordSize(record_size));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;
    use zerocopy::{FromZeros, IntoBytes};

    use super::*;

    fn head(from: u64, lost: u64, count: u32, end: u64) -> ReadReply {
        let mut head = ReadReply::new_zeroed();
        head.version = VERSION.into();
        head.record_size = 48.into();
        head.journal_id = 9.into();
        head.from = from.into();
        head.lost = lost.into();
        head.count = count.into();
        head.next = (from + lost + u64::from(count)).into();
        head.end = end.into();
        head
    }

    fn reply(head: &ReadReply, sequences: &[u64]) -> Vec<u8> {
        let mut bytes = head.as_bytes().to_vec();
        for sequence in sequences {
            let mut record = Record::new_zeroed();
            record.sequence = (*sequence).into();
            bytes.extend_from_slice(record.as_bytes());
        }
        bytes
    }

    fn describe(first: u64, next: u64) -> DescribeReply {
        let mut reply = DescribeReply::new_zeroed();
        reply.version = VERSION.into();
        reply.record_size = 48.into();
        reply.first = first.into();
        reply.next = next.into();
        reply
    }

    #[test]
    fn a_whole_reply_is_decoded() {
        let bytes = reply(&head(3, 4, 2, 20), &[7, 8]);
        let batch = decode_read(&bytes).unwrap();
        assert_eq!(batch.head.next.get(), 9);
        assert_eq!(batch.records.len(), 2);
    }

    #[test]
    fn a_reply_may_deliver_or_lose_every_record() {
        assert!(decode_read(&reply(&head(3, 4, 2, 9), &[7, 8])).is_ok());
        assert!(decode_read(&reply(&head(3, 4, 0, 7), &[])).is_ok());
    }

    #[test]
    fn a_reply_with_sequence_number_0_is_an_error() {
        assert_eq!(decode_read(&reply(&head(0, 0, 1, 5), &[0])).unwrap_err(), DecodeError::Account);
        assert_eq!(decode_describe(describe(0, 5).as_bytes()).unwrap_err(), DecodeError::Account);
    }

    #[test]
    fn a_reply_beyond_the_last_sequence_number_is_an_error() {
        let mut losing = head(u64::MAX, 0, 0, u64::MAX);
        losing.lost = 1.into();
        assert_eq!(decode_read(losing.as_bytes()).unwrap_err(), DecodeError::Account);
        let mut delivering = head(u64::MAX, 0, 0, u64::MAX);
        delivering.count = 1.into();
        assert_eq!(
            decode_read(&reply(&delivering, &[u64::MAX])).unwrap_err(),
            DecodeError::Account
        );
    }

    #[test]
    fn a_description_whose_first_is_above_next_is_an_error() {
        let empty = describe(1, 1);
        assert_eq!(decode_describe(empty.as_bytes()), Ok(&empty));
        let full = describe(3, 7);
        assert_eq!(decode_describe(full.as_bytes()), Ok(&full));
        assert_eq!(decode_describe(describe(8, 7).as_bytes()).unwrap_err(), DecodeError::Account);
    }

    #[test]
    fn a_description_that_is_too_short_or_too_long_is_an_error() {
        let whole = describe(1, 1).as_bytes().to_vec();
        let longer = [&whole[..], &[0]].concat();
        for bytes in [&whole[..0], &whole[..239], &longer] {
            let actual = bytes.len();
            assert_eq!(
                decode_describe(bytes).unwrap_err(),
                DecodeError::Length { expected: 240, actual }
            );
        }
    }

    #[test]
    fn records_of_another_size_are_an_error() {
        let mut other = head(1, 0, 0, 1);
        other.record_size = 56.into();
        assert_eq!(decode_read(other.as_bytes()).unwrap_err(), DecodeError::RecordSize(56));
        let mut describe = describe(1, 1);
        describe.record_size = 40.into();
        assert_eq!(decode_describe(describe.as_bytes()).unwrap_err(), DecodeError::RecordSize(40));
    }

    #[test]
    fn every_error_has_a_message() {
        for (error, message) in [
            (
                DecodeError::Length { expected: 128, actual: 127 },
                "the reply has 127 bytes instead of 128",
            ),
            (DecodeError::Version(2), "the reply has version 2 instead of 1"),
            (DecodeError::RecordSize(56), "the reply has records of 56 bytes instead of 48"),
            (DecodeError::Account, "the sequence numbers of the reply do not add up"),
            (DecodeError::Sequence(1), "record 1 of the reply is out of sequence"),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn an_empty_reply_may_start_behind_the_end() {
        assert!(decode_read(&reply(&head(100, 0, 0, 5), &[])).is_ok());
        assert_eq!(
            decode_read(&reply(&head(100, 1, 0, 5), &[])).unwrap_err(),
            DecodeError::Account
        );
    }

    #[test]
    fn a_reply_whose_sequence_numbers_do_not_add_up_is_an_error() {
        let mut wrong = head(3, 4, 2, 20);
        wrong.next = 10.into();
        assert_eq!(decode_read(&reply(&wrong, &[7, 8])).unwrap_err(), DecodeError::Account);
        assert_eq!(
            decode_read(&reply(&head(3, 4, 2, 20), &[7, 9])).unwrap_err(),
            DecodeError::Sequence(1)
        );
        assert_eq!(
            decode_read(&reply(&head(3, 4, 2, 8), &[7, 8])).unwrap_err(),
            DecodeError::Account
        );
    }

    #[test]
    fn a_reply_that_is_too_short_or_too_long_is_an_error() {
        let whole = reply(&head(1, 0, 2, 3), &[1, 2]);
        for length in 0..whole.len() {
            assert!(
                matches!(decode_read(&whole[..length]), Err(DecodeError::Length { .. })),
                "{length}"
            );
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert!(matches!(decode_read(&longer), Err(DecodeError::Length { .. })));
    }

    #[test]
    fn another_version_is_an_error() {
        let mut other = head(1, 0, 0, 1);
        other.version = 2.into();
        assert_eq!(decode_read(other.as_bytes()).unwrap_err(), DecodeError::Version(2));
        let mut describe = DescribeReply::new_zeroed();
        describe.version = 7.into();
        assert_eq!(decode_describe(describe.as_bytes()).unwrap_err(), DecodeError::Version(7));
    }

    fn sessions(next: u64, present: u32, records: &[(u64, u64)]) -> Vec<u8> {
        let mut head = SessionsReply::new_zeroed();
        head.version = VERSION.into();
        head.record_size = 48.into();
        head.next = next.into();
        head.present = present.into();
        head.count = u32::try_from(records.len()).unwrap().into();
        let mut bytes = head.as_bytes().to_vec();
        for (instance, sequence) in records {
            let mut record = Record::new_zeroed();
            record.instance = (*instance).into();
            record.sequence = (*sequence).into();
            bytes.extend_from_slice(record.as_bytes());
        }
        bytes
    }

    #[test]
    fn a_snapshot_has_records_below_its_sequence_number_only() {
        let bytes = sessions(10, 3, &[(1, 9), (5, 5)]);
        let snapshot = decode_sessions(&bytes).unwrap();
        assert_eq!((snapshot.head.next.get(), snapshot.sessions.len()), (10, 2));
        assert_eq!(snapshot.sessions[0].instance, 1);
        assert!(decode_sessions(&sessions(1, 0, &[])).is_ok());
        for (instance, sequence) in [(0, 3), (4, 3), (1, 10)] {
            let bytes = sessions(10, 2, &[(1, 1), (instance, sequence)]);
            assert_eq!(decode_sessions(&bytes).unwrap_err(), DecodeError::Sequence(1));
        }
        for bytes in [sessions(0, 0, &[]), sessions(10, 1, &[(1, 1), (2, 2)])] {
            assert_eq!(decode_sessions(&bytes).unwrap_err(), DecodeError::Account);
        }
    }

    #[test]
    fn a_snapshot_of_another_length_version_or_record_size_is_an_error() {
        let whole = sessions(10, 1, &[(1, 9)]);
        for length in 0..whole.len() {
            let expected = if length < 64 { 64 } else { 112 };
            let error = DecodeError::Length { expected, actual: length };
            assert_eq!(decode_sessions(&whole[..length]).unwrap_err(), error);
        }
        let longer = [&whole[..], &[0]].concat();
        let error = DecodeError::Length { expected: 112, actual: 113 };
        assert_eq!(decode_sessions(&longer).unwrap_err(), error);
        let mut newer = whole.clone();
        newer[0] = 2;
        assert_eq!(decode_sessions(&newer).unwrap_err(), DecodeError::Version(2));
        let mut longer_records = whole;
        longer_records[4] = 56;
        assert_eq!(decode_sessions(&longer_records).unwrap_err(), DecodeError::RecordSize(56));
    }

    proptest! {
        /// Any bytes are an error, or decode to a reply that adds up.
        #[test]
        fn arbitrary_bytes_never_decode_to_a_reply_that_does_not_add_up(
            head_bytes in prop::array::uniform32(any::<u8>()),
            tail in prop::collection::vec(any::<u8>(), 0..300),
            count in 0u32..6,
        ) {
            let mut bytes = vec![0; 64];
            bytes[..32].copy_from_slice(&head_bytes);
            bytes[0..8].copy_from_slice(&[1, 0, 0, 0, 48, 0, 0, 0]);
            bytes[32..36].copy_from_slice(&count.to_le_bytes());
            bytes.extend(tail);
            if let Ok(batch) = decode_read(&bytes) {
                let head = batch.head;
                prop_assert_eq!(
                    head.next.get(),
                    head.from.get() + head.lost.get() + batch.records.len() as u64
                );
            }
        }
    }
}
