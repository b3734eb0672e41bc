//! Tests the completion scripts and the manual: shells and `man` accept them, and they have every
//! command.
#![cfg(unix)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use clap::CommandFactory;
use sessionwatch::args::Arguments;
use test_programs::built;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

fn sessionwatch(arguments: &[&str]) -> String {
    let output = Command::new(built("sessionwatch")).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    assert!(output.stderr.is_empty(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a program with this input.
fn feed(program: &str, arguments: &[&str], input: &str) -> Output {
    let mut process = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

fn commands() -> Vec<String> {
    let tool = Arguments::command();
    tool.get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[test]
fn the_script_for_each_shell_has_every_command() {
    for shell in SHELLS {
        let script = sessionwatch(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
        assert!(script.contains("--replay") || script.contains("-l replay"), "{shell}");
    }
}

/// The completions that bash offers for the last of these words.
fn offered_by_bash(words: &str) -> Vec<String> {
    let script = format!(
        "{}\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         _sessionwatch sessionwatch \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        sessionwatch(&["completions", "bash"])
    );
    let output = feed("bash", &["--norc", "-s"], &script);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    assert!(feed("bash", &["-n"], &sessionwatch(&["completions", "bash"])).stderr.is_empty());
    assert_eq!(offered_by_bash("sessionwatch fo"), ["follow"]);
    assert_eq!(offered_by_bash("sessionwatch read --rep"), ["--replay"]);
    assert_eq!(offered_by_bash("sessionwatch --output ''"), ["table", "json", "ndjson", "csv"]);
    assert_eq!(offered_by_bash("sessionwatch completions po"), ["powershell"]);
}

#[test]
fn each_command_has_a_page_and_the_tools_page_lists_all_commands() {
    let page = sessionwatch(&["man"]);
    assert!(page.contains("\n.SH \"EXIT CODES\"\n"), "{page}");
    for command in commands() {
        assert!(page.contains(&format!("sessionwatch\\-{command}(1)")), "{command}");
        let page = sessionwatch(&["man", &command]);
        assert!(page.contains(&format!(".TH sessionwatch-{command} 1")), "{page}");
        assert!(page.contains("\n.SH EXAMPLES\n"), "{page}");
        assert!(page.contains("\\-\\-output"), "the page lacks the options of the tool: {page}");
    }
}

#[test]
fn an_unknown_page_is_wrong_usage() {
    let output = Command::new(built("sessionwatch")).args(["man", "forget"]).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(str::from_utf8(&output.stderr).unwrap().contains("no page for `forget`"));
}

#[test]
#[ignore = "needs mandoc: cargo make test-terminal"]
fn mandoc_finds_no_error_in_any_page() {
    let mut pages = vec![vec!["man"]];
    let commands = commands();
    pages.extend(commands.iter().map(|command| vec!["man", command]));
    for page in pages {
        let output = feed("mandoc", &["-T", "lint", "-W", "error"], &sessionwatch(&page));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{page:?}");
    }
}
