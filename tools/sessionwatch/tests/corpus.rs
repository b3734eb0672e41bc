//! Prints the fuzzers' corpora, and arbitrary records, in every form of the output.
//!
//! The fuzz targets check the reader. These tests check that no form panics, adds a line or drops
//! a line, whatever the reader delivers.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::Value;
use sessionwatch::args::{ExplainArguments, FollowArguments, ReadArguments};
use sessionwatch::command::{explain, follow, read, status};
use sessionwatch::error::Error;
use sessionwatch::render::{Event, Form, Item, Layout, Printer, Table};
use sessionwatch_fuzz::ReplyCase;
use sessionwatch_protocol::Record;
use sessionwatch_reader::recording::Recording;
use zerocopy::FromBytes;

type Command<'a> = dyn Fn(&mut Printer<'_>) -> Result<(), Error> + 'a;

/// The files of a corpus.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new("../../tests/fuzz/corpus").join(target);
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

fn table(width: u16) -> Form {
    Form::Table(Table::new(Layout::new(width, None), true))
}

/// Runs a command in a form. Returns its output, and its error as text.
fn show(form: Form, command: &Command<'_>) -> (String, Option<String>) {
    let mut output = Vec::new();
    let mut printer = Printer::new(form, &mut output);
    let outcome = command(&mut printer);
    printer.end().unwrap();
    (String::from_utf8(output).unwrap(), outcome.err().map(|error| error.to_string()))
}

/// Runs a command in every form, and returns its lines. Checks that all forms have the same error,
/// that JSON has the lines of NDJSON, and that a table has text.
fn check_forms(command: &Command<'_>) -> Vec<Value> {
    let (text, error) = show(Form::Ndjson, command);
    let lines: Vec<Value> = text.lines().map(|line| line.parse().unwrap()).collect();
    let (json, json_error) = show(Form::Json, command);
    let json = match json.as_str() {
        "" => Vec::new(),
        text => match text.parse().unwrap() {
            Value::Array(values) => values,
            value => vec![value],
        },
    };
    assert_eq!((json, json_error), (lines.clone(), error.clone()));
    let (csv, csv_error) = show(Form::Csv, command);
    let rows = csv::Reader::from_reader(csv.as_bytes()).into_records().map(Result::unwrap).count();
    assert_eq!((rows, csv_error), (lines.len(), error.clone()));
    for width in [40, 80, 200] {
        assert_eq!(show(table(width), command).1, error);
    }
    lines
}

/// Checks that each sequence number of a stream appears once, in order, as an event or as lost.
/// Checks that the account at the end has the sums.
fn check_stream(lines: &[Value], from: u64) {
    let (mut next, mut delivered, mut lost) = (from, 0, 0);
    for (at, line) in lines.iter().enumerate() {
        let number = |name: &str| line[name].as_u64().unwrap_or_else(|| panic!("{name}: {line}"));
        match line["type"].as_str().unwrap() {
            "event" => {
                assert_eq!(number("sequence"), next);
                (next, delivered) = (next + 1, delivered + 1);
            }
            "lost" => {
                assert_eq!(number("first"), next);
                assert_eq!(number("last"), next + (number("count") - 1));
                (next, lost) = (next + number("count"), lost + number("count"));
            }
            "account" => {
                assert_eq!(at + 1, lines.len());
                assert_eq!((number("from"), number("next")), (from, next));
                assert_eq!((number("delivered"), number("lost")), (delivered, lost));
            }
            other => panic!("a line of type {other}"),
        }
    }
}

#[test]
fn every_form_prints_any_reply() {
    for (path, bytes) in corpus("replies") {
        eprintln!("{}", path.display());
        let Some(case) = ReplyCase::parse(&bytes) else { continue };
        let options =
            ReadArguments { from: Some(case.from), count: case.count, ..ReadArguments::default() };
        let lines = check_forms(&|printer| read::run(&case.device(), &options, printer));
        check_stream(&lines, case.from.get());
        check_forms(&|printer| status::run(&case.device(), printer));
    }
}

#[test]
fn every_form_prints_any_recording() {
    let mut shown = 0;
    for (path, bytes) in corpus("recording") {
        eprintln!("{}", path.display());
        let Ok(recording) = Recording::load(Cursor::new(bytes)) else { continue };
        let options = ReadArguments::default();
        let read = check_forms(&|printer| read::run(&recording, &options, printer));
        check_stream(&read, recording.sequences().start);
        let options = FollowArguments::default();
        let followed = check_forms(&|printer| follow::run(&recording, None, &options, printer));
        assert_eq!(followed, read);
        for steps in [false, true] {
            let options = ExplainArguments { steps, ..ExplainArguments::default() };
            check_forms(&|printer| explain::run(&recording, &options, printer));
        }
        check_forms(&|printer| status::run(&recording, printer));
        shown += 1;
    }
    assert!(shown > 0);
}

proptest! {
    #[test]
    fn every_form_prints_any_record(bytes in prop::array::uniform32(any::<u8>()), more in prop::array::uniform16(any::<u8>())) {
        let record = Record::read_from_bytes(&[&bytes[..], &more[..]].concat()).unwrap();
        let lines = check_forms(&|printer| {
            printer.begin(false)?;
            Ok(printer.item(&Item::Event(&Event::of(record)))?)
        });
        prop_assert_eq!(lines[0]["sequence"].as_u64(), Some(record.sequence.get()));
    }
}
