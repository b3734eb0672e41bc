//! The ring: keeps the last `capacity` records, overwrites the oldest, and is read without
//! a lock.
//!
//! # Picture
//!
//! A ring of capacity 4 has five slots. Here the records 1 to 7 have been written:
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
//! - `next` is the sequence number of the next record. It grows by one for each record. It
//!   is the only word, besides the slots, that the producer shares with readers.
//! - `oldest` is `next - capacity`, but at least `origin`. Every record below `oldest` is
//!   overwritten.
//! - Record `n` is in slot `(n - origin) % (capacity + 1)`.
//! - The slot that is being written holds no readable record: it held record
//!   `next - capacity - 1`, which is below `oldest`. That is why there is one slot more
//!   than `capacity`.
//!
//! # Why readers need no lock
//!
//! 1. The producer publishes `next = n` before it writes to the slot of record `n`, with a
//!    release fence between.
//! 2. A reader copies slots, issues an acquire fence, and then loads `next` again.
//! 3. If a copied word came from the writing of record `n`, the two fences make the reader
//!    see `next >= n`. So it sees an `oldest` above the record that was in that slot
//!    before. It drops that record from the front of its copy and counts it as lost.
//! 4. No slot of the remaining records was written to while it was copied.
//!
//! All words are relaxed atomics, so there is no data race. `sessionwatch-words` loads them
//! in pairs, and may return a torn word. A torn word is one that was being stored, so its
//! record is dropped in step 3.
//!
//! The cost is one slot of memory. The gain: a push never waits for a reader, whatever the
//! number and speed of the readers.

use core::ops::Deref;

use sessionwatch_protocol::Record;
use zerocopy::IntoBytes;

use crate::sync::{AtomicU64, Ordering, fence, load_pair};

/// The size of a record in 64-bit words, the unit of the ring's memory.
pub const RECORD_WORDS: usize = Record::SIZE.div_ceil(size_of::<u64>());

const _: () = assert!(RECORD_WORDS * size_of::<u64>() == Record::SIZE);
// Readers load words in pairs.
const _: () = assert!(RECORD_WORDS.is_multiple_of(2));

/// The shared part of the ring: the slots and `next`.
///
/// `S` is the memory, owned or borrowed; the ring itself allocates nothing.
#[derive(Debug)]
pub struct Ring<S> {
    words: S,
    slots: usize,
    origin: u64,
    next: AtomicU64,
}

/// The right to push into a [`Ring`]. A ring has one writer, so `&mut Writer` admits one
/// producer at a time.
#[derive(Debug)]
pub struct Writer {
    /// The index of the first word of the next record's slot.
    word: usize,
    /// The number of words in all slots.
    used: usize,
}

/// The location of a ring in memory, for a debugger that reads it from outside.
///
/// Record `n` is in slot `(n - origin) % slots`. The last `slots - 1` records below `next`
/// are readable.
#[derive(Clone, Copy, Debug)]
pub struct RingLocation {
    /// The first slot. The slots are contiguous, each of a record's size.
    pub first_slot: *const AtomicU64,
    /// The number of slots.
    pub slots: usize,
    /// The sequence number of the next record.
    pub next: *const AtomicU64,
}

/// The result of a read: `next == from + lost + count`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The number of requested records that were overwritten before they were copied.
    pub lost: u64,
    /// The number of records in the output, from its start.
    pub count: usize,
    /// The sequence number to read from next.
    pub next: u64,
    /// The sequence number of the ring's next record.
    pub end: u64,
}

impl<S: Deref<Target = [AtomicU64]>> Ring<S> {
    /// The number of words that a ring of `capacity` records needs.
    #[must_use]
    pub const fn words_for(capacity: u32) -> usize {
        (capacity as usize).saturating_add(1).saturating_mul(RECORD_WORDS)
    }

    /// An empty ring over `words`, whose first record has sequence number `origin`.
    ///
    /// Its capacity is the one that [`words_for`](Self::words_for) needs these words for.
    /// Words behind the last whole slot are unused. `None` if `words` is too short for one
    /// record, or if `origin` is 0.
    #[must_use]
    pub fn new(words: S, origin: u64) -> Option<(Self, Writer)> {
        let slots = words.len() / RECORD_WORDS;
        if slots < 2 || origin == 0 {
            return None;
        }
        let ring = Self { words, slots, origin, next: AtomicU64::new(origin) };
        let used = ring.used();
        Some((ring, Writer { word: 0, used }))
    }

