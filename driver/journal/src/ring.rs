//! The ring: the last `capacity` records, overwritten oldest first, read
//! without a lock.
//!
//! # Picture
//!
//! A ring of capacity 4 has five slots; here numbers 1 to 7 have been written:
//!
//! ```text
//! slot      0      1      2      3      4
//!        ┌──────┬──────┬──────┬──────┬──────┐
//!        │   6  │   7  │  (3) │   4  │   5  │
//!        └──────┴──────┴──────┴──────┴──────┘
//!                        ▲      ▲
//!     next = 8 goes here ┘      └ oldest = next - capacity = 4
//! ```
//!
//! # Invariants
//!
//! - `next` is the number that the next record will get. It only grows, by one
//!   for each record, and it is the only word that readers and the producer
//!   share besides the slots. Everything else follows from it: `oldest` is
//!   `next - capacity` (or the first number of all), and all below is
//!   overwritten.
//! - Record `n` lives in slot `(n - origin) % (capacity + 1)`.
//! - The slot that is being written belongs to no readable number: it held
//!   `next - capacity - 1`, which is below `oldest`. That is what the one slot
//!   more than `capacity` is for.
//!
//! # Why readers need no lock
//!
//! The producer publishes `next = n` before it touches the slot of record `n`,
//! with a release fence between. A reader copies, then issues an acquire fence,
//! then looks at `next` once more. If any word it copied came from the writing
//! of record `n`, the two fences make it see at least `next = n`, hence an
//! `oldest` above the record that used to be in that slot, and it drops that
//! record from the front of its copy and counts it as lost. What is left was
//! not touched while it was copied. All words are relaxed atomics, so this is
//! no data race. They are copied in pairs, by a load that `sessionwatch-words`
//! answers for; a word that it got in part only is one that was being stored, so
//! it goes with its record.
//!
//! The price is one slot of memory. What it buys: a push never waits for a
//! reader, however many there are and however slow.

use core::ops::Deref;

use sessionwatch_protocol::Record;
use zerocopy::IntoBytes;

use crate::sync::{AtomicU64, Ordering, fence, load_pair};

/// The size of a record in 64-bit words, the unit that the ring is made of.
pub const RECORD_WORDS: usize = Record::SIZE.div_ceil(size_of::<u64>());

const _: () = assert!(RECORD_WORDS * size_of::<u64>() == Record::SIZE);
// Readers load words in pairs.
const _: () = assert!(RECORD_WORDS.is_multiple_of(2));

/// The shared part of the ring: the slots and the next number.
///
/// `S` is the memory, owned or borrowed; the ring itself allocates nothing.
#[derive(Debug)]
pub struct Ring<S> {
    words: S,
    slots: usize,
    origin: u64,
    next: AtomicU64,
}

/// The right to push into a [`Ring`]: there is one for each ring, so pushing
/// through `&mut Writer` is one producer at a time by construction.
#[derive(Debug)]
pub struct Writer {
    /// The first word of the slot that the next record goes to.
    place: usize,
    /// How many words make up the slots.
    used: usize,
}

/// Where a ring lies, for whoever looks at its memory from outside: a debugger.
///
/// Record `n` is in slot `(n - origin) % slots`, and the readable ones are the
/// last `slots - 1` below `next`.
#[derive(Clone, Copy, Debug)]
pub struct Landmarks {
    /// The first slot. They follow each other, of the size of a record.
    pub first_slot: *const AtomicU64,
    /// How many slots there are.
    pub slots: usize,
    /// The number that the next record will get.
    pub next: *const AtomicU64,
}

/// What a read came to: `next == from + lost + count`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// How many of the records asked for were overwritten before they could be copied.
    pub lost: u64,
    /// How many records are in the output, from its start.
    pub count: usize,
    /// The number to ask for next.
    pub next: u64,
    /// The number that the next record of the ring will get.
    pub end: u64,
}

impl<S: Deref<Target = [AtomicU64]>> Ring<S> {
    /// How many words of memory a ring that keeps `capacity` records needs.
    #[must_use]
    pub const fn words_for(capacity: u32) -> usize {
        (capacity as usize).saturating_add(1).saturating_mul(RECORD_WORDS)
    }

    /// An empty ring over `words`, whose first record will be number `origin`.
    ///
    /// It keeps as many records as [`words_for`](Self::words_for) says; words
    /// that make no whole slot are left alone. `None` if `words` is too short for
    /// one record, or `origin` is 0.
    #[must_use]
    pub fn new(words: S, origin: u64) -> Option<(Self, Writer)> {
        let slots = words.len() / RECORD_WORDS;
        if slots < 2 || origin == 0 {
            return None;
        }
        let ring = Self { words, slots, origin, next: AtomicU64::new(origin) };
        let used = ring.used();
        Some((ring, Writer { place: 0, used }))
    }

