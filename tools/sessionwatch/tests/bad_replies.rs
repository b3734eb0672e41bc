//! Drivers that refuse, lie or fail: what the commands make of it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::ops::ControlFlow;

use sessionwatch::args::{FollowArguments, ReadArguments, Start};
use sessionwatch::command::{follow, read, status};
use sessionwatch::device::{Device, DeviceError};
use sessionwatch::error::{Error, Exit};
use sessionwatch::render::{Ndjson, Printer};
use sessionwatch::wait::Wait;
use sessionwatch_protocol::{ControlCode, DescribeReply, ReadReply, Record, Refusal, VERSION};
use zerocopy::{FromZeros, IntoBytes};

type Answer = Result<Vec<u8>, DeviceError>;

/// Gives these answers, one after the other; the length it claims may be more.
struct Scripted {
    answers: RefCell<VecDeque<Answer>>,
    claimed: Cell<usize>,
}

impl Scripted {
    fn new<const N: usize>(answers: [Answer; N]) -> Self {
        Self { answers: RefCell::new(answers.into()), claimed: Cell::new(0) }
    }
}

impl Device for Scripted {
    fn control(
        &self,
        _code: ControlCode,
        _input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let answer = self.answers.borrow_mut().pop_front().expect("no more requests");
        answer.map(|bytes| {
            output[..bytes.len()].copy_from_slice(&bytes);
            bytes.len().max(self.claimed.get())
        })
    }
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

/// Reads from number 1; gives the error and what was shown before it.
fn read_fails(device: &Scripted) -> (Error, String) {
    let mut output = Vec::new();
    let options = ReadArguments { from: NonZeroU64::MIN, count: None };
    let mut printer = Printer::new(Box::new(Ndjson), &mut output);
    let error = read::run(device, &options, &mut printer).unwrap_err();
    (error, String::from_utf8(output).unwrap())
}

#[test]
fn each_refusal_is_a_sentence() {
    for (refusal, exit, says) in [
        (Refusal::UnknownCode, Exit::Refused, "does not know this operation"),
        (Refusal::Truncated, Exit::Refused, "shorter than its structure"),
        (Refusal::Oversized, Exit::Refused, "longer than its structure"),
        (Refusal::Misaligned, Exit::Refused, "not aligned"),
        (Refusal::UnknownVersion, Exit::OtherVersion, "another version"),
        (Refusal::InvalidField, Exit::Refused, "without a meaning"),
        (Refusal::NotOffered, Exit::Refused, "does not offer this"),
        (Refusal::OutputTooSmall { needed: 0 }, Exit::Refused, "output buffer is too small"),
    ] {
        // As it arrives from Windows: as a number.
        let error = DeviceError::from_control(refusal.win32_error(), String::new);
        let device = Scripted::new([Ok(describe(7, 2)), Err(error)]);
        let (error, shown) = read_fails(&device);
        assert_eq!(error.exit(), exit, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.to_string().contains("install the driver and the tool of one release"));
        assert!(shown.contains(r#""delivered":0"#), "{shown}");
    }
}

#[test]
fn a_driver_of_another_version_is_named() {
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
        (head(7, 3, 0, 3), "it begins at number 3, but number 2 was asked for"),
        (head(7, 2, 0, 3), "it is empty, although numbers 2 to 2 exist"),
        (head(7, 2, 0, 2), "it ends the journal before number 2"),
    ] {
        let device = Scripted::new([Ok(describe(7, 3)), Ok(whole.clone()), Ok(reply(&second))]);
        let (error, shown) = read_fails(&device);
        assert_eq!(error.exit(), Exit::BadReply);
        assert!(error.to_string().contains(says), "{error}");
        // What was shown before is accounted for.
        assert!(shown.ends_with(concat!(
            r#"{"type":"account","journal_id":"0000000000000007","from":1,"next":2,"#,
            r#""delivered":1,"lost":0}"#,
            "\n"
        )));
    }
}

#[test]
fn a_reply_that_is_cut_or_claims_too_much_is_not_shown() {
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
fn a_restart_in_the_middle_of_a_read_is_told() {
    let device = Scripted::new([Ok(describe(7, 3)), Ok(reply(&head(8, 1, 0, 1)))]);
    let (error, _) = read_fails(&device);
    assert_eq!(error.exit(), Exit::Restarted);
}

#[test]
fn a_system_error_keeps_its_number() {
    let error = DeviceError::from_control(1167, || "not connected".to_owned());
    let mut output = Vec::new();
    let mut printer = Printer::new(Box::new(Ndjson), &mut output);
    let error = status::run(&Scripted::new([Err(error)]), &mut printer).unwrap_err();
    assert_eq!(error.exit(), Exit::System);
    assert!(error.to_string().contains("not connected (error 1167)"), "{error}");
}

/// Goes on for so many waits.
struct Patience(u32);

impl Wait for Patience {
    fn wait(&mut self, _idle: bool) -> ControlFlow<()> {
        self.0 -= 1;
        if self.0 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn follow_waits_only_for_a_driver_that_was_running() {
    let options = FollowArguments { from: Start::Newest, count: None };
    let opens = Cell::new(0);
    let run = |first: &dyn Fn() -> Result<Box<dyn Device>, DeviceError>, later: &DeviceError| {
        opens.set(0);
        let open = || {
            opens.set(opens.get() + 1);
            if opens.get() == 1 { first() } else { Err(later.clone()) }
        };
        let (mut output, mut diagnostics) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(Box::new(Ndjson), &mut output);
        let ended = follow::run(&open, &options, &mut printer, &mut Patience(5), &mut diagnostics);
        (ended.map_err(|error| error.exit()), String::from_utf8(diagnostics).unwrap())
    };
    let running = || Ok(Box::new(Scripted::new([Ok(describe(7, 1))])) as Box<dyn Device>);

    let (ended, _) = run(&|| Err(DeviceError::NotRunning), &DeviceError::NotRunning);
    assert_eq!(ended, Err(Exit::NotRunning));
    let (ended, diagnostics) = run(&running, &DeviceError::NotRunning);
    assert_eq!((ended, diagnostics.lines().count()), (Ok(()), 1));
    let (ended, _) = run(&running, &DeviceError::AccessDenied);
    assert_eq!(ended, Err(Exit::AccessDenied));
}
