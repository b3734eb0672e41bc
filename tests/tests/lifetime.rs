//! Installing, starting, stopping and uninstalling the driver, its settings, and access to its
//! device.
#![cfg(windows)]

use std::io::Write as _;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use kmdf_host_control::{Event, Order};
use sessionwatch_protocol::{DEVICE_NAME, SYMBOLIC_LINK, SettingFlags};
use sessionwatch_tests::{
    Device, Fixture, INSTALLED_IMAGE, Package, Service, raise, raise_to, scenario, sha256,
};
use windows_service::service::ServiceState;

#[test]
fn the_inf_installs_the_built_file_unchanged_and_removes_it() {
    let fixture = Fixture::installed();
    let built = sha256(&Package::built().file("sessionwatch.sys"));
    assert_eq!(sha256(Path::new(INSTALLED_IMAGE)), built);
    // Not `println!`, whose output the test harness captures.
    writeln!(std::io::stderr(), "\nSHA-256 of the installed driver: {built}").unwrap();
    assert_eq!(fixture.service().state(), ServiceState::Stopped);
    assert!(Device::open().is_err());
    drop(fixture);
    assert!(Service::open().is_err(), "the service still exists");
    assert!(!Path::new(INSTALLED_IMAGE).exists());
}

#[test]
fn the_device_is_for_system_and_administrators_only() {
    let fixture = Fixture::started();
    let device = fixture.device_report();
    assert_eq!(device.sddl, "D:P(A;;GA;;;SY)(A;;GA;;;BA)");
    assert_eq!(device.name.as_deref(), Some(DEVICE_NAME));
    assert_eq!(device.symbolic_link.as_deref(), Some(SYMBOLIC_LINK));
    // FILE_DEVICE_SECURE_OPEN: the descriptor also protects names below the device.
    assert_eq!(device.characteristics & 0x100, 0x100);
    // FILE_DEVICE_UNKNOWN and WdfDeviceIoBuffered.
    assert_eq!((device.device_type, device.io_type), (0x22, 2));
    assert!(device.finished && !device.exclusive);
    fixture.finish();
}

/// Windows does not unload a driver while a handle is open. The open handle continues to work, a
/// new open fails, and closing the handle lets the driver unload.
#[test]
fn a_stop_waits_for_the_last_handle() {
    let fixture = Fixture::started();
    let raised = raise(&scenario("workstation-day"), Order::Serial);
    let device = fixture.device();
    fixture.service().ask_to_stop();
    sleep(Duration::from_millis(300));
    assert_ne!(fixture.service().state(), ServiceState::Stopped);
    assert!(Device::open().is_err(), "a driver that is stopping was opened");
    let (lost, records) = device.read_all(1, 10);
    assert_eq!((lost, records.len()), (0, raised.len()));
    drop(device);
    fixture.service().wait_for(ServiceState::Stopped);
    fixture.finish();
}

#[test]
fn each_of_a_hundred_loads_begins_a_new_journal_and_ends_clean() {
    let fixture = Fixture::installed();
    let events = &scenario("workstation-day")[..5];
    let mut ids = std::collections::HashSet::new();
    for _ in 0..100 {
        fixture.service().start().unwrap();
        let device = fixture.device();
        assert_eq!(device.describe().next.get(), 1);
        let _ = raise(events, Order::Concurrent);
        assert_eq!(device.describe().next.get(), 6);
        assert!(ids.insert(device.describe().journal_id.get()), "an id was used again");
        drop(device);
        fixture.service().stop();
    }
    assert_eq!(fixture.into_counts().len(), 100);
}

#[test]
fn a_bad_ring_capacity_is_replaced_and_reported() {
    let clamped = SettingFlags::CAPACITY_CLAMPED;
    for (asked, given, flags) in [
        (1000, 1000, SettingFlags::empty()),
        (64, 64, SettingFlags::empty()),
        (0, 64, clamped),
        (63, 64, clamped),
        (1_048_577, 1_048_576, clamped),
        (u32::MAX, 1_048_576, clamped),
    ] {
        let fixture = Fixture::with_capacity(asked);
        let described = fixture.device().describe();
        assert_eq!(described.requested_capacity.get(), asked);
        assert_eq!((described.capacity.get(), described.settings()), (given, flags));
        fixture.finish();
    }

    let fixture = Fixture::with_setting_text("RingCapacity", "many");
    let described = fixture.device().describe();
    assert_eq!(described.capacity.get(), 16_384);
    assert_eq!(described.settings(), SettingFlags::CAPACITY_UNREADABLE);
    fixture.finish();

    let fixture = Fixture::started();
    let described = fixture.device().describe();
    assert_eq!((described.capacity.get(), described.settings()), (16_384, SettingFlags::empty()));
    fixture.finish();
}

#[test]
fn the_event_mask_selects_the_events_and_an_empty_one_selects_all() {
    let day = scenario("workstation-day");
    let connects = day.iter().filter(|raise| raise.event == Event::CONNECTED).count();
    // IO_SESSION_STATE_CONNECT_EVENT.
    let fixture = Fixture::with_setting("EventMask", 4);
    let _ = raise_to(&day, Order::Serial, |raise| raise.event == Event::CONNECTED);
    let described = fixture.device().describe();
    assert_eq!(described.event_mask, 4);
    assert_eq!(described.seen_by_kind, [0, 0, 0, connects as u64, 0, 0, 0, 0]);
    fixture.finish();

    let assert_all = |fixture: Fixture, flag| {
        let described = fixture.device().describe();
        assert_eq!((described.event_mask.get(), described.settings()), (u32::MAX, flag));
        fixture.finish();
    };
    assert_all(Fixture::with_setting("EventMask", 0), SettingFlags::EVENT_MASK_EMPTY);
    let unreadable = Fixture::with_setting_text("EventMask", "all");
    assert_all(unreadable, SettingFlags::EVENT_MASK_UNREADABLE);
}

#[test]
fn describe_distinguishes_a_quiet_machine_from_an_unregistered_driver() {
    let fixture = Fixture::started();
    let quiet = fixture.device().describe();
    assert_eq!((quiet.is_registered.get(), quiet.last_event_system_time.get()), (1, 0));
    let raised = raise(&scenario("workstation-day"), Order::Serial);
    let described = fixture.device().describe();
    let last = fixture.device().read(raised.len() as u64, 1).1[0];
    assert_eq!(described.last_event_system_time, last.system_time);
    assert_eq!(described.last_event_monotonic_time, last.monotonic_time);
    let seen: u64 = described.seen_by_kind.iter().map(|seen| seen.get()).sum();
    assert_eq!(seen, raised.len() as u64);
    assert_eq!(described.untracked, 0);
    fixture.finish();
}
