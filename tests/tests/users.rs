//! The users of sessions, shown by the shipped tool, with stand-ins for WTS and LSA.
//!
//! Wine has only stubs of both. `tests/stand-ins/wtsapi32.c` and `lsa.c` replace them in System32.
//! They are C and use MinGW-w64's headers, so their layouts are independent of the
//! tool's. They also log every buffer that the tool does not free.
#![cfg(windows)]

use kmdf_host_control::Order;
use serde_json::{Value, json};
use sessionwatch_tests::{Ended, Fixture, StandIn, Tool, raise, scenario};

const ZOE: &str = "Zoë 日本 😀";

/// The tool with the two stand-ins.
struct People {
    stand_in: StandIn,
}

impl People {
    fn new() -> Self {
        Self { stand_in: StandIn::new(&[("wtsapi32", "wtsapi32"), ("lsa", "secur32")]) }
    }

    fn start(&self, scripts: &[(&str, &str)], arguments: &[&str]) -> Tool {
        let mut program = self.stand_in.tool();
        program.env("WTSAPI32_LOG", self.stand_in.file("wtsapi32.log"));
        program.env("LSA_LOG", self.stand_in.file("lsa.log"));
        Tool::start(program.envs(scripts.iter().copied()).args(arguments))
    }

    /// The sessions that the tool shows while the driver does not run. Asserts that the tool says
    /// so.
    fn sessions(&self, scripts: &[(&str, &str)]) -> Vec<Value> {
        let ended = self.start(scripts, &["sessions", "--output", "ndjson"]).wait();
        let said = &ended.diagnostics;
        assert_eq!(ended.code, Some(0), "{said}");
        assert!(
            said.contains("note: showing user mode's view alone: cannot open the driver"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
        ended.lines()
    }

    /// The numbers of buffers that WTS and LSA allocated. The log asserts that each was freed
    /// once, with the right function.
    fn buffers(&self) -> [usize; 2] {
        let made = |line: &String| line.starts_with("made");
        ["wtsapi32.log", "lsa.log"]
            .map(|log| self.stand_in.log(log).iter().filter(|line| made(line)).count())
    }
}

/// The user of each event, by the event's sequence number.
fn users(ended: &Ended) -> Vec<(u64, Option<String>)> {
    let user = |line: Value| {
        let sequence = line["sequence"].as_u64()?;
        Some((sequence, line["who"]["user"].as_str().map(str::to_owned)))
    };
    ended.lines().into_iter().filter_map(user).collect()
}

#[test]
fn every_field_is_shown_and_every_buffer_freed() {
    let people = People::new();
    let sessions = people.sessions(&[]);
    let kinds: Vec<_> = sessions.iter().map(|session| &session["kind"]).collect();
    assert_eq!(kinds, ["services", "nobody", "user", "disconnected", "listener"]);
    assert_eq!(
        sessions[2],
        json!({
            "type": "present_session",
            "session_id": 2,
            "kind": "user",
            "driver": null,
            "who": {
                "source": "wts+lsa",
                "user": ZOE,
                "domain": "BÜRO",
                "sid": "S-1-5-21-1-2-4294967295-1002",
                "connect_state": "active",
                "station": "RDP-Tcp#0",
                "locked": false,
                "client_name": "КЛ-7",
                "client_address": "192.0.2.7",
                "logon_time": "2026-03-01T08:00:00.0000000Z",
                "last_input_time": "2026-03-01T09:50:00.0000000Z",
                "idle_seconds": 600,
                "logon_type": "remote_interactive",
                "package": "Kerberos",
                // The earlier of two logons, with both halves of its id.
                "logon_id": "0x7abcdef01",
            },
        })
    );
    // Names longer than the structure's fields, and no logon that certainly belongs to this
    // session.
    let who = &sessions[3]["who"];
    assert_eq!(who["source"], "wts");
    assert_eq!(who["user"], "a.name.that.is.longer.than.twenty");
    assert_eq!(who["domain"], "A.DOMAIN.LONGER.THAN.17");
    assert_eq!((&who["client_address"], &who["locked"]), (&json!("2001:db8::9"), &json!(true)));
    assert_eq!((&who["idle_seconds"], &who["sid"]), (&json!(1800), &Value::Null));
    // Null texts are absent, and the station is shown without a user.
    for (place, station) in [(1, "Console"), (4, "RDP-Tcp")] {
        let who = &sessions[place]["who"];
        assert_eq!((&who["user"], &who["station"]), (&Value::Null, &json!(station)));
    }
    let [wts, lsa] = people.buffers();
    assert!(wts > 10 && lsa > 5, "{wts} {lsa}");
}

#[test]
fn a_client_name_cannot_control_the_terminal() {
    let shown = People::new().start(&[], &["sessions"]).wait().output.join("\n");
    assert!(shown.contains(r"\u{1b}[2J (2001:db8::9)") && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn a_failing_or_truncated_reply_hides_only_its_own_fields() {
    let people = People::new();
    assert_eq!(people.sessions(&[("WTSAPI32_SCRIPT", "empty")]), Vec::<Value>::new());
    let cut = people.sessions(&[("WTSAPI32_SCRIPT", "short")]);
    assert_eq!(cut.len(), 5);
    let who = &cut[2]["who"];
    assert_eq!((&who["user"], &who["client_name"]), (&json!(ZOE), &Value::Null));
    for script in ["empty", "refused", "small"] {
        let sessions = people.sessions(&[("LSA_SCRIPT", script)]);
        let who = &sessions[2]["who"];
        assert_eq!((&who["source"], &who["sid"]), (&json!("wts"), &Value::Null), "{script}");
        assert_eq!(who["client_name"], "КЛ-7");
    }
    let _all_freed = people.buffers();
}

#[test]
fn without_wts_and_driver_the_missing_driver_is_the_error() {
    let people = People::new();
    let ended = people.start(&[("WTSAPI32_SCRIPT", "refused")], &["sessions"]).wait();
    assert_eq!((ended.code, ended.output.concat().as_str()), (Some(3), ""));
    assert!(ended.diagnostics.contains("sc start sessionwatch"));
    assert_eq!(people.buffers(), [0, 0]);
}

#[test]
fn a_new_event_has_the_user_of_its_session() {
    let (fixture, people) = (Fixture::started(), People::new());
    let events = scenario("workstation-day");
    let _ = raise(&events[..5], Order::Serial);
    let follow = ["follow", "--from", "oldest", "--count", "8", "--output", "ndjson"];
    let mut tool = people.start(&[], &follow);
    // Session 1 has no user yet, and Zoë is in session 2.
    for sequence in 1..=5 {
        let event = tool.next();
        assert_eq!(event["sequence"], sequence);
        let user = if sequence == 5 { json!(ZOE) } else { Value::Null };
        assert_eq!(event["who"]["user"], user, "{event}");
        assert_eq!(event["who"].is_null(), ![3, 5].contains(&sequence), "{event}");
    }
    assert!(tool.is_running());
    let _ = raise(&events[5..8], Order::Serial);
    let ended = tool.wait();
    ended.assert_success();
    let last = ended.lines().into_iter().find(|line| line["sequence"] == 8).unwrap();
    assert_eq!(last["who"]["user"], "a.name.that.is.longer.than.twenty");

    let of_zoe =
        ["follow", "--from", "oldest", "--user", ZOE, "--count", "1", "--output", "ndjson"];
    let ended = people.start(&[], &of_zoe).wait();
    ended.assert_success();
    assert_eq!(users(&ended), [(5, Some(ZOE.to_owned()))]);
    let [wts, lsa] = people.buffers();
    assert!(wts > 10 && lsa > 5, "{wts} {lsa}");
    fixture.finish();
}

#[test]
fn sessions_shows_the_driver_and_user_mode_together() {
    let (fixture, people) = (Fixture::started(), People::new());
    let _ = raise(&scenario("workstation-day")[..5], Order::Serial);
    let ended = people.start(&[], &["sessions", "--output", "ndjson"]).wait();
    ended.assert_success();
    let sessions = ended.lines();
    assert_eq!(sessions.len(), 5);
    assert_eq!(sessions[2]["driver"]["sequence"], 5);
    assert_eq!(sessions[2]["who"]["user"], ZOE);
    assert_eq!(
        (&sessions[3]["driver"], &sessions[3]["kind"]),
        (&Value::Null, &json!("disconnected"))
    );
    fixture.finish();
}
