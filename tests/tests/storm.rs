//! Producers and readers at once, on a driver that is asked to stop meanwhile. At the end, every
//! event is delivered or lost to each reader.
//!
//! `STORM_SECONDS` sets the length of the storm, `STORM_REQUESTS` the number of random requests.
//! The account of each reader is in `target/reports/storm.json`.
#![cfg(windows)]

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kmdf_host_control::client::Client;
use kmdf_host_control::{Command, Event, Order, Payload, Raise, Reply, State};
use serde_json::json;
use sessionwatch_protocol::{
    ControlCode, DESCRIBE, EventKind, Locality, READ, Record, SESSIONS, SessionState,
};
use sessionwatch_tests::{Fixture, OverlappedDevice, PendingRead, Service};
use windows_service::service::ServiceState;

const PRODUCERS: u32 = 8;
const READERS: u64 = 16;
/// The capacity of the ring, in records: small, so that slow readers lose some.
const CAPACITY: u32 = 256;
/// The longest storm after the driver was asked to stop. The host reports handles that stay open
/// for a minute after that.
const AFTER_STOP: Duration = Duration::from_secs(20);
/// The time after which a reader cancels a pending read.
const IMPATIENCE: Duration = Duration::from_millis(20);
const STATUS_CANCELLED: u32 = 0xC000_0120;

/// A number from the environment.
fn setting<T: FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// An event whose every field follows from its session's id.
fn event(session: u32) -> Raise {
    let local = u8::try_from(session % 2).unwrap();
    let payload = [&session.to_le_bytes()[..], &[local, 0, 0, 0]].concat();
    Raise {
        session,
        event: Event::CONNECTED,
        state: State::CONNECTED,
        local,
        payload: Payload { bytes: Some(hex::encode(payload)), length: 8 },
        information_fails: false,
    }
}

/// True if the fields of a record belong to one of these events.
fn is_whole(record: &Record) -> bool {
    let session = record.session_id.get();
    let locality = if session % 2 == 1 { Locality::LOCAL } else { Locality::REMOTE };
    (record.kind(), record.state()) == (EventKind::CONNECTED, SessionState::CONNECTED)
        && record.locality() == locality
        && (1..=record.sequence.get()).contains(&record.instance.get())
        && record.system_time.get() != 0
}

/// A storm on one load of the driver.
struct Storm {
    /// 0 during the storm; afterwards the sequence number of the last event.
    last: AtomicU64,
}

impl Storm {
    fn is_over(&self) -> bool {
        self.last.load(Ordering::Acquire) != 0
    }

    /// Reads, waits, cancels, closes and reopens until the storm is over. Then reads the rest.
    fn read(&self, reader: u64) -> Books {
        let mut random = fastrand::Rng::with_seed(reader);
        let mut device = OverlappedDevice::open().unwrap();
        let mut books = Books { next: 1, ..Books::default() };
        while !self.is_over() {
            let room = random.usize(1..200);
            let read = match random.u8(..8) {
                0 => {
                    // The device of a stopping driver cannot be opened. Under Wine the open may
                    // succeed, but the handle accepts no request.
                    let again = OverlappedDevice::open().ok();
                    if let Some(again) = again.filter(takes_requests) {
                        device = again;
                    }
                    continue;
                }
                1 => device.read(books.next, room),
                habit => {
                    let read = device.wait_for(books.next, room);
                    if habit == 2 || !read.is_done_within(IMPATIENCE) {
                        device.cancel_all();
                    }
                    read
                }
            };
            books.enter(&read);
        }
        while books.next <= self.last.load(Ordering::Acquire) {
            books.enter(&device.read(books.next, 200));
        }
        books
    }
}

fn takes_requests(device: &OverlappedDevice) -> bool {
    device.read(1, 1).answer().status == 0
}

/// Raises events until `until`. Returns the number of events that the driver received.
fn produce(producer: u32, until: Instant) -> u64 {
    let client = Client::open().unwrap();
    let mut received = 0;
    while Instant::now() < until {
        let events = (0..50).map(|session| event(producer * 1000 + session)).collect();
        let command = Command::Raise { order: Order::Concurrent, events };
        let Reply::Raised(report) = client.send(&command).unwrap() else { panic!() };
        let taken = report.outcomes.iter().filter(|outcome| outcome.statuses == [0]);
        received += taken.count() as u64;
    }
    received
}

/// A reader's account.
#[derive(Debug, Default)]
struct Books {
    next: u64,
    delivered: u64,
    lost: u64,
    repeated: u64,
    torn: u64,
    cancelled: u64,
    in_vain: u64,
}

impl Books {
    fn enter(&mut self, read: &PendingRead) {
        let answer = read.answer();
        if answer.status == STATUS_CANCELLED {
            assert!(answer.is_untouched(), "a cancelled read wrote output");
            self.cancelled += 1;
            return;
        }
        let (head, records) = read.records();
        self.lost += head.lost.get();
        for (expected, record) in (self.next + head.lost.get()..).zip(&records) {
            self.repeated += u64::from(record.sequence.get() != expected);
            self.torn += u64::from(!is_whole(record));
        }
        self.in_vain += u64::from(records.is_empty());
        self.delivered += records.len() as u64;
        self.next = head.next.get();
    }
}

