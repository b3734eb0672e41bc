//! The shipped tool against the shipped driver.
#![cfg(windows)]

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kmdf_host_control::{Order, Raise};
use serde_json::{Value, json};
use sessionwatch_protocol::{EventKind, Record, SessionState};
use sessionwatch_tests::{Ended, Expected, Fixture, Tool, expected, raise, scenario};

fn start(fixture: &Fixture, arguments: &[&str]) -> Tool {
    let mut program = Command::new(fixture.package().file("sessionwatch.exe"));
    Tool::start(program.args(arguments))
}

fn run(fixture: &Fixture, arguments: &[&str]) -> Ended {
    start(fixture, arguments).wait()
}

/// The expected line of a record with `--output ndjson`.
fn line_of(expected: &Expected, record: &Record) -> Value {
    let named = |name: Option<&str>, number: u32| name.map_or(json!(number), |name| json!(name));
    json!({
        "type": "event",
        "sequence": expected.sequence,
        "time": rfc3339(record.system_time.get()),
        "monotonic_100ns": record.monotonic_time.get(),
        "session_id": expected.session_id,
        "instance": expected.instance,
        "event": named(EventKind(expected.kind).name(), expected.kind),
        "state": named(SessionState(expected.state).name(), expected.state),
        "locality": expected.locality,
        "flags": expected.flags,
        "who": null,
    })
}

/// A system time as text, computed year by year, independently of the tool.
fn rfc3339(time: u64) -> String {
    let (seconds, rest) = (time / 10_000_000, time % 10_000_000);
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1601;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{rest:07}Z", days + 1)
}

/// The first events of the workstation day, repeated as needed.
fn events(count: usize) -> Vec<Raise> {
    scenario("workstation-day").into_iter().cycle().take(count).collect()
}

fn account(lines: &[Value]) -> (&Value, &Value, &Value) {
    let account = lines.last().unwrap();
    assert_eq!(account["type"], "account");
    (&account["from"], &account["delivered"], &account["lost"])
}

#[test]
fn read_shows_every_field_of_every_event() {
    for name in ["workstation-day", "malformed"] {
        let fixture = Fixture::started();
        let raised = raise(&scenario(name), Order::Serial);
        let ended = run(&fixture, &["read", "--output", "ndjson"]);
        ended.assert_success();
        let lines = ended.lines();
        let (_, records) = fixture.device().read_all(1, 1000);
        let expected = expected(raised.iter().map(|raised| &raised.raise));
        assert_eq!(lines.len(), expected.len() + 1);
        for ((line, expected), record) in lines.iter().zip(&expected).zip(&records) {
            assert_eq!(*line, line_of(expected, record));
        }
        assert_eq!(account(&lines), (&json!(1), &json!(expected.len()), &json!(0)));

        let table = run(&fixture, &["read"]);
        table.assert_success();
        assert!(table.output[0].trim_start().starts_with("sequence "), "{}", table.output[0]);
        assert!(!table.output.concat().contains('\u{1b}'), "colours in a pipe");
        fixture.finish();
    }
}

#[test]
fn read_shows_the_overwritten_sequence_numbers() {
    let fixture = Fixture::with_capacity(64);
    let _ = raise(&events(100), Order::Serial);
    let lines = run(&fixture, &["read", "--output", "ndjson"]).lines();
    assert_eq!((&lines[0]["type"], &lines[0]["first"]), (&json!("lost"), &json!(1)));
    assert_eq!((&lines[0]["last"], &lines[0]["count"]), (&json!(36), &json!(36)));
    assert_eq!(lines[0]["next_time"], lines[1]["time"]);
    assert_eq!(account(&lines), (&json!(1), &json!(64), &json!(36)));

    let status = &run(&fixture, &["status", "--output", "ndjson"]).lines()[0];
    for (field, value) in [("seen", 100), ("kept", 64), ("overwritten", 36), ("capacity", 64)] {
        assert_eq!(status[field], value, "{field}");
    }
    assert_eq!(status["requested_capacity"], 64);
    fixture.finish();
}

