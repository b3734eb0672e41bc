//! Pending reads: each is completed by an event or cancelled, and never both.
#![cfg(windows)]

use std::process::{Command, Stdio};
use std::thread::{self, sleep};
use std::time::Duration;

use kmdf_host_control::{Order, Raise};
use sessionwatch_protocol::{Rejection, SettingFlags};
use sessionwatch_tests::{
    Fixture, OverlappedDevice, PendingRead, counts, raise, scenario, spawn, wait_for_waiting,
};

const STATUS_CANCELLED: u32 = 0xC000_0120;

/// The default limits on pending reads: of one handle, and in total.
const PER_HANDLE: usize = 16;
const IN_ALL: usize = 256;

fn event() -> Raise {
    scenario("workstation-day").remove(0)
}

fn raise_one() {
    let _ = raise(&[event()], Order::Serial);
}

fn assert_cancelled(read: &PendingRead) {
    let answer = read.answer();
    assert_eq!(answer.status, STATUS_CANCELLED, "status {:#x}", answer.status);
    assert!(answer.is_untouched());
}

#[test]
fn an_event_completes_every_pending_read_that_waits_for_it() {
    let fixture = Fixture::started();
    let devices: Vec<_> = (0..8).map(|_| OverlappedDevice::open().unwrap()).collect();
    let reads: Vec<_> =
        devices.iter().flat_map(|device| [(); 2].map(|()| device.wait_for(1, 4))).collect();
    wait_for_waiting(u32::try_from(reads.len()).unwrap());
    assert!(reads.iter().all(|read| !read.is_done()));
    raise_one();
    for read in &reads {
        let (head, records) = read.records();
        assert_eq!((head.from.get(), head.lost.get(), head.next.get()), (1, 0, 2));
        assert_eq!(records[0].sequence, 1);
    }
    wait_for_waiting(0);
    drop(devices);
    fixture.finish();
}

#[test]
fn a_read_is_pending_until_its_own_record_exists() {
    let fixture = Fixture::started();
    let device = OverlappedDevice::open().unwrap();
    let third = device.wait_for(3, 4);
    wait_for_waiting(1);
    for _ in 0..2 {
        raise_one();
        assert!(!third.is_done());
    }
    raise_one();
    assert_eq!(third.records().1[0].sequence, 3);
    // A read of an existing record does not become pending.
    assert_eq!(device.wait_for(1, 4).records().1.len(), 3);
    drop(device);
    fixture.finish();
}

/// Consecutive waiting reads deliver every event once.
#[test]
fn waiting_readers_miss_no_event_of_a_storm() {
    let fixture = Fixture::started();
    let events = 400;
    let readers: Vec<_> = (0..4)
        .map(|reader| {
            thread::spawn(move || {
                let device = OverlappedDevice::open().unwrap();
                let (mut from, mut in_vain) = (1, 0);
                while from <= events {
                    let (head, records) = device.wait_for(from, 1 + reader * 10).records();
                    assert_eq!(head.lost, 0);
                    for record in &records {
                        assert_eq!(record.sequence, from);
                        from += 1;
                    }
                    assert_eq!(head.next, from);
                    in_vain += u64::from(records.is_empty());
                }
                in_vain
            })
        })
        .collect();
    let storm: Vec<Raise> = scenario("workstation-day").into_iter().cycle().take(400).collect();
    let _ = raise(&storm, Order::Concurrent);
    for reader in readers {
        let in_vain = reader.join().unwrap();
        assert!(in_vain <= events, "{in_vain} reads were completed without a record");
    }
    fixture.finish();
}

#[test]
fn a_cancelled_read_loses_no_event() {
    let fixture = Fixture::started();
    let device = OverlappedDevice::open().unwrap();
    let reads = [device.wait_for(1, 4), device.wait_for(1, 4)];
    wait_for_waiting(2);
    device.cancel_all();
    reads.iter().for_each(assert_cancelled);
    wait_for_waiting(0);
    raise_one();
    assert_eq!(device.wait_for(1, 4).records().1[0].sequence, 1);
    drop(device);
    fixture.finish();
}

#[test]
fn closing_a_handle_cancels_only_its_own_reads() {
    let fixture = Fixture::started();
    let (closed, open) = (OverlappedDevice::open().unwrap(), OverlappedDevice::open().unwrap());
    let (ended, goes_on) = (closed.wait_for(1, 4), open.wait_for(1, 4));
    wait_for_waiting(2);
    drop(closed);
    assert_cancelled(&ended);
    wait_for_waiting(1);
    raise_one();
    assert_eq!(goes_on.records().1.len(), 1);
    drop(open);
    fixture.finish();
}

