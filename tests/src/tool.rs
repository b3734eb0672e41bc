//! A run of the tool.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::spawn;

/// A run of the tool. Dropping it ends the program.
pub struct Tool {
    process: Child,
    lines: Receiver<String>,
}

impl Tool {
    /// The time limit on the end of the tool, and on each of its lines. Only a failing test waits
    /// that long.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Starts the program with its arguments.
    #[must_use]
    pub fn start(program: &mut Command) -> Self {
        program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = spawn(program).unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        // The thread ends with the output, or at the first line after the receiver was dropped.
        // Then it closes the pipe.
        thread::spawn(move || {
            let lines = stdout.lines().map_while(Result::ok);
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        Self { process, lines }
    }

    /// The next line of NDJSON, parsed.
    #[must_use]
    pub fn next(&self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(Self::PATIENCE).unwrap()).unwrap()
    }

    /// True while the program runs.
    pub fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Waits until the program ends.
    #[must_use]
    pub fn wait(mut self) -> Ended {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(begin.elapsed() < Self::PATIENCE, "the tool does not end");
            sleep(Duration::from_millis(10));
        };
        let mut diagnostics = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut diagnostics).unwrap();
        Ended { code: status.code(), output: self.lines.iter().collect(), diagnostics }
    }

    /// Closes the pipe that the tool writes to, as `head` does. The thread reads at most one more
    /// line.
    pub fn close_output(&mut self) {
        self.lines = mpsc::channel().1;
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        // The program still runs only if the test failed.
        let _ = self.process.kill();
    }
}

/// A finished run of the tool.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: Option<i32>,
    /// The lines of stdout.
    pub output: Vec<String>,
    /// The text of stderr.
    pub diagnostics: String,
}

impl Ended {
    /// The lines of NDJSON, parsed.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        self.output.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asserts that the tool succeeded and wrote nothing to stderr.
    pub fn assert_success(&self) {
        assert_eq!((self.code, self.diagnostics.as_str()), (Some(0), ""));
    }
}
