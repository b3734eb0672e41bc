//! The complete output of a stream and of the status, in each form.

use sessionwatch::render::{Event, Form, Item, Layout, Printer, Status, Table, Totals};
use sessionwatch_protocol::{
    DescribeReply, EventKind, Locality, Record, RecordFlags, SessionState, SessionsReply,
    SettingFlags, VERSION,
};
use sessionwatch_reader::time::SystemTime;
use sessionwatch_reader::{Account, Lost};
use zerocopy::FromZeros;

/// 2026-03-01T08:00:00Z.
const MORNING: u64 = 134_168_256_000_000_000;

fn record(
    sequence: u64,
    session_id: u32,
    kind: EventKind,
    state: SessionState,
    locality: Locality,
) -> Record {
    Record {
        sequence: sequence.into(),
        system_time: (MORNING + sequence * 12_345_678).into(),
        monotonic_time: (sequence * 12_345_678).into(),
        session_id: session_id.into(),
        kind: kind.0.into(),
        state: state.0.into(),
        locality: locality.0,
        reserved: 0,
        flags: 0.into(),
        instance: sequence.into(),
    }
}

fn table(width: u16, colour: bool) -> Form {
    Form::Table(Table::new(Layout::new(width, None), colour))
}

/// A stream with every kind of item.
fn stream(form: Form) -> String {
    let logon = record(1, 1, EventKind::LOGON, SessionState::LOGGED_ON, Locality::LOCAL);
    let remote = record(
        37,
        65_536,
        EventKind::DISCONNECTED,
        SessionState::DISCONNECTED_LOGGED_ON,
        Locality::REMOTE,
    );
    let mut odd = record(38, u32::MAX, EventKind(4_294_967_295), SessionState(77), Locality(9));
    odd.flags = RecordFlags::PAYLOAD_MISSING
        .union(RecordFlags::SESSION_ID_UNKNOWN)
        .union(RecordFlags::EVENT_UNKNOWN)
        .union(RecordFlags::from_bits_retain(0x8000))
        .bits()
        .into();
    let mut unknown =
        record(1_234_567_890, 2, EventKind::IGNORE, SessionState::UNKNOWN, Locality::UNKNOWN);
    unknown.instance = 0.into();
    unknown.system_time = u64::MAX.into();
    unknown.flags = RecordFlags::INSTANCE_UNTRACKED.bits().into();
    let lost = Lost {
        first: 2,
        count: 35,
        previous_time: Some(SystemTime(logon.system_time.get())),
        next_time: Some(SystemTime(remote.system_time.get())),
    };
    let alone = Lost { first: 39, count: 1, previous_time: None, next_time: None };
    let account = Account::new(MORNING, 40, 40);

    let mut snapshot = SessionsReply::new_zeroed();
    snapshot.journal_id = MORNING.into();
    snapshot.next = 40.into();
    snapshot.present = 2.into();
    let mut incomplete = snapshot;
    incomplete.untracked = 3.into();

    let mut out = Vec::new();
    let mut printer = Printer::new(form, &mut out);
    printer.begin(false).unwrap();
    for item in [
        Item::Snapshot(&snapshot),
        Item::Session(&Event::of(remote)),
        Item::Session(&Event::of(unknown)),
        Item::Snapshot(&incomplete),
        Item::Event(&Event::of(logon)),
        Item::Lost(lost),
        Item::Event(&Event::of(remote)),
        Item::Event(&Event::of(odd)),
        Item::Lost(alone),
        Item::Event(&Event::of(unknown)),
        Item::Account(Totals { account: &account, shown: 0, is_recording: false }),
    ] {
        printer.item(&item).unwrap();
    }
    printer.end().unwrap();
    String::from_utf8(out).unwrap()
}

