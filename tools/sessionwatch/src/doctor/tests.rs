use sessionwatch_archive::LogSummary;
use sessionwatch_protocol::{DescribeReply, SettingFlags};
use sessionwatch_reader::DeviceError;
use sessionwatch_reader::time::SystemTime;
use zerocopy::FromZeros;

use super::*;
use crate::doctor::State;
use crate::service::LogReport;

const SECOND: u64 = 10_000_000;
/// 2026-03-01T08:00:00Z.
const MORNING: u64 = 134_168_256_000_000_000;

/// A driver that was loaded an hour ago and saw its last event half an hour ago.
fn status() -> DescribeReply {
    let mut status = DescribeReply::new_zeroed();
    status.driver_version = [0.into(), 1.into(), 0.into(), 0.into()];
    status.loaded_system_time = MORNING.into();
    status.loaded_monotonic_time = (10 * SECOND).into();
    status.system_time = (MORNING + 3600 * SECOND).into();
    status.monotonic_time = (3610 * SECOND).into();
    status.last_event_system_time = (MORNING + 1800 * SECOND).into();
    status.last_event_monotonic_time = (1810 * SECOND).into();
    status.first = 1.into();
    status.next = 101.into();
    status.event_mask = u32::MAX.into();
    status.is_registered = 1.into();
    status.maximum_pending_reads = 256.into();
    status
}

fn healthy() -> Facts {
    Facts {
        windows: Some(WindowsVersion { major: 10, minor: 0, build: 19_045 }),
        is_administrator: Some(true),
        code_integrity: Some(1),
        is_secure_boot: Some(true),
        kmdf: Some((1, 31)),
        service: Some(Service::Installed {
            start: StartType::WithWindows,
            state: ServiceState::Running,
        }),
        log_service: Some(log_service("running")),
        driver: Ok(status()),
        last_logon: Some(SystemTime(MORNING + 1790 * SECOND)),
    }
}

fn log_service(state: &'static str) -> ServiceReport {
    let last_entry = Some("2026-03-01T08:30:00.0000000Z".to_owned());
    let summary = LogSummary { last_entry, ..LogSummary::default() };
    let log = Some(LogReport { folder: "logs".into(), summary });
    ServiceReport { state: Some(state), process_id: Some(7), trouble: None, log }
}

/// The findings that are not ok: check, state.
fn troubles(facts: &Facts) -> Vec<(&'static str, State)> {
    let findings = diagnose(facts).into_iter().filter(|finding| finding.state != State::Ok);
    findings.map(|finding| (finding.check, finding.state)).collect()
}

fn with_status(change: impl FnOnce(&mut DescribeReply)) -> Facts {
    let mut status = status();
    change(&mut status);
    Facts { driver: Ok(status), ..healthy() }
}

#[test]
fn a_healthy_machine_has_only_ok_findings() {
    assert_eq!(troubles(&healthy()), []);
    let findings = diagnose(&healthy());
    assert!(findings.iter().all(|finding| finding.advice.is_none()), "{findings:?}");
}

#[test]
fn an_unknown_fact_is_an_unknown_finding() {
    let facts = Facts {
        windows: None,
        is_administrator: None,
        code_integrity: None,
        is_secure_boot: None,
        kmdf: None,
        service: None,
        log_service: None,
        driver: Err(DeviceError::AccessDenied.into()),
        last_logon: None,
    };
    let mut expected: Vec<_> = [
        "windows",
        "framework",
        "administrator",
        "test_signing",
        "secure_boot",
        "memory_integrity",
        "service",
    ]
    .map(|check| (check, State::Unknown))
    .into();
    expected.push(("device", State::Problem));
    expected.push(("log_service", State::Unknown));
    assert_eq!(troubles(&facts), expected);
}

#[test]
fn each_bad_fact_is_one_finding_with_advice() {
    let (warning, problem) = (State::Warning, State::Problem);
    let stopped = |code| {
        let state = ServiceState::Stopped(code);
        Some(Service::Installed { start: StartType::WithWindows, state })
    };
    let installed = |start, state| Some(Service::Installed { start, state });
    let old = WindowsVersion { major: 10, minor: 0, build: 17_763 };
    let running = ServiceState::Running;
    for (facts, expected) in [
        (Facts { windows: Some(old), ..healthy() }, ("windows", problem)),
        (Facts { kmdf: Some((1, 29)), ..healthy() }, ("framework", problem)),
        (Facts { is_administrator: Some(false), ..healthy() }, ("administrator", problem)),
        (Facts { service: Some(Service::Missing), ..healthy() }, ("service", problem)),
        (Facts { service: stopped(0), ..healthy() }, ("service", problem)),
        (Facts { service: stopped(577), ..healthy() }, ("service", problem)),
        (Facts { service: stopped(87), ..healthy() }, ("service", problem)),
        (Facts { service: stopped(31), ..healthy() }, ("service", problem)),
        (
            Facts {
                service: installed(StartType::WithWindows, ServiceState::StartPending),
                ..healthy()
            },
            ("service", warning),
        ),
        (
            Facts {
                service: installed(StartType::WithWindows, ServiceState::StopPending),
                ..healthy()
            },
            ("service", warning),
        ),
        (
            Facts { service: installed(StartType::OnDemand, running), ..healthy() },
            ("start", warning),
        ),
        (
            Facts { service: installed(StartType::Disabled, running), ..healthy() },
            ("start", problem),
        ),
        (with_status(|status| status.driver_version[1] = 2.into()), ("version", warning)),
        (with_status(|status| status.is_registered = 0.into()), ("registered", problem)),
        (with_status(|status| status.event_mask = 6.into()), ("registered", warning)),
        (with_status(|status| status.malformed = 1.into()), ("notifications", warning)),
        (with_status(|status| status.untracked = 1.into()), ("notifications", warning)),
        (with_status(|status| status.reads_pending = 231.into()), ("readers", warning)),
        (
            with_status(|status| status.settings = SettingFlags::CAPACITY_CLAMPED.bits().into()),
            ("settings", warning),
        ),
        (with_status(|status| status.settings = 0x8000.into()), ("settings", warning)),
    ] {
        assert_eq!(troubles(&facts), [expected], "{facts:?}");
        let findings = diagnose(&facts);
        let found = findings.iter().find(|finding| finding.state != State::Ok).unwrap();
        assert!(found.advice.is_some(), "{found:?}");
    }
}

