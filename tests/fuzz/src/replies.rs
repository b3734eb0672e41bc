//! The tool's side of the wire: whatever a device answers, the tool neither
//! panics nor shows an account that does not balance.

use std::cell::RefCell;
use std::num::NonZeroU64;

use serde_json::Value;
use sessionwatch::account::Account;
use sessionwatch::args::ReadArguments;
use sessionwatch::command::{read, status};
use sessionwatch::device::{Device, DeviceError};
use sessionwatch::error::Error;
use sessionwatch::reader::{AtEnd, Cursor, Limit, present_sessions};
use sessionwatch::render::{Form, People, Printer, Table};
use sessionwatch_protocol::{
    ControlCode, ReadReply, Record, SessionsReply, decode_describe, decode_read, decode_sessions,
};

use crate::case::{AnswerHead, Reading, take};

/// Decodes the answers of a case one by one, and lets the tool read them.
///
/// # Panics
///
/// If a decoder accepts what contradicts itself, or the tool books or shows what
/// the answers do not say.
pub fn replies(mut bytes: &[u8]) {
    let Some(reading) = take::<Reading>(&mut bytes) else { return };
    let mut answers = Vec::new();
    while let Some(head) = take::<AnswerHead>(&mut bytes) {
        let (answer, rest) = bytes.split_at(usize::from(head.length.get()).min(bytes.len()));
        bytes = rest;
        answers.push((answer, usize::from(head.excess) * 1024));
    }

    for (answer, _) in &answers {
        check_decoders(answer);
    }
    let from = NonZeroU64::new(reading.from.get()).unwrap_or(NonZeroU64::MIN);
    let events = match reading.events.get() {
        0 => None,
        events => Some(u64::from(events)),
    };
    check_cursor(&answers, from.get(), events.unwrap_or(u64::MAX));
    check_read(&answers, from, events);
    check_status(&answers);
    check_present_sessions(&answers);
}

/// What passes a decoder balances.
fn check_decoders(bytes: &[u8]) {
    if let Ok(reply) = decode_describe(bytes) {
        assert!((1..=reply.next.get()).contains(&reply.first.get()), "{reply:?}");
    }
    if let Ok(snapshot) = decode_sessions(bytes) {
        let head = snapshot.head;
        assert_eq!(bytes.len(), SessionsReply::SIZE + snapshot.sessions.len() * Record::SIZE);
        assert!(snapshot.sessions.len() <= usize::try_from(head.present.get()).expect("64 bits"));
        for session in snapshot.sessions {
            assert!((1..head.next.get()).contains(&session.sequence.get()), "{session:?}");
            assert!((1..=session.sequence.get()).contains(&session.instance.get()), "{session:?}");
        }
    }
    let Ok(batch) = decode_read(bytes) else { return };
    let head = batch.head;
    let count = u64::from(head.count.get());
    assert_eq!(bytes.len(), ReadReply::SIZE + batch.records.len() * Record::SIZE);
    assert_eq!(batch.records.len() as u64, count);
    let first = head.from.get().checked_add(head.lost.get()).expect("a number");
    assert_eq!(first.checked_add(count), Some(head.next.get()), "{head:?}");
    assert!(first > 0, "{head:?}");
    assert!(head.next == head.from || head.next <= head.end, "{head:?}");
    for (record, number) in batch.records.iter().zip(first..) {
        assert_eq!(record.sequence.get(), number);
    }
}

/// A device that gives these answers, one after the other, and is then gone.
struct Script<'a>(RefCell<std::slice::Iter<'a, (&'a [u8], usize)>>);

impl<'a> Script<'a> {
    fn new(answers: &'a [(&'a [u8], usize)]) -> Self {
        Self(RefCell::new(answers.iter()))
    }
}

impl Device for Script<'_> {
    fn control(
        &self,
        _code: ControlCode,
        _input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let (answer, excess) = self.0.borrow_mut().next().ok_or(DeviceError::NotRunning)?;
        let length = answer.len().min(output.len());
        output[..length].copy_from_slice(&answer[..length]);
        Ok(length + excess)
    }
}

