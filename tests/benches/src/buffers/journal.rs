//! The driver's ring: producers behind one spin lock, readers without a lock.

use std::sync::atomic::AtomicU64;

use sessionwatch_journal::Ring;
use spin::mutex::SpinMutex;

use super::{Buffer, Drain, Drained, Push, share};
use crate::record::{Bytes, record};

/// The memory of a ring.
pub(crate) type Words = Box<[AtomicU64]>;

/// Memory for a ring of `capacity` records.
pub(crate) fn words(capacity: usize) -> Words {
    let capacity = u32::try_from(capacity).expect("a capacity that the driver allows");
    (0..Ring::<Words>::words_for(capacity)).map(|_| AtomicU64::new(0)).collect()
}

/// The ring of `sessionwatch-journal`. A spin lock of user mode stands for the driver's, which
/// also raises the IRQL.
pub(crate) struct Ours;

impl Ours {
    /// A ring with `N` producers, and a reader that can be cloned.
    pub(crate) fn with_readers<const N: usize>(
        capacity: usize,
    ) -> ([impl Push; N], impl Drain + Clone) {
        let (ring, writer) = Ring::new(words(capacity), 1).expect("memory for a record");
        let writer: SpinMutex<_> = SpinMutex::new(writer);
        let (producers, shared) = share((ring, writer), |(ring, writer)| {
            ring.push(&mut writer.lock(), record);
        });
        let (mut from, mut lost) = (1, 0);
        (producers, move |output: &mut [Bytes]| {
            let read = shared.0.0.read(from, output);
            from = read.next;
            lost += read.lost;
            Drained { count: read.count, lost }
        })
    }
}

impl Buffer for Ours {
    const NAME: &'static str = "sessionwatch";

    fn open<const N: usize>(capacity: usize) -> ([impl Push; N], impl Drain) {
        Self::with_readers(capacity)
    }
}
