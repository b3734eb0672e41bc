//! All that the driver does between start and stop, one thing after the other, with
//! the books balanced at the end.
//!
//! One failure may cost one request its answer, and an event a part of its record;
//! never an event, and never anything after it.

use std::slice::from_ref;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kmdf_host_control::{Order, Raise, Site};
use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DescribeReply, DescribeRequest, READ, ReadBatch, ReadReply, ReadRequest,
    Record, Rejection, SESSIONS, SessionsReply, SessionsRequest, decode_describe, decode_read,
    decode_sessions,
};
use sessionwatch_tests::{
    Answer, Device, Expected, Fixture, OverlappedDevice, PendingRead, expected, queues, raise,
    scenario,
};
use zerocopy::IntoBytes as _;

use crate::outcome::Outcome;
use crate::plan::Faults;

const STATUS_SUCCESS: u32 = 0;
const STATUS_CANCELLED: u32 = 0xC000_0120;

/// What the INF sets, and what the driver takes by itself.
const USUAL_CAPACITY: u32 = 16_384;

/// Room for all records that there will be.
const ROOM: usize = 64;

/// Room for what stands before records, or for a description.
const LARGEST_HEAD: usize = DescribeReply::SIZE;

/// How often a request is sent. No failure goes on for so long.
const ATTEMPTS: u32 = 4;

/// How long a request may take to where it waits. Only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the host's worker may take out of a callback whose request waits.
const REST: Duration = Duration::from_millis(5);

/// A step, by the name that the report gives it.
type Step<'load> = (&'static str, fn(&mut Workload<'load>));

pub(crate) struct Workload<'load> {
    fixture: &'load Fixture,
    faults: &'load Faults,
    coming: std::vec::IntoIter<Raise>,
    raised: Vec<Raise>,
    outcome: Outcome,
}

impl<'load> Workload<'load> {
    pub(crate) fn begin(fixture: &'load Fixture, faults: &'load Faults) -> Self {
        let coming = scenario("workstation-day").into_iter();
        Self { fixture, faults, coming, raised: Vec::new(), outcome: Outcome::default() }
    }

