//! The progress of a long read, on a terminal.
#![cfg(unix)]

mod machine;

use std::process::Command;

use machine::{Handle, Machine};
use sessionwatch::args::RecordArguments;
use sessionwatch::command::record;
use sessionwatch::render::{Form, Printer};
use sessionwatch_reader::Start;
use test_programs::built;

/// More events than any machine prints in a second.
const EVENTS: u32 = 1 << 18;

#[test]
#[ignore = "needs a terminal: cargo make test-terminal"]
fn a_long_read_shows_its_progress_only_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.swrec");
    let machine = Machine::new(EVENTS);
    machine.borrow_mut().raise(EVENTS.into());
    let options = RecordArguments { file: file.clone(), from: Start::Oldest, now: true };
    let mut nowhere = Vec::new();
    record::run(&Handle(machine), &options, &mut Printer::new(Form::Csv, &mut nowhere)).unwrap();

    let tool = built("sessionwatch");
    let (tool, replay) = (tool.display(), file.display());
    let command = format!("{tool} read --output csv --replay {replay} > /dev/null");
    // `script` runs the tool in a terminal, and prints its output. The tool draws nothing on a
    // terminal of an unknown type, and the environment may lack TERM.
    let output = Command::new("script")
        .env("TERM", "xterm")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let screen = String::from_utf8_lossy(&output.stdout);
    assert!(screen.contains(" of 262144 events"), "{screen}");

    let output = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "no progress without a terminal");
}
