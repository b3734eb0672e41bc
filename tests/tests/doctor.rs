//! `sessionwatch doctor` and `live` of the shipped tool, with the shipped driver.
#![cfg(windows)]

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use kmdf_host_control::Order;
use serde_json::Value;
use sessionwatch_tests::{Fixture, Package, raise, scenario, spawn};

/// Runs the tool. Returns its exit code, its output and its diagnostics.
fn run(package: &Package, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = Command::new(package.file("sessionwatch.exe"));
    program.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = spawn(&mut program).unwrap().wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The state and the finding of each check.
fn findings(output: &str) -> BTreeMap<String, (String, String)> {
    let findings = output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| {
            assert_eq!(finding["type"], "finding");
            let found = (text(&finding["state"]), text(&finding["finding"]));
            (text(&finding["check"]), found)
        })
        .collect()
}

fn state<'a>(findings: &'a BTreeMap<String, (String, String)>, check: &str) -> &'a str {
    findings.get(check).map_or("absent", |(state, _)| state)
}

#[test]
fn doctor_finds_no_problem_in_a_running_driver() {
    let fixture = Fixture::started();
    let _ = raise(&scenario("workstation-day"), Order::Serial);
    let (code, output, diagnostics) = run(fixture.package(), &["doctor", "--output", "ndjson"]);
    let found = findings(&output);
    for check in [
        "service",
        "device",
        "version",
        "registered",
        "events",
        "losses",
        "notifications",
        "readers",
        "settings",
        "administrator",
    ] {
        assert_eq!(state(&found, check), "ok", "{check}: {output}");
    }
    // Wine has no framework library, and its Windows version depends on its configuration.
    assert_eq!(state(&found, "framework"), "unknown", "{output}");
    let problems: Vec<_> = found.iter().filter(|(_, (state, _))| state == "problem").collect();
    let expected = if problems.is_empty() { Some(0) } else { Some(14) };
    assert_eq!(code, expected, "{diagnostics}");
    assert!(problems.iter().all(|(check, _)| *check == "windows"), "{output}");
    fixture.finish();
}

#[test]
fn doctor_tells_how_to_start_a_stopped_driver() {
    let fixture = Fixture::installed();
    let (code, output, diagnostics) = run(fixture.package(), &["doctor", "--output", "ndjson"]);
    let found = findings(&output);
    assert_eq!(code, Some(14), "{output}");
    assert!(
        diagnostics.contains("doctor found") && diagnostics.lines().count() == 2,
        "{diagnostics}"
    );
    assert_eq!(state(&found, "service"), "problem", "{output}");
    assert_eq!(state(&found, "device"), "problem", "{output}");
    assert_eq!(state(&found, "events"), "absent", "{output}");

    let (_, table, _) = run(fixture.package(), &["doctor"]);
    assert!(table.contains("start it with `sc start sessionwatch`"), "{table}");
}

#[test]
fn doctor_reports_a_driver_that_is_not_installed() {
    // A service exists until its last handle is closed.
    drop(Fixture::installed());
    let (code, output, _) = run(&Package::built(), &["doctor", "--output", "ndjson"]);
    assert_eq!(code, Some(14), "{output}");
    let found = findings(&output);
    assert_eq!(found["service"], ("problem".to_owned(), "the driver is not installed".to_owned()));
}

#[test]
fn doctor_warns_of_replaced_settings_and_of_losses() {
    let fixture = Fixture::with_setting("RingCapacity", 1);
    let events: Vec<_> = scenario("workstation-day").into_iter().cycle().take(1000).collect();
    let _ = raise(&events, Order::Serial);
    let (_, output, _) = run(fixture.package(), &["doctor", "--output", "ndjson"]);
    let found = findings(&output);
    for check in ["settings", "losses"] {
        assert_eq!(state(&found, check), "warning", "{check}: {output}");
    }
    fixture.finish();
}

#[test]
fn live_without_a_console_refers_to_follow() {
    let fixture = Fixture::started();
    let (code, output, diagnostics) = run(fixture.package(), &["live"]);
    assert_eq!((code, output.as_str()), (Some(2), ""));
    assert!(diagnostics.contains("use `sessionwatch follow`"), "{diagnostics}");
    fixture.finish();
}
