//! `sessionwatch sessions`, the shipped program, over WTS and LSA of our own.
//!
//! Wine has only stubs of both. `tests/stand-ins/wtsapi32.c` and `lsa.c` stand in for
//! them beside a copy of the tool; they are written in C over MinGW-w64's headers, so the
//! layouts are not the tool's, and they tell what is never given back. The driver does
//! not run here.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The tool beside the two stand-ins.
struct Tool {
    folder: TempDir,
}

impl Tool {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let target = root().join("target");
        for (from, to) in [
            ("package/sessionwatch.exe", "sessionwatch.exe"),
            ("wine/stand-ins/wtsapi32.dll", "wtsapi32.dll"),
            ("wine/stand-ins/lsa.dll", "secur32.dll"),
        ] {
            fs::copy(target.join(from), folder.path().join(to))
                .unwrap_or_else(|error| panic!("{from}: {error}"));
        }
        Self { folder }
    }

    fn run(&self, scripts: &[(&str, &str)], arguments: &[&str]) -> Output {
        assert!(
            std::env::var_os("WINEPREFIX").is_some(),
            "there is no Wine prefix: run this by tests/wine/end-to-end"
        );
        let mut command = Command::new("timeout");
        command.arg("60").arg(root().join("tests/wine/run"));
        command.arg(self.file("sessionwatch.exe")).arg("sessions").args(arguments);
        for (variable, name) in [("WTSAPI32_LOG", "wtsapi32.log"), ("LSA_LOG", "lsa.log")] {
            let path = format!("Z:{}", self.file(name).display()).replace('/', "\\");
            command.env(variable, path);
        }
        command.envs(scripts.iter().copied()).env("WINEDLLOVERRIDES", "wtsapi32,secur32=n,b");
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// The sessions that are shown; the driver does not run, and that is said.
    fn sessions(&self, scripts: &[(&str, &str)]) -> Vec<Value> {
        let output = self.run(scripts, &["--output", "ndjson"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("shown is what user mode knows alone"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        text(&output.stdout).lines().map(|line| line.parse().unwrap()).collect()
    }

    /// How many buffers were made; each was freed, once, in its own way.
    fn balanced(&self, log: &str) -> usize {
        let log = fs::read_to_string(self.file(log)).unwrap_or_default();
        assert!(!log.contains("violation"), "{log}");
        let count = |word: &str| log.lines().filter(|line| *line == word).count();
        assert_eq!(count("made"), count("freed"), "{log}");
        count("made")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

#[test]
fn every_field_is_shown_and_every_buffer_freed() {
    let tool = Tool::new();
    let sessions = tool.sessions(&[]);
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
                "user": "Zoë 日本 😀",
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
                // The earlier of two, and both halves of it.
                "logon_id": "0x7abcdef01",
            },
        })
    );
    // Names longer than the structure has room for; no logon that is certainly this session's.
    let who = &sessions[3]["who"];
    assert_eq!(who["source"], "wts");
    assert_eq!(who["user"], "a.name.that.is.longer.than.twenty");
    assert_eq!(who["domain"], "A.DOMAIN.LONGER.THAN.17");
    assert_eq!((&who["client_address"], &who["locked"]), (&json!("2001:db8::9"), &json!(true)));
    assert_eq!((&who["idle_seconds"], &who["sid"]), (&json!(1800), &Value::Null));
    // Null texts are absent, and a listener is as it is listed.
    for (place, station) in [(1, "Console"), (4, "RDP-Tcp")] {
        let who = &sessions[place]["who"];
        assert_eq!((&who["user"], &who["station"]), (&Value::Null, &json!(station)));
    }
    assert!(tool.balanced("wtsapi32.log") > 10 && tool.balanced("lsa.log") > 5);
}

#[test]
fn what_a_client_calls_itself_is_no_command_to_a_terminal() {
    let output = Tool::new().run(&[], &[]);
    let shown = text(&output.stdout);
    assert!(shown.contains(r"\u{1b}[2J (2001:db8::9)") && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn answers_that_are_cut_or_refused_leave_the_rest() {
    let tool = Tool::new();
    assert_eq!(tool.sessions(&[("WTSAPI32_SCRIPT", "empty")]), Vec::<Value>::new());
    let cut = tool.sessions(&[("WTSAPI32_SCRIPT", "short")]);
    assert_eq!(cut.len(), 5);
    let who = &cut[2]["who"];
    assert_eq!((&who["user"], &who["client_name"]), (&json!("Zoë 日本 😀"), &Value::Null));
    for script in ["empty", "refused", "small"] {
        let sessions = tool.sessions(&[("LSA_SCRIPT", script)]);
        let who = &sessions[2]["who"];
        assert_eq!((&who["source"], &who["sid"]), (&json!("wts"), &Value::Null), "{script}");
        assert_eq!(who["client_name"], "КЛ-7");
    }
    tool.balanced("wtsapi32.log");
    tool.balanced("lsa.log");
}

#[test]
fn where_nobody_answers_the_driver_is_what_is_missing() {
    let tool = Tool::new();
    let output = tool.run(&[("WTSAPI32_SCRIPT", "refused")], &[]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), ""));
    assert!(text(&output.stderr).contains("sc start sessionwatch"));
    assert_eq!((tool.balanced("wtsapi32.log"), tool.balanced("lsa.log")), (0, 0));
}
