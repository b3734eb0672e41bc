//! The tool's commands over the driver's own journal, in one process.
//!
//! What is between the two on Windows (the I/O manager's copies and the service
//! that starts and stops the driver) is the [`Machine`] here. It is laxer than
//! Windows: nobody else reads, and a stop does not wait for open handles.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::atomic::AtomicU64;

use proptest::prelude::*;
use serde_json::Value;
use sessionwatch::args::{FollowArguments, ReadArguments, Start};
use sessionwatch::command::{follow, read, status};
use sessionwatch::device::{Device, DeviceError};
use sessionwatch::render::{Ndjson, Printer, Table};
use sessionwatch::wait::Wait;
use sessionwatch_journal::{
    Clocks, Information, Input, Journal, Load, Notification, Payload, Present, Recorder, Ring,
    RingCapacity,
};
use sessionwatch_protocol::{ControlCode, EventKind, SettingFlags};
use zerocopy::IntoBytes;

/// 2026-03-01T08:00:00Z.
const MORNING: u64 = 134_168_256_000_000_000;
const SECOND: u64 = 10_000_000;

/// A driver that is loaded.
struct Loaded {
    journal: Journal<Vec<AtomicU64>>,
    recorder: Recorder<Vec<Present>>,
}

/// A machine on which the driver can be started and stopped.
struct Machine {
    capacity: u32,
    seconds: u64,
    /// How many events happen just before each request is answered.
    hurry: u64,
    driver: Option<Loaded>,
}

impl Machine {
    fn new(capacity: u32) -> Rc<RefCell<Self>> {
        let mut machine = Self { capacity, seconds: 0, hurry: 0, driver: None };
        machine.start();
        Rc::new(RefCell::new(machine))
    }

    fn clocks(&mut self) -> Clocks {
        self.seconds += 1;
        Clocks { system: MORNING + self.seconds * SECOND, monotonic: self.seconds * SECOND }
    }

    fn start(&mut self) {
        let words = Ring::<Vec<AtomicU64>>::words_for(self.capacity);
        let load = Load {
            clocks: self.clocks(),
            driver_version: [0, 1, 0],
            capacity: RingCapacity {
                records: self.capacity,
                requested: self.capacity,
                flags: SettingFlags::NONE,
            },
        };
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        let (journal, recorder) = Journal::new(words, vec![Present::default(); 8], load).unwrap();
        self.driver = Some(Loaded { journal, recorder });
    }

    /// Raises events of a session; where the driver is stopped nobody is told.
    fn raise(&mut self, events: u64) {
        for _ in 0..events {
            let clocks = self.clocks();
            let Some(Loaded { journal, recorder }) = &mut self.driver else { return };
            let notification = Notification {
                event: EventKind::LOGON.0,
                payload: Payload::Missing { claimed: 0 },
                information: Some(Information { session_id: 3, state: 6, local_session: 1 }),
            };
            journal.record(recorder, &notification, clocks).unwrap();
        }
    }
}

/// An open handle.
struct Handle(Rc<RefCell<Machine>>);

impl Device for Handle {
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let mut machine = self.0.borrow_mut();
        let hurry = machine.hurry;
        machine.raise(hurry);
        let now = machine.clocks();
        let Some(Loaded { journal, .. }) = &machine.driver else {
            return Err(DeviceError::NotRunning);
        };
        // As the I/O manager's copy, this one is aligned.
        let mut copy = [0_u64; 8];
        let copy = &mut copy.as_mut_bytes()[..input.len()];
        copy.copy_from_slice(input);
        journal.dispatch(code, &Input::copy_of(copy), output, now).map_err(DeviceError::Refused)
    }
}

/// What happens while `follow` waits.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Events(u64),
    Stop,
    Start,
}

/// Lets things happen on the machine instead of time passing.
struct Script {
    machine: Rc<RefCell<Machine>>,
    happenings: VecDeque<Happening>,
}

