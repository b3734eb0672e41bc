//! Waiting reads with a model checker: callback, waiting reader, cancellation and
//! unload beside each other, in every order of steps up to a number of
//! preemptions.
//!
//! What is checked is [`sessionwatch_journal::waiting`] itself, the code that the
//! driver runs, over the ring with loom's atomics. The room stands for what the
//! driver lends: a lock around the table of waits, a lock around the recorder,
//! and the framework's manual queue, which is a lock of its own, closes, and
//! hands a request to one taker only.
//!
//! # What is asserted
//!
//! No request is completed twice. Once all have come to rest, each one was
//! answered with the records from its number on, or was cancelled, or waits in
//! the queue for a number that no record has yet: no wake-up is lost. Table and
//! queue agree. Nothing touches the room after it is freed.
//!
//! # What a pass does not say
//!
//! The models have two producers and two readers at most. That the framework's
//! queue behaves like the room's is what its documentation says, and what the
//! end-to-end tests see on the stand-in.
//!
//! # That it can fail
//!
//! Broken on purpose, each time in one place:
//!
//! | Broken | Models that failed |
//! |---|---|
//! | a reader does not look again after it has entered | all but the unload |
//! | only one request is taken out, whoever else waits | 3: those with two readers |
//! | the loop ends with the first request answered | 3: those with two readers |
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
use sessionwatch_journal::waiting::{WaitingRoom, answer_due, cancelled, wait};
use sessionwatch_journal::{HandleId, RequestId, Wait, Waits};
use sessionwatch_protocol::{Record, Refusal};

use crate::ring::{Ring, Writer};
use crate::sync::AtomicU64;
use crate::telling::{assert_whole, telling};

/// Of the ring: nothing is overwritten in these models.
const CAPACITY: usize = 2;

/// How a request was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// With these many records.
    Answered(usize),
    Cancelled,
    Refused(Refusal),
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
struct Room {
    ring: Ring<Vec<AtomicU64>>,
    recorder: Mutex<Writer>,
    waits: Mutex<Waits<Vec<Wait>>>,
    queue: Mutex<Queue>,
    fates: std::sync::Mutex<Vec<Option<Fate>>>,
    is_freed: AtomicBool,
}

