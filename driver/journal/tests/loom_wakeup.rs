//! Pending reads under a model checker: callback, reader, cancellation and unload side by
//! side, in every order of steps up to a number of preemptions.
//!
//! The subject is [`sessionwatch_journal::wakeup`] itself, the code that the driver runs,
//! over the ring with loom's atomics. [`Machine`] stands for what the driver lends: a lock
//! around the table of pending reads, a lock around the recorder, and the framework's
//! manual queue, which has its own lock, can close, and hands a request to only one taker.
//!
//! # Assertions
//!
//! No request is completed twice. At the end each request was completed with the records
//! from its sequence number on, or was cancelled, or is in the queue for a sequence number
//! that no record has yet: no wake-up is lost. Table and queue agree. Nothing touches the
//! machine after it is freed.
//!
//! # What a pass does not show
//!
//! The models have at most two producers and two readers. The framework's queue itself takes no
//! part: its documentation says that it behaves like the machine's, and the end-to-end tests check
//! that on the stand-in.
//!
//! # Deliberate faults
//!
//! | Broken | Models that failed |
//! |---|---|
//! | a reader does not look again after it has entered | all but the unload |
//! | only one request is taken out, however many are pending | 3: those with two readers |
//! | the loop ends with the first completed request | 3: those with two readers |
//! | a read is due one record too early | all but the unload |
//! | a read is due one record too late | 5 |
//! | a cancelled request stays in the table | 3: the two cancellations, the unload |
//! | a request that could not enter stays in the table | the unload |

mod numbered;
mod sync;

#[path = "../src/ring.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the journal's interface, compiled as a part of this test"
)]
mod ring;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::sync::Mutex;
use loom::thread;
use sessionwatch_journal::wakeup::{RequestQueue, cancelled, complete_due, pend};
use sessionwatch_journal::{HandleId, PendingRead, PendingReads, RequestId};
use sessionwatch_protocol::{Record, Rejection};

use crate::numbered::{assert_whole, numbered};
use crate::ring::{Ring, Writer};
use crate::sync::AtomicU64;

/// The ring's capacity, in records. No model overwrites a record.
const CAPACITY: usize = 2;

/// The completion of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// With this number of records.
    Completed(usize),
    Cancelled,
    Rejected(Rejection),
}

/// An owned request.
struct Request {
    id: u64,
    from: u64,
}

struct Queue {
    is_open: bool,
    requests: VecDeque<Request>,
}

/// A small stand-in for the driver. State that the driver does not have uses `std`, so that
/// loom does not explore it; loom runs one thread at a time.
struct Machine {
    ring: Ring<Vec<AtomicU64>>,
    recorder: Mutex<Writer>,
    pending: Mutex<PendingReads<Vec<PendingRead>>>,
    queue: Mutex<Queue>,
    fates: std::sync::Mutex<Vec<Option<Fate>>>,
    is_freed: AtomicBool,
}

impl Machine {
    fn new(requests: usize) -> Arc<Self> {
        let words = Ring::<Vec<AtomicU64>>::words_for(2);
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        let (ring, writer) = Ring::new(words, 1).unwrap();
        Arc::new(Self {
            ring,
            recorder: Mutex::new(writer),
            pending: Mutex::new(PendingReads::new(vec![PendingRead::default(); 2], 2)),
            queue: Mutex::new(Queue { is_open: true, requests: VecDeque::new() }),
            fates: std::sync::Mutex::new(vec![None; requests]),
            is_freed: AtomicBool::new(false),
        })
    }

    /// The driver's notification callback.
    fn session_changed(&self) {
        {
            let mut writer = self.recorder.lock().unwrap();
            self.ring.push(&mut writer, numbered).unwrap();
        }
        complete_due(self);
    }

    /// The driver's work for a read with the flag *wait*.
    fn read(&self, id: u64, from: u64) {
        let request = Request { id, from };
        if from < self.next_sequence() {
            self.complete(request, from);
        } else {
            pend(self, request, from);
        }
    }

    /// The framework's work for `CancelIoEx`.
    fn cancel_io(&self, id: u64) {
        let found = {
            let requests = &mut self.queue.lock().unwrap().requests;
            let index = requests.iter().position(|request| request.id == id);
            index.and_then(|index| requests.remove(index))
        };
        if let Some(request) = found {
            cancelled(self, request);
        }
    }

    /// The framework's work for a purge of the queue.
    fn purge(&self) {
        let requests = {
            let mut queue = self.queue.lock().unwrap();
            queue.is_open = false;
            std::mem::take(&mut queue.requests)
        };
        for request in requests {
            cancelled(self, request);
        }
    }

    fn note(&self, request: &Request, fate: Fate) {
        let slot = &mut self.fates.lock().unwrap()[usize::try_from(request.id).unwrap()];
        assert_eq!(*slot, None, "completed twice, now as {fate:?}");
        *slot = Some(fate);
    }

    fn assert_alive(&self) {
        assert!(!self.is_freed.load(Ordering::Relaxed), "touched after it was freed");
    }

    /// Asserts the invariants that hold when no thread runs, and returns the fates.
    fn settle(&self) -> Vec<Option<Fate>> {
        let queue = self.queue.lock().unwrap();
        assert_eq!(self.pending.lock().unwrap().count(), queue.requests.len());
        let fates = self.fates.lock().unwrap().clone();
        for (id, fate) in (0..).zip(&fates) {
            let pending = queue.requests.iter().find(|request| request.id == id);
            assert_eq!(pending.is_some(), fate.is_none(), "request {id}: {fate:?}");
            if let Some(request) = pending {
                assert!(request.from >= self.ring.next(), "the wake-up of request {id} was lost");
            }
        }
        fates
    }
}

