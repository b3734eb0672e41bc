//! Index arithmetic and decode bounds, for every small size and every sequence number near either
//! end of the range. Trying every case proves what a bounded model checker would prove.
//!
//! The expected values are computed in 128 bits, where nothing here can overflow.

use std::sync::atomic::AtomicU64;

use sessionwatch_journal::{Ring, Writer};
use sessionwatch_protocol::{
    DescribeReply, ReadReply, Record, SessionsReply, VERSION, decode_describe, decode_read,
    decode_sessions,
};
use zerocopy::{FromZeros, IntoBytes};

/// Values that expose an overflow.
const EDGES: [u64; 8] = [0, 1, 2, 3, 4, u64::MAX - 2, u64::MAX - 1, u64::MAX];

type HeapRing = Ring<Vec<AtomicU64>>;

fn ring(capacity: u32, origin: u64) -> (HeapRing, Writer) {
    let words = (0..HeapRing::words_for(capacity)).map(|_| AtomicU64::new(0)).collect();
    Ring::new(words, origin).expect("room for a record")
}

/// Tries every read of every ring of up to four records, after each push, until the ring has
/// wrapped three times. The sequence numbers begin at the first ones, and end at the last one.
#[test]
fn every_read_of_every_small_ring() {
    for capacity in 1..=4 {
        for origin in [1, 2, u64::MAX - 5, u64::MAX - 20] {
            let (ring, mut writer) = ring(capacity, origin);
            for pushed in 0..=3 * (capacity + 1) {
                let next = u64::try_from(u128::from(origin) + u128::from(pushed));
                let Ok(next) = next else { break };
                assert_eq!((ring.next(), ring.capacity()), (next, capacity as usize));
                check_reads(&ring, origin, next);
                let number = (next < u64::MAX).then_some(next);
                assert_eq!(ring.push(&mut writer, |_| Record::new_zeroed()), number);
                if number.is_none() {
                    break;
                }
            }
        }
    }
}

fn check_reads(ring: &HeapRing, origin: u64, next: u64) {
    let capacity = ring.capacity() as u64;
    let oldest = next.saturating_sub(capacity).max(origin);
    assert_eq!(ring.oldest(next), oldest);
    for from in (origin..=next).chain(EDGES).filter(|from| *from >= origin) {
        for room in 0..=ring.capacity() + 2 {
            let mut output = vec![[0xA5; Record::SIZE]; room];
            let read = ring.read(from, &mut output);
            let lost = if from < next { oldest.saturating_sub(from) } else { 0 };
            let there = u128::from(next).saturating_sub(u128::from(from) + u128::from(lost));
            assert_eq!(read.count as u128, there.min(room as u128));
            assert_eq!((read.lost, read.end), (lost, next));
            assert_eq!(
                u128::from(read.next),
                u128::from(from) + u128::from(lost) + read.count as u128
            );
            for (bytes, number) in output.iter().take(read.count).zip(from + lost..) {
                assert_eq!(bytes[..8], number.to_le_bytes());
            }
            assert!(output[read.count..].iter().all(|bytes| *bytes == [0xA5; Record::SIZE]));
        }
    }
}

/// The head of a read reply with these values, consistent or not.
fn head(from: u64, lost: u64, count: u32, next: u64, end: u64) -> ReadReply {
    ReadReply {
        version: VERSION.into(),
        record_size: Record::SIZE_FIELD,
        from: from.into(),
        lost: lost.into(),
        count: count.into(),
        next: next.into(),
        end: end.into(),
        ..ReadReply::new_zeroed()
    }
}

/// A read reply: the head, and `records` records with sequence numbers from `first` on.
fn reply(head: &ReadReply, first: u64, records: u64) -> Vec<u8> {
    let mut bytes = head.as_bytes().to_vec();
    for place in 0..records {
        let sequence = first.wrapping_add(place).into();
        bytes.extend_from_slice(Record { sequence, ..Record::new_zeroed() }.as_bytes());
    }
    bytes
}

