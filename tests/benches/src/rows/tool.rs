//! The tool: a recording printed by the built program, beside a copy of the same text.

use std::env;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use sessionwatch_protocol::{DESCRIBE, DescribeReply, READ, ReadReply, Record, VERSION};
use sessionwatch_reader::recording::{HEADER, write_frame};
use zerocopy::{FromZeros, IntoBytes};

use crate::report::Row;
use crate::rounds::{Contender, race};
use crate::rows::{Bench, Outcome};
use crate::time::{Timer, float};

/// The records of a reply, as the tool asks for them.
const BATCH: usize = 1_364;

pub(crate) fn rows(bench: &Bench) -> Outcome {
    match measure(bench) {
        Ok(rows) => rows.into(),
        Err(error) => Outcome::missing("tool", format!("{error:#}")),
    }
}

fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let program = program()?;
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("events.swrec");
    record(&recording, bench.events)?;
    let watch = Watch { timer: bench.timer.clone(), events: bench.events };
    let mut rows = Vec::new();
    for form in ["ndjson", "csv", "table"] {
        let text = folder.path().join("text");
        print(&program, &recording, form, File::create(&text)?.into())?;
        let contenders = vec![ours(&watch, &program, &recording, form), copy(&watch, text.clone())];
        let [figures] = race(bench.rounds, contenders);
        rows.push(Row::new(format!("tool/{form}"), "ns/event", &figures).with_limit());
    }
    Ok(rows)
}

/// The tool, which `cargo make bench` builds beside this program.
fn program() -> Result<PathBuf> {
    let path = env::current_exe()?.with_file_name("sessionwatch");
    ensure!(path.exists(), "{} does not exist: use `cargo make bench`", path.display());
    Ok(path)
}

/// Writes a recording of this number of events.
fn record(path: &Path, events: u64) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&HEADER)?;
    let mut describe = DescribeReply::new_zeroed();
    describe.version = VERSION.into();
    describe.record_size = Record::SIZE_FIELD;
    describe.journal_id = 1.into();
    describe.first = 1.into();
    describe.next = 1.into();
    write_frame(&mut file, DESCRIBE, describe.as_bytes())?;
    let records: Vec<Record> = (1..=events).map(event).collect();
    for batch in records.chunks(BATCH) {
        let (first, count) = (batch[0].sequence.get(), batch.len() as u64);
        let mut head = ReadReply::new_zeroed();
        head.version = VERSION.into();
        head.record_size = Record::SIZE_FIELD;
        head.journal_id = 1.into();
        head.from = first.into();
        head.count = u32::try_from(count)?.into();
        head.next = (first + count).into();
        head.end = (events + 1).into();
        write_frame(&mut file, READ, &[head.as_bytes(), batch.as_bytes()].concat())?;
    }
    Ok(file.flush()?)
}

/// An event of a terminal server, whose sessions come and go.
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

/// Runs the tool.
fn print(program: &Path, recording: &Path, form: &str, out: Stdio) -> Result<()> {
    let status = Command::new(program)
        .args(["read", "--output", form, "--replay"])
        .arg(recording)
        .stdout(out)
        .status()
        .context("the tool does not start")?;
    ensure!(status.success(), "the tool failed: {status}");
    Ok(())
}

/// Times work on this number of events.
#[derive(Clone)]
struct Watch {
    timer: Timer,
    events: u64,
}

impl Watch {
    /// The nanoseconds for each event; not a number if the work failed.
    fn time(&self, work: impl FnOnce() -> Result<()>) -> [f64; 1] {
        let start = self.timer.clock.raw();
        let outcome = work();
        let nanoseconds = self.timer.nanoseconds(self.timer.clock.raw().saturating_sub(start));
        [outcome.map_or(f64::NAN, |()| nanoseconds / float(self.events))]
    }
}

fn ours(watch: &Watch, program: &Path, recording: &Path, form: &'static str) -> Contender<1> {
    let (watch, program, recording) = (watch.clone(), program.to_owned(), recording.to_owned());
    Contender::new("sessionwatch read", "", move || {
        watch.time(|| print(&program, &recording, form, Stdio::null()))
    })
}

/// Copies the text in pieces of the size that `cat` uses.
fn copy(watch: &Watch, text: PathBuf) -> Contender<1> {
    let watch = watch.clone();
    Contender::new("copy of the text", "reading, checking and rendering", move || {
        watch.time(|| {
            let mut file = File::open(&text)?;
            let mut nowhere = fs::OpenOptions::new().write(true).open("/dev/null")?;
            let mut buffer = vec![0; 128 * 1024];
            loop {
                match file.read(&mut buffer)? {
                    0 => return Ok(()),
                    count => nowhere.write_all(&buffer[..count])?,
                }
            }
        })
    })
}
