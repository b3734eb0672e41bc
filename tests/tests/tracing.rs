//! The driver's events in a trace, and the absence of events without a listener.
#![cfg(windows)]

mod tracelogging;

use std::fs;

use kmdf_host_control::{
    INJECTION_PATH, Injection, Listener, Order, Plan, SITES_PATH, TRACE_PATH, Verdict,
};
use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DescribeReply, READ, ReadRequest, Record, Rejection,
};
use sessionwatch_tests::{
    Fixture, OverlappedDevice, Service, raise, scenario, set_number, verdicts, wait_for_waiting,
};
use tracelogging::{Event, Session, Value, listen};
use zerocopy::little_endian::U16;
use zerocopy::{FromZeros as _, IntoBytes as _};

// The provider, keywords and levels of `docs/tracing.md`.
const PROVIDER: (&str, &str) = ("34e05a14-cb39-56d7-c4dd-268cf1294cc6", "SessionWatch");
const LIFETIME: u64 = 0x1;
const SESSIONS: u64 = 0x2;
const LOSS: u64 = 0x4;
const REQUESTS: u64 = 0x8;
const ALL: u64 = 0xF;

const ERROR: u8 = 2;
const WARNING: u8 = 3;
const INFORMATIONAL: u8 = 4;
const VERBOSE: u8 = 5;

const NO_MEMORY: u32 = 0xC000_009A;

fn event(level: u8, keyword: u64, name: &str, fields: &[(&str, Value)]) -> Event {
    Event {
        provider: (PROVIDER.0.into(), PROVIDER.1.into()),
        name: name.into(),
        level,
        keyword,
        fields: fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
    }
}

fn loaded(described: &DescribeReply) -> Event {
    let [major, minor, patch, _] = described.driver_version.map(U16::get);
    let fields = [
        ("Version", Value::Text(format!("{major}.{minor}.{patch}"))),
        ("JournalId", Value::Hex64(described.journal_id.get())),
        ("RingCapacity", Value::U32(described.capacity.get())),
        ("RequestedCapacity", Value::U32(described.requested_capacity.get())),
        ("EventMask", Value::Hex32(described.event_mask.get())),
        ("MaximumPendingReads", Value::U32(described.maximum_pending_reads.get())),
        (
            "MaximumPendingReadsPerHandle",
            Value::U32(described.maximum_pending_reads_per_handle.get()),
        ),
        ("SettingFlags", Value::Hex32(described.settings.get())),
    ];
    event(INFORMATIONAL, LIFETIME, "Loaded", &fields)
}

fn registered(status: u32) -> Event {
    event(INFORMATIONAL, LIFETIME, "Registered", &[("Status", Value::Status(status))])
}

fn start_failed(call: &str, status: u32) -> Event {
    let fields = [("Status", Value::Status(status)), ("Call", Value::Text(call.into()))];
    event(ERROR, LIFETIME, "StartFailed", &fields)
}

fn unloaded(described: &DescribeReply) -> Event {
    let fields = [
        ("JournalId", Value::Hex64(described.journal_id.get())),
        ("Next", Value::U64(described.next.get())),
    ];
    event(INFORMATIONAL, LIFETIME, "Unloaded", &fields)
}

fn session_event(record: &Record) -> Event {
    let fields = [
        ("Sequence", Value::U64(record.sequence.get())),
        ("SessionId", Value::U32(record.session_id.get())),
        ("Event", Value::U32(record.kind.get())),
        ("State", Value::U32(record.state.get())),
        ("Locality", Value::U8(record.locality)),
        ("Flags", Value::Hex16(record.flags.get())),
        ("Instance", Value::U64(record.instance.get())),
    ];
    event(INFORMATIONAL, SESSIONS, "SessionEvent", &fields)
}

fn overwriting_began(first_overwritten: u64, overwritten_by: u64) -> Event {
    let fields = [
        ("FirstOverwritten", Value::U64(first_overwritten)),
        ("OverwrittenBy", Value::U64(overwritten_by)),
    ];
    event(WARNING, LOSS, "OverwritingBegan", &fields)
}

fn read_lost(from: u64, lost: u64, delivered: u32, next: u64) -> Event {
    let fields = [
        ("From", Value::U64(from)),
        ("Lost", Value::U64(lost)),
        ("Delivered", Value::U32(delivered)),
        ("Next", Value::U64(next)),
    ];
    event(WARNING, LOSS, "ReadLost", &fields)
}

fn rejected(code: ControlCode, rejection: Rejection) -> Event {
    let fields =
        [("ControlCode", Value::Hex32(code.0)), ("Status", Value::Status(rejection.ntstatus()))];
    event(WARNING, REQUESTS, "RequestRejected", &fields)
}