impl Wait for Script {
    fn wait(&mut self, idle: bool) -> ControlFlow<()> {
        if !idle {
            return ControlFlow::Continue(());
        }
        let Some(happening) = self.happenings.pop_front() else { return ControlFlow::Break(()) };
        let mut machine = self.machine.borrow_mut();
        match happening {
            Happening::Events(events) => machine.raise(events),
            Happening::Stop => machine.driver = None,
            Happening::Start => machine.start(),
        }
        ControlFlow::Continue(())
    }
}

fn lines(output: &[u8]) -> Vec<Value> {
    let text = str::from_utf8(output).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read(machine: &Rc<RefCell<Machine>>, from: u64, count: Option<u64>) -> Vec<Value> {
    let mut output = Vec::new();
    let options = ReadArguments { from: NonZeroU64::new(from).unwrap(), count };
    let mut printer = Printer::new(Box::new(Ndjson), &mut output);
    read::run(&Handle(Rc::clone(machine)), &options, &mut printer).unwrap();
    lines(&output)
}

fn follow(
    machine: &Rc<RefCell<Machine>>,
    from: Start,
    count: Option<u64>,
    happenings: &[Happening],
) -> (Vec<Value>, String) {
    let (mut output, mut diagnostics) = (Vec::new(), Vec::new());
    let open = || match machine.borrow().driver {
        Some(_) => Ok(Box::new(Handle(Rc::clone(machine))) as Box<dyn Device>),
        None => Err(DeviceError::NotRunning),
    };
    let mut script =
        Script { machine: Rc::clone(machine), happenings: happenings.iter().copied().collect() };
    let options = FollowArguments { from, count };
    let mut printer = Printer::new(Box::new(Ndjson), &mut output);
    follow::run(&open, &options, &mut printer, &mut script, &mut diagnostics).unwrap();
    (lines(&output), String::from_utf8(diagnostics).unwrap())
}

fn number(line: &Value, field: &str) -> u64 {
    line[field].as_u64().unwrap_or_else(|| panic!("{field} in {line}"))
}

/// Reads a stream as a program would: every number must come exactly once, in
/// order, and each account must say what came. Gives the accounts.
fn check_accounts(lines: &[Value]) -> Vec<&Value> {
    let mut accounts = Vec::new();
    let (mut next, mut delivered, mut lost) = (None, 0, 0);
    for line in lines {
        let first = match line["type"].as_str().unwrap() {
            "event" => {
                delivered += 1;
                number(line, "sequence")
            }
            "lost" => {
                lost += number(line, "count");
                assert_eq!(number(line, "last") - number(line, "first") + 1, number(line, "count"));
                number(line, "first")
            }
            "account" => {
                let (from, end) = (number(line, "from"), number(line, "next"));
                assert_eq!(number(line, "delivered"), delivered);
                assert_eq!(number(line, "lost"), lost);
                assert_eq!(end, from + delivered + lost);
                assert_eq!(next.unwrap_or(end), end);
                (next, delivered, lost) = (None, 0, 0);
                accounts.push(line);
                continue;
            }
            "journal" => {
                let ended = accounts.last().expect("an account before the new journal");
                assert_eq!(line["previous_journal_id"], ended["journal_id"]);
                assert_ne!(line["journal_id"], ended["journal_id"]);
                next = Some(1);
                continue;
            }
            other => panic!("{other}"),
        };
        assert_eq!(next.unwrap_or(first), first, "{line}");
        next = Some(first + if line["type"] == "lost" { number(line, "count") } else { 1 });
    }
    assert_eq!(lines.last(), accounts.last().copied());
    accounts
}

#[test]
fn read_shows_each_field_and_the_account() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(1);
    let lines = read(&machine, 1, None);
    assert_eq!(
        lines[0].to_string(),
        r#"{"event":"logon","flags":[],"life":1,"locality":"local","monotonic_100ns":20000000,"sequence":1,"session_id":3,"state":"logged_on","time":"2026-03-01T08:00:02.0000000Z","type":"event"}"#
    );
    assert_eq!(
        lines[1].to_string(),
        r#"{"delivered":1,"from":1,"journal_id":"01dca951679c1680","lost":0,"next":2,"type":"account"}"#
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn the_table_ends_with_the_account() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    let mut output = Vec::new();
    let options = ReadArguments { from: NonZeroU64::MIN, count: None };
    let mut printer = Printer::new(Box::new(Table::new(80, false)), &mut output);
    read::run(&Handle(machine), &options, &mut printer).unwrap();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(
        text.lines().last(),
        Some("-- 64 delivered, 36 lost: numbers 1 to 100 of journal 01dca951679c1680")
    );
}

#[test]
fn what_was_overwritten_is_named() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    let lines = read(&machine, 1, None);
    assert_eq!((number(&lines[0], "first"), number(&lines[0], "last")), (1, 36));
    assert_eq!(lines[0]["previous_time"], Value::Null);
    assert_eq!(lines[0]["next_time"], lines[1]["time"]);
    let account = check_accounts(&lines)[0];
    assert_eq!((number(account, "delivered"), number(account, "lost")), (64, 36));
}

