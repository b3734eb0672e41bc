//! Tests that raise no events. They run under Wine like the others, and on Windows with the
//! installed driver, which records the real session events meanwhile.
#![cfg(windows)]

use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DescribeRequest, READ, ReadRequest, Rejection, SESSIONS,
};
use sessionwatch_tests::{Device, Fixture, OverlappedDevice};
use zerocopy::IntoBytes as _;

const STATUS_CANCELLED: u32 = 0xC000_0120;

/// A sequence number that no event reaches during a test.
const FAR: u64 = 1 << 40;

#[test]
fn each_start_begins_a_new_journal() {
    let fixture = Fixture::started();
    let first = fixture.device().describe();
    fixture.service().stop();
    assert!(Device::open().is_err(), "the device of a stopped driver was opened");
    fixture.service().start().unwrap();
    let second = fixture.device().describe();
    assert_ne!(first.journal_id, second.journal_id);
    fixture.finish();
}

#[test]
fn a_read_delivers_consecutive_sequence_numbers_and_accounts_for_all() {
    let fixture = Fixture::started();
    let device = fixture.device();
    let next = device.describe().next.get();
    let (lost, records) = device.read_all(1, 16);
    let numbers: Vec<u64> = records.iter().map(|record| record.sequence.get()).collect();
    let expected: Vec<u64> = (lost + 1..).take(numbers.len()).collect();
    assert_eq!(numbers, expected);
    assert!(lost + numbers.len() as u64 >= next - 1, "{lost} lost, {numbers:?}, next was {next}");
    drop(device);
    fixture.finish();
}

#[test]
fn a_rejected_request_is_counted_and_leaves_the_output_untouched() {
    let fixture = Fixture::started();
    let device = fixture.device();
    let good = ReadRequest::new(1);
    let whole = good.as_bytes();
    let longer = [whole, &[0; 8]].concat();
    let mut other = DescribeRequest::new();
    other.header.version = 0x7FFF_FFFF.into();
    let before = device.describe().requests_rejected.get();
    let rejections = [
        (device.send(READ, &whole[..4], 4096), Rejection::Truncated),
        (device.send(READ, &longer, 4096), Rejection::Oversized),
        (device.send(DESCRIBE, other.as_bytes(), 4096), Rejection::UnknownVersion),
        (device.send(READ, ReadRequest::new(0).as_bytes(), 4096), Rejection::InvalidField),
        (device.send(ControlCode(SESSIONS.0 + 4), whole, 4096), Rejection::UnknownCode),
        (device.send(ControlCode(READ.0 + 3), whole, 4096), Rejection::UnknownCode),
    ];
    for (answer, rejection) in &rejections {
        assert_eq!(answer.status, rejection.ntstatus(), "{rejection}: {:#x}", answer.status);
        assert!(answer.is_untouched(), "{rejection}: output was written");
    }
    let after = device.describe().requests_rejected.get();
    assert_eq!(after - before, rejections.len() as u64);
    drop(device);
    fixture.finish();
}

/// The I/O manager aligns its copy of the request, so the caller's address does not matter.
#[test]
fn a_request_at_an_odd_address_is_valid() {
    let fixture = Fixture::started();
    let device = fixture.device();
    let memory = [&[0xFF], ReadRequest::new(1).as_bytes()].concat();
    for start in [1, 0] {
        let answer = device.send(READ, &memory[start..start + 16], 4096);
        assert_eq!(answer.status == 0, start == 1);
    }
    drop(device);
    fixture.finish();
}

#[test]
fn a_read_is_pending_until_it_is_cancelled_or_its_handle_is_closed() {
    let fixture = Fixture::started();
    let device = OverlappedDevice::open().unwrap();
    let cancelled = device.wait_for(FAR, 4);
    sleep(Duration::from_millis(200));
    assert!(!cancelled.is_done(), "record {FAR} exists");
    device.cancel_all();
    assert_eq!(cancelled.answer().status, STATUS_CANCELLED);

    let closed = device.wait_for(FAR, 4);
    assert!(!closed.is_done());
    drop(device);
    let answer = closed.answer();
    assert_eq!(answer.status, STATUS_CANCELLED);
    assert!(answer.is_untouched());
    fixture.finish();
}

#[test]
fn the_tool_reports_the_driver() {
    let fixture = Fixture::started();
    let mut status = Command::new(fixture.package().file("sessionwatch.exe"));
    let output = status.args(["status", "--output", "ndjson"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let journal = fixture.device().describe().journal_id;
    assert!(status.to_string().contains(&format!("{:016x}", journal.get())), "{status}");
    fixture.finish();
}
