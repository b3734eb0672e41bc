//! Tests the commands with a driver that rejects requests, sends wrong replies or fails.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use sessionwatch::args::{FollowArguments, ReadArguments};
use sessionwatch::command::{follow, read, status};
use sessionwatch::error::Error;
use sessionwatch::render::{Form, Printer};
use sessionwatch_failure::{Exit, Failure, WindowsError};
use sessionwatch_protocol::{
    ControlCode, DescribeReply, ReadReply, ReadRequest, Record, Rejection, VERSION,
};
use sessionwatch_reader::{Device, DeviceError, Start};
use zerocopy::{FromZeros, IntoBytes};

type Answer = Result<Vec<u8>, DeviceError>;

/// A device that returns these answers in turn. It may claim a greater length than the answer's.
struct Scripted {
    answers: RefCell<VecDeque<Answer>>,
    /// The received requests.
    asked: RefCell<Vec<Vec<u8>>>,
    claimed: Cell<usize>,
}

impl Scripted {
    fn new<const N: usize>(answers: [Answer; N]) -> Self {
        Self {
            answers: RefCell::new(answers.into()),
            asked: RefCell::default(),
            claimed: Cell::new(0),
        }
    }
}

impl Device for Scripted {
    fn control(
        &self,
        _code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        self.asked.borrow_mut().push(input.to_vec());
        let answer = self.answers.borrow_mut().pop_front().expect("too many requests");
        answer.map(|bytes| {
            output[..bytes.len()].copy_from_slice(&bytes);
            bytes.len().max(self.claimed.get())
        })
    }
}

/// An error of Windows, which has only a number and a text.
fn windows_error(code: u32) -> WindowsError {
    WindowsError { code, message: "not connected".to_owned() }
}

fn describe(journal_id: u64, next: u64) -> Vec<u8> {
    let mut reply = DescribeReply::new_zeroed();
    reply.version = VERSION.into();
    reply.record_size = 48.into();
    reply.journal_id = journal_id.into();
    reply.first = 1.into();
    reply.next = next.into();
    reply.as_bytes().to_vec()
}

fn head(journal_id: u64, from: u64, count: u32, end: u64) -> ReadReply {
    let mut head = ReadReply::new_zeroed();
    head.version = VERSION.into();
    head.record_size = 48.into();
    head.journal_id = journal_id.into();
    head.from = from.into();
    head.count = count.into();
    head.next = (from + u64::from(count)).into();
    head.end = end.into();
    head
}

fn reply(head: &ReadReply) -> Vec<u8> {
    let mut bytes = head.as_bytes().to_vec();
    for sequence in head.from.get()..head.next.get() {
        let mut record = Record::new_zeroed();
        record.sequence = sequence.into();
        bytes.extend_from_slice(record.as_bytes());
    }
    bytes
}

/// Reads from sequence number 1. Returns the error, and the output before it.
fn read_fails(device: &Scripted) -> (Error, String) {
    let mut output = Vec::new();
    let options = ReadArguments::default();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    let error = read::run(device, &options, &mut printer).unwrap_err();
    (error, String::from_utf8(output).unwrap())
}