#[test]
fn a_journal_of_more_than_one_reply_is_read_to_its_end() {
    let machine = Machine::new(4096);
    machine.borrow_mut().raise(4000);
    assert_eq!(number(check_accounts(&read(&machine, 1, None))[0], "delivered"), 4000);
}

#[test]
fn read_ends_at_what_was_newest_when_it_started() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(90);
    machine.borrow_mut().hurry = 10;
    // The newest was number 100; when the journal was read it was 110.
    let lines = read(&machine, 1, None);
    let account = check_accounts(&lines)[0];
    assert_eq!((number(account, "next"), number(account, "lost")), (101, 46));

    // All that was there is overwritten before it is read; what is there
    // instead is not asked for.
    machine.borrow_mut().hurry = 200;
    let lines = read(&machine, 1, None);
    let account = check_accounts(&lines)[0];
    assert_eq!((number(account, "next"), number(account, "lost")), (311, 310));
    assert_eq!(lines[0]["next_time"], Value::Null);
    assert_eq!(lines.len(), 2);
}

#[test]
fn read_ends_where_it_is_told() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(10);
    let lines = read(&machine, 4, Some(3));
    let account = check_accounts(&lines)[0];
    assert_eq!((number(account, "from"), number(account, "next")), (4, 7));
    // From a number that does not exist yet there is nothing, which is no error.
    let lines = read(&machine, 11, None);
    assert_eq!((lines.len(), number(&lines[0], "next")), (1, 11));
    assert_eq!(read(&machine, 900, None).len(), 1);
}

#[test]
fn follow_begins_at_the_newest_the_oldest_or_a_number() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    for (start, from, delivered) in [
        (Start::Newest, 101, 5),
        (Start::Oldest, 42, 69),
        (Start::Number(NonZeroU64::new(108).unwrap()), 108, 8),
        (Start::Number(NonZeroU64::new(200).unwrap()), 200, 0),
    ] {
        let (lines, _) = follow(&machine, start, None, &[Happening::Events(5)]);
        let account = check_accounts(&lines)[0];
        assert_eq!((number(account, "from"), number(account, "delivered")), (from, delivered));
    }
}

#[test]
fn follow_names_what_was_overwritten_while_it_did_not_look() {
    let machine = Machine::new(64);
    let happenings = [Happening::Events(10), Happening::Events(100)];
    let (lines, _) = follow(&machine, Start::Newest, None, &happenings);
    let lost = lines.iter().find(|line| line["type"] == "lost").unwrap();
    assert_eq!((number(lost, "first"), number(lost, "last")), (11, 46));
    assert_eq!(lost["previous_time"], lines[9]["time"]);
    assert_eq!(lost["next_time"], lines[11]["time"]);
    check_accounts(&lines);
}

