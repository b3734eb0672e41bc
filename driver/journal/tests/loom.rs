//! The ring under a model checker. Loom runs each model once for every order of steps and
//! for every value that a load may return, up to a number of preemptions.
//!
//! This test compiles the ring's file unchanged, with loom's atomics behind `crate::sync`.
//! No other code of the journal takes part.
//!
//! # Assertions
//!
//! A reader gets whole records, in sequence. `next = from + lost + count`, and is never
//! beyond the end. After the producer's last push, delivered + lost is the number of
//! pushes.
//!
//! # What a pass does not show
//!
//! The models are small: rings of one and two records, at most four pushes. Loom also
//! explores less than the language allows: its loads never return a store that comes later
//! in the order of steps.
//!
//! # Deliberate faults
//!
//! Each line is one change to the ring:
//!
//! | Broken | Models that failed | The crate's other tests, on x86-64 |
//! |---|---|---|
//! | no release fence before the slot's words | all but `two_readers_beside_a_producer` | passed |
//! | no acquire fence after the copy | all but `two_readers_beside_a_producer` | passed |
//! | no spare slot: all slots count as capacity | all | failed |
//! | no second load of `next` | all but `two_readers_beside_a_producer` | failed |
//! | `next` stored relaxed after the words | all | passed |
//! | first load of `next` relaxed | all | passed |
//! | `next` stored before the words | all | failed |
//! | one record too few dropped after the copy | all but `two_readers_beside_a_producer` | passed |
//! | dropped records not counted as lost | all | failed |
//! | dropped records left at the front | the two of capacity 2 | failed |

mod numbered;
mod sync;

#[path = "../src/ring.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the journal's interface, compiled as a part of this test"
)]
mod ring;

use std::sync::Arc;

use sessionwatch_protocol::Record;

use crate::numbered::{assert_whole, numbered};
use crate::ring::Ring;
use crate::sync::AtomicU64;

type ModelRing = Ring<Vec<AtomicU64>>;

/// The largest ring of these models, in records.
const LARGEST_CAPACITY: usize = 2;

/// One producer and several readers at once. Each reader starts at sequence number 1.
#[derive(Clone, Copy)]
struct Model {
    capacity: u32,
    /// Records pushed before the readers start.
    before: u64,
    /// Records pushed while the readers read.
    beside: u64,
    readers: usize,
    /// Reads of each reader while the producer pushes.
    reads: usize,
    /// Preemptions in one run: loom switches away from a thread that could continue.
    /// `None` is without limit.
    preemptions: Option<usize>,
}

impl Model {
    fn check(self) {
        let mut loom = loom::model::Builder::new();
        loom.preemption_bound = self.preemptions;
        loom.check(move || self.run());
    }

    fn run(self) {
        let words = (0..ModelRing::words_for(self.capacity)).map(|_| AtomicU64::new(0)).collect();
        let (ring, mut writer): (ModelRing, _) = Ring::new(words, 1).unwrap();
        for _ in 0..self.before {
            ring.push(&mut writer, numbered);
        }
        let ring = Arc::new(ring);
        let readers: Vec<_> = (0..self.readers)
            .map(|_| {
                let ring = Arc::clone(&ring);
                loom::thread::spawn(move || {
                    let mut reader = Reader { from: 1, delivered: 0, lost: 0 };
                    for _ in 0..self.reads {
                        reader.read(&ring);
                    }
                    reader
                })
            })
            .collect();
        for _ in 0..self.beside {
            ring.push(&mut writer, numbered);
        }
        let pushed = self.before + self.beside;
        assert_eq!(ring.next(), pushed + 1);
        for reader in readers {
            let mut reader = reader.join().unwrap();
            // The output has room for the whole ring, so this read reaches the end.
            reader.read(&ring);
            assert_eq!(reader.delivered + reader.lost, pushed);
        }
    }
}

/// A reader and its account.
struct Reader {
    from: u64,
    delivered: u64,
    lost: u64,
}

impl Reader {
    fn read(&mut self, ring: &ModelRing) {
        let mut output = [[0; Record::SIZE]; LARGEST_CAPACITY];
        let read = ring.read(self.from, &mut output);
        for (sequence, bytes) in (self.from + read.lost..).zip(&output[..read.count]) {
            assert_whole(bytes, sequence);
        }
        assert_eq!(read.next, self.from + read.lost + read.count as u64);
        assert!(read.next <= read.end);
        self.from = read.next;
        self.delivered += read.count as u64;
        self.lost += read.lost;
    }
}

#[test]
fn a_reader_of_one_record_beside_two_overwrites() {
    let model =
        Model { capacity: 1, before: 0, beside: 3, readers: 1, reads: 2, preemptions: Some(2) };
    model.check();
}

#[test]
fn a_reader_of_two_records_beside_two_overwrites() {
    let model =
        Model { capacity: 2, before: 2, beside: 2, readers: 1, reads: 1, preemptions: Some(2) };
    model.check();
}

/// Fast: no slot is written twice.
#[test]
fn two_readers_beside_a_producer() {
    let model =
        Model { capacity: 2, before: 0, beside: 3, readers: 2, reads: 1, preemptions: Some(2) };
    model.check();
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimization: cargo make test-loom")]
fn two_readers_beside_overwrites() {
    let model =
        Model { capacity: 1, before: 1, beside: 2, readers: 2, reads: 1, preemptions: Some(1) };
    model.check();
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimization: cargo make test-loom")]
fn a_reader_beside_overwrites_in_every_order() {
    let model =
        Model { capacity: 1, before: 0, beside: 3, readers: 1, reads: 1, preemptions: None };
    model.check();
}
