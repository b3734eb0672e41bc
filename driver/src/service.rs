//! The driver's state, and the work of its callbacks: record events, answer requests.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::pin::Pin;
use core::sync::atomic::AtomicU64;

use sessionwatch_journal::wakeup::{self, RequestQueue};
use sessionwatch_journal::{
    Clocks, HandleId, Input, Journal, Load, Notification, Outcome, PendingRead, PendingReads,
    Present, Recorder, RequestId, Ring, RingCapacity, Settings, Vitals,
};
use sessionwatch_protocol::{ControlCode, READ, Rejection};

use crate::anchor::Anchor;
use crate::wdf::trace::{self, Tracing};
use crate::wdf::{
    Driver, Failure, Locked, PendingQueue, Request, Result, SessionCall, SessionRegistration,
    StartError, Status, system_and_interrupt_time,
};

type Words = Box<[AtomicU64]>;
type SessionEntries = Box<[Present]>;
type PendingEntries = Box<[PendingRead]>;

/// Entries of the table of sessions: 96 KiB of memory.
const SESSION_ENTRIES: usize = 2048;

/// The driver's state, from the end of start to the end of unload.
///
/// # Invariants
///
/// The fields are dropped in their order. The registration is dropped before everything that
/// its callback writes to, the anchor before the ring whose location it has, and the tracing
/// last.
pub(crate) struct Service {
    registration: SessionRegistration,
    pending_queue: PendingQueue,
    pending: Locked<PendingReads<PendingEntries>>,
    recorder: Locked<Recorder<SessionEntries>>,
    anchor: Anchor,
    journal: Journal<Words>,
    event_mask: u32,
    tracing: Tracing,
}

impl Service {
    /// Allocates all memory of the driver. Nothing is allocated after this.
    /// `PASSIVE_LEVEL`.
    pub(crate) fn new(requested: Settings) -> Result<Self, StartError> {
        let (words, capacity) = ring_memory(requested.capacity)?;
        let settings = Settings { capacity, ..requested };
        let load = Load { clocks: clocks(), driver_version: version(), settings };
        let length = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        let pending = PendingReads::new(
            zeroed(length(settings.maximum_pending_reads))?,
            length(settings.maximum_pending_reads_per_handle),
        );
        let (journal, recorder) =
            Journal::new(words, zeroed(SESSION_ENTRIES)?, load).ok_or(NO_MEMORY)?;
        Ok(Self {
            registration: SessionRegistration::none(),
            pending_queue: PendingQueue::none(),
            pending: Locked::new(pending)?,
            recorder: Locked::new(recorder)?,
            anchor: Anchor::none(),
            journal,
            event_mask: settings.event_mask,
            tracing: Tracing::none(),
        })
    }

    /// The number of records that the ring keeps.
    pub(crate) fn capacity(&self) -> u32 {
        self.journal.capacity()
    }

    /// The queue of pending reads, which the device creates.
    pub(crate) fn pending_queue(&self) -> &PendingQueue {
        &self.pending_queue
    }

    /// Publishes the ring's location for debuggers. The pin guarantees that the service no longer
    /// moves.
    pub(crate) fn publish_ring(self: Pin<&Self>) {
        self.get_ref().anchor.publish(self.journal.id(), self.journal.ring_location());
    }

    /// Registers for session notifications. `PASSIVE_LEVEL`.
    pub(crate) fn register(self: Pin<&Self>, driver: &Driver<Self>) -> Result<(), StartError> {
        self.get_ref().registration.register(driver, self, self.event_mask)
    }

    /// Traces the settings of this load.
    pub(crate) fn trace_loaded(&self) {
        trace::loaded(self.journal.id(), self.journal.load());
    }

    /// Takes over the registration as an event provider, until this service is dropped.
    pub(crate) fn keep_tracing(&self, tracing: &Tracing) {
        self.tracing.take_over(tracing);
    }

    /// Records a session event, and completes the pending reads that wait for it.
    ///
    /// Runs at `PASSIVE_LEVEL` (observed; the page promises at most `APC_LEVEL`), for several
    /// sessions at once. The payload may be paged, so it is read before the lock is taken.
    /// Under the lock, one record is written and nothing else happens.
    pub(crate) fn record(&self, call: &SessionCall) {
        let notification = Notification {
            event: call.event(),
            payload: call.payload(),
            information: call.information(),
        };
        let clocks = clocks();
        // `None` only after 2^64 - 2 events.
        let sequence = self.journal.record(&mut self.recorder.lock(), &notification, clocks);
        if let Some(sequence) = sequence {
            self.trace_recorded(sequence);
        }
        wakeup::complete_due(self);
    }