#[test]
fn signatures_matter_only_if_the_driver_does_not_run() {
    let stopped = |bits, secure_boot| Facts {
        code_integrity: Some(bits),
        is_secure_boot: Some(secure_boot),
        driver: Err(DeviceError::NotRunning.into()),
        ..healthy()
    };
    let device = ("device", State::Problem);
    assert_eq!(troubles(&stopped(1 | TESTSIGN, false)), [device]);
    assert_eq!(troubles(&stopped(1, false)), [("test_signing", State::Warning), device]);
    assert_eq!(
        troubles(&stopped(1 | HVCI_KMCI_ENABLED, true)),
        [("test_signing", State::Warning), ("secure_boot", State::Warning), device]
    );
}

#[test]
fn a_quiet_machine_differs_from_a_blind_driver() {
    let at = |seconds| Some(SystemTime(MORNING + seconds * SECOND));
    let quiet = |status: &mut DescribeReply| {
        status.next = 1.into();
        status.last_event_system_time = 0.into();
        status.last_event_monotonic_time = 0.into();
    };
    let blind = [("events", State::Problem)];
    // A logon before the driver's start shows nothing.
    let facts = Facts { last_logon: Some(SystemTime(MORNING - 1)), ..with_status(quiet) };
    assert_eq!(troubles(&facts), []);
    let facts = Facts { last_logon: at(600), ..with_status(quiet) };
    assert_eq!(troubles(&facts), blind);
    // The logon is after the last event, but within the tolerance of clocks and Windows.
    assert_eq!(troubles(&Facts { last_logon: at(1829), ..healthy() }), []);
    assert_eq!(troubles(&Facts { last_logon: at(1831), ..healthy() }), blind);
    assert_eq!(troubles(&Facts { last_logon: None, ..with_status(quiet) }), []);
}

#[test]
fn a_ring_with_a_short_reach_is_too_small() {
    // 64 of 100 events in an hour reach back 38 minutes; 64 of 1,000 reach less than four.
    let of = |seen: u64| {
        with_status(|status| {
            status.next = (seen + 1).into();
            status.first = (seen - 63).into();
        })
    };
    assert_eq!(troubles(&of(100)), []);
    assert_eq!(troubles(&of(1000)), [("losses", State::Warning)]);
}

#[test]
fn any_account_gets_a_diagnosis() {
    let facts = with_status(|status| {
        status.next = u64::MAX.into();
        status.first = u64::MAX.into();
        status.loaded_monotonic_time = u64::MAX.into();
        status.loaded_system_time = u64::MAX.into();
        status.last_event_monotonic_time = u64::MAX.into();
        status.reads_pending = u32::MAX.into();
        status.maximum_pending_reads = 0.into();
    });
    assert!(!diagnose(&facts).is_empty());
}

#[test]
fn a_stuck_or_stopped_log_service_is_a_problem_and_none_is_not() {
    let with = |report: ServiceReport| Facts { log_service: Some(report), ..healthy() };
    let problem = [("log_service", State::Problem)];
    assert_eq!(troubles(&with(log_service("stopped"))), problem);
    let trouble = ShownTrouble {
        since: "2026-03-01T08:00:00.0000000Z".to_owned(),
        reason: "cannot write the log in logs: the disk is full".to_owned(),
    };
    let stuck = with(ServiceReport { trouble: Some(trouble), ..log_service("running") });
    assert_eq!(troubles(&stuck), problem);
    let finding = diagnose(&stuck).pop().unwrap().finding;
    assert_eq!(
        finding,
        "stuck since 2026-03-01T08:00:00.0000000Z: cannot write the log in logs: the disk is full"
    );
    assert_eq!(troubles(&with(ServiceReport { state: None, ..log_service("") })), []);
    let unknown = Facts { log_service: None, ..healthy() };
    assert_eq!(troubles(&unknown), [("log_service", State::Unknown)]);
}

#[test]
fn a_stepped_clock_makes_no_driver_blind() {
    for step in [-7200, 7200] {
        let stepped = with_status(|status| {
            let now = status.system_time.get();
            status.system_time = now.checked_add_signed(step * 10_000_000).unwrap().into();
        });
        let logon = (MORNING + 3600 * SECOND).checked_add_signed(step * 10_000_000);
        let facts = Facts { last_logon: logon.map(SystemTime), ..stepped };
        assert_eq!(troubles(&facts), [("events", State::Unknown)]);
    }
}