    /// The number of records that the ring keeps.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.saturating_sub(1)
    }

    /// The sequence number of the next record.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next.load(Ordering::Acquire)
    }

    /// The sequence number of the oldest readable record for this `next`; equal to `next`
    /// in an empty ring.
    #[must_use]
    pub fn oldest(&self, next: u64) -> u64 {
        next.saturating_sub(self.capacity() as u64).max(self.origin)
    }

    /// The location of this ring. A move of the ring makes it stale.
    #[must_use]
    pub fn location(&self) -> RingLocation {
        let Self { words, slots, next, .. } = self;
        RingLocation { first_slot: words.as_ptr(), slots: *slots, next }
    }

    /// The number of words in all slots.
    fn used(&self) -> usize {
        self.slots.saturating_mul(RECORD_WORDS)
    }

    /// Writes the record that `make` returns for its sequence number, and returns the
    /// sequence number. A full ring overwrites its oldest record. Constant time.
    ///
    /// `None`, and nothing written, after the last sequence number: after 2^64 - 2 records,
    /// which takes 58,000 years at ten million records a second.
    #[inline]
    pub fn push(&self, writer: &mut Writer, make: impl FnOnce(u64) -> Record) -> Option<u64> {
        // Relaxed: only this writer stores `next`.
        let sequence = self.next.load(Ordering::Relaxed);
        let next = sequence.checked_add(1)?;
        let end = writer.word.checked_add(RECORD_WORDS)?;
        let slot = self.words.get(writer.word..end)?;

        let mut record = make(sequence);
        record.sequence = sequence.into();
        // Step 1 of the module's proof: the previous push published `next = sequence`
        // before this fence, and the slot changes after it.
        fence(Ordering::Release);
        for (word, bytes) in slot.iter().zip(record.as_bytes().as_chunks().0) {
            word.store(u64::from_le_bytes(*bytes), Ordering::Relaxed);
        }
        self.next.store(next, Ordering::Release);

        writer.word = if end == writer.used { 0 } else { end };
        Some(sequence)
    }

    /// Copies the records from sequence number `from` on into `output`, oldest first, in
    /// wire format, until the ring ends or `output` is full. Takes no lock, and time in
    /// proportion to the copied bytes.
    ///
    /// `output` may hold dropped records behind the first `count` ones.
    pub fn read(&self, from: u64, output: &mut [[u8; Record::SIZE]]) -> Read {
        let end = self.next.load(Ordering::Acquire);
        if from >= end {
            return Read { lost: 0, count: 0, next: from, end };
        }
        let first = from.max(self.oldest(end));
        let readable = usize::try_from(end.saturating_sub(first)).unwrap_or(usize::MAX);
        let room = readable.min(output.len());
        let copied = self.copy(first, output.get_mut(..room).unwrap_or_default());

        // Step 2 of the module's proof: orders the copy before the second load of `next`.
        fence(Ordering::Acquire);
        let end = self.next.load(Ordering::Relaxed);
        let overwritten = self.oldest(end).saturating_sub(first);
        let dropped = usize::try_from(overwritten).map_or(copied, |count| count.min(copied));
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

    /// Copies consecutive slots, from the slot of record `first` on, until `output` is full
    /// or every slot is copied. Returns the number of copied slots.
    fn copy(&self, first: u64, output: &mut [[u8; Record::SIZE]]) -> usize {
        let slot = first.saturating_sub(self.origin).checked_rem(self.slots as u64);
        let start = slot
            .and_then(|slot| usize::try_from(slot).ok())
            .and_then(|slot| slot.checked_mul(RECORD_WORDS));
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

/// Copies slots until `slots` or `output` ends.
fn copy_slots(slots: &[[AtomicU64; RECORD_WORDS]], output: &mut [[u8; Record::SIZE]]) {
    // A record at a time, so that only each record, not each pair, costs an end check.
    for (slot, record) in slots.iter().zip(output) {
        let (pairs, _) = slot.as_chunks();
        let (bytes, _) = record.as_chunks_mut();
        for (pair, bytes) in pairs.iter().zip(bytes) {
            *bytes = load_pair(pair);
        }
    }
}
