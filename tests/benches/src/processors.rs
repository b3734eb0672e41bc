//! The two processors that threads are pinned to.

use std::hint::spin_loop;
use std::sync::Barrier;
use std::thread;

use core_affinity::CoreId;

/// The first and the last processor: the pair that is least likely to share a core.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processors {
    /// The main thread's.
    pub(crate) here: CoreId,
    pub(crate) there: CoreId,
}

impl Processors {
    /// `None` on a machine with one processor.
    pub(crate) fn find() -> Option<Self> {
        let all = core_affinity::get_core_ids()?;
        let (here, there) = (*all.first()?, *all.last()?);
        (here != there).then_some(Self { here, there })
    }

    /// Does both pieces of work at the same time: one on this thread, one on the processor
    /// `there`.
    pub(crate) fn both<A, B: Send>(
        &self,
        here: impl FnOnce() -> A,
        there: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                pin(self.there);
                barrier.wait();
                there()
            });
            barrier.wait();
            let own = here();
            // A sleeping processor slows down, and would be slow in what follows.
            while !other.is_finished() {
                spin_loop();
            }
            (own, other.join().expect("the other thread does not panic"))
        })
    }
}

/// Keeps this thread on a processor. Where the system does not allow it, the thread moves.
pub(crate) fn pin(processor: CoreId) {
    let _is_pinned = core_affinity::set_for_current(processor);
}