    /// How many records the ring keeps.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.saturating_sub(1)
    }

    /// The number that the next record will get.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    /// The oldest number that can still be read when `next` is the next one;
    /// equal to `next` while nothing was written.
    #[must_use]
    pub fn oldest(&self, next: u64) -> u64 {
        next.saturating_sub(self.capacity() as u64).max(self.origin)
    }

    /// Where this ring lies now.
    #[must_use]
    pub fn landmarks(&self) -> Landmarks {
        let Self { words, slots, next, .. } = self;
        Landmarks { first_slot: words.as_ptr(), slots: *slots, next }
    }

    /// How many words make up the slots.
    fn used(&self) -> usize {
        self.slots.saturating_mul(RECORD_WORDS)
    }

    /// Writes the record that `make` gives for its number, over the oldest one
    /// when the ring is full, and returns the number. Constant time.
    ///
    /// `None`, and nothing written, when the numbers are used up: after 2^64 - 2
    /// records, which at ten million a second is 58 thousand years.
    #[inline]
    pub fn push(&self, writer: &mut Writer, make: impl FnOnce(u64) -> Record) -> Option<u64> {
        // What this writer, the only one, has stored last.
        let number = self.next.load(Ordering::Relaxed);
        let next = number.checked_add(1)?;
        let end = writer.place.checked_add(RECORD_WORDS)?;
        let slot = self.words.get(writer.place..end)?;

        let mut record = make(number);
        record.sequence = number.into();
        // Orders the publication of `number` (by the push before) before the
        // first change to the slot: the module says why.
        fence(Ordering::Release);
        for (word, bytes) in slot.iter().zip(record.as_bytes().as_chunks().0) {
            word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        self.next.store(next, Ordering::Release);

        writer.place = if end == writer.used { 0 } else { end };
        Some(number)
    }

    /// Copies the records from number `from` on into `output`, as many as there
    /// are and fit, oldest first, in wire format. Takes no lock, and time in
    /// proportion to what it copies.
    ///
    /// Behind the records that it counts, `output` may hold others.
    pub fn read(&self, from: u64, output: &mut [[u8; Record::SIZE]]) -> Read {
        let end = self.next.load(Ordering::Acquire);
        if from >= end {
            return Read { lost: 0, count: 0, next: from, end };
        }
        let first = from.max(self.oldest(end));
        let there = usize::try_from(end.saturating_sub(first)).unwrap_or(usize::MAX);
        let room = there.min(output.len());
        let copied = self.copy(first, output.get_mut(..room).unwrap_or_default());

        // Orders the copy before the second look at `next`: the module says why.
        fence(Ordering::Acquire);
        let end = self.next.load(Ordering::Relaxed);
        let reached = self.oldest(end).saturating_sub(first);
        let dropped = usize::try_from(reached).map_or(copied, |reached| reached.min(copied));
        if let Some(records) = output.get_mut(..copied) {
            records.rotate_left(dropped);
        }
        Read {
            lost: first.saturating_sub(from).saturating_add(dropped as u64),
            count: copied.saturating_sub(dropped),
            next: first.saturating_add(copied as u64),
            end,
        }
    }

    /// Copies consecutive slots, from that of number `first` on, and returns how
    /// many: all of `output`, or as many as there are slots.
    fn copy(&self, first: u64, output: &mut [[u8; Record::SIZE]]) -> usize {
        let place = first.saturating_sub(self.origin).checked_rem(self.slots as u64);
        let start = place
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| place.checked_mul(RECORD_WORDS));
        let used = self.used();
        let Some((before, after)) = self
            .words
            .get(..used)
            .zip(start)
            .and_then(|(words, start)| words.split_at_checked(start))
        else {
            return 0;
        };
        let (after, _) = after.as_chunks();
        let (before, _) = before.as_chunks();
        let records = output.len().min(self.slots);
        let (first, second) = output.split_at_mut(after.len().min(records));
        copy_slots(after, first);
        copy_slots(before, second);
        records
    }
}

/// Copies as many slots as there are in both.
fn copy_slots(slots: &[[AtomicU64; RECORD_WORDS]], output: &mut [[u8; Record::SIZE]]) {
    // A record at a time: over all words at once, each step asks where the end is.
    for (slot, record) in slots.iter().zip(output) {
        let (pairs, _) = slot.as_chunks();
        let (bytes, _) = record.as_chunks_mut();
        for (pair, bytes) in pairs.iter().zip(bytes) {
            *bytes = load_pair(pair);
        }
    }
}
