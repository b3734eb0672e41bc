//! The limit of a push: one `fetch_add` for the sequence number, and one store of 48 bytes.

use std::array::from_fn;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use super::array::Slots;
use super::{Buffer, Drain, Drained, Push};
use crate::record::Bytes;

pub(crate) struct Floor;

impl Buffer for Floor {
    const NAME: &'static str = "fetch_add + 48-byte store";
    const LEAVES_OUT: &'static str = "other producers, readers";

    fn open<const N: usize>(capacity: usize) -> ([impl Push; N], impl Drain) {
        let producers = from_fn(|_| {
            let (next, mut slots) = (AtomicU64::new(1), Slots::new(capacity));
            move || {
                slots.push(next.fetch_add(1, Ordering::Relaxed));
                // Nobody reads the slots, and the stores must stay.
                black_box(&mut slots);
            }
        });
        (producers, |_: &mut [Bytes]| Drained { count: 0, lost: 0 })
    }
}
