//! The tool as a service: installed, started, stopped and removed by the service
//! manager, beside the driver.
#![cfg(windows)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kmdf_host_control::{Order, Raise};
use serde_json::Value;
use sessionwatch_tests::{Fixture, raise, scenario, spawn};

/// How long the service may take. Only a failure takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The service's log, in a folder of the test's own; the service is removed with it.
struct Log<'fixture> {
    fixture: &'fixture Fixture,
    folder: PathBuf,
}

impl<'fixture> Log<'fixture> {
    fn new(fixture: &'fixture Fixture, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        Self { fixture, folder }
    }

    fn service(&self, arguments: &[&str]) -> Output {
        let mut program = Command::new(self.fixture.package().file("sessionwatch.exe"));
        program.args(["service", "--output", "ndjson"]).args(arguments);
        program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        spawn(&mut program).unwrap().wait_with_output().unwrap()
    }

    fn report(&self, arguments: &[&str]) -> Value {
        let output = self.service(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn install(&self) -> Value {
        self.report(&["install", "--folder", self.folder.to_str().unwrap()])
    }

    /// The numbers of the driver's events in the log.
    fn numbers(&self) -> Vec<u64> {
        let written = fs::read_to_string(self.folder.join("events.ndjson")).unwrap_or_default();
        let lines = written.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line["sequence"].as_u64()).collect()
    }

    /// Waits until the log has as many events; all there are, once each.
    fn wait_for(&self, count: u64) {
        let begin = Instant::now();
        while (self.numbers().len() as u64) < count {
            assert!(begin.elapsed() < PATIENCE, "{:?} of {count}", self.numbers());
            sleep(Duration::from_millis(50));
        }
        assert_eq!(self.numbers(), (1..=count).collect::<Vec<_>>());
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        // It is removed already, unless the test has failed.
        let _ = self.service(&["remove"]);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

fn events(count: usize) -> Vec<Raise> {
    scenario("workstation-day").into_iter().take(count).collect()
}

#[test]
fn the_log_has_every_event_once_over_restarts() {
    let fixture = Fixture::started();
    let log = Log::new(&fixture, "sessionwatch-log");
    assert_eq!(log.report(&["status"])["installed"], false);
    let _ = raise(&events(3), Order::Serial);

    let report = log.install();
    assert_eq!((&report["installed"], &report["name"]), (&true.into(), &"SessionWatchLog".into()));
    log.wait_for(3);
    assert_eq!(log.report(&["status"])["state"], "running");
    let _ = raise(&events(2), Order::Serial);
    log.wait_for(5);
    assert_eq!(log.report(&["remove"])["installed"], false);

    // Nobody writes now; what happens is in the driver.
    let _ = raise(&events(2), Order::Serial);
    log.install();
    log.wait_for(7);
    assert_eq!(log.report(&["remove"])["installed"], false);
    assert!(Path::new(&log.folder).join("place.json").exists());
    drop(log);
    fixture.finish();
}

#[test]
fn what_cannot_be_done_is_said_with_what_to_do() {
    let fixture = Fixture::installed();
    let log = Log::new(&fixture, "sessionwatch-log-refused");
    for (arguments, says) in [
        (&["remove"][..], "`sessionwatch service install` makes it"),
        (&["run"], "the service manager runs this: use `sessionwatch service install`"),
    ] {
        let output = log.service(arguments);
        assert_eq!(output.status.code(), Some(9), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
    }
    log.install();
    let again = log.service(&["install"]);
    assert_eq!(again.status.code(), Some(9));
    assert!(text(&again.stderr).contains("`sessionwatch service remove` removes it first"));
    log.report(&["remove"]);
}
