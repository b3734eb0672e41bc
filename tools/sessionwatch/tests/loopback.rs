//! Runs the tool's commands over the driver's own journal, in one process.

mod machine;

use std::cell::RefCell;
use std::num::NonZeroU64;
use std::rc::Rc;

use machine::{Handle, Happening, Machine};
use proptest::prelude::*;
use serde_json::{Value, json};
use sessionwatch::args::{FilterArguments, FollowArguments, ReadArguments};
use sessionwatch::command::{follow, read, status};
use sessionwatch::render::{Form, Layout, Printer, Table};
use sessionwatch_reader::Start;
use sessionwatch_reader::time::SystemTime;

fn lines(output: &[u8]) -> Vec<Value> {
    let text = str::from_utf8(output).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn read(machine: &Rc<RefCell<Machine>>, from: u64, count: Option<u64>) -> Vec<Value> {
    let mut output = Vec::new();
    let options = ReadArguments { from: NonZeroU64::new(from), count, ..ReadArguments::default() };
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    read::run(&Handle(Rc::clone(machine)), &options, &mut printer).unwrap();
    lines(&output)
}

/// Follows until the machine has no more happenings.
fn follow(
    machine: &Rc<RefCell<Machine>>,
    from: Start,
    count: Option<u64>,
    happenings: &[Happening],
) -> Vec<Value> {
    follow_with(
        machine,
        &FollowArguments { from: Some(from), count, ..FollowArguments::default() },
        happenings,
    )
}

fn follow_with(
    machine: &Rc<RefCell<Machine>>,
    options: &FollowArguments,
    happenings: &[Happening],
) -> Vec<Value> {
    machine.borrow_mut().happenings = happenings.iter().copied().collect();
    let mut output = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    match follow::run(&Handle(Rc::clone(machine)), None, options, &mut printer) {
        Err(error) if !error.is_interrupted() => panic!("{error}"),
        _ => lines(&output),
    }
}

fn number(line: &Value, field: &str) -> u64 {
    line[field].as_u64().unwrap_or_else(|| panic!("{field} in {line}"))
}

/// Reads a stream like a program, and returns its account. Checks that every sequence number
/// appears exactly once, in order, and that the account at the end has the sums.
fn check_account(lines: &[Value]) -> &Value {
    let (account, stream) = lines.split_last().unwrap();
    assert_eq!(account["type"], "account");
    let (mut next, mut delivered, mut lost) = (number(account, "from"), 0, 0);
    for line in stream {
        let (first, count) = match line["type"].as_str().unwrap() {
            "event" => {
                delivered += 1;
                (number(line, "sequence"), 1)
            }
            "lost" => {
                let count = number(line, "count");
                lost += count;
                assert_eq!(number(line, "last") - number(line, "first") + 1, count);
                (number(line, "first"), count)
            }
            other => panic!("{other}"),
        };
        assert_eq!(first, next, "{line}");
        next += count;
    }
    assert_eq!(number(account, "next"), next);
    assert_eq!((number(account, "delivered"), number(account, "lost")), (delivered, lost));
    account
}

#[test]
fn read_shows_each_field_and_the_account() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(1);
    let lines = read(&machine, 1, None);
    assert_eq!(
        lines[0].to_string(),
        r#"{"event":"logon","flags":[],"instance":1,"locality":"local","monotonic_100ns":20000000,"sequence":1,"session_id":3,"state":"logged_on","time":"2026-03-01T08:00:02.0000000Z","type":"event","who":null}"#
    );
    assert_eq!(
        lines[1].to_string(),
        r#"{"delivered":1,"from":1,"journal_id":"01dca951679c1680","lost":0,"next":2,"shown":1,"type":"account"}"#
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_filter_hides_events_but_accounts_for_them() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    let since = SystemTime::from_timestamp("2026-03-01T08:01:01Z".parse().unwrap());
    let filter = FilterArguments { since, ..FilterArguments::default() };
    let options = ReadArguments { count: Some(2), filter, ..ReadArguments::default() };
    let mut output = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    read::run(&Handle(machine), &options, &mut printer).unwrap();
    printer.end().unwrap();
    let lines: Vec<Value> =
        str::from_utf8(&output).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    let (account, items) = lines.split_last().unwrap();
    let kinds: Vec<_> = items.iter().map(|item| item["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["lost", "event", "event"]);
    assert_eq!([number(&items[1], "sequence"), number(&items[2], "sequence")], [60, 61]);
    assert_eq!((number(account, "lost"), number(account, "delivered")), (36, 61 - 36));
    assert_eq!((number(account, "next"), number(account, "shown")), (62, 2));
}

#[test]
fn the_table_ends_with_the_account() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    let mut output = Vec::new();
    let options = ReadArguments::default();
    let mut printer =
        Printer::new(Form::Table(Table::new(Layout::new(80, None), false)), &mut output);
    read::run(&Handle(machine), &options, &mut printer).unwrap();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(
        text.lines().last(),
        Some("-- 64 delivered, 36 lost: sequence numbers 1 to 100 of journal 01dca951679c1680")
    );
}

#[test]
fn overwritten_events_are_named() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    let lines = read(&machine, 1, None);
    assert_eq!((number(&lines[0], "first"), number(&lines[0], "last")), (1, 36));
    assert_eq!(lines[0]["previous_time"], Value::Null);
    assert_eq!(lines[0]["next_time"], lines[1]["time"]);
    let account = check_account(&lines);
    assert_eq!((number(account, "delivered"), number(account, "lost")), (64, 36));
}

#[test]
fn a_journal_of_more_than_one_reply_is_read_to_its_end() {
    let machine = Machine::new(4096);
    machine.borrow_mut().raise(4000);
    assert_eq!(number(check_account(&read(&machine, 1, None)), "delivered"), 4000);
}

#[test]
fn read_ends_with_the_newest_event_at_its_start() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(90);
    machine.borrow_mut().hurry = 10;
    // The newest event has sequence number 100 at the start of the command, and 110 at the read.
    let lines = read(&machine, 1, None);
    let account = check_account(&lines);
    assert_eq!((number(account, "next"), number(account, "lost")), (101, 46));

    // All events from before the start are overwritten before the read. The command does not
    // request the newer ones.
    machine.borrow_mut().hurry = 200;
    let lines = read(&machine, 1, None);
    let account = check_account(&lines);
    assert_eq!((number(account, "next"), number(account, "lost")), (311, 310));
    assert_eq!(lines[0]["next_time"], Value::Null);
    assert_eq!(lines.len(), 2);
}

