//! The complete output of `doctor` for machines with several problems.

use sessionwatch::command::doctor;
use sessionwatch::doctor::{Facts, Service, ServiceState, StartType, WindowsVersion};
use sessionwatch::render::{Form, Layout, Printer, Table};
use sessionwatch::service::{ServiceReport, ShownTrouble};
use sessionwatch_failure::{Exit, Failure};
use sessionwatch_protocol::{DescribeReply, SettingFlags};
use sessionwatch_reader::DeviceError;
use zerocopy::FromZeros;

/// 2026-03-01T08:00:00Z.
const MORNING: u64 = 134_168_256_000_000_000;
const SECOND: u64 = 10_000_000;

/// A machine with a running driver that no longer sees events, and with a ring that is too small.
fn running() -> Facts {
    let mut status = DescribeReply::new_zeroed();
    status.driver_version = [0.into(), 0.into(), 9.into(), 0.into()];
    status.loaded_system_time = MORNING.into();
    status.system_time = (MORNING + 3600 * SECOND).into();
    status.monotonic_time = (3600 * SECOND).into();
    status.first = 977.into();
    status.next = 1041.into();
    status.last_event_system_time = (MORNING + 60 * SECOND).into();
    status.last_event_monotonic_time = (60 * SECOND).into();
    status.event_mask = u32::MAX.into();
    status.reads_pending = 250.into();
    status.maximum_pending_reads = 256.into();
    status.malformed = 3.into();
    status.settings =
        SettingFlags::CAPACITY_CLAMPED.union(SettingFlags::from_bits_retain(0x8000)).bits().into();
    Facts {
        windows: Some(WindowsVersion { major: 10, minor: 0, build: 26_100 }),
        is_administrator: Some(true),
        code_integrity: Some(0x403),
        is_secure_boot: None,
        kmdf: Some((1, 33)),
        service: Some(Service::Installed {
            start: StartType::OnDemand,
            state: ServiceState::Running,
        }),
        log_service: Some(ServiceReport {
            state: Some("running"),
            process_id: Some(7),
            trouble: Some(ShownTrouble {
                since: "2026-03-01T08:05:00.0000000Z".to_owned(),
                reason: "cannot write the log in D:\\logs: the disk is full".to_owned(),
            }),
            log: None,
        }),
        driver: Ok(status),
        last_logon: Some(sessionwatch_reader::time::SystemTime(MORNING + 600 * SECOND)),
    }
}

/// A machine whose driver does not start.
fn stopped() -> Facts {
    Facts {
        windows: Some(WindowsVersion { major: 10, minor: 0, build: 17_763 }),
        is_administrator: Some(false),
        code_integrity: Some(1),
        is_secure_boot: Some(true),
        kmdf: Some((1, 27)),
        service: Some(Service::Installed {
            start: StartType::WithWindows,
            state: ServiceState::Stopped(577),
        }),
        log_service: Some(ServiceReport {
            state: None,
            process_id: None,
            trouble: None,
            log: None,
        }),
        driver: Err(DeviceError::NotRunning.into()),
        last_logon: None,
    }
}

fn show(facts: &Facts, form: Form) -> String {
    let mut out = Vec::new();
    let mut printer = Printer::new(form, &mut out);
    let error = doctor::run(facts, &mut printer).unwrap_err();
    assert_eq!(error.exit(), Exit::Problems);
    printer.end().unwrap();
    String::from_utf8(out).unwrap()
}

fn table(width: u16) -> Form {
    Form::Table(Table::new(Layout::new(width, None), false))
}

#[test]
fn a_driver_that_runs_at_80_columns() {
    insta::assert_snapshot!(show(&running(), table(80)));
}

#[test]
fn a_driver_that_runs_at_200_columns() {
    insta::assert_snapshot!(show(&running(), table(200)));
}

#[test]
fn a_driver_that_does_not_start_at_80_columns() {
    insta::assert_snapshot!(show(&stopped(), table(80)));
}

#[test]
fn a_driver_that_does_not_start_as_json() {
    insta::assert_snapshot!(show(&stopped(), Form::Json));
}

#[test]
fn a_driver_that_does_not_start_as_ndjson() {
    insta::assert_snapshot!(show(&stopped(), Form::Ndjson));
}

#[test]
fn a_driver_that_does_not_start_as_csv() {
    insta::assert_snapshot!(show(&stopped(), Form::Csv));
}
