//! The designs that are compared: bounded buffers that keep the newest records.
//!
//! All do the same work, or name the part that they leave out: a push gives its record the next
//! sequence number and overwrites the oldest record, and every overwritten record is counted.

mod array;
mod crossbeam;
mod floor;
mod journal;
mod rtrb;

use std::array::from_fn;
use std::sync::Arc;

pub(crate) use self::array::Array;
pub(crate) use self::crossbeam::Crossbeam;
pub(crate) use self::floor::Floor;
pub(crate) use self::journal::{Ours, Words, words};
pub(crate) use self::rtrb::Rtrb;
use crate::record::Bytes;

/// A design.
pub(crate) trait Buffer: 'static {
    const NAME: &'static str;
    /// The part of the work that it does not do; empty if none.
    const LEAVES_OUT: &'static str = "";

    /// An empty buffer of `capacity` records with `N` producers and a reader. It allocates nothing
    /// afterwards.
    fn open<const N: usize>(capacity: usize) -> ([impl Push; N], impl Drain);
}

/// Pushes the next record.
pub(crate) trait Push: FnMut() + Send + 'static {}

impl<T: FnMut() + Send + 'static> Push for T {}

/// Copies the oldest records that it has not copied yet, into the beginning of the slice.
pub(crate) trait Drain: FnMut(&mut [Bytes]) -> Drained + Send + 'static {}

impl<T: FnMut(&mut [Bytes]) -> Drained + Send + 'static> Drain for T {}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drained {
    /// The number of records of this drain.
    pub(crate) count: usize,
    /// The number of lost records of all drains. Exact if no producer is active.
    pub(crate) lost: u64,
}

/// Shared by the ends of a buffer. It begins at a pair of cache lines, so that the allocator's
/// choice favours no contender.
#[repr(align(128))]
struct Aligned<T>(T);

/// Shares a buffer with `N` producers.
fn share<T: Send + Sync + 'static, F: Fn(&T) + Copy + Send + 'static, const N: usize>(
    shared: T,
    push: F,
) -> ([impl Push + use<T, F, N>; N], Arc<Aligned<T>>) {
    let shared = Arc::new(Aligned(shared));
    let producers = from_fn(|_| {
        let shared = Arc::clone(&shared);
        move || push(&shared.0)
    });
    (producers, shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sequence;

    /// Pushes 150 records into a buffer of 64, and reads them in batches of 10.
    fn keeps_the_newest<B: Buffer>() {
        let ([mut push], mut drain) = B::open(64);
        let mut output = [[0; 48]; 10];
        (0..150).for_each(|_| push());
        let mut read = Vec::new();
        while read.len() < 64 {
            let count = drain(&mut output).count;
            read.extend(output[..count].iter().map(|record| sequence(record).unwrap()));
        }
        assert_eq!(read, (87..=150).collect::<Vec<_>>(), "{}", B::NAME);
        assert_eq!(drain(&mut output), Drained { count: 0, lost: 86 }, "{}", B::NAME);
        push();
        assert_eq!(drain(&mut output), Drained { count: 1, lost: 86 }, "{}", B::NAME);
        assert_eq!(sequence(&output[0]), Some(151), "{}", B::NAME);
    }

    #[test]
    fn each_keeps_the_newest_in_order_and_counts_the_others() {
        keeps_the_newest::<Ours>();
        keeps_the_newest::<Array>();
        keeps_the_newest::<Crossbeam<true>>();
    }

    #[test]
    fn rtrb_keeps_the_oldest() {
        let ([mut push], mut drain) = Rtrb::open(64);
        (0..150).for_each(|_| push());
        let mut output = [[0; 48]; 100];
        assert_eq!(drain(&mut output), Drained { count: 64, lost: 86 });
        assert_eq!(sequence(&output[63]), Some(64));
    }
}
