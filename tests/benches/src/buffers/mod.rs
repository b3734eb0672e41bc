//! What is measured: bounded buffers that keep the newest records.
//!
//! Each does the same work, or says what it leaves out: a push gives the record
//! a number of its own, rising, and whatever is overwritten is counted.

pub(crate) mod array;
pub(crate) mod limits;
pub(crate) mod one_to_one;
pub(crate) mod queues;
pub(crate) mod ring;

use quanta::Clock;

use crate::telling::Bytes;

/// A kind of buffer.
pub(crate) trait Buffer: 'static {
    /// What it does not do of what the others do; empty if nothing.
    const LEAVES_OUT: &'static str = "";

    type Producer: Producer;
    type Reader: Reader;

    fn name() -> String;

    /// An empty buffer of `capacity` records, for as many producers as asked
    /// for and one reader. Nothing is allocated afterwards.
    fn open(capacity: usize, producers: usize) -> (Vec<Self::Producer>, Self::Reader);
}

/// One thread's end for writing.
pub(crate) trait Producer: Send {
    /// Numbers a record and puts it in, over the oldest where there is no room.
    fn push(&mut self);
}

/// The end for reading.
pub(crate) trait Reader: Send {
    /// Copies the oldest records it has not copied yet, as many as there are and
    /// fit, and returns how many.
    fn drain(&mut self, output: &mut [Bytes]) -> usize;

    /// How many of the records pushed it will never copy. Exact when no producer
    /// is at work.
    fn lost(&self) -> u64;

    /// As [`drain`](Self::drain), and how many ticks of the clock it took.
    fn drain_timed(&mut self, clock: &Clock, output: &mut [Bytes]) -> (usize, u64) {
        let start = clock.raw();
        let count = self.drain(output);
        (count, clock.raw().saturating_sub(start))
    }
}

/// At the beginning of a cache line, so that no contender lies better than
/// another by chance.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Aligned<T>(pub(crate) T);

/// Opens a buffer for one producer.
pub(crate) fn open_one<B: Buffer>(capacity: usize) -> (B::Producer, B::Reader) {
    let (producers, reader) = B::open(capacity, 1);
    let producer = producers.into_iter().next().expect("a producer for the one asked for");
    (producer, reader)
}

#[cfg(test)]
mod tests {
    use super::array::Whole;
    use super::limits::Memcpy;
    use super::one_to_one::Rtrb;
    use super::queues::Crossbeam;
    use super::ring::Ours;
    use super::*;
    use crate::telling::number_of;

    /// Pushes 150 into 64 and reads them in pieces of 10.
    fn keeps_the_newest<B: Buffer>(capacity: usize) {
        let (mut producer, mut reader) = open_one::<B>(capacity);
        let mut output = [[0; 48]; 10];
        (0..150).for_each(|_| producer.push());
        let mut numbers = Vec::new();
        for _ in 0..100 {
            let count = reader.drain(&mut output);
            numbers.extend(output[..count].iter().map(|bytes| number_of(bytes).unwrap()));
        }
        assert_eq!(numbers, ((151 - capacity as u64)..=150).collect::<Vec<_>>(), "{}", B::name());
        assert_eq!(reader.lost(), 150 - capacity as u64, "{}", B::name());
        producer.push();
        assert_eq!(reader.drain(&mut output), 1, "{}", B::name());
        assert_eq!(number_of(&output[0]), Some(151), "{}", B::name());
    }

    #[test]
    fn each_keeps_the_newest_in_order_and_counts_the_rest() {
        keeps_the_newest::<Ours>(64);
        keeps_the_newest::<Whole<0>>(64);
        keeps_the_newest::<Whole<64>>(64);
        keeps_the_newest::<Crossbeam>(64);
        keeps_the_newest::<Memcpy>(64);
    }

    #[test]
    fn the_one_producer_bound_keeps_the_oldest() {
        let (mut producer, mut reader) = open_one::<Rtrb>(64);
        (0..150).for_each(|_| producer.push());
        let mut output = [[0; 48]; 100];
        assert_eq!(reader.drain(&mut output), 64);
        assert_eq!(number_of(&output[63]), Some(64));
        assert_eq!(reader.lost(), 86);
    }
}
