//! Tests `live` like a user, with keys in a terminal (tmux).
//!
//! A bare `cargo test` skips these tests. `cargo make test-terminal` runs them, and installs tmux.
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::process::{self, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use test_programs::built;

/// The limit on the wait for a screen. Only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A shell in its own terminal, which ends with its test.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn new(name: &str, width: u16, height: u16) -> Self {
        let terminal = Self { socket: format!("sessionwatch-{name}-{}", process::id()) };
        let (width, height) = (width.to_string(), height.to_string());
        terminal.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &width,
            "-y",
            &height,
            "env PS1='ready> ' sh",
        ]);
        terminal.wait_for("ready>");
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-L", &self.socket])
            .args(arguments)
            .output()
            .unwrap_or_else(|error| panic!("tmux: {error}"));
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Makes the shell run a command and print its exit code.
    fn start(&self, command: &str) {
        self.keys(&["-l", &format!("{command}; echo \"code=$?\"")]);
        self.keys(&["Enter"]);
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    fn wait(&self, wanted: &str, is_there: impl Fn(&str) -> bool) -> String {
        let begin = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return screen;
            }
            assert!(begin.elapsed() < PATIENCE, "no {wanted} on\n{screen}");
            sleep(Duration::from_millis(20));
        }
    }

    fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Asserts that the program has ended with this code and has restored the terminal.
    fn assert_restored(&self, code: u8) {
        let screen = self.wait_for(&format!("\ncode={code}\n"));
        assert!(screen.contains("before the view"), "{screen}");
        assert!(!screen.contains("Events:"), "{screen}");
        let modes = self.tmux(&["display-message", "-p", "#{alternate_on}#{cursor_flag}"]);
        assert_eq!(modes, "01", "the terminal shows the shell's screen and its cursor");
        // The terminal edits lines and echoes input again.
        self.keys(&["-l", "echo typed=$((40 + 2))"]);
        self.wait_for("echo typed=$((40 + 2))");
        self.keys(&["Enter"]);
        self.wait_for("\ntyped=42\n");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _it_may_be_gone =
            Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

fn sample(name: &str) -> PathBuf {
    std::path::absolute(format!("tests/recordings/{name}.swrec")).unwrap()
}

fn live(replay: &std::path::Path) -> String {
    format!(
        "echo before the view; '{}' live --replay '{}'",
        built("sessionwatch").display(),
        replay.display()
    )
}

#[test]
#[ignore = "needs tmux: cargo make test-terminal"]
fn a_recording_plays_scrolls_and_ends_with_q() {
    let terminal = Terminal::new("keys", 80, 24);
    terminal.start(&live(&sample("terminal-server-morning")));
    terminal.wait_for("[8/s]");
    terminal.keys(&["Space"]);
    terminal.wait_for("[paused]");
    terminal.keys(&["e"]);
    let end = terminal.wait_for("The recording ends here");
    assert!(end.contains("1024 events, 16 lost"), "{end}");
    assert!(end.contains("\n    1040 ") && end.contains("201 sessions"), "{end}");

    terminal.keys(&["Home"]);
    terminal.wait_for("\n-- 16 events lost: sequence numbers 1 to 16");
    terminal.wait_for("newer lines below");
    terminal.keys(&["Down"]);
    terminal.wait("one line less", |screen| !screen.contains("-- 16 events lost"));
    terminal.keys(&["End"]);
    terminal.wait_for("newest last");
    terminal.keys(&["PPage"]);
    terminal.wait_for("newer lines below");

    terminal.tmux(&["resize-window", "-x", "40", "-y", "10"]);
    terminal.wait("the narrow rows", |screen| {
        screen.contains("sequence  time      session  event") && screen.lines().count() <= 10
    });
    terminal.tmux(&["resize-window", "-x", "80", "-y", "24"]);
    terminal.wait_for("sequence  time                  session");
    terminal.keys(&["q"]);
    terminal.assert_restored(0);
}

#[test]
#[ignore = "needs tmux: cargo make test-terminal"]
fn escape_control_c_and_a_signal_end_the_view() {
    let terminal = Terminal::new("quit", 80, 24);
    for key in ["Escape", "C-c", "SIGTERM"] {
        terminal.tmux(&["send-keys", "-R"]);
        terminal.keys(&["-l", "clear"]);
        terminal.keys(&["Enter"]);
        terminal.start(&live(&sample("workstation-day")));
        terminal.wait_for("Events:");
        if key == "SIGTERM" {
            let shell = terminal.tmux(&["display-message", "-p", "#{pane_pid}"]);
            let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
            let child = children.unwrap().trim().to_owned();
            // The shell's built-in `kill`, because not every machine has the program.
            let kill = format!("kill -TERM {child}");
            assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        } else {
            terminal.keys(&[key]);
        }
        terminal.assert_restored(0);
    }
}

#[test]
#[ignore = "needs tmux: cargo make test-terminal"]
fn a_damaged_recording_plays_up_to_the_damage_and_reports_it_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("damaged.swrec");
    let mut bytes = fs::read(sample("terminal-server-morning")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();
    let terminal = Terminal::new("damaged", 80, 24);
    terminal.start(&live(&file));
    terminal.wait_for("Events:");
    terminal.keys(&["e"]);
    terminal.wait_for("is damaged from here on");
    terminal.keys(&["q"]);
    terminal.wait_for("the recording is damaged at byte");
    terminal.assert_restored(11);
}

#[test]
#[ignore = "needs tmux: cargo make test-terminal"]
fn without_a_driver_the_screen_does_not_change() {
    let terminal = Terminal::new("none", 80, 24);
    let program = built("sessionwatch");
    terminal.start(&format!("echo before the view; '{}' live", program.display()));
    terminal.wait_for("use --replay FILE");
    terminal.assert_restored(10);
}
