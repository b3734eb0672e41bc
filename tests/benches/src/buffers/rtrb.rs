//! The limit for one producer and one reader: rtrb, which is wait-free.

use std::array::from_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rtrb::RingBuffer;

use super::{Buffer, Drain, Drained, Push};
use crate::record::{Bytes, bytes};

pub(crate) struct Rtrb;

impl Buffer for Rtrb {
    const NAME: &'static str = "rtrb";
    const LEAVES_OUT: &'static str = "overwriting, a second producer";

    fn open<const N: usize>(capacity: usize) -> ([impl Push; N], impl Drain) {
        let (producer, mut consumer) = RingBuffer::new(capacity);
        let (mut producer, lost) = (Some(producer), Arc::new(AtomicU64::new(0)));
        let producers = from_fn(|_| {
            let mut producer = producer.take().expect("one producer");
            let (lost, mut next) = (Arc::clone(&lost), 1);
            move || {
                if producer.push(bytes(next)).is_err() {
                    // Only this thread writes the count, so it needs no atomic addition.
                    lost.store(lost.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                }
                next += 1;
            }
        });
        (producers, move |output: &mut [Bytes]| {
            let count = consumer.pop_partial_slice(output).0.len();
            Drained { count, lost: lost.load(Ordering::Relaxed) }
        })
    }
}