impl RequestQueue for Machine {
    type Request = Request;
    type Entries = Vec<PendingRead>;

    fn identify(&self, request: &Request) -> (RequestId, HandleId) {
        (RequestId(request.id), HandleId(1))
    }

    fn with_pending_reads<R>(
        &self,
        change: impl FnOnce(&mut PendingReads<Vec<PendingRead>>) -> R,
    ) -> R {
        self.assert_alive();
        change(&mut self.pending.lock().unwrap())
    }

    fn next_sequence(&self) -> u64 {
        self.assert_alive();
        self.ring.next()
    }

    fn enter(&self, request: Request) -> Result<(), Request> {
        self.assert_alive();
        let mut queue = self.queue.lock().unwrap();
        if queue.is_open {
            queue.requests.push_back(request);
            Ok(())
        } else {
            Err(request)
        }
    }

    fn leave(&self) -> Option<Request> {
        self.assert_alive();
        self.queue.lock().unwrap().requests.pop_front()
    }

    fn complete(&self, request: Request, from: u64) {
        self.assert_alive();
        assert_eq!(request.from, from);
        let mut output = [[0; Record::SIZE]; CAPACITY];
        let read = self.ring.read(from, &mut output);
        assert_eq!(read.lost, 0);
        for (sequence, bytes) in (from..).zip(&output[..read.count]) {
            assert_whole(bytes, sequence);
        }
        self.note(&request, Fate::Completed(read.count));
    }

    fn reject(&self, request: Request, rejection: Rejection) {
        self.note(&request, Fate::Rejected(rejection));
    }

    fn cancel(&self, request: Request) {
        self.note(&request, Fate::Cancelled);
    }
}

/// Runs a model in every order of steps, up to this number of preemptions. A release build
/// (`cargo make test-loom`) allows one more.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut loom = loom::model::Builder::new();
    loom.preemption_bound = Some(preemptions + usize::from(!cfg!(debug_assertions)));
    loom.check(model);
}

fn spawn(machine: &Arc<Machine>, run: impl FnOnce(&Machine) + 'static) -> thread::JoinHandle<()> {
    let machine = Arc::clone(machine);
    thread::spawn(move || run(&machine))
}

#[test]
fn a_record_completes_the_pending_read_that_waits_for_it() {
    check(3, || {
        let machine = Machine::new(1);
        let producer = spawn(&machine, Machine::session_changed);
        machine.read(0, 1);
        producer.join().unwrap();
        assert_eq!(machine.settle(), [Some(Fate::Completed(1))]);
    });
}

#[test]
fn a_record_completes_all_pending_reads_that_wait_for_it() {
    check(2, || {
        let machine = Machine::new(2);
        let producer = spawn(&machine, Machine::session_changed);
        let other = spawn(&machine, |machine| machine.read(1, 1));
        machine.read(0, 1);
        producer.join().unwrap();
        other.join().unwrap();
        assert_eq!(machine.settle(), [Some(Fate::Completed(1)); 2]);
    });
}

/// The read for sequence number 2 may enter the queue before the read for 1. Then it may be
/// taken out before its record exists.
#[test]
fn reads_of_different_sequence_numbers_are_completed_each_at_its_own() {
    check(2, || {
        let machine = Machine::new(2);
        let producer = spawn(&machine, Machine::session_changed);
        let ahead = spawn(&machine, |machine| machine.read(1, machine.next_sequence()));
        machine.read(0, 1);
        producer.join().unwrap();
        ahead.join().unwrap();
        assert_eq!(machine.settle()[0], Some(Fate::Completed(1)));
    });
}

#[test]
fn two_producers_at_once_complete_a_read_once() {
    check(2, || {
        let machine = Machine::new(1);
        let producers = [(); 2].map(|()| spawn(&machine, Machine::session_changed));
        machine.read(0, 1);
        for producer in producers {
            producer.join().unwrap();
        }
        let fates = machine.settle();
        assert!(matches!(fates[..], [Some(Fate::Completed(1 | 2))]), "{fates:?}");
    });
}

#[test]
fn a_pending_read_is_completed_or_cancelled_but_not_both() {
    check(2, || {
        let machine = Machine::new(1);
        let producer = spawn(&machine, Machine::session_changed);
        let canceller = spawn(&machine, |machine| machine.cancel_io(0));
        machine.read(0, 1);
        producer.join().unwrap();
        canceller.join().unwrap();
        let fates = machine.settle();
        assert!(matches!(fates[..], [Some(Fate::Completed(1) | Fate::Cancelled)]), "{fates:?}");
    });
}

/// A cancelled request does not block the one behind it.
#[test]
fn a_cancelled_read_does_not_consume_the_wake_up_of_another() {
    check(2, || {
        let machine = Machine::new(2);
        machine.read(0, 1);
        let producer = spawn(&machine, Machine::session_changed);
        let canceller = spawn(&machine, |machine| machine.cancel_io(0));
        machine.read(1, 1);
        producer.join().unwrap();
        canceller.join().unwrap();
        assert_eq!(machine.settle()[1], Some(Fate::Completed(1)));
    });
}

/// The driver's order of unload: the last callback ends, the queue is purged, the framework
/// waits for the requests that are being handled, and the memory is freed.
#[test]
fn an_unload_leaves_no_pending_read_and_touches_nothing_after_it() {
    check(2, || {
        let machine = Machine::new(2);
        machine.read(0, 1);
        let producer = spawn(&machine, Machine::session_changed);
        let reader = spawn(&machine, |machine| machine.read(1, machine.next_sequence()));
        producer.join().unwrap();
        machine.purge();
        reader.join().unwrap();
        assert!(machine.settle().iter().all(Option::is_some));
        machine.is_freed.store(true, Ordering::Relaxed);
    });
}
