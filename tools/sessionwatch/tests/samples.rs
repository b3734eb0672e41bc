//! Tests the recordings in `tests/recordings`: their scenarios, and the complete output of each
//! command in every form.
//!
//! After a change of the recorded replies, `UPDATE_RECORDINGS=1 cargo test --test samples
//! recordings` writes the files again.

mod machine;

use std::fs;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::process::Command;

use kmdf_host_control::Scenario;
use machine::{Handle, Machine};
use sessionwatch::args::RecordArguments;
use sessionwatch::command::record;
use sessionwatch::render::{Form, Printer};
use sessionwatch_reader::Start;
use test_programs::built;

/// The recordings, each with its ring's capacity, in records.
const SAMPLES: [(&str, u32); 2] = [("workstation-day", 64), ("terminal-server-morning", 1024)];

fn sample(name: &str) -> PathBuf {
    format!("tests/recordings/{name}.swrec").into()
}

#[test]
fn the_samples_are_recordings_of_the_scenarios() {
    for (name, capacity) in SAMPLES {
        let scenario = format!("../../tests/scenarios/{name}.json");
        let machine = Machine::new(capacity);
        machine
            .borrow_mut()
            .play(&Scenario::parse(&fs::read_to_string(scenario).unwrap()).unwrap());
        // The recording also has the overwritten events, as lost.
        let first = Start::Sequence(NonZeroU64::MIN);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.swrec");
        let options = RecordArguments { file: file.clone(), from: first, now: true };
        let mut nowhere = Vec::new();
        record::run(&Handle(machine), &options, &mut Printer::new(Form::Csv, &mut nowhere))
            .unwrap();
        let made = fs::read(&file).unwrap();
        if std::env::var_os("UPDATE_RECORDINGS").is_some() {
            fs::write(sample(name), &made).unwrap();
        }
        assert!(fs::read(sample(name)).is_ok_and(|sample| sample == made), "{name}");
    }
}

fn show(arguments: &[&str]) -> String {
    let sample = sample("workstation-day");
    let output = Command::new(built("sessionwatch"))
        .args(arguments)
        .arg("--replay")
        .arg(sample)
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_command_prints_a_workstations_day() {
    for command in [&["read"][..], &["explain"], &["explain", "--steps"], &["follow", "--snapshot"]]
    {
        for form in ["table", "json", "ndjson", "csv"] {
            let arguments = [command, &["--output", form]].concat();
            let name = format!("{}-{form}", command.join(""));
            insta::assert_snapshot!(name, show(&arguments));
        }
    }
}