/// Asserts that the page has the provider, and the event with its level, keyword and fields.
fn assert_documented(event: &Event) {
    const DOCUMENTATION: &str = include_str!("../../docs/tracing.md");
    const PROFILE: &str = include_str!("../../docs/sessionwatch.wprp");
    assert!(DOCUMENTATION.contains(&format!("`{}`", PROVIDER.0)));
    assert!(PROFILE.contains(&format!("Name=\"{}\"", PROVIDER.0)));
    let Event { name, level, keyword, .. } = event;
    let row = format!("| `{name}` | {level} | {keyword:#x} ");
    assert!(DOCUMENTATION.contains(&row), "no row {row}");
    let (_, fields) = DOCUMENTATION.split_once("| Event | Field |").unwrap();
    let (_, fields) = fields.split_once(&format!("| `{name}` | ")).unwrap();
    let mut rows = fields.lines().enumerate();
    for (field, _) in &event.fields {
        let (index, row) = rows.next().unwrap();
        let row = if index == 0 { row } else { row.strip_prefix("| | ").unwrap() };
        assert!(row.starts_with(&format!("`{field}` | ")), "{name} has {field}, and not {row}");
    }
    assert!(!rows.next().unwrap().1.starts_with("| | "), "{name} has no more fields");
}

#[test]
fn every_event_is_documented() {
    let record = Record::new_zeroed();
    let described = DescribeReply::new_zeroed();
    for event in [
        loaded(&described),
        registered(0),
        start_failed("", 0),
        unloaded(&described),
        session_event(&record),
        overwriting_began(1, 65),
        read_lost(1, 1, 1, 3),
        rejected(READ, Rejection::Truncated),
    ] {
        assert_documented(&event);
    }
}

#[test]
fn a_whole_load_is_traced() {
    for name in ["workstation-day", "malformed"] {
        let session = Session::begin(VERBOSE, ALL);
        let fixture = Fixture::with_capacity(63);
        let _ = raise(&scenario(name), Order::Serial);
        let device = fixture.device();
        let (_, records) = device.read_all(1, 100);
        let described = device.describe();
        drop(device);
        fixture.finish();
        assert!(described.settings.get() != 0 && records.len() > 20);

        let mut expected = vec![loaded(&described), registered(0)];
        expected.extend(records.iter().map(session_event));
        expected.push(unloaded(&described));
        assert_eq!(session.events(), expected);
    }
}

#[test]
fn concurrent_events_of_different_sessions_are_traced() {
    let session = Session::begin(INFORMATIONAL, SESSIONS);
    let fixture = Fixture::started();
    let _ = raise(&scenario("terminal-server-morning"), Order::Concurrent);
    let (_, records) = fixture.device().read_all(1, 1000);
    fixture.finish();
    let mut events = session.events();
    // The driver writes after it released the lock, so sequence numbers may be out of order.
    events.sort_by_key(|event| event.number("Sequence"));
    assert_eq!(events, records.iter().map(session_event).collect::<Vec<_>>());
}

#[test]
fn overwriting_and_losses_of_readers_are_traced() {
    let session = Session::begin(WARNING, LOSS);
    let fixture = Fixture::with_capacity(64);
    let events = scenario("terminal-server-morning");
    let device = fixture.device();
    let _ = raise(&events[..64], Order::Serial);
    assert_eq!(device.read(1, 64).0.lost.get(), 0);
    assert_eq!(session.events(), [], "nothing is overwritten yet");

    let _ = raise(&events[64..200], Order::Serial);
    assert_eq!(session.events(), [overwriting_began(1, 65)]);

    assert_eq!(device.read(11, 3).0.lost.get(), 126);
    assert_eq!(device.read(137, 64).0.lost.get(), 0);
    drop(device);
    fixture.finish();
    assert_eq!(session.events(), [overwriting_began(1, 65), read_lost(11, 126, 3, 140)]);
}

/// The queue hands out no request during 70 events, so the record that the read waits for is
/// overwritten.
#[test]
fn the_loss_of_a_pending_read_is_traced() {
    const IN_VAIN: u32 = 70;
    let session = Session::begin(WARNING, LOSS);
    let fixture = Fixture::installed();
    set_number(Service::NAME, "RingCapacity", 64);
    let failing = Failing::times(IN_VAIN, "WdfIoQueueRetrieveNextRequest");
    fixture.service().start().unwrap();
    let device = OverlappedDevice::open().unwrap();
    let read = device.wait_for(1, 3);
    wait_for_waiting(1);
    let events = scenario("terminal-server-morning");
    let _ = raise(&events[..IN_VAIN as usize], Order::Serial);
    assert!(!read.is_done());
    let _ = raise(&events[70..71], Order::Serial);
    assert_eq!(read.records().0.lost.get(), 7);
    drop((device, failing));
    fixture.finish();
    assert_eq!(session.events(), [overwriting_began(1, 65), read_lost(1, 7, 3, 11)]);
}

