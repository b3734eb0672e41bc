//! Pending reads under a model checker: callback, reader, cancellation and unload side by
//! side, in every order of steps up to a number of preemptions.
//!
//! The subject is [`sessionwatch_journal::wakeup`] itself, the code that the driver runs,
//! over the ring with loom's atomics. [`Machine`] stands for what the driver lends: a lock
//! around the table of pending reads, a lock around the recorder, and the framework's
//! manual queue, which has a lock of its own, closes, and hands a request to one taker only.
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
//! The models have at most two producers and two readers. That the framework's queue
//! behaves like the machine's is what its documentation says, and what the end-to-end tests
//! see on the stand-in.
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

mod sync;
mod telling;

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

use crate::ring::{Ring, Writer};
use crate::sync::AtomicU64;
use crate::telling::{assert_whole, telling};

/// Of the ring: nothing is overwritten in these models.
const CAPACITY: usize = 2;

/// How a request was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// With these many records.
    Completed(usize),
    Cancelled,
    Rejected(Rejection),
}

/// A request that is owned.
struct Request {
    id: u64,
    from: u64,
}

struct Queue {
    is_open: bool,
    requests: VecDeque<Request>,
}

/// What the driver lends, in small. Bookkeeping that the product does not have
/// uses `std`: loom runs one thread at a time, and need not look into it.
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

    /// What the driver's callback does.
    fn session_changed(&self) {
        {
            let mut writer = self.recorder.lock().unwrap();
            self.ring.push(&mut writer, telling).unwrap();
        }
        complete_due(self);
    }

    /// What the driver does with a read that may wait.
    fn read(&self, id: u64, from: u64) {
        let request = Request { id, from };
        if from < self.next_sequence() {
            self.complete(request, from);
        } else {
            pend(self, request, from);
        }
    }

    /// What the framework does for `CancelIoEx`.
    fn cancel_io(&self, id: u64) {
        let found = {
            let requests = &mut self.queue.lock().unwrap().requests;
            let place = requests.iter().position(|request| request.id == id);
            place.and_then(|place| requests.remove(place))
        };
        if let Some(request) = found {
            cancelled(self, request);
        }
    }

    /// What the framework does when the queue is purged.
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

    /// Asserts what must hold once every thread has come to rest, and gives the
    /// fates.
    fn come_to_rest(&self) -> Vec<Option<Fate>> {
        let queue = self.queue.lock().unwrap();
        assert_eq!(self.pending.lock().unwrap().count(), queue.requests.len());
        let fates = self.fates.lock().unwrap().clone();
        for (id, fate) in (0..).zip(&fates) {
            let waiting = queue.requests.iter().find(|request| request.id == id);
            assert_eq!(waiting.is_some(), fate.is_none(), "request {id}: {fate:?}");
            if let Some(request) = waiting {
                assert!(request.from >= self.ring.next(), "the wake-up of request {id} was lost");
            }
        }
        fates
    }
}

impl RequestQueue for Machine {
    type Request = Request;
    type Places = Vec<PendingRead>;

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
        for (number, bytes) in (from..).zip(&output[..read.count]) {
            assert_whole(bytes, number);
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

/// Runs a model in every order of steps, with so many preemptions; a release
/// build (`cargo make test-loom`) takes one more.
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
fn a_record_wakes_the_read_that_waits_for_it() {
    check(3, || {
        let machine = Machine::new(1);
        let producer = spawn(&machine, Machine::session_changed);
        machine.read(0, 1);
        producer.join().unwrap();
        assert_eq!(machine.come_to_rest(), [Some(Fate::Completed(1))]);
    });
}

#[test]
fn a_record_wakes_all_that_wait_for_it() {
    check(2, || {
        let machine = Machine::new(2);
        let producer = spawn(&machine, Machine::session_changed);
        let other = spawn(&machine, |machine| machine.read(1, 1));
        machine.read(0, 1);
        producer.join().unwrap();
        other.join().unwrap();
        assert_eq!(machine.come_to_rest(), [Some(Fate::Completed(1)); 2]);
    });
}

/// The reader that waits for number 2 may enter the machine before the one that
/// waits for number 1, and be taken out with nothing to tell it.
#[test]
fn readers_at_different_numbers_wake_each_at_its_own() {
    check(2, || {
        let machine = Machine::new(2);
        let producer = spawn(&machine, Machine::session_changed);
        let ahead = spawn(&machine, |machine| machine.read(1, machine.next_sequence()));
        machine.read(0, 1);
        producer.join().unwrap();
        ahead.join().unwrap();
        assert_eq!(machine.come_to_rest()[0], Some(Fate::Completed(1)));
    });
}

#[test]
fn two_producers_at_once_wake_a_read_once() {
    check(2, || {
        let machine = Machine::new(1);
        let producers = [(); 2].map(|()| spawn(&machine, Machine::session_changed));
        machine.read(0, 1);
        for producer in producers {
            producer.join().unwrap();
        }
        let fates = machine.come_to_rest();
        assert!(matches!(fates[..], [Some(Fate::Completed(1 | 2))]), "{fates:?}");
    });
}

#[test]
fn a_read_is_answered_or_cancelled_but_not_both() {
    check(2, || {
        let machine = Machine::new(1);
        let producer = spawn(&machine, Machine::session_changed);
        let canceller = spawn(&machine, |machine| machine.cancel_io(0));
        machine.read(0, 1);
        producer.join().unwrap();
        canceller.join().unwrap();
        let fates = machine.come_to_rest();
        assert!(matches!(fates[..], [Some(Fate::Completed(1) | Fate::Cancelled)]), "{fates:?}");
    });
}

/// A request that is cancelled leaves the way free to the one behind it.
#[test]
fn a_cancelled_read_takes_nobodys_wake_up() {
    check(2, || {
        let machine = Machine::new(2);
        machine.read(0, 1);
        let producer = spawn(&machine, Machine::session_changed);
        let canceller = spawn(&machine, |machine| machine.cancel_io(0));
        machine.read(1, 1);
        producer.join().unwrap();
        canceller.join().unwrap();
        assert_eq!(machine.come_to_rest()[1], Some(Fate::Completed(1)));
    });
}

/// The driver's order: no callback any more, then the queue is purged; the
/// framework waits for requests that are being handled; then all is freed.
#[test]
fn an_unload_leaves_nothing_waiting_and_nothing_is_touched_after_it() {
    check(2, || {
        let machine = Machine::new(2);
        machine.read(0, 1);
        let producer = spawn(&machine, Machine::session_changed);
        let reader = spawn(&machine, |machine| machine.read(1, machine.next_sequence()));
        producer.join().unwrap();
        machine.purge();
        reader.join().unwrap();
        assert!(machine.come_to_rest().iter().all(Option::is_some));
        machine.is_freed.store(true, Ordering::Relaxed);
    });
}
