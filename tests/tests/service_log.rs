//! The tool as a service: the service manager installs, starts, stops and removes it, with the
//! driver running.
#![cfg(windows)]

use std::collections::BTreeSet;
use std::fs;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kmdf_host_control::{Order, Raise};
use serde_json::{Value, json};
use sessionwatch_archive::testing::books;
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

    /// The lines of all files, from the oldest to the newest. A file may be renamed meanwhile.
    fn all_lines(&self) -> Vec<Value> {
        let older = (1..8).rev().map(|number| format!("events.{number}.ndjson"));
        let texts = older.chain(["events.ndjson".to_owned()]);
        let texts = texts.filter_map(|name| fs::read_to_string(self.folder.join(name)).ok());
        texts
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter_map(|line| serde_json::from_str(&line).ok())
            .collect()
    }

    /// The sequence numbers in the log, and those that it names as lost.
    fn books(&self) -> (BTreeSet<u64>, BTreeSet<u64>) {
        books(&self.all_lines())
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
    while told().len() < 5 {
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
    assert_eq!(said(&lines[3]), json!(["service", "99", 2, 4, zoe]));
    assert_eq!(said(&lines[4]), json!(["service", "console_connect", 1, 1, null]));
    assert_eq!(log.report(&["remove"])["installed"], false);
    assert_eq!(told().len(), 5);
    let answers = fs::read_to_string(windows.file("answers.txt")).unwrap();
    assert_eq!(answers.lines().collect::<Vec<_>>(), ["0"; 5], "{answers}");
    drop(log);
    fixture.finish();
}

/// Waits until the log has each of `count` events at least once.
fn wait_for_all(log: &Log, count: u64) {
    let (begin, all) = (Instant::now(), (1..=count).collect::<BTreeSet<_>>());
    while log.books().0 != all {
        assert!(begin.elapsed() < PATIENCE, "{:?} of {count}", log.books());
        sleep(Duration::from_millis(50));
    }
}

/// Waits until the log has an entry of this type.
fn wait_for_entry(log: &Log, kind: &str) -> Value {
    let begin = Instant::now();
    loop {
        if let Some(entry) = log.all_lines().into_iter().find(|line| line["type"] == kind) {
            return entry;
        }
        assert!(begin.elapsed() < PATIENCE, "no {kind}: {:?}", log.all_lines());
        sleep(Duration::from_millis(50));
    }
}

/// Waits until `service status` shows trouble, or none.
fn wait_for_trouble(log: &Log, is_in_trouble: bool) -> Value {
    let begin = Instant::now();
    loop {
        let report = log.report(&["status"]);
        if report["trouble"].is_null() != is_in_trouble {
            return report["trouble"].clone();
        }
        assert!(begin.elapsed() < PATIENCE, "{report}");
        sleep(Duration::from_millis(100));
    }
}

/// Opens a file as a virus scanner does: nobody may rename, replace or remove it.
fn hold(path: &Path) -> fs::File {
    const FILE_SHARE_READ: u32 = 1;
    const FILE_SHARE_WRITE: u32 = 2;
    let share_mode = FILE_SHARE_READ | FILE_SHARE_WRITE;
    fs::OpenOptions::new().read(true).share_mode(share_mode).open(path).unwrap()
}

#[test]
fn a_damaged_position_is_set_aside_and_every_event_is_logged() {
    let fixture = Fixture::started();
    let log = Log::new(fixture.package().file("sessionwatch.exe"), "sessionwatch-log-position");
    let _ = raise(&events(3), Order::Serial);
    fs::create_dir_all(&log.folder).unwrap();
    fs::write(log.folder.join("place.json"), [0; 47]).unwrap();
    log.install();
    wait_for_all(&log, 3);
    let entry = wait_for_entry(&log, "position_set_aside");
    assert_eq!(entry["renamed_to"], "place.damaged-1.json");
    assert_eq!(fs::read(log.folder.join("place.damaged-1.json")).unwrap(), [0; 47]);
    log.report(&["remove", "--purge"]);
    assert!(!log.folder.exists());
    drop(log);
    fixture.finish();
}

#[test]
fn a_log_is_kept_from_removal_and_a_truncated_one_is_written_again() {
    let fixture = Fixture::started();
    let log = Log::new(fixture.package().file("sessionwatch.exe"), "sessionwatch-log-truncated");
    let _ = raise(&events(3), Order::Serial);
    log.install();
    wait_for_all(&log, 3);
    let file = log.folder.join("events.ndjson");
    fs::remove_file(&file).unwrap_err();
    fs::write(&file, "").unwrap();
    let _ = raise(&events(2), Order::Serial);
    wait_for_all(&log, 5);
    let entry = wait_for_entry(&log, "file_damaged");
    assert_eq!((&entry["file"], &entry["damage"]), (&json!("events.ndjson"), &json!("changed")));
    log.report(&["remove"]);
    drop(log);
    fixture.finish();
}

#[test]
fn a_held_position_is_shown_and_saved_later() {
    let fixture = Fixture::started();
    let log = Log::new(fixture.package().file("sessionwatch.exe"), "sessionwatch-log-held");
    let _ = raise(&events(3), Order::Serial);
    log.install();
    wait_for_all(&log, 3);
    let place = log.folder.join("place.json");
    let held = hold(&place);
    let _ = raise(&events(2), Order::Serial);
    wait_for_all(&log, 5);
    let trouble = wait_for_trouble(&log, true);
    let reason = trouble["reason"].as_str().unwrap();
    assert!(reason.starts_with("cannot write the position to "), "{trouble}");
    drop(held);
    assert!(wait_for_trouble(&log, false).is_null());
    let kept: Value = serde_json::from_slice(&fs::read(place).unwrap()).unwrap();
    assert_eq!(kept["next"], 6);
    log.report(&["remove"]);
    drop(log);
    fixture.finish();
}

#[test]
fn a_held_file_grows_beyond_its_bound_and_no_event_is_lost() {
    let fixture = Fixture::started();
    let log = Log::new(fixture.package().file("sessionwatch.exe"), "sessionwatch-log-rotation");
    log.report(&["install", "--file-size", "1", "--folder", log.folder.to_str().unwrap()]);
    let held = hold(&log.folder.join("events.ndjson"));
    let morning = scenario("terminal-server-morning");
    let mut raised = 0;
    // Each event has more than 200 bytes.
    while raised < 6_000 {
        let _ = raise(&morning, Order::Serial);
        raised += morning.len() as u64;
        wait_for_all(&log, raised);
    }
    let trouble = wait_for_trouble(&log, true);
    let reason = trouble["reason"].as_str().unwrap();
    assert!(reason.starts_with("cannot begin a new file of the log"), "{trouble}");
    assert!(!log.folder.join("events.1.ndjson").exists());
    drop(held);
    let _ = raise(&events(1), Order::Serial);
    wait_for_all(&log, raised + 1);
    assert!(log.folder.join("events.1.ndjson").exists());
    assert!(wait_for_trouble(&log, false).is_null());
    assert_eq!(log.books().1, BTreeSet::new());
    log.report(&["remove"]);
    drop(log);
    fixture.finish();
}

#[test]
fn a_service_that_cannot_write_is_not_installed() {
    let fixture = Fixture::started();
    let log = Log::new(fixture.package().file("sessionwatch.exe"), "sessionwatch-log-unwritable");
    // A file where the folder of the log is to be.
    fs::write(&log.folder, "").unwrap();
    let output = log.service(&["install", "--folder", log.folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(
        said.contains("error: cannot install the service: it does not write its log"),
        "{said}"
    );
    assert!(said.contains("hint: remove the cause, or name another folder"), "{said}");
    assert_eq!(log.report(&["status"])["installed"], false);
    fs::remove_file(&log.folder).unwrap();
    drop(log);
    fixture.finish();
}

#[test]
fn a_log_without_who_names_nobody() {
    let fixture = Fixture::started();
    let _ = raise(&events(5), Order::Serial);
    let windows = StandIn::new(&[("wtsapi32", "wtsapi32"), ("lsa", "secur32")]);
    fs::write(windows.file("changes.txt"), "7 2\n").unwrap();
    let log = Log::new(windows.file("sessionwatch.exe"), "sessionwatch-log-without-who");
    log.report(&["install", "--without-who", "--folder", log.folder.to_str().unwrap()]);
    let lock = wait_for_entry(&log, "user_mode_event");
    assert_eq!((&lock["event"], &lock["who"]), (&json!("session_lock"), &json!(null)));
    wait_for_all(&log, 5);
    assert!(log.all_lines().iter().all(|line| line["who"].is_null()));
    log.report(&["remove"]);
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
