//! The program: `sessionwatch read` over a recording, beside the serializer alone and beside a
//! copy of its output.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write, sink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use anyhow::{Result, ensure};
use serde::Serialize;
use sessionwatch_protocol::{DESCRIBE, DescribeReply, READ, ReadReply, Record, VERSION};
use sessionwatch_reader::recording::{HEADER, write_frame};
use sessionwatch_reader::time::SystemTime;
use zerocopy::{FromZeros, IntoBytes};

use super::Bench;
use crate::machine::own_time;
use crate::report::{Bound, Row};
use crate::rounds::{Contender, race};
use crate::time::float;

/// The records of one reply, as the program requests them.
const BATCH: usize = 1_364;

/// An event with the fields of the program's NDJSON and CSV.
#[derive(Serialize)]
struct Line {
    r#type: &'static str,
    sequence: u64,
    time: SystemTime,
    monotonic_100ns: u64,
    session_id: u32,
    instance: u64,
    event: Option<&'static str>,
    state: Option<&'static str>,
    locality: Option<&'static str>,
    flags: Option<&'static str>,
    who: Option<&'static str>,
}

impl From<&Record> for Line {
    fn from(record: &Record) -> Self {
        Self {
            r#type: "event",
            sequence: record.sequence.get(),
            time: SystemTime(record.system_time.get()),
            monotonic_100ns: record.monotonic_time.get(),
            session_id: record.session_id.get(),
            instance: record.instance.get(),
            event: record.kind().name(),
            state: record.state().name(),
            locality: record.locality().name(),
            flags: None,
            who: None,
        }
    }
}

/// An event of a terminal server with 300 sessions.
fn event(sequence: u64) -> Record {
    let mut record = Record::new_zeroed();
    record.sequence = sequence.into();
    record.system_time = (134_168_256_000_000_000 + sequence * 1_234_567).into();
    record.monotonic_time = (sequence * 1_234_567).into();
    record.session_id = u32::try_from(sequence / 6 % 300).unwrap_or_default().into();
    record.kind = u32::try_from(1 + sequence % 6).unwrap_or_default().into();
    record.state = u32::try_from(1 + sequence % 8).unwrap_or_default().into();
    record.locality = u8::try_from(sequence % 3).unwrap_or_default();
    record.instance = (sequence / 6 * 6 + 1).into();
    record
}

/// Writes a recording of these events, which are numbered from 1.
fn record(path: &Path, events: &[Record]) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&HEADER)?;
    let mut describe = DescribeReply::new_zeroed();
    describe.version = VERSION.into();
    describe.record_size = Record::SIZE_FIELD;
    describe.journal_id = 1.into();
    describe.first = 1.into();
    describe.next = 1.into();
    write_frame(&mut file, DESCRIBE, describe.as_bytes())?;
    for batch in events.chunks(BATCH) {
        let first = batch[0].sequence.get();
        let mut reply = ReadReply::new_zeroed();
        reply.version = VERSION.into();
        reply.record_size = Record::SIZE_FIELD;
        reply.journal_id = 1.into();
        reply.from = first.into();
        reply.count = u32::try_from(batch.len())?.into();
        reply.next = (first + batch.len() as u64).into();
        reply.end = (events.len() as u64 + 1).into();
        write_frame(&mut file, READ, &[reply.as_bytes(), batch.as_bytes()].concat())?;
    }
    Ok(file.flush()?)
}

/// Nanoseconds of processor time of `work` for each event; not a number if it fails. Unlike
/// elapsed time, it does not include waits for other programs.
fn contender(
    bench: &Bench,
    (name, leaves_out): (&'static str, &'static str),
    mut work: impl FnMut() -> Result<()> + 'static,
) -> Contender<1> {
    let events = float(bench.events);
    let mut time = move || {
        let start = own_time()?;
        work()?;
        own_time().map(|end| 1000.0 * float(end.saturating_sub(start)) / events)
    };
    Contender::new(name, leaves_out, move || [time().unwrap_or(f64::NAN)])
}

/// A program that reads a file, to be run with its standard output.
fn program(
    path: impl AsRef<Path>,
    arguments: &[&str],
    file: &Path,
) -> impl Fn(Stdio) -> Result<()> + 'static {
    let path = path.as_ref().to_owned();
    let arguments: Vec<OsString> =
        arguments.iter().map(OsString::from).chain([file.into()]).collect();
    move |output| {
        let status = Command::new(&path).args(&arguments).stdout(output).status()?;
        ensure!(status.success(), "{} failed: {status}", path.display());
        Ok(())
    }
}

fn ndjson_alone(events: &[Record]) -> Result<()> {
    let mut buffer = Vec::new();
    for batch in events.chunks(BATCH) {
        buffer.clear();
        for event in batch {
            serde_json::to_writer(&mut buffer, &Line::from(event))?;
            buffer.push(b'\n');
        }
        black_box(&buffer);
    }
    Ok(())
}

fn csv_alone(events: &[Record]) -> Result<()> {
    // The program gives each of the 15 fields of `who` a column.
    let other_columns_of_who = [None::<&str>; 14];
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(sink());
    for event in events {
        writer.serialize((Line::from(event), other_columns_of_who))?;
    }
    Ok(writer.flush()?)
}

type Serializer = (&'static str, fn(&[Record]) -> Result<()>);

const FORMS: [(&str, Option<Serializer>); 3] = [
    ("ndjson", Some(("serde_json alone", ndjson_alone))),
    ("csv", Some(("csv alone", csv_alone))),
    ("table", None),
];

pub(super) fn rows(bench: &Bench) -> Result<Vec<Row>> {
    let tool = env::current_exe()?.with_file_name(format!("sessionwatch{EXE_SUFFIX}"));
    ensure!(tool.exists(), "run this first: cargo build --release --package sessionwatch");
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("events.swrec");
    let events: Rc<[Record]> = (1..=bench.events).map(event).collect();
    record(&recording, &events)?;
    let mut rows = Vec::new();
    for (form, serializer) in FORMS {
        let read = program(&tool, &["read", "--output", form, "--replay"], &recording);
        let text = folder.path().join(form);
        read(File::create(&text)?.into())?;
        let cat = program("cat", &[], &text);
        let mut contenders = vec![
            contender(bench, ("sessionwatch read", ""), move || read(Stdio::null())),
            contender(bench, ("cat of the output", "formatting"), move || cat(Stdio::null())),
        ];
        contenders.extend(serializer.map(|(name, serialize)| {
            let events = Rc::clone(&events);
            contender(bench, (name, "file, checksums, account"), move || serialize(&events))
        }));
        let [figures] = race(bench.rounds, contenders);
        let row = Row::new(format!("tool/{form}"), "ns/event", &figures);
        rows.push(match serializer {
            Some((name, _)) => row.against(name, Bound::AtMost(2.0)),
            None => row,
        });
    }
    Ok(rows)
}