fn status(form: Form, settings: SettingFlags, requested: u32) -> String {
    let mut reply = DescribeReply::new_zeroed();
    reply.version = VERSION.into();
    reply.record_size = 48.into();
    reply.journal_id = MORNING.into();
    reply.capacity = 64.into();
    reply.requested_capacity = requested.into();
    reply.settings = settings.bits().into();
    reply.driver_version = [0.into(), 1.into(), 2.into(), 0.into()];
    reply.loaded_system_time = MORNING.into();
    reply.loaded_monotonic_time = 50_000_000.into();
    reply.system_time = (MORNING + 2_000_000_000_000).into();
    reply.monotonic_time = 2_000_050_000_000_u64.into();
    reply.first = 37.into();
    reply.next = 101.into();
    reply.malformed = 3.into();
    reply.untracked = 1.into();
    reply.seen_by_kind = [0, 20, 15, 30, 10, 12, 11, 2].map(Into::into);
    reply.last_event_system_time = (MORNING + 1_999_000_000_000).into();
    reply.last_event_monotonic_time = 1_999_050_000_000_u64.into();
    reply.event_mask = u32::MAX.into();
    reply.is_registered = 1.into();
    reply.reads_pending = 2.into();
    reply.reads_pended = 17.into();
    reply.reads_cancelled = 3.into();
    reply.maximum_pending_reads = 256.into();
    reply.maximum_pending_reads_per_handle = 16.into();
    reply.reads_completed = 1234.into();
    reply.requests_rejected = 2.into();
    let mut out = Vec::new();
    let mut printer = Printer::new(form, &mut out);
    printer.object(&Status(reply)).unwrap();
    printer.end().unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_stream_at_80_columns() {
    insta::assert_snapshot!(stream(table(80, false)));
}

#[test]
fn the_stream_at_200_columns() {
    insta::assert_snapshot!(stream(table(200, false)));
}

#[test]
fn the_stream_as_ndjson() {
    insta::assert_snapshot!(stream(Form::Ndjson));
}

#[test]
fn the_stream_as_json() {
    insta::assert_snapshot!(stream(Form::Json));
}

#[test]
fn the_stream_as_csv() {
    insta::assert_snapshot!(stream(Form::Csv));
}

#[test]
fn the_status_at_80_columns() {
    let settings = SettingFlags::CAPACITY_CLAMPED.union(SettingFlags::CAPACITY_REDUCED);
    insta::assert_snapshot!(status(table(80, false), settings, 5));
}

#[test]
fn the_status_at_200_columns() {
    let settings = SettingFlags::CAPACITY_UNREADABLE.union(SettingFlags::from_bits_retain(0x80));
    insta::assert_snapshot!(status(table(200, false), settings, 0));
}

#[test]
fn the_status_as_ndjson() {
    insta::assert_snapshot!(status(Form::Ndjson, SettingFlags::CAPACITY_CLAMPED, 5));
}

#[test]
fn the_status_as_json() {
    insta::assert_snapshot!(status(Form::Json, SettingFlags::CAPACITY_CLAMPED, 5));
}

#[test]
fn the_status_as_csv() {
    insta::assert_snapshot!(status(Form::Csv, SettingFlags::CAPACITY_CLAMPED, 5));
}

#[test]
fn the_status_names_each_replaced_setting() {
    assert!(
        status(table(80, false), SettingFlags::empty(), 64)
            .contains("64 events: as RingCapacity asks")
    );
    for (flag, says) in [
        (
            SettingFlags::EVENT_MASK_EMPTY,
            "all events; the setting EventMask is 0 and therefore ignored",
        ),
        (
            SettingFlags::EVENT_MASK_UNREADABLE,
            "all events; the setting EventMask is not a REG_DWORD",
        ),
        (
            SettingFlags::PENDING_READS_CLAMPED,
            "cancelled; the setting MaximumPendingReads is out of bounds",
        ),
        (
            SettingFlags::PENDING_READS_UNREADABLE,
            "the setting MaximumPendingReads is not a REG_DWORD",
        ),
        (
            SettingFlags::PENDING_READS_PER_HANDLE_CLAMPED,
            "MaximumPendingReadsPerHandle is out of bounds",
        ),
        (
            SettingFlags::PENDING_READS_PER_HANDLE_UNREADABLE,
            "MaximumPendingReadsPerHandle is not a REG_DWORD",
        ),
    ] {
        let text = status(table(400, false), flag, 64);
        assert!(text.contains(says), "{text}");
    }
    assert!(status(table(80, false), SettingFlags::empty(), 0).contains("64 events: the default"));
}

#[test]
fn no_row_is_wider_than_its_table() {
    for width in [80, 119, 120, 200] {
        for line in stream(table(width, false)).lines() {
            // A number of ten digits and an invalid time do not fit 80 columns.
            let fits = line.contains("1234567890") || line.chars().count() <= width.into();
            assert!(fits, "{width}: {line}");
        }
    }
}

#[test]
fn colours_add_nothing_but_escape_codes() {
    let coloured = stream(table(80, true));
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), stream(table(80, false)));
    assert_eq!(coloured.lines().count(), stream(table(80, false)).lines().count());
}