#[test]
fn every_rejection_is_traced() {
    let session = Session::begin(WARNING, REQUESTS);
    let fixture = Fixture::started();
    let device = fixture.device();
    let read = ReadRequest::new(1);
    let _ = device.send(READ, &read.as_bytes()[..9], 4096);
    let _ = device.send(READ, read.as_bytes(), 10);
    let _ = device.send(DESCRIBE, &[2, 0, 0, 0], 4096);
    let _ = device.send(ControlCode(0x0022_7FFC), &[], 0);
    let _ = device.read(1, 10);
    let mut expected = vec![
        rejected(READ, Rejection::Truncated),
        rejected(READ, Rejection::OutputTooSmall { needed: 0 }),
        rejected(DESCRIBE, Rejection::UnknownVersion),
        rejected(ControlCode(0x0022_7FFC), Rejection::UnknownCode),
    ];
    assert_eq!(session.events(), expected);

    // A read beyond the limit on pending reads is rejected later than the others.
    let waits = OverlappedDevice::open().unwrap();
    let reads: Vec<_> = (0..16).map(|_| waits.wait_for(1, 1)).collect();
    wait_for_waiting(16);
    assert_eq!(waits.wait_for(1, 1).answer().status, Rejection::TooManyPendingReads.ntstatus());
    expected.push(rejected(READ, Rejection::TooManyPendingReads));
    waits.cancel_all();
    assert!(reads.iter().all(|read| read.answer().status != 0));
    drop((device, waits));
    fixture.finish();
    assert_eq!(session.events(), expected, "a cancelled read is not rejected");
}

/// Makes the first calls of a function fail, until the value is dropped.
struct Failing;

impl Failing {
    fn first(call: &str) -> Self {
        Self::times(1, call)
    }

    fn times(times: u32, call: &str) -> Self {
        let plan = Plan::from(Injection { times, ..Injection::nth(1, call) });
        fs::create_dir_all(r"C:\kmdf-host").unwrap();
        fs::write(INJECTION_PATH, serde_json::to_string(&plan).unwrap()).unwrap();
        Self
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        for path in [INJECTION_PATH, SITES_PATH] {
            let _there_may_be_none = fs::remove_file(path);
        }
    }
}

#[test]
fn a_failed_start_is_traced_with_its_call_and_status() {
    let fixture = Fixture::installed();
    for call in ["WdfDriverCreate", "WdfSpinLockCreate", "WdfDeviceCreate"] {
        let session = Session::begin(ERROR, LIFETIME);
        let failing = Failing::first(call);
        assert!(fixture.service().start().is_err());
        drop(failing);
        assert_eq!(session.events(), [start_failed(call, NO_MEMORY)]);
    }
    let session = Session::begin(VERBOSE, ALL);
    let call = "IoRegisterContainerNotification";
    let failing = Failing::first(call);
    assert!(fixture.service().start().is_err());
    drop(failing);
    let names: Vec<_> = session.events().into_iter().map(|event| event.name).collect();
    assert_eq!(names, ["Loaded", "Registered", "StartFailed"]);
    assert_eq!(session.events()[1..], [registered(NO_MEMORY), start_failed(call, NO_MEMORY)]);
    assert!(
        verdicts()
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Clean { entry_failed: true, .. })),
        "a failed start left its provider registered"
    );
    drop(fixture);
}

/// The host keeps every write, even without a listener. So this shows that the driver writes
/// nothing.
#[test]
fn without_a_listener_no_event_is_written() {
    let session = Session::without_listener();
    let fixture = Fixture::with_capacity(64);
    let events = scenario("terminal-server-morning");
    let device = fixture.device();
    let be_rejected = || assert_ne!(device.send(READ, &[], 0).status, 0);
    let _ = raise(&events[..100], Order::Serial);
    assert_eq!(device.read(1, 1).0.lost.get(), 36);
    be_rejected();
    assert_eq!(session.events(), []);

    // A later listener gets the later events of its level and keywords.
    let mut listener = Listener { level: WARNING, any_keyword: ALL, all_keywords: 0 };
    listen(Some(listener));
    let _ = raise(&events[100..110], Order::Serial);
    be_rejected();
    assert_eq!(session.events().len(), 1);
    (listener.level, listener.any_keyword) = (VERBOSE, SESSIONS | LOSS);
    listen(Some(listener));
    let _ = raise(&events[110..120], Order::Serial);
    be_rejected();
    assert_eq!(session.events().len(), 1 + 10);
    listen(None);
    let _ = raise(&events[120..130], Order::Serial);
    be_rejected();
    drop(device);
    fixture.finish();
    assert_eq!(session.events_named("SessionEvent").len(), 10);
    assert_eq!(session.events_named("RequestRejected").len(), 1);
    assert_eq!(session.events().len(), 1 + 10);
}

#[test]
fn a_driver_that_cannot_be_traced_still_records_events() {
    for call in ["EtwRegister", "EtwSetInformation", "EtwWriteTransfer"] {
        let session = Session::begin(VERBOSE, ALL);
        let fixture = Fixture::installed();
        let failing = Failing::first(call);
        fixture.service().start().unwrap();
        drop(failing);
        let raised = raise(&scenario("workstation-day"), Order::Serial);
        assert_eq!(fixture.device().read_all(1, 10).1.len(), raised.len());
        fixture.finish();
        assert_eq!(session.events().is_empty(), call == "EtwRegister");
        assert_eq!(fs::exists(TRACE_PATH).unwrap(), call != "EtwRegister");
    }
}