#[test]
fn the_end_of_a_process_cancels_its_reads() {
    let fixture = Fixture::started();
    let mut tool = Command::new(fixture.package().file("sessionwatch.exe"));
    tool.arg("follow").stdin(Stdio::null()).stdout(Stdio::null());
    let mut tool = spawn(&mut tool).unwrap();
    wait_for_waiting(1);
    tool.kill().unwrap();
    tool.wait().unwrap();
    wait_for_waiting(0);
    fixture.finish();
}

#[test]
fn reads_beyond_the_limits_are_rejected() {
    let fixture = Fixture::started();
    let full = IN_ALL / PER_HANDLE;
    let devices: Vec<_> = (0..=full).map(|_| OverlappedDevice::open().unwrap()).collect();
    let mut reads = Vec::new();
    for device in &devices[..full] {
        reads.extend((0..PER_HANDLE).map(|_| device.wait_for(1, 1)));
        // The host presents them in any order, so wait for all before the next read.
        wait_for_waiting(u32::try_from(reads.len()).unwrap());
        // One more read on this handle.
        let rejected = device.wait_for(1, 1).answer();
        assert_eq!(rejected.status, Rejection::TooManyPendingReads.ntstatus());
        assert!(rejected.is_untouched());
    }
    // One more read on any handle.
    let rejected = devices[full].wait_for(1, 1).answer();
    assert_eq!(rejected.status, Rejection::TooManyPendingReads.ntstatus());
    assert_eq!(reads.len(), IN_ALL);
    assert_eq!(fixture.device().describe().requests_rejected.get(), full as u64 + 1);
    // Rejected reads use no entry: after the event, a read can become pending again.
    raise_one();
    assert!(reads.iter().all(|read| read.records().1.len() == 1));
    let again = devices[full].wait_for(2, 1);
    wait_for_waiting(1);
    devices[full].cancel_all();
    assert_cancelled(&again);
    drop(devices);
    fixture.finish();
}

/// Windows does not stop a driver while a handle is open, with or without a pending read. Until
/// then, events complete pending reads.
#[test]
fn a_stop_waits_for_a_reader_with_a_pending_read() {
    let fixture = Fixture::started();
    let device = OverlappedDevice::open().unwrap();
    let first = device.wait_for(1, 4);
    wait_for_waiting(1);
    fixture.service().ask_to_stop();
    raise_one();
    assert_eq!(first.records().1.len(), 1);
    let second = device.wait_for(2, 4);
    wait_for_waiting(1);
    drop(device);
    assert_cancelled(&second);
    fixture.finish();
}

/// `follow` does not poll: without events, no request reaches the driver.
#[test]
fn follow_sends_no_request_while_its_read_is_pending() {
    let fixture = Fixture::started();
    let mut tool = Command::new(fixture.package().file("sessionwatch.exe"));
    tool.args(["follow", "--count", "1"]).stdin(Stdio::null()).stdout(Stdio::null());
    let mut tool = spawn(&mut tool).unwrap();
    wait_for_waiting(1);
    let before = counts().requests_presented;
    sleep(Duration::from_secs(2));
    assert_eq!(counts().requests_presented, before);
    raise_one();
    assert!(tool.wait().unwrap().success());
    // Two more requests: before and after the tool asks WTS for the user, it checks that the
    // event is still its session's newest.
    assert!(counts().requests_presented <= before + 2);
    fixture.finish();
}

#[test]
fn the_limits_on_pending_reads_are_settings_and_pending_reads_are_counted() {
    for (name, asked, given, flag) in [
        ("MaximumPendingReads", 2, 2, SettingFlags::empty()),
        ("MaximumPendingReads", 0, 1, SettingFlags::PENDING_READS_CLAMPED),
        ("MaximumPendingReadsPerHandle", 2, 2, SettingFlags::empty()),
        ("MaximumPendingReadsPerHandle", 0, 1, SettingFlags::PENDING_READS_PER_HANDLE_CLAMPED),
    ] {
        let fixture = Fixture::with_setting(name, asked);
        let device = OverlappedDevice::open().unwrap();
        let reads: Vec<_> = (0..given).map(|_| device.wait_for(1, 1)).collect();
        wait_for_waiting(given);
        let rejected = device.wait_for(1, 1).answer();
        assert_eq!(rejected.status, Rejection::TooManyPendingReads.ntstatus());
        let described = fixture.device().describe();
        assert_eq!((described.reads_pending.get(), described.settings()), (given, flag));
        let limits = (
            described.maximum_pending_reads.get(),
            described.maximum_pending_reads_per_handle.get(),
        );
        assert_eq!(limits, if name == "MaximumPendingReads" { (given, 16) } else { (256, given) });
        device.cancel_all();
        reads.iter().for_each(assert_cancelled);
        let described = fixture.device().describe();
        let ended = (
            described.reads_pending.get(),
            described.reads_pended.get(),
            described.reads_cancelled.get(),
        );
        assert_eq!(ended, (0, given.into(), given.into()));
        drop(device);
        fixture.finish();
    }
}