/// A reply is valid if and only if its account balances.
#[test]
fn every_account_near_the_ends_of_the_numbers() {
    let mut passed = 0;
    for (from, lost, end) in triples() {
        for count in 0..=3 {
            let sum = u128::from(from) + u128::from(lost);
            let sum_next = sum + u128::from(count);
            let first = from.wrapping_add(lost);
            for next in EDGES.into_iter().chain([first.wrapping_add(count)]) {
                let head = head(from, lost, u32::try_from(count).unwrap(), next, end);
                let is_empty = sum_next == u128::from(from);
                let balances = sum > 0
                    && sum_next == u128::from(next)
                    && (is_empty || sum_next <= u128::from(end));
                let bytes = reply(&head, first, count);
                assert_eq!(decode_read(&bytes).is_ok(), balances, "{head:?}");
                passed += u32::from(balances);
                if count > 0 {
                    let shifted = reply(&head, first.wrapping_add(1), count);
                    assert!(decode_read(&shifted).is_err(), "{head:?}");
                }
            }
        }
    }
    assert!(passed > 100, "{passed}");
}

fn triples() -> impl Iterator<Item = (u64, u64, u64)> {
    EDGES.into_iter().flat_map(|from| {
        EDGES.into_iter().flat_map(move |lost| EDGES.into_iter().map(move |end| (from, lost, end)))
    })
}

/// A valid reply has exactly the length that follows from its count, up to the largest count.
#[test]
fn every_length_of_a_short_reply() {
    let whole = reply(&head(1, 0, 0, 4, 4), 1, 4);
    for length in 0..=whole.len() {
        for count in (0..=4).chain([u32::MAX / 48, u32::MAX - 1, u32::MAX]) {
            let head = head(1, 0, count, 1 + u64::from(count), u64::MAX);
            let mut bytes = whole.clone();
            bytes[..ReadReply::SIZE].copy_from_slice(head.as_bytes());
            let fits = length as u64 == 64 + 48 * u64::from(count);
            assert_eq!(decode_read(&bytes[..length]).is_ok(), fits, "{length} {count}");
        }
    }
}

#[test]
fn every_description_near_the_ends_of_the_numbers() {
    for first in EDGES {
        for next in EDGES {
            let reply = DescribeReply {
                version: VERSION.into(),
                record_size: Record::SIZE_FIELD,
                first: first.into(),
                next: next.into(),
                ..DescribeReply::new_zeroed()
            };
            let longer = [reply.as_bytes(), &[0]].concat();
            for length in 0..=longer.len() {
                let is_sound = length == DescribeReply::SIZE && (1..=next).contains(&first);
                assert_eq!(decode_describe(&longer[..length]).is_ok(), is_sound, "{reply:?}");
            }
        }
    }
}

#[test]
fn every_snapshot_of_a_session_near_the_ends_of_the_numbers() {
    for next in EDGES {
        for present in 0..=2 {
            for (instance, sequence) in
                EDGES.iter().flat_map(|instance| EDGES.map(|last| (*instance, last)))
            {
                let head = SessionsReply {
                    version: VERSION.into(),
                    record_size: Record::SIZE_FIELD,
                    next: next.into(),
                    present: present.into(),
                    count: 1.into(),
                    ..SessionsReply::new_zeroed()
                };
                let mut session = Record::new_zeroed();
                session.instance = instance.into();
                session.sequence = sequence.into();
                let whole = [head.as_bytes(), session.as_bytes(), &[0]].concat();
                for length in [0, 63, 64, 111, 112, 113] {
                    let is_sound = length == 112
                        && present >= 1
                        && (1..=sequence).contains(&instance)
                        && sequence < next;
                    assert_eq!(decode_sessions(&whole[..length]).is_ok(), is_sound, "{head:?}");
                }
            }
        }
    }
}