    fn trace_recorded(&self, sequence: u64) {
        trace::session_event(|| self.journal.recorded(sequence));
        let overwritten = sequence.saturating_sub(self.capacity().into());
        if overwritten == 1 {
            trace::overwriting_began(overwritten, sequence);
        }
    }

    /// Completes a device control request, or makes it pending.
    ///
    /// Runs at `PASSIVE_LEVEL`, for several requests at once. A read takes no lock unless it
    /// becomes pending.
    pub(crate) fn answer(&self, mut request: Request, code: ControlCode) {
        let outcome = request.with_input(Input::copy_of).and_then(|input| {
            let output = request.output()?;
            let outcome = self.journal.dispatch(code, &input, output, || self.vitals())?;
            if let (READ, Outcome::Answered(_)) = (code, outcome) {
                trace::read_replied(output);
            }
            Ok(outcome)
        });
        match outcome {
            Ok(Outcome::Answered(length)) => request.complete(Ok(length)),
            Ok(Outcome::Pends { from }) => wakeup::pend(self, request, from),
            Ok(Outcome::Sessions) => self.answer_sessions(request),
            Err(failure) => {
                trace::request_rejected(code, failure);
                request.complete(Err(failure));
            }
        }
    }

    /// Completes a sessions request. The lock is held while at most [`SESSION_ENTRIES`]
    /// records are copied.
    fn answer_sessions(&self, mut request: Request) {
        let answer = request
            .output()
            .and_then(|output| Ok(self.journal.answer_sessions(&self.recorder.lock(), output)?));
        request.complete(answer);
    }

    fn vitals(&self) -> Vitals {
        Vitals {
            clocks: clocks(),
            pending: self.pending.lock().counts(),
            is_registered: self.registration.is_registered(),
        }
    }

    /// Completes a cancelled pending read. Its caller cancelled it, its handle was closed,
    /// its thread or process ended, or [`stop`](Self::stop) closed the queue.
    /// `PASSIVE_LEVEL`.
    pub(crate) fn read_cancelled(&self, request: Request) {
        wakeup::cancelled(self, request);
    }

    /// Prepares for unload. When this returns, no read is pending, no notification callback
    /// runs, and none will. `PASSIVE_LEVEL`, with no lock held.
    pub(crate) fn stop(&self) {
        self.registration.unregister();
        self.pending_queue.close();
        wdk::println!("sessionwatch: stopped");
        trace::unloaded(self.journal.id(), self.journal.next_sequence());
    }
}

impl RequestQueue for Service {
    type Request = Request;
    type Entries = PendingEntries;

    fn identify(&self, request: &Request) -> (RequestId, HandleId) {
        (request.id(), request.handle())
    }

    fn with_pending_reads<R>(
        &self,
        change: impl FnOnce(&mut PendingReads<PendingEntries>) -> R,
    ) -> R {
        change(&mut self.pending.lock())
    }

    fn next_sequence(&self) -> u64 {
        self.journal.next_sequence()
    }

    fn enter(&self, request: Request) -> Result<(), Request> {
        self.pending_queue.put(request)
    }

    fn leave(&self) -> Option<Request> {
        self.pending_queue.take()
    }

    fn complete(&self, mut request: Request, from: u64) {
        let answer = request.output().and_then(|output| {
            let length = self.journal.answer_pending(from, output)?;
            trace::read_replied(output);
            Ok(length)
        });
        request.complete(answer);
    }

    fn reject(&self, request: Request, rejection: Rejection) {
        self.journal.count_rejection();
        trace::request_rejected(READ, rejection.into());
        request.complete(Err(rejection.into()));
    }

    fn cancel(&self, request: Request) {
        request.complete(Err(Failure::from(Status::CANCELLED)));
    }
}

fn clocks() -> Clocks {
    let (system, monotonic) = system_and_interrupt_time();
    Clocks { system, monotonic }
}

fn version() -> [u16; 3] {
    [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ]
    .map(|part| part.parse().unwrap_or(0))
}

/// Allocates the requested ring, or halves its capacity until the allocation succeeds.
fn ring_memory(requested: RingCapacity) -> Result<(Words, RingCapacity), StartError> {
    let mut capacity = requested;
    loop {
        match zeroed(Ring::<Words>::words_for(capacity.records)) {
            Ok(words) => return Ok((words, capacity)),
            Err(error) => capacity = capacity.reduced().ok_or(error)?,
        }
    }
}

/// The error of [`zeroed`]. The allocator calls this function.
const NO_MEMORY: StartError = Status::INSUFFICIENT_RESOURCES.of_call("ExAllocatePool2");

/// Allocates non-paged memory, once.
fn zeroed<T: Default>(length: usize) -> Result<Box<[T]>, StartError> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| NO_MEMORY)?;
    values.resize_with(length, T::default);
    Ok(values.into_boxed_slice())
}