impl Room {
    fn new(requests: usize) -> Arc<Self> {
        let words = Ring::<Vec<AtomicU64>>::words_for(2);
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        let (ring, writer) = Ring::new(words, 1).unwrap();
        Arc::new(Self {
            ring,
            recorder: Mutex::new(writer),
            waits: Mutex::new(Waits::new(vec![Wait::default(); 2], 2)),
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
        answer_due(self);
    }

    /// What the driver does with a read that may wait.
    fn read(&self, id: u64, from: u64) {
        let request = Request { id, from };
        if from < self.next_number() {
            self.answer(request, from);
        } else {
            wait(self, request, from);
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

    fn complete(&self, request: &Request, fate: Fate) {
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
        assert_eq!(self.waits.lock().unwrap().count(), queue.requests.len());
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

impl WaitingRoom for Room {
    type Request = Request;
    type Places = Vec<Wait>;

    fn identify(&self, request: &Request) -> (RequestId, HandleId) {
        (RequestId(request.id), HandleId(1))
    }

    fn with_waits<R>(&self, change: impl FnOnce(&mut Waits<Vec<Wait>>) -> R) -> R {
        self.assert_alive();
        change(&mut self.waits.lock().unwrap())
    }

    fn next_number(&self) -> u64 {
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

    fn answer(&self, request: Request, from: u64) {
        self.assert_alive();
        assert_eq!(request.from, from);
        let mut output = [[0; Record::SIZE]; CAPACITY];
        let read = self.ring.read(from, &mut output);
        assert_eq!(read.lost, 0);
        for (number, bytes) in (from..).zip(&output[..read.count]) {
            assert_whole(bytes, number);
        }
        self.complete(&request, Fate::Answered(read.count));
    }

    fn refuse(&self, request: Request, refusal: Refusal) {
        self.complete(&request, Fate::Refused(refusal));
    }

    fn cancel(&self, request: Request) {
        self.complete(&request, Fate::Cancelled);
    }
}

/// Runs a model in every order of steps, with so many preemptions; a release
/// build (`cargo make test-loom`) takes one more.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut loom = loom::model::Builder::new();
    loom.preemption_bound = Some(preemptions + usize::from(!cfg!(debug_assertions)));
    loom.check(model);
}

fn spawn(room: &Arc<Room>, run: impl FnOnce(&Room) + 'static) -> thread::JoinHandle<()> {
    let room = Arc::clone(room);
    thread::spawn(move || run(&room))
}

#[test]
fn a_record_wakes_the_read_that_waits_for_it() {
    check(3, || {
        let room = Room::new(1);
        let producer = spawn(&room, Room::session_changed);
        room.read(0, 1);
        producer.join().unwrap();
        assert_eq!(room.come_to_rest(), [Some(Fate::Answered(1))]);
    });
}

#[test]
fn a_record_wakes_all_that_wait_for_it() {
    check(2, || {
        let room = Room::new(2);
        let producer = spawn(&room, Room::session_changed);
        let other = spawn(&room, |room| room.read(1, 1));
        room.read(0, 1);
        producer.join().unwrap();
        other.join().unwrap();
        assert_eq!(room.come_to_rest(), [Some(Fate::Answered(1)); 2]);
    });
}

/// The reader that waits for number 2 may enter the room before the one that
/// waits for number 1, and be taken out with nothing to tell it.
#[test]
fn readers_at_different_numbers_wake_each_at_its_own() {
    check(2, || {
        let room = Room::new(2);
        let producer = spawn(&room, Room::session_changed);
        let ahead = spawn(&room, |room| room.read(1, room.next_number()));
        room.read(0, 1);
        producer.join().unwrap();
        ahead.join().unwrap();
        assert_eq!(room.come_to_rest()[0], Some(Fate::Answered(1)));
    });
}

#[test]
fn two_producers_at_once_wake_a_read_once() {
    check(2, || {
        let room = Room::new(1);
        let producers = [(); 2].map(|()| spawn(&room, Room::session_changed));
        room.read(0, 1);
        for producer in producers {
            producer.join().unwrap();
        }
        let fates = room.come_to_rest();
        assert!(matches!(fates[..], [Some(Fate::Answered(1 | 2))]), "{fates:?}");
    });
}

#[test]
fn a_read_is_answered_or_cancelled_but_not_both() {
    check(2, || {
        let room = Room::new(1);
        let producer = spawn(&room, Room::session_changed);
        let canceller = spawn(&room, |room| room.cancel_io(0));
        room.read(0, 1);
        producer.join().unwrap();
        canceller.join().unwrap();
        let fates = room.come_to_rest();
        assert!(matches!(fates[..], [Some(Fate::Answered(1) | Fate::Cancelled)]), "{fates:?}");
    });
}

/// A request that is cancelled leaves the way free to the one behind it.
#[test]
fn a_cancelled_read_takes_nobodys_wake_up() {
    check(2, || {
        let room = Room::new(2);
        room.read(0, 1);
        let producer = spawn(&room, Room::session_changed);
        let canceller = spawn(&room, |room| room.cancel_io(0));
        room.read(1, 1);
        producer.join().unwrap();
        canceller.join().unwrap();
        assert_eq!(room.come_to_rest()[1], Some(Fate::Answered(1)));
    });
}

/// The driver's order: no callback any more, then the queue is purged; the
/// framework waits for requests that are being handled; then all is freed.
#[test]
fn an_unload_leaves_nothing_waiting_and_nothing_is_touched_after_it() {
    check(2, || {
        let room = Room::new(2);
        room.read(0, 1);
        let producer = spawn(&room, Room::session_changed);
        let reader = spawn(&room, |room| room.read(1, room.next_number()));
        producer.join().unwrap();
        room.purge();
        reader.join().unwrap();
        assert!(room.come_to_rest().iter().all(Option::is_some));
        room.is_freed.store(true, Ordering::Relaxed);
    });
}