    /// All steps, in an order that is the same each time.
    pub(crate) fn run(&mut self, after: &mut dyn FnMut(&'static str)) {
        let steps: [Step<'load>; 11] = [
            ("describe", Self::describe),
            ("read of nothing", Self::read),
            ("refused request", Self::be_refused),
            ("event", Self::event),
            ("event", Self::event),
            ("read", Self::read),
            ("sessions", Self::sessions),
            ("waiting read, answered", Self::wait_for_event),
            ("waiting read, cancelled", Self::wait_and_cancel),
            ("waiting read, closed", Self::wait_and_close),
            ("event after waits", Self::event),
        ];
        for (name, step) in steps {
            step(self);
            after(name);
        }
    }

    /// Everything that was raised is there, and nothing else.
    pub(crate) fn end(mut self) -> Outcome {
        let described = self.insist(DESCRIBE, DescribeRequest::new().as_bytes());
        let described = *decode_describe(described.reply()).unwrap();
        let read = self.insist(READ, ReadRequest::new(1).as_bytes());
        let ReadBatch { head, records } = decode_read(read.reply()).unwrap();
        assert_eq!(head.lost.get(), 0);
        assert_eq!(described.next.get() - 1, self.raised.len() as u64, "seen");

        let failed = self.failed();
        for site in failed.iter().filter(|site| site.call == "IoGetContainerInformation") {
            let nth = usize::try_from(site.nth).unwrap();
            self.raised[nth - 1].information_fails = true;
            self.outcome.records_flagged += 1;
        }
        let delivered: Vec<Expected> = records.iter().map(Expected::of).collect();
        assert_eq!(delivered, expected(&self.raised));
        assert!(
            self.outcome.refused.len() <= failed.len(),
            "more requests than calls failed: {:x?}, {failed:?}",
            self.outcome.refused
        );
        let capacity = described.capacity.get();
        self.outcome.smaller_ring = (capacity < USUAL_CAPACITY).then_some(capacity);
        self.outcome.settings_unread =
            described.settings().iter_names().any(|(name, _)| name.ends_with("UNREADABLE"));
        self.outcome
    }

    /// The answer to a request that is repeated when it fails.
    fn insist(&mut self, code: ControlCode, request: &[u8]) -> Answer {
        let room = LARGEST_HEAD + ROOM * Record::SIZE;
        for _ in 0..ATTEMPTS {
            let answer = self.device().send(code, request, room);
            if self.is_answered(&answer) {
                return answer;
            }
        }
        panic!("the driver answers nothing any more");
    }

    fn describe(&mut self) {
        let request = DescribeRequest::new();
        let answer = self.device().send(DESCRIBE, request.as_bytes(), DescribeReply::SIZE);
        if self.is_answered(&answer) {
            let reply = decode_describe(answer.reply()).unwrap();
            assert_eq!(reply.next.get(), self.next());
        }
    }

    fn read(&mut self) {
        let room = ReadReply::SIZE + ROOM * Record::SIZE;
        let answer = self.device().send(READ, ReadRequest::new(1).as_bytes(), room);
        if self.is_answered(&answer) {
            let ReadBatch { head, records } = decode_read(answer.reply()).unwrap();
            assert_eq!((head.lost.get(), head.next.get()), (0, self.next()));
            assert_eq!(records.len(), self.raised.len());
        }
    }

    fn sessions(&mut self) {
        let room = SessionsReply::SIZE + ROOM * Record::SIZE;
        let answer = self.device().send(SESSIONS, SessionsRequest::new().as_bytes(), room);
        if self.is_answered(&answer) {
            let snapshot = decode_sessions(answer.reply()).unwrap();
            assert_eq!(snapshot.head.next.get(), self.next());
        }
    }

    /// One that is too short, and one whose output is.
    fn be_refused(&mut self) {
        let request = ReadRequest::new(1);
        let device = self.device();
        let short = device.send(READ, &request.as_bytes()[..8], ROOM);
        self.is_refused(&short, Rejection::Truncated);
        let small = device.send(READ, request.as_bytes(), ReadReply::SIZE);
        self.is_refused(&small, Rejection::OutputTooSmall { needed: 0 });
    }

    fn event(&mut self) {
        let event = self.coming.next().unwrap();
        let _when = raise(from_ref(&event), Order::Serial);
        self.raised.push(event);
    }

    /// Two of two handles, which are both answered in the callback of the event.
    fn wait_for_event(&mut self) {
        let devices = [(); 2].map(|()| OverlappedDevice::open().unwrap());
        let reads = self.waits(&devices);
        self.event();
        let waiting = waiting();
        if waiting > 0 {
            assert!(!self.failed().is_empty(), "{waiting} reads wait for what is there");
            self.outcome.woken_late += 1;
            self.event();
        }
        assert_eq!(self::waiting(), 0, "reads wait on although two events came");
        for read in reads {
            let answer = read.answer();
            if self.is_answered(&answer) {
                let ReadBatch { head, records } = decode_read(answer.reply()).unwrap();
                assert_eq!(head.lost, 0);
                assert!(records.len() <= self.raised.len());
            }
        }
    }

    fn wait_and_cancel(&mut self) {
        let device = OverlappedDevice::open().unwrap();
        let [read] = self.waits(&[&device]);
        if self.waits_still(&read) {
            device.cancel_all();
            self.is_cancelled(&read);
        }
    }

    fn wait_and_close(&mut self) {
        let device = OverlappedDevice::open().unwrap();
        let [read] = self.waits(&[&device]);
        if self.waits_still(&read) {
            drop(device);
            self.is_cancelled(&read);
        }
    }

    /// Whether a read that nobody has answered or cancelled waits. If not, there
    /// has to have been a failure.
    fn waits_still(&mut self, read: &PendingRead) -> bool {
        let ended = read.is_done();
        if ended {
            assert!(!self.is_answered(&read.answer()), "answered without a record");
        }
        !ended
    }

    /// Reads of the next number: when this returns, each waits or has failed, and
    /// none before the one before it.
    fn waits<const N: usize, D: std::borrow::Borrow<OverlappedDevice>>(
        &self,
        devices: &[D; N],
    ) -> [PendingRead; N] {
        let next = self.next();
        let begin = Instant::now();
        let mut before = 0;
        std::array::from_fn(|index| {
            let read = devices[index].borrow().wait_for(next, 4);
            while waiting() == before && !read.is_done() {
                assert!(begin.elapsed() < PATIENCE, "the read neither waits nor ends");
                sleep(Duration::from_millis(1));
            }
            sleep(REST);
            before = waiting();
            read
        })
    }

    fn device(&self) -> Device {
        self.fixture.device()
    }

    /// The number that the next event will have.
    fn next(&self) -> u64 {
        1 + self.raised.len() as u64
    }

    fn failed(&self) -> Vec<Site> {
        self.faults.sites().into_iter().filter(|site| site.failed).collect()
    }

    fn is_answered(&mut self, answer: &Answer) -> bool {
        self.comes_to(answer, STATUS_SUCCESS)
    }

    fn is_refused(&mut self, answer: &Answer, rejection: Rejection) {
        self.comes_to(answer, rejection.ntstatus());
    }

    fn is_cancelled(&mut self, read: &PendingRead) {
        self.comes_to(&read.answer(), STATUS_CANCELLED);
    }

    /// Whether a request came to its usual end. Any other has to be that of a call
    /// that failed: with its status, or as a wait that could not begin.
    fn comes_to(&mut self, answer: &Answer, usual: u32) -> bool {
        if answer.status != STATUS_SUCCESS {
            assert!(answer.is_untouched(), "status {:#x}, and output", answer.status);
        }
        if answer.status == usual {
            return true;
        }
        let failed = self.failed();
        let explained = failed.iter().any(|site| {
            site.status == Some(answer.status)
                || site.call == "WdfRequestForwardToIoQueue" && answer.status == STATUS_CANCELLED
        });
        assert!(explained, "status {:#x}, after {failed:?}", answer.status);
        self.outcome.refused.push(answer.status);
        false
    }
}

/// How many requests wait in the driver's manual queues.
fn waiting() -> u32 {
    queues().iter().filter(|queue| queue.is_manual).map(|queue| queue.waiting).sum()
}
