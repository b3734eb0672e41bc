//! Requests: a reply, or a rejection with its own status and no byte of output.
#![cfg(windows)]

use kmdf_host_control::Order;
use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DescribeReply, DescribeRequest, READ, ReadReply, ReadRequest, Record,
    Rejection, SESSIONS,
};
use sessionwatch_tests::{Answer, Fixture, last_completion, raise, scenario};
use zerocopy::IntoBytes as _;

fn assert_rejected(answer: &Answer, rejection: Rejection) {
    assert_eq!(answer.status, rejection.ntstatus(), "{rejection}: status {:#x}", answer.status);
    assert!(answer.is_untouched(), "{rejection}: output was written");
}

#[test]
fn a_bad_request_is_rejected_and_writes_and_changes_nothing() {
    let fixture = Fixture::started();
    let raised = raise(&scenario("workstation-day"), Order::Serial);
    let device = fixture.device();
    let good = ReadRequest::new(1);
    let whole = good.as_bytes();

    for length in 0..whole.len() {
        assert_rejected(&device.send(READ, &whole[..length], 4096), Rejection::Truncated);
    }
    for extra in [1, 8, 4080] {
        let longer = [whole, &vec![0; extra]].concat();
        assert_rejected(&device.send(READ, &longer, 4096), Rejection::Oversized);
    }
    for version in [0, 2, u32::MAX] {
        for length in [4, 8, 16, 64] {
            let mut other = vec![0; length];
            other[..4].copy_from_slice(&version.to_le_bytes());
            assert_rejected(&device.send(READ, &other, 4096), Rejection::UnknownVersion);
            assert_rejected(&device.send(DESCRIBE, &other, 4096), Rejection::UnknownVersion);
        }
    }
    assert_rejected(
        &device.send(READ, ReadRequest::new(0).as_bytes(), 4096),
        Rejection::InvalidField,
    );
    let mut flagged = good;
    flagged.header.flags = 2.into();
    assert_rejected(&device.send(READ, flagged.as_bytes(), 4096), Rejection::InvalidField);
    let mut flagged = DescribeRequest::new();
    flagged.header.flags = 1.into();
    assert_rejected(&device.send(DESCRIBE, flagged.as_bytes(), 4096), Rejection::InvalidField);

    // Every transfer method takes another path through the I/O manager and gets the same
    // rejection. (A code with write access would not reach the driver on this handle.)
    for code in [0, DESCRIBE.0 ^ (1 << 14), SESSIONS.0 + 4, SESSIONS.0 + 8, 0xFFFF_7FFC] {
        for method in 0..4 {
            let code = ControlCode(code + method);
            assert_rejected(&device.send(code, whole, 4096), Rejection::UnknownCode);
        }
    }
    for method in 1..4 {
        let code = ControlCode(READ.0 + method);
        assert_rejected(&device.send(code, whole, 4096), Rejection::UnknownCode);
    }

    // The journal is unchanged.
    let (lost, records) = device.read_all(1, 16);
    assert_eq!((lost, records.len()), (0, raised.len()));
    assert!(device.describe().requests_rejected.get() > 40);
    drop(device);
    fixture.finish();
}

/// Wine drops the `Information` of an error, so the test reads it from the host.
#[test]
fn a_rejection_for_a_small_output_has_the_needed_size() {
    let fixture = Fixture::started();
    let device = fixture.device();
    let read = ReadRequest::new(1);
    let describe = DescribeRequest::new();
    for (code, request, needed) in [
        (READ, read.as_bytes(), ReadReply::SMALLEST_OUTPUT),
        (DESCRIBE, describe.as_bytes(), DescribeReply::SIZE),
    ] {
        for room in [0, 1, ReadReply::SIZE, needed - 1] {
            let rejection = Rejection::OutputTooSmall { needed };
            assert_rejected(&device.send(code, request, room), rejection);
            let completion = last_completion();
            assert_eq!((completion.code, completion.status), (code.0, rejection.ntstatus()));
            assert_eq!(completion.information, needed as u64);
        }
        assert_eq!(device.send(code, request, needed).status, 0);
    }
    drop(device);
    fixture.finish();
}

#[test]
fn a_read_past_the_end_returns_no_records() {
    let fixture = Fixture::started();
    let events = scenario("workstation-day");
    let next = raise(&events, Order::Serial).len() as u64 + 1;
    let device = fixture.device();
    for from in [next, next + 1, u64::MAX] {
        let (head, records) = device.read(from, 10);
        assert!(records.is_empty());
        assert_eq!((head.lost.get(), head.next.get(), head.end.get()), (0, from, next));
    }
    drop(device);
    fixture.finish();
}

/// Two readers, one of them too slow. Its losses do not affect the other one, and a repeated
/// read returns the same records.
#[test]
fn a_slow_reader_gets_a_count_of_its_losses() {
    let fixture = Fixture::with_capacity(64);
    let events = scenario("terminal-server-morning");
    let (keen, slow) = (fixture.device(), fixture.device());
    let mut seen = Vec::new();
    for batch in events.chunks(50) {
        let _ = raise(batch, Order::Serial);
        let (lost, records) = keen.read_all(seen.len() as u64 + 1, 20);
        assert_eq!(lost, 0);
        seen.extend(records);
    }
    assert_eq!(seen.len(), events.len());

    let (head, records) = slow.read(1, 1000);
    assert_eq!(head.lost.get(), events.len() as u64 - 64);
    assert_eq!(records, seen[seen.len() - 64..]);
    assert_eq!(slow.read(1, 1000).1, records);
    assert_eq!(head.lost.get() + records.len() as u64, slow.describe().next.get() - 1);

    let (head, records) = slow.read(1, 1);
    assert_eq!((head.lost.get(), records.len()), (events.len() as u64 - 64, 1));
    assert_eq!(head.next.get(), head.from.get() + head.lost.get() + 1);
    assert_eq!(Record::SIZE, 48);
    drop((keen, slow));
    fixture.finish();
}
