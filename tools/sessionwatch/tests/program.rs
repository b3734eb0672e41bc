//! Tests the program itself: its exit codes, and its use of stdout and stderr.

mod machine;

use std::fs;
use std::process::{Command, Output};

use machine::{Handle, Machine};
use sessionwatch::args::RecordArguments;
use sessionwatch::command::record;
use sessionwatch::render::{Form, Printer};
use sessionwatch_failure::Exit;
use sessionwatch_reader::Start;
use strum::VariantArray as _;
use test_programs::built;

fn sessionwatch(arguments: &[&str]) -> Output {
    Command::new(built("sessionwatch")).args(arguments).output().unwrap()
}

#[test]
fn wrong_usage_is_exit_code_2_and_goes_to_stderr() {
    for arguments in [
        &["read", "--from", "0"][..],
        &["follow", "--from", "latest"],
        &["status", "--output", "yaml"],
        &["smb", "--level", "10"],
        &["smb", "--user", r"CORP\chris"],
        &["smb", "--server", r"\\"],
        &["smb", "--interval", "5"],
        &["smb", "--count", "5"],
        &["smb", "--watch", "--interval", "0"],
        &["forget"],
        &[],
    ] {
        let output = sessionwatch(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_readme_has_the_table_of_exit_codes() {
    let row = |exit: &Exit| format!("| {} | {} |\n", exit.code(), exit.meaning());
    let table: String = Exit::VARIANTS.iter().map(row).collect();
    assert!(fs::read_to_string("README.md").unwrap().contains(&table), "{table}");
}

#[test]
fn help_goes_to_stdout() {
    let output = sessionwatch(&["follow", "--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("sessionwatch follow --count 1"));
    assert!(output.stderr.is_empty());
}

#[test]
fn a_view_without_a_terminal_suggests_follow() {
    let output = sessionwatch(&["live"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(str::from_utf8(&output.stderr).unwrap().contains("use `sessionwatch follow`"));
}

#[cfg(not(windows))]
#[test]
fn without_windows_there_is_no_smb_server() {
    for arguments in [&["smb"][..], &["smb", "--watch"], &["smb", "--client", "a", "--user", "b"]] {
        let output = sessionwatch(arguments);
        assert_eq!(output.status.code(), Some(10), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "error: SMB sessions can be listed only on Windows\nhint: run this on Windows\n"
        );
    }
}

#[cfg(not(windows))]
#[test]
fn without_windows_there_is_no_driver() {
    for command in ["read", "follow", "sessions", "status"] {
        let output = sessionwatch(&[command]);
        assert_eq!(output.status.code(), Some(10), "{command}");
        assert!(output.stdout.is_empty(), "{command}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "error: the driver runs only on Windows\nhint: to read a recording here, use --replay FILE\n"
        );
    }
}

#[test]
fn a_recording_is_read_on_any_machine_up_to_its_damage() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.swrec");
    let machine = Machine::new(64);
    machine.borrow_mut().raise(3);
    let options = RecordArguments { file: file.clone(), from: Start::Oldest, now: true };
    record::run(&Handle(machine), &options, &mut Printer::new(Form::Csv, &mut Vec::new())).unwrap();
    let name = file.to_str().unwrap();

    for command in ["read", "follow", "sessions", "status"] {
        let output = sessionwatch(&[command, "--replay", name]);
        assert_eq!(output.status.code(), Some(0), "{command}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{command}");
    }
    let whole = fs::read(&file).unwrap();

    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let output = sessionwatch(&["read", "--replay", name]);
    assert_eq!(output.status.code(), Some(0));
    assert!(str::from_utf8(&output.stderr).unwrap().contains("cut in the middle of a reply"));

    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&file, damaged).unwrap();
    let output = sessionwatch(&["read", "--replay", name]);
    assert_eq!(output.status.code(), Some(11));
    assert!(str::from_utf8(&output.stderr).unwrap().contains("the recording is damaged at byte"));

    fs::write(&file, "something else").unwrap();
    let output = sessionwatch(&["read", "--replay", name]);
    assert_eq!(output.status.code(), Some(11));
    assert!(output.stdout.is_empty());
    assert!(
        str::from_utf8(&output.stderr).unwrap().contains("it is not a recording of sessionwatch")
    );
}
