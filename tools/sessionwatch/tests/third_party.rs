//! Reads the output for programs with independent parsers, and checks that every form has the same
//! data.
#![cfg(unix)]

use std::io::{Seek, Write};
use std::process::Command;

use test_programs::built;

/// Reads each form with Python's own modules and compares the values. Compares every cell of CSV
/// with the JSON object.
const COMPARE: &str = r#"
import csv, io, json, subprocess, sys

tool, sample, *command = sys.argv[1:]
def show(form):
    return subprocess.run([tool, *command, "--replay", sample, "--output", form],
                          check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")

lines = [json.loads(line) for line in show("ndjson").splitlines()]
whole = json.loads(show("json"))
assert (whole if isinstance(whole, list) else [whole]) == lines

def cell(value):
    if value is None: return ""
    if isinstance(value, bool): return str(value).lower()
    if isinstance(value, list): return " ".join(map(cell, value))
    return str(value)
def leaves(value, prefix=""):
    for name, inner in value.items():
        if isinstance(inner, dict): yield from leaves(inner, prefix + name + ".")
        else: yield prefix + name, cell(inner)

rows = list(csv.DictReader(io.StringIO(show("csv"), newline=""), strict=True))
assert len(rows) == len(lines), (len(rows), len(lines))
for row, line in zip(rows, lines):
    # An absent object has only empty columns.
    expected = {name: text for name, text in leaves(line)
                if not any(column.startswith(name + ".") for column in row)}
    assert expected.keys() <= row.keys(), expected.keys() - row.keys()
    for name, text in row.items():
        assert text == expected.get(name, ""), (name, text, line)
print(len(rows))
"#;

const SAMPLE: &str = "tests/recordings/terminal-server-morning.swrec";

#[test]
#[ignore = "needs python3: cargo make test-terminal"]
fn python_reads_the_same_in_every_form() {
    for (command, rows) in [
        (&["read"][..], 1026),
        (&["follow", "--snapshot"], 0),
        (&["explain"], 0),
        (&["explain", "--steps"], 1026),
        (&["status"], 1),
    ] {
        let output = Command::new("python3")
            .args(["-c", COMPARE])
            .arg(built("sessionwatch"))
            .arg(SAMPLE)
            .args(command)
            .output()
            .unwrap();
        let diagnostics = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {diagnostics}");
        let count: usize = str::from_utf8(&output.stdout).unwrap().trim().parse().unwrap();
        assert!(if rows == 0 { count > 1 } else { count == rows }, "{command:?}: {count}");
    }
}

#[test]
#[ignore = "needs jq: cargo make test-terminal"]
fn jq_counts_the_events_of_the_account() {
    let read = Command::new(built("sessionwatch"))
        .args(["read", "--replay", SAMPLE, "--output", "ndjson"])
        .output()
        .unwrap();
    let mut text = tempfile::tempfile().unwrap();
    text.write_all(&read.stdout).unwrap();
    text.rewind().unwrap();
    let query = r#"([.[] | select(.type == "event")] | length) as $events
        | .[-1] | .type == "account" and .delivered == $events and .next == .from + .delivered + .lost"#;
    let output = Command::new("jq").args(["--slurp", query]).stdin(text).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "true", "{output:?}");
}