#[test]
fn follow_shows_earlier_and_new_events() {
    let fixture = Fixture::started();
    let _ = raise(&events(5), Order::Serial);
    let tool =
        start(&fixture, &["follow", "--from", "oldest", "--count", "8", "--output", "ndjson"]);
    for sequence in 1..=5 {
        assert_eq!(tool.next()["sequence"], sequence);
    }
    let _ = raise(&events(3), Order::Serial);
    for sequence in 6..=8 {
        assert_eq!(tool.next()["sequence"], sequence);
    }
    let account = tool.next();
    assert_eq!((&account["type"], &account["delivered"]), (&json!("account"), &json!(8)));
    assert_eq!(tool.wait().code, Some(0));
    fixture.finish();
}

#[test]
fn a_recording_replays_with_the_drivers_output() {
    let fixture = Fixture::with_capacity(64);
    let _ = raise(&events(100), Order::Serial);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.swrec");
    let file = file.to_str().unwrap();
    run(&fixture, &["record", file, "--now"]).assert_success();
    let again = run(&fixture, &["record", file, "--now"]);
    assert_eq!(again.code, Some(11), "{}", again.diagnostics);
    assert!(again.diagnostics.contains("it already exists"), "{}", again.diagnostics);

    for command in [
        &["read", "--from", "1", "--output", "ndjson"][..],
        &["read", "--from", "1", "--kind", "logon,logoff", "--output", "csv"],
        &["explain", "--from", "1", "--steps", "--output", "json"],
        &["explain", "--from", "1"],
    ] {
        let live = run(&fixture, command);
        live.assert_success();
        let replayed = run(&fixture, &[command, &["--replay", file]].concat());
        replayed.assert_success();
        assert_eq!(live.output, replayed.output, "{command:?}");
        assert!(live.output.len() > 2, "{command:?}");
    }
    fixture.finish();
    // A replay needs no driver.
    let fixture = Fixture::installed();
    run(&fixture, &["read", "--replay", file]).assert_success();
}

#[test]
fn follow_continues_after_restarts_of_itself_and_of_the_driver() {
    let fixture = Fixture::started();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("place.json");
    let state = state.to_str().unwrap();
    let follow = |count: &str| {
        let arguments = ["follow", "--state", state, "--from", "oldest", "--count", count];
        let ended = run(&fixture, &[&arguments[..], &["--output", "ndjson"]].concat());
        ended.assert_success();
        ended.lines()
    };
    let numbers = |lines: &[Value]| -> Vec<u64> {
        let events = lines.iter().filter(|line| line["type"] == "event");
        events.map(|event| event["sequence"].as_u64().unwrap()).collect()
    };
    let _ = raise(&events(5), Order::Serial);
    assert_eq!(numbers(&follow("3")), [1, 2, 3]);
    assert_eq!(numbers(&follow("2")), [4, 5]);

    fixture.service().stop();
    fixture.service().start().unwrap();
    let _ = raise(&events(2), Order::Serial);
    let lines = follow("2");
    assert_eq!((&lines[0]["type"], &lines[0]["previous_next"]), (&json!("restart"), &json!(6)));
    assert_eq!(numbers(&lines), [1, 2]);

    std::fs::write(state, "not a place").unwrap();
    let ended = run(&fixture, &["follow", "--state", state]);
    assert_eq!((ended.code, ended.output.len()), (Some(11), 0), "{}", ended.diagnostics);
    assert_eq!(std::fs::read_to_string(state).unwrap(), "not a place");
    fixture.finish();
}

#[test]
fn a_closed_pipe_ends_follow_quietly() {
    let fixture = Fixture::started();
    let mut tool = start(&fixture, &["follow", "--from", "oldest", "--output", "ndjson"]);
    let _ = raise(&events(1), Order::Serial);
    assert_eq!(tool.next()["sequence"], 1);
    tool.close_output();
    // The pipe may take one more line before writing to it fails.
    let begin = Instant::now();
    while tool.is_running() {
        assert!(begin.elapsed() < Tool::PATIENCE, "the tool does not end");
        let _ = raise(&events(1), Order::Serial);
        sleep(Duration::from_millis(10));
    }
    tool.wait().assert_success();
    fixture.finish();
}

#[test]
fn without_a_running_driver_the_tool_says_what_to_do() {
    let fixture = Fixture::installed();
    for command in ["read", "follow", "status", "explain"] {
        let ended = run(&fixture, &[command]);
        assert_eq!((ended.code, ended.output.len()), (Some(3), 0), "{command}");
        assert!(ended.diagnostics.contains("sc start sessionwatch"), "{}", ended.diagnostics);
        assert_eq!(ended.diagnostics.lines().count(), 2, "{command}");
    }
}
