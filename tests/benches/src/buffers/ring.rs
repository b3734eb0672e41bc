//! The product's ring: producers behind one spin lock, readers without it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use sessionwatch_journal::{Ring, Writer};

use super::{Aligned, Buffer, Producer, Reader};
use crate::locks::Spin;
use crate::telling::{Bytes, telling};

/// The memory of a ring.
pub(crate) type Words = Box<[AtomicU64]>;

/// Memory for a ring of `capacity` records.
pub(crate) fn words(capacity: usize) -> Words {
    let capacity = u32::try_from(capacity).expect("a capacity that the driver allows");
    (0..Ring::<Words>::words_for(capacity)).map(|_| AtomicU64::new(0)).collect()
}

/// `sessionwatch_journal::Ring` behind the stand-in for the driver's lock.
#[derive(Debug)]
pub(crate) struct Ours;

type Shared = Arc<Aligned<(Ring<Words>, Spin<Writer>)>>;

#[derive(Debug)]
pub(crate) struct OursProducer {
    shared: Shared,
}

#[derive(Clone, Debug)]
pub(crate) struct OursReader {
    shared: Shared,
    from: u64,
    lost: u64,
}

impl Buffer for Ours {
    type Producer = OursProducer;
    type Reader = OursReader;

    fn name() -> String {
        "sessionwatch".to_owned()
    }

    fn open(capacity: usize, producers: usize) -> (Vec<OursProducer>, OursReader) {
        let (ring, writer) = Ring::new(words(capacity), 1).expect("memory for a record");
        let shared = Arc::new(Aligned((ring, Spin::new(writer))));
        let producer = || OursProducer { shared: Arc::clone(&shared) };
        let producers = (0..producers).map(|_| producer()).collect();
        (producers, OursReader { shared, from: 1, lost: 0 })
    }
}

impl Producer for OursProducer {
    fn push(&mut self) {
        let Aligned((ring, writer)) = &*self.shared;
        ring.push(&mut writer.lock(), telling);
    }
}

impl Reader for OursReader {
    fn drain(&mut self, output: &mut [Bytes]) -> usize {
        let read = self.shared.0.0.read(self.from, output);
        self.from = read.next;
        self.lost = self.lost.saturating_add(read.lost);
        read.count
    }

    fn lost(&self) -> u64 {
        self.lost
    }
}
