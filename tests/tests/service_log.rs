//! The tool as a service: the service manager installs, starts, stops and removes it, with the
//! driver running.
#![cfg(windows)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kmdf_host_control::{Order, Raise};
use serde_json::{Value, json};
use sessionwatch_tests::{Fixture, SAFE, StandIn, raise, scenario, spawn, with_security};

/// The time limit on the service. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The service's log, in a folder of one test. Dropping it removes service and folder.
struct Log {
    program: PathBuf,
    folder: PathBuf,
}

impl Log {
    fn new(program: PathBuf, name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        Self { program, folder }
    }

    fn service(&self, arguments: &[&str]) -> Output {
        let mut program =
            with_security(&self.program, SAFE, &[], &self.folder.with_extension("asked"));
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

    /// The lines of the log.
    fn lines(&self) -> Vec<Value> {
        let written = fs::read_to_string(self.folder.join("events.ndjson")).unwrap_or_default();
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The sequence numbers of the driver's events in the log.
    fn numbers(&self) -> Vec<u64> {
        self.lines().iter().filter_map(|line| line["sequence"].as_u64()).collect()
    }

    /// Waits until the log has `count` events. Asserts that it has each event once.
    fn wait_for(&self, count: u64) {
        let begin = Instant::now();
        while (self.numbers().len() as u64) < count {
            assert!(begin.elapsed() < PATIENCE, "{:?} of {count}", self.numbers());
            sleep(Duration::from_millis(50));
        }
        assert_eq!(self.numbers(), (1..=count).collect::<Vec<_>>());
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // The service still exists only if the test failed.
        let _ = self.service(&["remove"]);
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_file(self.folder.with_extension("asked"));
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
    let log = Log::new(fixture.package().file("sessionwatch.exe"), "sessionwatch-log");
    assert_eq!(log.report(&["status"])["installed"], false);
    let _ = raise(&events(3), Order::Serial);

    let report = log.install();
    assert_eq!((&report["installed"], &report["name"]), (&true.into(), &"SessionWatchLog".into()));
    log.wait_for(3);
    assert_eq!(log.report(&["status"])["state"], "running");
    let _ = raise(&events(2), Order::Serial);
    log.wait_for(5);
    assert_eq!(log.report(&["remove"])["installed"], false);

    // Without the service, the driver keeps the events.
    let _ = raise(&events(2), Order::Serial);
    log.install();
    log.wait_for(7);
    assert_eq!(log.report(&["remove"])["installed"], false);
    assert!(Path::new(&log.folder).join("place.json").exists());
    drop(log);
    fixture.finish();
}

#[test]
fn service_notifications_are_in_the_log_with_the_user() {
    let fixture = Fixture::started();
    let _ = raise(&events(5), Order::Serial);
    // Wine sends services no session changes. The stand-in does, like Windows.
    let windows = StandIn::new(&[("wtsapi32", "wtsapi32"), ("lsa", "secur32")]);
    // A lock, an unlock, a lock of an unknown session, a code that `winuser.h` does not have, and
    // a console connect.
    fs::write(windows.file("changes.txt"), "7 2\n8 2\n7 9\n99 2\n1 1\n").unwrap();
    let log = Log::new(windows.file("sessionwatch.exe"), "sessionwatch-log-changes");
    log.install();
    let told = || {
        let mut lines = log.lines();
        lines.retain(|line| line["type"] == "user_mode_event");
        lines
    };
    let begin = Instant::now();
    while told().len() < 4 {
        assert!(begin.elapsed() < PATIENCE, "{:?}", told());
        sleep(Duration::from_millis(50));
    }
    log.wait_for(5);
    let lines = told();
    let said = |line: &Value| {
        let user = &line["who"]["user"];
        json!([line["source"], line["event"], line["session_id"], line["instance"], user])
    };
    let zoe = "Zoë 日本 😀";
    assert_eq!(said(&lines[0]), json!(["service", "session_lock", 2, 4, zoe]));
    assert_eq!(said(&lines[1]), json!(["service", "session_unlock", 2, 4, zoe]));
    assert_eq!(said(&lines[2]), json!(["service", "session_lock", 9, null, null]));
    assert_eq!(said(&lines[3]), json!(["service", "console_connect", 1, 1, null]));
    assert_eq!(log.report(&["remove"])["installed"], false);
    assert_eq!(told().len(), 4);
    let answers = fs::read_to_string(windows.file("answers.txt")).unwrap();
    let refused: Vec<bool> = answers.lines().map(|answer| answer != "0").collect();
    assert_eq!(refused, [false, false, false, true, false], "{answers}");
    drop(log);
    fixture.finish();
}

#[test]
fn a_failing_command_tells_what_to_do() {
    let fixture = Fixture::installed();
    let log = Log::new(fixture.package().file("sessionwatch.exe"), "sessionwatch-log-refused");
    for (arguments, says) in [
        (&["remove"][..], "hint: install it with `sessionwatch service install`"),
        (&["run"], "hint: only the service manager runs this; use `sessionwatch service install`"),
    ] {
        let output = log.service(arguments);
        assert_eq!(output.status.code(), Some(9), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(text(&output.stderr).contains(says), "{}", text(&output.stderr));
    }
    log.install();
    let again = log.service(&["install"]);
    assert_eq!(again.status.code(), Some(9));
    assert!(
        text(&again.stderr).contains("hint: remove it first with `sessionwatch service remove`")
    );
    log.report(&["remove"]);
}
