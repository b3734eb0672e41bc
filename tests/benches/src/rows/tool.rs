//! The tool: recorded events as text, beside the serialiser alone and beside a copy of
//! the text.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Result;
use serde::Serialize;
use sessionwatch::args::ReadArguments;
use sessionwatch::command::read;
use sessionwatch::recording::{HEADER, Recording, write_frame};
use sessionwatch::render::{Form, People, Printer, Table};
use sessionwatch::time::SystemTime;
use sessionwatch_protocol::{
    DESCRIBE, DescribeReply, EventKind, READ, ReadReply, Record, SessionState, VERSION,
};
use zerocopy::{FromZeros, IntoBytes};

use crate::report::Row;
use crate::rounds::{Contender, race};
use crate::rows::{Bench, Outcome};
use crate::time::{Timer, float};

/// How many records a reply has, as the tool asks for them.
const BATCH: u64 = 1_364;

pub(crate) fn rows(bench: &Bench) -> Outcome {
    match measure(bench) {
        Ok(rows) => rows.into(),
        Err(error) => Outcome::missing("tool", format!("{error:#}")),
    }
}

fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("events.swrec");
    let records = record(&recording, bench.events)?;
    let watch = Watch { timer: bench.timer.clone(), events: bench.events };
    let mut rows = Vec::new();
    for (name, form) in [
        ("tool/ndjson", Form::Ndjson),
        ("tool/csv", Form::Csv),
        ("tool/table", Form::Table(Table::new(People::new(200, None), false))),
    ] {
        let text = folder.path().join("text");
        show(&recording, form.clone(), File::create(&text)?)?;
        let mut contenders = vec![ours(&watch, &recording, &form)];
        if matches!(form, Form::Ndjson) {
            contenders.push(serde_json_alone(&watch, &records));
        }
        contenders.push(copy(&watch, text.clone()));
        let [figures] = race(&bench.pace, contenders);
        rows.push(Row::new(name, "ns/event", &figures).with_limit());
    }
    drop(folder);
    Ok(rows)
}

/// A recording of so many events, and the events.
fn record(path: &Path, events: u64) -> Result<Rc<[Record]>> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(&HEADER)?;
    let mut describe = DescribeReply::new_zeroed();
    describe.version = VERSION.into();
    describe.record_size = Record::SIZE_FIELD;
    describe.journal_id = 1.into();
    describe.first = 1.into();
    describe.next = 1.into();
    write_frame(&mut file, DESCRIBE, describe.as_bytes())?;
    let records: Rc<[Record]> = (1..=events).map(event).collect();
    for batch in records.chunks(usize::try_from(BATCH)?) {
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
    file.flush()?;
    Ok(records)
}

/// An event like any other: a terminal server's sessions come and go.
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

fn show(recording: &Path, form: Form, mut out: impl Write) -> Result<()> {
    let mut printer = Printer::new(form, &mut out);
    read::run(&Recording::open(recording)?, &ReadArguments::default(), &mut printer)?;
    Ok(printer.end()?)
}

/// Times work on so many events.
#[derive(Clone)]
struct Watch {
    timer: Timer,
    events: u64,
}

impl Watch {
    /// The nanoseconds for each event; not a number where the work failed.
    fn time(&self, work: impl FnOnce() -> Result<()>) -> [f64; 1] {
        let start = self.timer.clock.raw();
        let outcome = work();
        let nanoseconds = self.timer.nanoseconds(self.timer.clock.raw().saturating_sub(start));
        [outcome.map_or(f64::NAN, |()| nanoseconds / float(self.events))]
    }
}

fn ours(watch: &Watch, recording: &Path, form: &Form) -> Contender<1> {
    let (watch, recording, form) = (watch.clone(), recording.to_owned(), form.clone());
    Contender::new("sessionwatch read", "", move || {
        watch.time(|| show(&recording, form.clone(), io::sink()))
    })
}

/// The same fields, derived.
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
    flags: [u32; 0],
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
            event: EventKind(record.kind.get()).name(),
            state: SessionState(record.state.get()).name(),
            locality: record.locality().name(),
            flags: [],
        }
    }
}

fn serde_json_alone(watch: &Watch, records: &Rc<[Record]>) -> Contender<1> {
    let (watch, records) = (watch.clone(), Rc::clone(records));
    let leaves_out = "no file, no checksum, no account: the records are in memory";
    Contender::new("serde_json", leaves_out, move || {
        watch.time(|| {
            let mut buffer = Vec::new();
            for batch in records.chunks(usize::try_from(BATCH)?) {
                buffer.clear();
                for record in batch {
                    serde_json::to_writer(&mut buffer, &Line::from(record))?;
                    buffer.push(b'\n');
                }
                io::sink().write_all(std::hint::black_box(&buffer))?;
            }
            Ok(())
        })
    })
}

/// What `cat` does with the text, in pieces of the size that it uses.
fn copy(watch: &Watch, text: PathBuf) -> Contender<1> {
    let watch = watch.clone();
    Contender::new("cat of the text", "copies what is there already", move || {
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
