//! How reads wait and are answered: the order of steps that loses no wake-up.
//!
//! # The room
//!
//! A waiting request is in the *room*: in the driver a manual queue of the
//! framework. The room alone decides who has a request: whoever takes it out of
//! there (a producer to answer it, the framework to cancel it) has it alone, so
//! none is completed twice. [`Waits`] tells who waits, behind a lock of its own.
//!
//! # The order of steps
//!
//! ```text
//!   a read that found nothing            a producer
//!   1 notes that it waits   (lock)       1 publishes the record
//!   2 enters the room                    2 is anybody due?       (lock)
//!   3 as a producer from 2               3 takes requests out of the room
//!                                          and answers them
//! ```
//!
//! No wake-up is lost. If the producer's 2 comes before the reader's 1, then by
//! the lock the reader sees the record in its 3. If not, the producer goes to the
//! room: where it finds the request, or comes before it entered; but then the
//! reader sees the record in its 3, since the room orders what comes before a
//! visit before what comes after a later one.
//!
//! No loop is unbounded. Requests leave the room in the order in which they
//! entered it, and all that are ahead of one have noted themselves before. So
//! taking out as many as wait reaches every request that is due, or somebody
//! else has taken it.
//!
//! The other side of this: among so many, a request can come out that is not due,
//! of a reader that has just come back. It is answered too, without a record, and
//! its reader asks again. Nothing is lost by it.
//!
//! Locks are never held together, and none is held while the room is visited: it
//! may call back to say that a request was cancelled.

use core::ops::DerefMut;

use sessionwatch_protocol::Refusal;

use crate::waits::{HandleId, RequestId, Wait, Waits};

/// What the driver lends to the waiting reads.
pub trait WaitingRoom {
    /// A request that is owned: completed by giving it away.
    type Request;
    /// The memory of [`Waits`].
    type Places: DerefMut<Target = [Wait]>;

    /// The request's id and that of its handle. The id belongs to no other
    /// request until this one is completed.
    fn identify(&self, request: &Self::Request) -> (RequestId, HandleId);

    /// Runs `change` with the lock of the waiting reads held.
    fn with_waits<R>(&self, change: impl FnOnce(&mut Waits<Self::Places>) -> R) -> R;

    /// The number that the next record will get.
    fn next_number(&self) -> u64;

    /// Puts the request behind all others in the room, where it may be cancelled
    /// at any time. Gives it back where the room is closed.
    ///
    /// # Errors
    ///
    /// The request.
    fn enter(&self, request: Self::Request) -> Result<(), Self::Request>;

    /// Takes out the request that entered first, if there is one.
    fn leave(&self) -> Option<Self::Request>;

    /// Completes a read with what there is from number `from` on.
    fn answer(&self, request: Self::Request, from: u64);

    /// Completes a request with the reason why it is refused.
    fn refuse(&self, request: Self::Request, refusal: Refusal);

    /// Completes a request as cancelled.
    fn cancel(&self, request: Self::Request);
}

/// Lets a read that found nothing wait for number `from`.
pub fn wait<Room: WaitingRoom>(room: &Room, request: Room::Request, from: u64) {
    let (id, handle) = room.identify(&request);
    match room.with_waits(|waits| waits.begin(id, handle, from)) {
        Ok(()) => match room.enter(request) {
            Ok(()) => answer_due(room),
            Err(request) => cancelled(room, request),
        },
        Err(refusal) => room.refuse(request, refusal),
    }
}

/// Answers the reads that wait for records that have come. Called after a record
/// was published.
pub fn answer_due<Room: WaitingRoom>(room: &Room) {
    let next = room.next_number();
    let visits = room.with_waits(|waits| if waits.is_any_due(next) { waits.count() } else { 0 });
    for _ in 0..visits {
        let Some(request) = room.leave() else { break };
        let (id, _) = room.identify(&request);
        match room.with_waits(|waits| waits.end(id)) {
            Some(from) => room.answer(request, from),
            // Not reached: whoever enters the room has noted itself before.
            None => room.cancel(request),
        }
    }
}

/// Completes a request that was taken out of the room because it was cancelled,
/// or that could not enter.
pub fn cancelled<Room: WaitingRoom>(room: &Room, request: Room::Request) {
    let (id, _) = room.identify(&request);
    room.with_waits(|waits| waits.cancel(id));
    room.cancel(request);
}