#[test]
fn read_ends_after_its_count() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(10);
    let lines = read(&machine, 4, Some(3));
    let account = check_account(&lines);
    assert_eq!((number(account, "from"), number(account, "next")), (4, 7));
    // A sequence number that no event has yet is not an error. The output is empty.
    let lines = read(&machine, 11, None);
    assert_eq!((lines.len(), number(&lines[0], "next")), (1, 11));
    assert_eq!(read(&machine, 900, None).len(), 1);
}

#[test]
fn follow_begins_at_the_newest_the_oldest_or_a_sequence_number() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    for (start, from, delivered) in [
        (Start::Newest, 101, 5),
        (Start::Oldest, 42, 69),
        (Start::Sequence(NonZeroU64::new(108).unwrap()), 108, 8),
        (Start::Sequence(NonZeroU64::new(200).unwrap()), 200, 0),
    ] {
        let lines = follow(&machine, start, None, &[Happening::Events(5)]);
        let account = check_account(&lines);
        assert_eq!((number(account, "from"), number(account, "delivered")), (from, delivered));
    }
}

#[test]
fn follow_names_events_that_were_overwritten_between_reads() {
    let machine = Machine::new(64);
    let happenings = [Happening::Events(10), Happening::Events(100)];
    let lines = follow(&machine, Start::Newest, None, &happenings);
    let lost = lines.iter().find(|line| line["type"] == "lost").unwrap();
    assert_eq!((number(lost, "first"), number(lost, "last")), (11, 46));
    assert_eq!(lost["previous_time"], lines[9]["time"]);
    assert_eq!(lost["next_time"], lines[11]["time"]);
    check_account(&lines);
}

#[test]
fn follow_ends_after_its_count() {
    let machine = Machine::new(64);
    let lines = follow(&machine, Start::Newest, Some(7), &[Happening::Events(5); 3]);
    assert_eq!(number(check_account(&lines), "delivered"), 7);
    let lines = follow(&machine, Start::Newest, Some(0), &[]);
    assert_eq!(lines.len(), 1);
}

#[test]
fn follow_repeats_a_read_that_completes_without_records() {
    let machine = Machine::new(64);
    let happenings = [Happening::InVain, Happening::Events(2), Happening::InVain];
    let lines = follow(&machine, Start::Newest, None, &happenings);
    assert_eq!(number(check_account(&lines), "delivered"), 2);
}

#[test]
fn a_snapshot_and_the_stream_join_without_a_gap() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    // Events continue between the requests.
    machine.borrow_mut().hurry = 3;
    let options = FollowArguments { snapshot: true, count: Some(9), ..FollowArguments::default() };
    let lines = follow_with(&machine, &options, &[]);
    assert_eq!((&lines[0]["type"], number(&lines[0], "next")), (&json!("snapshot"), 107));
    assert_eq!((number(&lines[0], "present"), number(&lines[0], "untracked")), (1, 0));
    assert_eq!((&lines[1]["type"], number(&lines[1], "sequence")), (&json!("session"), 106));
    assert_eq!(number(&lines[1], "instance"), 1);
    assert_eq!(number(&lines[2], "sequence"), 107);
    check_account(&lines[2..]);
}

#[test]
fn status_shows_the_account_of_the_driver() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(100);
    let mut output = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
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
        1 => Just(Happening::InVain),
    ]
}

proptest! {
    /// The stream accounts for every sequence number exactly once and in order, whatever happens
    /// and however many events are overwritten.
    #[test]
    fn any_stream_balances(
        capacity in 1u32..100,
        before in 0u64..200,
        start in prop_oneof![
            Just(Start::Oldest),
            Just(Start::Newest),
            (1u64..300).prop_map(|from| Start::Sequence(NonZeroU64::new(from).unwrap())),
        ],
        count in prop::option::of(0u64..300),
        happenings in prop::collection::vec(happening(), 0..20),
    ) {
        let machine = Machine::new(capacity);
        machine.borrow_mut().raise(before);
        let lines = follow(&machine, start, count, &happenings);
        let delivered = number(check_account(&lines), "delivered");
        prop_assert!(delivered <= count.unwrap_or(u64::MAX));
    }

    /// A read covers all sequence numbers from its start to the end, or up to its count.
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
        let account = check_account(&lines);
        if count.is_none() {
            prop_assert_eq!(number(account, "next"), from.max(events + hurry + 1));
        } else {
            prop_assert!(Some(number(account, "delivered")) <= count);
        }
    }
}
