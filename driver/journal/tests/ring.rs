//! The ring in one thread, against a `VecDeque`, and with real threads. `loom.rs` covers
//! the orders of steps that real threads seldom take.

mod numbered;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use proptest::prelude::*;
use sessionwatch_journal::{RECORD_WORDS, Read, Ring, Writer};
use sessionwatch_protocol::Record;

use crate::numbered::{assert_whole, numbered};

type HeapRing = Ring<Vec<AtomicU64>>;

fn ring(capacity: u32, origin: u64) -> (HeapRing, Writer) {
    let words = (0..HeapRing::words_for(capacity)).map(|_| AtomicU64::new(0)).collect();
    Ring::new(words, origin).unwrap()
}

#[test]
fn a_ring_of_capacity_one_keeps_the_last_record() {
    let (ring, mut writer) = ring(1, 1);
    assert_eq!(ring.capacity(), 1);
    let mut output = [[0; Record::SIZE]; 4];
    assert_eq!(ring.read(1, &mut output), Read { lost: 0, count: 0, next: 1, end: 1 });
    for number in 1..=5 {
        assert_eq!(ring.push(&mut writer, numbered), Some(number));
        let read = ring.read(1, &mut output);
        assert_eq!(read, Read { lost: number - 1, count: 1, next: number + 1, end: number + 1 });
        assert_whole(&output[0], number);
    }
}

#[test]
fn a_read_past_the_end_loses_nothing() {
    let (ring, mut writer) = ring(3, 1);
    ring.push(&mut writer, numbered);
    let mut output = [[0; Record::SIZE]; 1];
    assert_eq!(ring.read(2, &mut output), Read { lost: 0, count: 0, next: 2, end: 2 });
    assert_eq!(
        ring.read(u64::MAX, &mut output),
        Read { lost: 0, count: 0, next: u64::MAX, end: 2 }
    );
}

#[test]
fn the_sequence_numbers_end_without_wrapping() {
    let (ring, mut writer) = ring(2, u64::MAX - 2);
    assert_eq!(ring.push(&mut writer, numbered), Some(u64::MAX - 2));
    assert_eq!(ring.push(&mut writer, numbered), Some(u64::MAX - 1));
    assert_eq!(ring.push(&mut writer, numbered), None);
    let mut output = [[0; Record::SIZE]; 4];
    let read = ring.read(u64::MAX - 2, &mut output);
    assert_eq!(read, Read { lost: 0, count: 2, next: u64::MAX, end: u64::MAX });
    assert_whole(&output[1], u64::MAX - 1);
}

#[test]
fn a_ring_needs_memory_for_one_record() {
    let words: Vec<AtomicU64> = (0..2 * RECORD_WORDS - 1).map(|_| AtomicU64::new(0)).collect();
    assert!(Ring::new(&words[..], 1).is_none());
    assert!(Ring::new(&words[..0], 1).is_none());
}

/// Uses two rings, so that a location of the wrong ring fails.
#[test]
fn a_ring_knows_its_location() {
    let memory = [(); 2].map(|()| [const { AtomicU64::new(0) }; 4 * RECORD_WORDS + 1]);
    let rings = memory.each_ref().map(|words| Ring::new(&words[..], 1).unwrap().0);
    for (ring, words) in rings.iter().zip(&memory) {
        let location = ring.location();
        assert_eq!(location.first_slot, words.as_ptr());
        assert_eq!(location.slots, ring.capacity() + 1);
        let inside = core::ptr::from_ref(ring).cast::<u8>();
        let offset = location.next.addr().wrapping_sub(inside.addr());
        assert!(offset < size_of_val(ring), "{offset} is outside of the ring");
    }
}

/// The largest capacity, in records. Miri needs a thousand times as long to build a ring.
const LARGEST: u32 = if cfg!(miri) { 64 } else { 1 << 20 };

#[derive(Clone, Debug)]
enum Step {
    Push(u16),
    Read { back: u64, room: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u16..50).prop_map(Step::Push),
        (0u64..100, 0usize..40).prop_map(|(back, room)| Step::Read { back, room }),
    ]
}

proptest! {
    /// The model: a `VecDeque` of the last `capacity` sequence numbers. Origins are near both
    /// ends of the sequence numbers.
    #[test]
    fn the_ring_behaves_like_its_model(
        capacity in prop_oneof![9 => 1u32..40, 5 => 40u32..3000, 1 => Just(LARGEST)],
        origin in prop_oneof![Just(1u64), 1u64..1000, (u64::MAX - 400)..(u64::MAX - 1)],
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let (ring, mut writer) = ring(capacity, origin);
        let mut model = VecDeque::new();
        let mut next = origin;
        for step in steps {
            match step {
                Step::Push(times) => for _ in 0..times {
                    let pushed = ring.push(&mut writer, numbered);
                    prop_assert_eq!(pushed, (next < u64::MAX).then_some(next));
                    if pushed.is_some() {
                        model.push_back(next);
                        next += 1;
                        if model.len() > capacity as usize {
                            model.pop_front();
                        }
                    }
                },
                Step::Read { back, room } => {
                    let from = next.saturating_add(5).saturating_sub(back).max(origin);
                    let mut output = vec![[0; Record::SIZE]; room];
                    let read = ring.read(from, &mut output);
                    let oldest = model.front().copied().unwrap_or(next);
                    let expected: Vec<u64> =
                        model.iter().copied().filter(|n| *n >= from).take(room).collect();
                    prop_assert_eq!(read.end, next);
                    prop_assert_eq!(read.lost, oldest.saturating_sub(from));
                    prop_assert_eq!(read.count, expected.len());
                    prop_assert_eq!(read.next, from + read.lost + read.count as u64);
                    for (bytes, number) in output.iter().zip(expected) {
                        assert_whole(bytes, number);
                    }
                }
            }
        }
    }
}

/// One producer without a pause, and four readers at the same time.
#[test]
fn readers_beside_a_producer_get_whole_records_in_sequence_and_account_for_all() {
    // Miri needs a thousand times as long.
    const RECORDS: u64 = if cfg!(miri) { 200 } else { 200_000 };
    let (ring, mut writer) = ring(61, 1);
    let (ring, done) = (&ring, &AtomicBool::new(false));
    std::thread::scope(|scope| {
        for room in [1, 16, 61, 200] {
            scope.spawn(move || {
                let mut output = vec![[0; Record::SIZE]; room];
                let (mut from, mut delivered, mut lost) = (1, 0, 0);
                loop {
                    let finished = done.load(Ordering::Acquire);
                    let read = ring.read(from, &mut output);
                    for (index, bytes) in output.iter().take(read.count).enumerate() {
                        assert_whole(bytes, from + read.lost + index as u64);
                    }
                    assert_eq!(read.next, from + read.lost + read.count as u64);
                    (delivered, lost) = (delivered + read.count as u64, lost + read.lost);
                    if finished && read.next == read.end {
                        break;
                    }
                    assert!(!finished || read.next > from, "the read stopped before the end");
                    from = read.next;
                }
                assert_eq!(delivered + lost, RECORDS);
            });
        }
        for _ in 0..RECORDS {
            ring.push(&mut writer, numbered);
        }
        done.store(true, Ordering::Release);
    });
}