#[test]
fn follow_ends_after_its_count() {
    let machine = Machine::new(64);
    let (lines, _) = follow(&machine, Start::Newest, Some(7), &[Happening::Events(5); 3]);
    assert_eq!(number(check_accounts(&lines)[0], "delivered"), 7);
    let (lines, _) = follow(&machine, Start::Newest, Some(0), &[]);
    assert_eq!(lines.len(), 1);
}

#[test]
fn follow_goes_on_with_the_journal_of_a_restarted_driver() {
    let machine = Machine::new(64);
    let happenings = [
        Happening::Events(3),
        Happening::Stop,
        Happening::Events(2),
        Happening::Start,
        Happening::Events(4),
    ];
    let (lines, diagnostics) = follow(&machine, Start::Newest, None, &happenings);
    let accounts = check_accounts(&lines);
    assert_eq!(accounts.iter().map(|account| number(account, "next")).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(
        diagnostics,
        "sessionwatch: the driver was stopped: waiting until it is started again\n"
    );
}

#[test]
fn a_loss_at_the_start_of_a_journal_has_no_event_before_it() {
    let machine = Machine::new(64);
    let happenings =
        [Happening::Events(3), Happening::Stop, Happening::Start, Happening::Events(100)];
    let (lines, _) = follow(&machine, Start::Newest, None, &happenings);
    let lost = lines.iter().find(|line| line["type"] == "lost").unwrap();
    assert_eq!((number(lost, "first"), number(lost, "last")), (1, 36));
    assert_eq!(lost["previous_time"], Value::Null);
}

#[test]
fn status_shows_the_account_of_the_driver() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    let mut output = Vec::new();
    let mut printer = Printer::new(Box::new(Ndjson), &mut output);
    status::run(&Handle(machine), &mut printer).unwrap();
    let status = &lines(&output)[0];
    for (field, value) in
        [("seen", 100), ("kept", 64), ("overwritten", 36), ("first", 37), ("next", 101)]
    {
        assert_eq!(number(status, field), value, "{field}");
    }
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (0u64..200).prop_map(Happening::Events),
        1 => Just(Happening::Stop),
        1 => Just(Happening::Start),
    ]
}

proptest! {
    /// Whatever happens, and however much is overwritten, the stream accounts
    /// for every number exactly once and in order.
    #[test]
    fn any_stream_balances(
        capacity in 1u32..100,
        before in 0u64..200,
        start in prop_oneof![
            Just(Start::Oldest),
            Just(Start::Newest),
            (1u64..300).prop_map(|from| Start::Number(NonZeroU64::new(from).unwrap())),
        ],
        count in prop::option::of(0u64..300),
        happenings in prop::collection::vec(happening(), 0..20),
    ) {
        let machine = Machine::new(capacity);
        machine.borrow_mut().raise(before);
        let (lines, _) = follow(&machine, start, count, &happenings);
        let accounts = check_accounts(&lines);
        let delivered: u64 = accounts.iter().map(|account| number(account, "delivered")).sum();
        prop_assert!(delivered <= count.unwrap_or(u64::MAX));
    }

    /// A read covers all numbers from its start to the end, or its count.
    #[test]
    fn any_read_balances(
        capacity in 1u32..100,
        events in 0u64..200,
        from in 1u64..300,
        count in prop::option::of(0u64..300),
        hurry in 0u64..150,
    ) {
        let machine = Machine::new(capacity);
        machine.borrow_mut().raise(events);
        machine.borrow_mut().hurry = hurry;
        let lines = read(&machine, from, count);
        let account = check_accounts(&lines)[0];
        if count.is_none() {
            prop_assert_eq!(number(account, "next"), from.max(events + hurry + 1));
        } else {
            prop_assert!(Some(number(account, "delivered")) <= count);
        }
    }
}
