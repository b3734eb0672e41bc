//! The queue of crossbeam, which overwrites its oldest item.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;

use super::{Buffer, Drain, Drained, Push, share};
use crate::record::{Bytes, bytes};

/// The queue neither numbers its items nor counts the overwritten ones. If `NUMBERED`, a
/// `fetch_add` does each.
pub(crate) struct Crossbeam<const NUMBERED: bool>;

impl<const NUMBERED: bool> Buffer for Crossbeam<NUMBERED> {
    const NAME: &'static str =
        if NUMBERED { "crossbeam force_push" } else { "crossbeam force_push, bare" };
    const LEAVES_OUT: &'static str =
        if NUMBERED { "" } else { "sequence numbers, count of lost records" };

    fn open<const N: usize>(capacity: usize) -> ([impl Push; N], impl Drain) {
        let parts = (ArrayQueue::<Bytes>::new(capacity), AtomicU64::new(1), AtomicU64::new(0));
        let (producers, shared) = share(parts, |(queue, next, lost)| {
            if !NUMBERED {
                queue.force_push(bytes(black_box(1)));
                return;
            }
            let sequence = next.fetch_add(1, Ordering::Relaxed);
            if queue.force_push(bytes(sequence)).is_some() {
                lost.fetch_add(1, Ordering::Relaxed);
            }
        });
        (producers, move |output: &mut [Bytes]| {
            let (queue, _, lost) = &shared.0;
            let slots = output.iter_mut();
            let filled = slots.map_while(|slot| queue.pop().map(|record| *slot = record));
            Drained { count: filled.count(), lost: lost.load(Ordering::Relaxed) }
        })
    }
}
