//! The order of steps by which reads become pending and are completed, so that no
//! wake-up is lost.
//!
//! # The queue
//!
//! A pending request is in the *queue*: in the driver, a manual queue of the framework.
//! The queue alone decides who owns a request. Whoever takes it out (a producer to
//! complete it, the framework to cancel it) owns it alone, so no request is completed
//! twice. [`PendingReads`] lists the pending reads, behind a lock of its own.
//!
//! # The order of steps
//!
//! ```text
//!   a read that found no record          a producer
//!   1 enters itself in the table (lock)  1 publishes the record
//!   2 enters the queue                   2 is any read due?      (lock)
//!   3 continues as a producer from 2     3 takes requests out of the queue
//!                                          and completes them
//! ```
//!
//! No wake-up is lost. If the producer's 2 comes before the reader's 1, the lock makes
//! the record visible to the reader's 3. Otherwise the producer visits the queue: it
//! finds the request, or it comes before the request entered. In the second case the
//! reader sees the record in its 3, because the queue orders everything before one visit
//! before everything after a later visit.
//!
//! No loop is unbounded. Requests leave the queue in the order in which they entered it,
//! and every request ahead of a due one was in the table before. So taking out as many
//! requests as are pending reaches every due request that no other thread has taken.
//!
//! The cost: one of these requests may not be due, if its reader has just entered again. It
//! is completed without a record, its reader asks again, and nothing is lost.
//!
//! Locks are never held together, and none is held during a visit to the queue: the queue
//! may call back to hand over a cancelled request.

use core::ops::DerefMut;

use sessionwatch_protocol::Rejection;

use crate::pending::{HandleId, PendingRead, PendingReads, RequestId};

/// The driver's side: the queue, the locked table, and three ways to complete a request.
pub trait RequestQueue {
    /// An owned request. Passing it to one of the completing methods gives up the ownership.
    type Request;
    /// The memory of [`PendingReads`].
    type Entries: DerefMut<Target = [PendingRead]>;

    /// The request's id and that of its handle. The id belongs to no other
    /// request until this one is completed.
    fn identify(&self, request: &Self::Request) -> (RequestId, HandleId);

    /// Runs `change` on the table, with its lock held.
    fn with_pending_reads<R>(
        &self,
        change: impl FnOnce(&mut PendingReads<Self::Entries>) -> R,
    ) -> R;

    /// The sequence number of the next record.
    fn next_sequence(&self) -> u64;

    /// Puts the request behind all others in the queue, where it may be cancelled at any
    /// time. Returns the request if the queue is closed.
    ///
    /// # Errors
    ///
    /// The request.
    fn enter(&self, request: Self::Request) -> Result<(), Self::Request>;

    /// Takes out the request that entered first, or `None` if the queue is empty.
    fn leave(&self) -> Option<Self::Request>;

    /// Completes a read with the records from sequence number `from` on.
    fn complete(&self, request: Self::Request, from: u64);

    /// Completes a request with the reason for its rejection.
    fn reject(&self, request: Self::Request, rejection: Rejection);

    /// Completes a request as cancelled.
    fn cancel(&self, request: Self::Request);
}

/// Makes a read that found no record pending until sequence number `from` exists.
pub fn pend<Queue: RequestQueue>(queue: &Queue, request: Queue::Request, from: u64) {
    let (id, handle) = queue.identify(&request);
    match queue.with_pending_reads(|pending| pending.begin(id, handle, from)) {
        Ok(()) => match queue.enter(request) {
            Ok(()) => complete_due(queue),
            Err(request) => cancelled(queue, request),
        },
        Err(rejection) => queue.reject(request, rejection),
    }
}

/// Completes the pending reads whose records exist. Call this after publishing a record.
pub fn complete_due<Queue: RequestQueue>(queue: &Queue) {
    let next = queue.next_sequence();
    let visits = queue
        .with_pending_reads(|pending| if pending.is_any_due(next) { pending.count() } else { 0 });
    for _ in 0..visits {
        let Some(request) = queue.leave() else { break };
        let (id, _) = queue.identify(&request);
        match queue.with_pending_reads(|pending| pending.end(id)) {
            Some(from) => queue.complete(request, from),
            // Not reached: a request is in the table before it enters the queue.
            None => queue.cancel(request),
        }
    }
}

/// Completes a request that the queue handed over as cancelled, or that could not enter it.
pub fn cancelled<Queue: RequestQueue>(queue: &Queue, request: Queue::Request) {
    let (id, _) = queue.identify(&request);
    queue.with_pending_reads(|pending| pending.cancel(id));
    queue.cancel(request);
}