/// Runs a storm on a running driver, and asks it to stop before the end. Returns the number of
/// events that the driver received, and the account of each reader.
fn storm(fixture: &Fixture, length: Duration) -> (u64, Vec<Books>) {
    let storm = Storm { last: AtomicU64::new(0) };
    let until = Instant::now() + length;
    thread::scope(|scope| {
        let storm = &storm;
        let readers: Vec<_> =
            (0..READERS).map(|reader| scope.spawn(move || storm.read(reader))).collect();
        let producers: Vec<_> =
            (1..=PRODUCERS).map(|one| scope.spawn(move || produce(one, until))).collect();
        // The stop waits for the handles, which the readers close at the end.
        scope.spawn(move || {
            thread::sleep(length.saturating_sub(AFTER_STOP.min(length / 2)));
            Service::open().unwrap().ask_to_stop();
        });
        let received: Vec<_> = producers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        // Also after a producer failed, or the readers would never end.
        storm.last.store(received.iter().flatten().sum::<u64>().max(1), Ordering::Release);
        let received: u64 = received.into_iter().map(Result::unwrap).sum();
        assert_ne!(received, 0);
        let books = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        fixture.service().wait_for(ServiceState::Stopped);
        (received, books)
    })
}

#[test]
fn in_a_storm_every_event_is_delivered_or_lost_to_each_reader() {
    let length = Duration::from_secs(setting("STORM_SECONDS", 6)) / 2;
    let fixture = Fixture::with_capacity(CAPACITY);
    let mut report = Vec::new();
    for load in 1..=2 {
        let (received, books) = storm(&fixture, length);
        for (reader, books) in books.iter().enumerate() {
            assert_eq!(
                books.delivered + books.lost,
                received,
                "load {load}, reader {reader}: {books:?}"
            );
            assert_eq!((books.repeated, books.torn), (0, 0), "load {load}, reader {reader}");
        }
        let readers = books.iter().map(|books| {
            json!({
                "delivered": books.delivered, "lost": books.lost, "repeated": books.repeated,
                "torn": books.torn, "cancelled": books.cancelled, "in_vain": books.in_vain,
            })
        });
        report.push(json!({ "raised": received, "readers": readers.collect::<Vec<_>>() }));
        if load == 1 {
            fixture.service().start().unwrap();
        }
    }
    fixture.finish();
    let report = serde_json::to_string_pretty(&json!({ "loads": report })).unwrap();
    std::fs::create_dir_all(r"..\target\reports").unwrap();
    std::fs::write(r"..\target\reports\storm.json", report + "\n").unwrap();
}

/// The host fills the output before the driver gets it, so a leaked byte is recognized. It ends
/// the run when the driver breaks a rule.
#[test]
fn requests_of_random_bytes_do_no_harm() {
    let requests: u64 = setting("STORM_REQUESTS", 20_000);
    let fixture = Fixture::with_capacity(CAPACITY);
    let answers = thread::scope(|scope| {
        let threads = [1, 2, 3, 4].map(|seed| {
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed);
                let device = OverlappedDevice::open().unwrap();
                let mut answers = BTreeMap::new();
                for _ in 0..requests / 4 {
                    let mut input = vec![0; random.usize(..40)];
                    random.fill(&mut input);
                    // Most random versions and flags are rejected. Some reads become pending.
                    let waits = u8::from(random.u8(..16) == 0);
                    for (byte, good) in input.iter_mut().zip([1, 0, 0, 0, waits, 0, 0, 0]) {
                        if random.u8(..8) != 0 {
                            *byte = good;
                        }
                    }
                    let code = match random.u8(..8) {
                        0 => ControlCode(random.u32(..)),
                        1..3 => DESCRIBE,
                        3..5 => SESSIONS,
                        _ => READ,
                    };
                    let request = device.send(code, &input, random.usize(..4096));
                    if !request.is_done_within(IMPATIENCE) {
                        device.cancel_all();
                    }
                    let answer = request.answer();
                    if answer.status == 0 {
                        // This asserts that no byte behind the reply was written.
                        let _ = answer.reply();
                    } else {
                        assert!(answer.is_untouched(), "{code:?} {input:?}: {:#x}", answer.status);
                    }
                    *answers.entry(answer.status).or_insert(0_u64) += 1;
                }
                answers
            })
        });
        let mut all = BTreeMap::new();
        for (status, count) in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
            *all.entry(status).or_insert(0) += count;
        }
        all
    });
    let came = |status| answers.contains_key(&status);
    assert!(came(0) && came(STATUS_CANCELLED) && answers.len() > 5, "{answers:x?}");
    assert_eq!(answers.values().sum::<u64>(), requests / 4 * 4);
    fixture.finish();
}