/// Every read books what it gives, or nothing.
fn check_cursor(answers: &[(&[u8], usize)], from: u64, events: u64) {
    let description = answers.first().and_then(|(answer, _)| decode_describe(answer).ok());
    let Some(journal) = description else { return };
    let device = &Script::new(&answers[1..]);
    let mut cursor = Cursor::new(journal.journal_id.get(), from, journal.next.get());
    loop {
        let before = *cursor.account();
        let limit = Limit { events, ..Limit::NONE };
        match cursor.read(device, AtEnd::Wait, limit) {
            Ok(batch) => {
                let records = batch.records.len() as u64;
                let lost = batch.lost.map_or(0, |lost| {
                    assert_eq!(lost.first, before.next());
                    assert_eq!(lost.last() - lost.first + 1, lost.count);
                    lost.count
                });
                assert!(records <= events);
                for (record, number) in batch.records.iter().zip(before.next() + lost..) {
                    assert_eq!(record.sequence.get(), number);
                }
                let after = *cursor.account();
                assert_eq!(after.lost() - before.lost(), lost);
                assert_eq!(after.delivered() - before.delivered(), records);
                assert!(after.end() >= before.end(), "numbers are never taken back");
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                assert_eq!(*cursor.account(), before, "a failed read books nothing");
                break;
            }
        }
        check_account(cursor.account());
    }
}

/// `next = from + delivered + lost`, with no number beyond the last.
fn check_account(account: &Account) {
    let seen = account.delivered().checked_add(account.lost());
    let next = seen.and_then(|seen| seen.checked_add(account.from()));
    assert_eq!(next, Some(account.next()), "{account:?}");
}

/// What `sessionwatch read` shows to programs adds up, line by line; what it shows
/// to people is text.
fn check_read(answers: &[(&[u8], usize)], from: NonZeroU64, count: Option<u64>) {
    let options = ReadArguments { from: Some(from), count, ..ReadArguments::default() };
    let show = |form: Form| {
        let mut output = Vec::new();
        let mut printer = Printer::new(form, &mut output);
        let outcome = read::run(&Script::new(answers), &options, &mut printer);
        printer.end().expect("a vector takes everything");
        (outcome, String::from_utf8(output).expect("what is shown is text"))
    };
    let says = |outcome: &Result<(), Error>| outcome.as_ref().map_err(ToString::to_string).err();
    let (outcome, lines) = show(Form::Ndjson);
    let (json, text) = show(Form::Json);
    assert_eq!(says(&json), says(&outcome));
    let array: Vec<Value> =
        if text.is_empty() { vec![] } else { serde_json::from_str(&text).expect("one array") };
    assert_eq!(array.len(), lines.lines().count());
    let (csv, _) = show(Form::Csv);
    assert_eq!(says(&csv), says(&outcome));
    for width in [80, 200] {
        let (table, _) = show(table(width));
        assert_eq!(says(&table), says(&outcome));
    }

    let (accounts, delivered) = check_stream(&lines, from.get());
    assert!(count.is_none_or(|count| delivered <= count));
    assert!(accounts == 1 || outcome.is_err(), "{outcome:?}");
}

/// What is shown of a stream adds up, line by line; says how many accounts there are (none or
/// one) and how many events were delivered.
pub(crate) fn check_stream(lines: &str, from: u64) -> (u32, u64) {
    let (mut next, mut delivered, mut lost, mut accounts) = (from, 0, 0, 0);
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).expect("a line is an object");
        let number = |name: &str| line[name].as_u64().expect(name);
        assert_eq!(accounts, 0, "the account is the end");
        match line["type"].as_str().expect("every line has a type") {
            "event" => {
                assert_eq!(number("sequence"), next);
                (next, delivered) = (next + 1, delivered + 1);
            }
            "lost" => {
                assert_eq!(number("first"), next);
                assert_eq!(number("last"), next + (number("count") - 1));
                (next, lost) = (next + number("count"), lost + number("count"));
            }
            "account" => {
                accounts += 1;
                assert_eq!((number("from"), number("next")), (from, next));
                assert_eq!((number("delivered"), number("lost")), (delivered, lost));
            }
            other => panic!("a line of type {other}"),
        }
    }
    (accounts, delivered)
}

fn table(width: u16) -> Form {
    Form::Table(Table::new(People::new(width, None), true))
}

/// What is taken for the present sessions is all of them.
fn check_present_sessions(answers: &[(&[u8], usize)]) {
    if let Ok(present) = present_sessions(&Script::new(answers)) {
        assert_eq!(present.sessions.len() as u64, u64::from(present.head.present.get()));
        assert!(present.sessions.is_sorted_by_key(|session| session.session_id.get()));
    }
}

fn check_status(answers: &[(&[u8], usize)]) {
    for form in [Form::Json, Form::Ndjson, Form::Csv, table(80)] {
        let mut output = Vec::new();
        let mut printer = Printer::new(form, &mut output);
        let outcome = status::run(&Script::new(answers), &mut printer);
        printer.end().expect("a vector takes everything");
        assert_eq!(outcome.is_err(), output.is_empty(), "all or nothing is shown");
        assert!(str::from_utf8(&output).is_ok());
    }
}
