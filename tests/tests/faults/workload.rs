//! The workload: everything that the driver does between start and stop, step by step, with every
//! event accounted for at the end.
//!
//! A failure may fail one request, or remove information from one record. It never loses an event,
//! and never affects a later step.

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

/// The capacity set by the INF, which is also the driver's default.
const USUAL_CAPACITY: u32 = 16_384;

/// More records than the workload raises.
const ROOM: usize = 64;

/// Room for the largest head of a reply.
const LARGEST_HEAD: usize = DescribeReply::SIZE;

/// The attempts to send a request: more than the calls that fail in a row.
const ATTEMPTS: u32 = 4;

/// The time limit on a read to become pending. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// The time for the host's worker to leave the callback of a pending read.
const REST: Duration = Duration::from_millis(5);

/// A step, with its name in the report.
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

    /// Runs all steps, always in the same order.
    pub(crate) fn run(&mut self, after: &mut dyn FnMut(&'static str)) {
        let steps: [Step<'load>; 11] = [
            ("describe", Self::describe),
            ("read of an empty ring", Self::read),
            ("rejected request", Self::be_rejected),
            ("event", Self::event),
            ("event", Self::event),
            ("read", Self::read),
            ("sessions", Self::sessions),
            ("pending read, completed", Self::wait_for_event),
            ("pending read, cancelled", Self::wait_and_cancel),
            ("pending read, closed", Self::wait_and_close),
            ("event after pending reads", Self::event),
        ];
        for (name, step) in steps {
            step(self);
            after(name);
        }
    }

    /// Asserts that the journal has exactly the raised events.
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
            self.outcome.failed_requests.len() <= failed.len(),
            "more requests than calls failed: {:x?}, {failed:?}",
            self.outcome.failed_requests
        );
        let capacity = described.capacity.get();
        self.outcome.smaller_ring = (capacity < USUAL_CAPACITY).then_some(capacity);
        self.outcome.settings_unread =
            described.settings().iter_names().any(|(name, _)| name.ends_with("UNREADABLE"));
        self.outcome
    }

    /// Sends a request again until it succeeds.
    fn insist(&mut self, code: ControlCode, request: &[u8]) -> Answer {
        let room = LARGEST_HEAD + ROOM * Record::SIZE;
        for _ in 0..ATTEMPTS {
            let answer = self.device().send(code, request, room);
            if self.is_answered(&answer) {
                return answer;
            }
        }
        panic!("the request fails every time");
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

    /// Sends a request that is too short, and one whose output is too small.
    fn be_rejected(&mut self) {
        let request = ReadRequest::new(1);
        let device = self.device();
        let short = device.send(READ, &request.as_bytes()[..8], ROOM);
        self.is_rejected(&short, Rejection::Truncated);
        let small = device.send(READ, request.as_bytes(), ReadReply::SIZE);
        self.is_rejected(&small, Rejection::OutputTooSmall { needed: 0 });
    }

    fn event(&mut self) {
        let event = self.coming.next().unwrap();
        let _when = raise(from_ref(&event), Order::Serial);
        self.raised.push(event);
    }

    /// Sends two reads on two handles, which the callback of the event completes.
    fn wait_for_event(&mut self) {
        let devices = [(); 2].map(|()| OverlappedDevice::open().unwrap());
        let reads = self.pend_reads(&devices);
        self.event();
        let pending = pending();
        if pending > 0 {
            assert!(!self.failed().is_empty(), "{pending} reads are pending after their event");
            self.outcome.completed_late += 1;
            self.event();
        }
        assert_eq!(self::pending(), 0, "reads are pending after two events");
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
        let [read] = self.pend_reads(&[&device]);
        if self.is_pending(&read) {
            device.cancel_all();
            self.is_cancelled(&read);
        }
    }

    fn wait_and_close(&mut self) {
        let device = OverlappedDevice::open().unwrap();
        let [read] = self.pend_reads(&[&device]);
        if self.is_pending(&read) {
            drop(device);
            self.is_cancelled(&read);
        }
    }

    /// True while the read is pending. If it has ended, a failed call must be the reason.
    fn is_pending(&mut self, read: &PendingRead) -> bool {
        let ended = read.is_done();
        if ended {
            assert!(!self.is_answered(&read.answer()), "completed without a record");
        }
        !ended
    }

    /// Sends reads for the next event, one after the other. When this returns, each is pending or
    /// has failed.
    fn pend_reads<const N: usize, D: std::borrow::Borrow<OverlappedDevice>>(
        &self,
        devices: &[D; N],
    ) -> [PendingRead; N] {
        let next = self.next();
        let begin = Instant::now();
        let mut before = 0;
        std::array::from_fn(|index| {
            let read = devices[index].borrow().wait_for(next, 4);
            while pending() == before && !read.is_done() {
                assert!(begin.elapsed() < PATIENCE, "the read is neither pending nor done");
                sleep(Duration::from_millis(1));
            }
            sleep(REST);
            before = pending();
            read
        })
    }

    fn device(&self) -> Device {
        self.fixture.device()
    }

    /// The sequence number of the next event.
    fn next(&self) -> u64 {
        1 + self.raised.len() as u64
    }

    fn failed(&self) -> Vec<Site> {
        self.faults.sites().into_iter().filter(|site| site.failed).collect()
    }

    fn is_answered(&mut self, answer: &Answer) -> bool {
        self.has_status(answer, STATUS_SUCCESS)
    }

    fn is_rejected(&mut self, answer: &Answer, rejection: Rejection) {
        self.has_status(answer, rejection.ntstatus());
    }

    fn is_cancelled(&mut self, read: &PendingRead) {
        self.has_status(&read.answer(), STATUS_CANCELLED);
    }

    /// True if a request has its usual status. Any other status must be the status of a failed
    /// call, or be "cancelled" for a read that could not become pending.
    fn has_status(&mut self, answer: &Answer, usual: u32) -> bool {
        if answer.status != STATUS_SUCCESS {
            assert!(answer.is_untouched(), "status {:#x} with output", answer.status);
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
        self.outcome.failed_requests.push(answer.status);
        false
    }
}

/// The number of requests in the driver's manual queues.
fn pending() -> u32 {
    queues().iter().filter(|queue| queue.is_manual).map(|queue| queue.waiting).sum()
}
