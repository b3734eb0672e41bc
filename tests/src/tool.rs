//! A run of the tool.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::spawn;

/// A run of the tool, which ends with its test.
pub struct Tool {
    process: Child,
    lines: Receiver<String>,
}

impl Tool {
    /// How long the tool may take to end, and a line to come. Only a failure takes
    /// so long.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Starts it: the program with its arguments.
    #[must_use]
    pub fn start(program: &mut Command) -> Self {
        program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = spawn(program).unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        // Ends at the end of the output, or when nobody wants more of it: then
        // the pipe is closed.
        thread::spawn(move || {
            let lines = stdout.lines().map_while(Result::ok);
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        Self { process, lines }
    }

    /// The next line of NDJSON.
    #[must_use]
    pub fn next(&self) -> Value {
        serde_json::from_str(&self.lines.recv_timeout(Self::PATIENCE).unwrap()).unwrap()
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Waits for the end.
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

    /// Closes the pipe that the tool writes to, as `head` does: the line that
    /// comes next is the last that is taken.
    pub fn close_output(&mut self) {
        self.lines = mpsc::channel().1;
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        let _ = self.process.kill();
    }
}

/// A run of the tool that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// The lines that it wrote.
    pub output: Vec<String>,
    /// What it wrote to stderr.
    pub diagnostics: String,
}

impl Ended {
    /// Its NDJSON.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        self.output.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// It did what it was asked for, and had nothing else to say.
    pub fn assert_success(&self) {
        assert_eq!((self.code, self.diagnostics.as_str()), (Some(0), ""));
    }
}