#[test]
fn each_rejection_is_a_sentence() {
    for (rejection, exit, says) in [
        (Rejection::UnknownCode, Exit::Rejected, "does not know this operation"),
        (Rejection::Truncated, Exit::Rejected, "shorter than its structure"),
        (Rejection::Oversized, Exit::Rejected, "longer than its structure"),
        (Rejection::Misaligned, Exit::Rejected, "not aligned"),
        (Rejection::UnknownVersion, Exit::OtherVersion, "another version"),
        (Rejection::InvalidField, Exit::Rejected, "has an invalid value"),
        (Rejection::OutputTooSmall { needed: 0 }, Exit::Rejected, "output buffer is too small"),
    ] {
        let error = DeviceError::from_control(windows_error(rejection.win32_error()));
        let device = Scripted::new([Ok(describe(7, 2)), Err(error)]);
        let (error, shown) = read_fails(&device);
        assert_eq!(error.exit(), exit, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.hint().unwrap(), "install the driver and the tool of one release");
        assert!(shown.contains(r#""delivered":0"#), "{shown}");
    }
}

#[test]
fn the_version_of_another_driver_is_named() {
    let mut newer = describe(7, 2);
    newer[0] = 9;
    let (error, shown) = read_fails(&Scripted::new([Ok(newer)]));
    assert_eq!(error.exit(), Exit::OtherVersion);
    assert!(error.to_string().contains("the driver speaks version 9"), "{error}");
    assert_eq!(shown, "");
}

#[test]
fn a_reply_that_does_not_continue_the_account_is_not_shown() {
    let whole = reply(&head(7, 1, 1, 3));
    for (second, says) in [
        (head(8, 2, 1, 3), "it is of another journal"),
        (head(7, 3, 0, 3), "it begins at sequence number 3 instead of 2"),
        (head(7, 2, 0, 3), "it is empty, although sequence numbers 2 to 2 exist"),
        (head(7, 2, 0, 2), "it ends the journal before sequence number 2"),
    ] {
        let device = Scripted::new([Ok(describe(7, 3)), Ok(whole.clone()), Ok(reply(&second))]);
        let (error, shown) = read_fails(&device);
        assert_eq!(error.exit(), Exit::BadReply);
        assert!(error.to_string().contains(says), "{error}");
        // The account covers the output before the error.
        assert!(shown.ends_with(concat!(
            r#"{"type":"account","journal_id":"0000000000000007","from":1,"next":2,"#,
            r#""delivered":1,"lost":0,"shown":1}"#,
            "\n"
        )));
    }
}

#[test]
fn a_cut_or_overlong_reply_is_not_shown() {
    let mut cut = reply(&head(7, 1, 2, 3));
    cut.pop();
    let (error, _) = read_fails(&Scripted::new([Ok(describe(7, 3)), Ok(cut)]));
    assert_eq!(error.exit(), Exit::BadReply);

    let device = Scripted::new([Ok(describe(7, 3)), Ok(reply(&head(7, 1, 2, 3)))]);
    device.claimed.set(usize::MAX);
    let (error, _) = read_fails(&device);
    assert_eq!(error.exit(), Exit::BadReply, "{error}");
}

#[test]
fn a_system_error_keeps_its_number() {
    let error = DeviceError::from_control(windows_error(1167));
    let mut output = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    let error = status::run(&Scripted::new([Err(error)]), &mut printer).unwrap_err();
    assert_eq!(error.exit(), Exit::Windows);
    assert!(error.to_string().contains("cannot ask the driver: not connected (1167)"), "{error}");
}

#[test]
fn follow_has_a_hint_for_too_many_pending_reads() {
    let refused =
        DeviceError::from_control(windows_error(Rejection::TooManyPendingReads.win32_error()));
    let device = Scripted::new([Ok(describe(7, 3)), Err(refused)]);
    let mut output = Vec::new();
    let options = FollowArguments::default();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    let error = follow::run(&device, None, &options, &mut printer).unwrap_err();
    assert_eq!(error.exit(), Exit::Rejected);
    let hint = error.hint().unwrap();
    assert!(hint.contains("end a program that follows the journal"), "{hint}");
}

#[test]
fn only_follow_makes_its_reads_pending() {
    for (command, waits) in [("follow", true), ("read", false)] {
        let device = Scripted::new([Ok(describe(7, 2)), Ok(reply(&head(7, 1, 1, 2)))]);
        let mut output = Vec::new();
        let mut printer = Printer::new(Form::Ndjson, &mut output);
        if waits {
            let options = FollowArguments {
                from: Some(Start::Oldest),
                count: Some(1),
                ..FollowArguments::default()
            };
            follow::run(&device, None, &options, &mut printer).unwrap();
        } else {
            let options = ReadArguments::default();
            read::run(&device, &options, &mut printer).unwrap();
        }
        let request = if waits { ReadRequest::waiting(1) } else { ReadRequest::new(1) };
        assert_eq!(device.asked.borrow().last().unwrap(), request.as_bytes(), "{command}");
    }
}
