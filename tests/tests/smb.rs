//! `sessionwatch smb` with a stand-in for `netapi32.dll`: `tests/stand-ins/netapi32.c`.
//!
//! The stand-in is C over MinGW-w64's `lmshare.h`, so its layout is independent of the tool's.
//! It logs its calls, the buffers that were never freed, and every violation of a rule of the
//! functions.
#![cfg(windows)]

use std::process::Command;

use serde_json::{Value, json};
use sessionwatch_tests::{Ended, Package, StandIn, Tool};

/// A session of the stand-in at level 502.
fn session(number: usize) -> Value {
    let fields = |cname: Value,
                  username: Value,
                  counts: [u32; 3],
                  flags: &[&str],
                  client: Value,
                  transport: Value| {
        let [num_opens, time_seconds, idle_time_seconds] = counts;
        json!({
            "type": "smb_session", "server": null, "source": "net_session_enum", "level": 502,
            "cname": cname, "username": username, "num_opens": num_opens,
            "time_seconds": time_seconds, "idle_time_seconds": idle_time_seconds,
            "user_flags": flags, "cltype_name": client, "transport": transport,
        })
    };
    match number {
        0 => fields(
            json!("10.0.0.7"),
            json!("chris"),
            [3, 3661, 60],
            &[],
            json!(""),
            json!(r"\Device\NetbiosSmb"),
        ),
        1 => fields(json!(r"\\[fe80::1]"), json!(""), [0; 3], &[], json!(""), json!("")),
        2 => fields(
            Value::Null,
            Value::Null,
            [u32::MAX; 3],
            &["guest", "no_password_encryption", "0xfffffffc"],
            Value::Null,
            Value::Null,
        ),
        3 => fields(
            json!("КЛИЕНТ-7"),
            json!("Zoë 日本 😀"),
            [1, 2, 3],
            &["guest"],
            json!("DOS LM 2.0"),
            json!(r"\Device\NetBT_Tcpip_{00000000-0000-0000-0000-000000000000}"),
        ),
        4 => fields(
            json!("\u{fffd}x"),
            json!("service"),
            [4, 5, 6],
            &["no_password_encryption"],
            json!("OS/2 LM 1.0"),
            json!("tcp"),
        ),
        5 => fields(
            json!(r#"PC "5", ground floor"#),
            json!("eve"),
            [7, 8, 9],
            &["guest", "no_password_encryption"],
            json!("Down-Level"),
            json!("tcp"),
        ),
        _ => fields(
            json!("N".repeat(256)),
            json!("chris"),
            [10, 11, 12],
            &["0x80000004"],
            Value::Null,
            json!("tcp"),
        ),
    }
}

fn all(numbers: impl IntoIterator<Item = usize>) -> Vec<Value> {
    numbers.into_iter().map(session).collect()
}

/// The sessions, with another value of one field.
fn with(mut sessions: Vec<Value>, field: &str, value: &Value) -> Vec<Value> {
    for session in &mut sessions {
        session[field] = value.clone();
    }
    sessions
}

/// A server that follows a script.
struct Server {
    stand_in: StandIn,
    script: &'static str,
}

impl Server {
    fn new(script: &'static str) -> Self {
        Self { stand_in: StandIn::new(&[("netapi32", "netapi32")]), script }
    }

    fn start(&self, arguments: &[&str]) -> Tool {
        let mut program = self.stand_in.tool();
        program.env("NETAPI32_SCRIPT", self.script);
        program.env("NETAPI32_LOG", self.stand_in.file("log.txt"));
        Tool::start(program.arg("smb").args(arguments))
    }

    /// The calls so far, none of which violated a rule.
    fn calls(&self) -> Vec<String> {
        let mut log = self.stand_in.log("log.txt");
        log.retain(|line| line.starts_with("Net"));
        log
    }
}

/// Runs the tool with a server of this script. Returns the result and the calls.
fn run(script: &'static str, arguments: &[&str]) -> (Ended, Vec<String>) {
    let server = Server::new(script);
    let ended = server.start(arguments).wait();
    let calls = server.calls();
    (ended, calls)
}

#[test]
fn every_field_of_every_session_is_printed_over_all_pages() {
    let (ended, calls) = run("234:0,1,2 234b: 234: 0:3,4,5,6", &["--output", "ndjson"]);
    ended.assert_success();
    assert_eq!(ended.lines(), all(0..7));
    assert_eq!(calls.len(), 4);
    assert_eq!(calls[0], "NetSessionEnum server=- client=- user=- level=502");
}

#[test]
fn each_level_has_the_fields_of_its_structure() {
    let (ended, _) = run("0:0,1,2,3,4,5,6", &["--level", "2", "--output", "ndjson"]);
    ended.assert_success();
    let two = with(with(all(0..7), "level", &json!(2)), "transport", &Value::Null);
    assert_eq!(ended.lines(), two);

    let (ended, _) = run("0:0,1,2,3,4,5,6", &["--level", "1", "--output", "ndjson"]);
    ended.assert_success();
    let one = with(with(two, "level", &json!(1)), "cltype_name", &Value::Null);
    assert_eq!(ended.lines(), one);
}

#[test]
fn all_forms_of_the_output_agree() {
    let (table, _) = run("0:0,3", &[]);
    table.assert_success();
    assert!(table.output[0].starts_with("client "), "{}", table.output[0]);
    for part in ["10.0.0.7", "chris", "1h 1m 1s", "1m"] {
        assert!(table.output[1].contains(part), "{}", table.output[1]);
    }
    let whole = table.output.join("\n");
    for part in ["КЛИЕНТ-7", "Zoë 日本 😀", "guest", "DOS LM 2.0"] {
        assert!(whole.contains(part), "{whole}");
    }
    let (none, _) = run("0:", &[]);
    none.assert_success();
    assert_eq!(none.output, ["no SMB sessions"]);

    let (json, _) = run("0:5,2", &["--output", "json"]);
    json.assert_success();
    let array: Value = serde_json::from_str(&json.output.join("\n")).unwrap();
    assert_eq!(array, json!([session(5), session(2)]));
    let (empty, _) = run("0b:", &["--output", "json"]);
    assert_eq!(empty.output.concat(), "[]");

    let (csv, _) = run("0:5", &["--output", "csv"]);
    csv.assert_success();
    assert_eq!(
        csv.output[1],
        r#"smb_session,,net_session_enum,502,"PC ""5"", ground floor",eve,7,8,9,guest no_password_encryption,Down-Level,tcp"#
    );
}

#[test]
fn names_are_passed_in_the_form_of_windows() {
    for (server, client) in [("FILES", "10.0.0.7"), (r"\\FILES", r"\\10.0.0.7")] {
        let names = ["--server", server, "--client", client, "--output", "ndjson"];
        let (ended, calls) = run("0:0", &names);
        ended.assert_success();
        assert_eq!(ended.lines(), with(all([0]), "server", &json!("FILES")));
        assert_eq!(calls, [r"NetSessionEnum server=\\FILES client=\\10.0.0.7 user=- level=502"]);
    }
    let (ended, calls) = run("0:3", &["--user", "Zoë 日本 😀", "--output", "ndjson"]);
    ended.assert_success();
    assert_eq!(calls, ["NetSessionEnum server=- client=- user=Zoë 日本 😀 level=502"]);
}

#[test]
fn a_client_and_a_user_select_one_session() {
    let names = ["--client", "10.0.0.7", "--user", "chris", "--output", "ndjson"];
    for (level, call) in [(None, 2), (Some("1"), 1), (Some("2"), 2)] {
        let level = level.map(|level| ["--level", level]).into_iter().flatten();
        let (ended, calls) = run("0:0", &names.into_iter().chain(level).collect::<Vec<_>>());
        ended.assert_success();
        let [line] = &ended.lines()[..] else { panic!("{ended:?}") };
        assert_eq!(
            (&line["source"], &line["level"]),
            (&json!("net_session_get_info"), &json!(call))
        );
        assert_eq!((&line["time_seconds"], &line["transport"]), (&json!(3661), &Value::Null));
        let asked =
            format!(r"NetSessionGetInfo server=- client=\\10.0.0.7 user=chris level={call}");
        assert_eq!(calls, [asked]);
    }
    let (ended, calls) = run("0:0", &[&names[..], &["--level", "502"]].concat());
    assert_eq!(ended.lines(), all([0]));
    assert_eq!(calls, [r"NetSessionEnum server=- client=\\10.0.0.7 user=chris level=502"]);
}

#[test]
fn an_error_at_any_page_is_a_sentence_and_no_part_of_a_list() {
    for (status, code, part) in [
        ("5", 4, "of this computer: access denied (5)\nhint: run this from an elevated prompt"),
        ("53", 12, "computer not found, or it is not an SMB server (53)"),
        ("2351", 12, "check --server and --client"),
        ("2312", 12, "this computer has no SMB session of chris"),
        ("2221", 12, "this computer has no SMB session of chris"),
        ("2114", 3, "sc start lanmanserver"),
        ("124", 9, "does not support level 502"),
        ("8", 9, "(8)"),
        ("2140", 9, "of this computer: error 2140"),
    ] {
        for before in ["", "234:0 ", "234:0,1 234:2 "] {
            for ending in [":", "b:"] {
                let script: &'static str = format!("{before}{status}{ending}").leak();
                let (ended, _) = run(script, &["--user", "chris", "--output", "json"]);
                assert_eq!((ended.code, ended.output.len()), (Some(code), 0), "{script} {ended:?}");
                assert!(ended.diagnostics.contains(part), "{script} {ended:?}");
                assert_eq!(ended.diagnostics.lines().count(), 2, "{script} {ended:?}");
            }
        }
    }
    let (ended, _) = run("5b:0", &["--server", "FILES", "--client", "a", "--user", "b"]);
    assert_eq!(ended.code, Some(4));
    let part = "\\\\FILES: access denied (5)\nhint: run this as an administrator of that computer";
    assert!(ended.diagnostics.contains(part), "{ended:?}");
    let (ended, _) = run("0:", &["--user", "chris"]);
    assert_eq!((ended.code, ended.output.len()), (Some(12), 0));
}

#[test]
fn a_watch_prints_openings_and_closings() {
    // The third look (two pages) lacks the session of chris and has one of eve. The fourth has
    // chris again.
    let server = Server::new("0:0+,1+ 0:0+,1+ 234:1+ 0:5+ 0:0,1+,5+");
    let tool = server.start(&["--watch", "--interval", "1", "--count", "3", "--output", "ndjson"]);
    let present = [tool.next(), tool.next()];
    let closed = tool.next();
    let opened = [tool.next(), tool.next()];
    tool.wait().assert_success();
    let happened = |line: &Value| (line["event"].clone(), line["username"].clone());
    assert_eq!(
        present.each_ref().map(happened),
        [(json!("present"), json!("chris")), (json!("present"), json!(""))]
    );
    assert_eq!(happened(&closed), (json!("closed"), json!("chris")));
    assert_eq!(
        opened.each_ref().map(happened),
        [(json!("opened"), json!("eve")), (json!("opened"), json!("chris"))]
    );
    assert_eq!(present[0]["previous_time"], Value::Null);
    assert!(present[0]["time"].as_str() < closed["previous_time"].as_str());
    assert!(closed["previous_time"].as_str() < closed["time"].as_str());
    assert_eq!((&closed["time"], &closed["type"]), (&opened[0]["time"], &json!("smb_event")));
    assert_eq!(server.calls().len(), 5);
}

#[test]
fn a_resume_handle_that_does_not_advance_ends_the_list() {
    for (script, count) in [("234r:0,1", 1), ("234:0,1 234r:2", 2), ("234:0 234:1 234r:", 3)] {
        let (ended, calls) = run(script, &["--output", "json"]);
        assert_eq!((ended.code, ended.output.len()), (Some(7), 0), "{script} {ended:?}");
        assert!(ended.diagnostics.contains("of this computer: the list does not end\nhint: "));
        assert_eq!(calls.len(), count, "{script}");
    }
}

#[test]
fn a_server_without_ages_keeps_its_sessions() {
    // The time between two looks is longer than their rounding.
    let server = Server::new("0:1 0:1 0:");
    let tool = server.start(&["--watch", "--interval", "4", "--count", "1", "--output", "ndjson"]);
    let ended = tool.wait();
    ended.assert_success();
    let events: Vec<_> = ended.lines().iter().map(|line| line["event"].clone()).collect();
    assert_eq!(events, ["present", "closed"]);
}

#[test]
fn a_watch_ends_with_the_server_and_its_output_is_whole() {
    let server = Server::new("0:0+ 53:");
    let ended = server.start(&["--watch", "--interval", "1", "--output", "json"]).wait();
    assert_eq!(ended.code, Some(12));
    let array: Value = serde_json::from_str(&ended.output.join("\n")).unwrap();
    assert_eq!(array.as_array().unwrap().len(), 1);
    let _ = server.calls();
}

#[test]
fn a_closed_pipe_ends_a_watch_quietly() {
    let server = Server::new("0:0,5 0:5,4 0:0,4 0:5,4 0:0,4 0:5,4 0:0,4 0:5,4");
    let mut tool = server.start(&["--watch", "--interval", "1", "--output", "ndjson"]);
    assert_eq!(tool.next()["event"], "present");
    tool.close_output();
    tool.wait().assert_success();
}

#[test]
fn wines_own_netapi32_has_no_sessions() {
    let run = |arguments: &[&str]| {
        let mut program = Command::new(Package::built().file("sessionwatch.exe"));
        Tool::start(program.arg("smb").args(arguments)).wait()
    };
    let ended = run(&[]);
    ended.assert_success();
    assert_eq!(ended.output, ["no SMB sessions"]);
    assert_eq!(run(&["--user", "chris"]).code, Some(12));
}
