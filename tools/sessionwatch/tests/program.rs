//! The program itself: exit codes, and which words go where.

use std::process::{Command, Output};

fn sessionwatch(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sessionwatch")).args(arguments).output().unwrap()
}

#[test]
fn wrong_usage_is_exit_code_2_and_goes_to_stderr() {
    for arguments in [
        &["read", "--from", "0"][..],
        &["follow", "--from", "latest"],
        &["status", "--output", "yaml"],
        &["forget"],
        &[],
    ] {
        let output = sessionwatch(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn help_goes_to_stdout() {
    let output = sessionwatch(&["follow", "--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("sessionwatch follow --count 1"));
    assert!(output.stderr.is_empty());
}

#[cfg(not(windows))]
#[test]
fn without_windows_there_is_no_driver() {
    for command in ["read", "follow", "status"] {
        let output = sessionwatch(&[command]);
        assert_eq!(output.status.code(), Some(10), "{command}");
        assert!(output.stdout.is_empty(), "{command}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "sessionwatch: the driver lives on Windows: run this there\n"
        );
    }
}
