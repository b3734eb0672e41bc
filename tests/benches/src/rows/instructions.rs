//! Instructions, counted by valgrind: the figure that does not depend on what
//! else the machine does.
//!
//! The program runs itself under callgrind twice, with different counts; what
//! starting and ending take falls out of the difference.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::buffers::array::Whole;
use crate::buffers::limits::Floor;
use crate::buffers::one_to_one::Rtrb;
use crate::buffers::queues::Crossbeam;
use crate::buffers::ring::Ours;
use crate::buffers::{Buffer, Producer, Reader, open_one};
use crate::report::Row;
use crate::rounds::Figures;
use crate::rows::journal::Morning;
use crate::rows::{CAPACITY, Outcome};
use crate::time::float;

/// What can be counted: its name for the command line, the contender's, and the work.
type Work = (&'static str, fn() -> String, fn(u64));

const PUSHES: [Work; 5] = [
    ("push-ours", Ours::name, push::<Ours>),
    ("push-array", Whole::<0>::name, push::<Whole<0>>),
    ("push-crossbeam", Crossbeam::name, push::<Crossbeam>),
    ("push-rtrb", Rtrb::name, push::<Rtrb>),
    ("push-floor", Floor::name, push::<Floor>),
];

// No memcpy: of its one repeated instruction, valgrind counts every byte.
const DRAINS: [Work; 2] = [
    ("drain-ours", Ours::name, drain::<Ours>),
    ("drain-crossbeam", Crossbeam::name, drain::<Crossbeam>),
];

const RECORDS: [Work; 1] = [("record", Ours::name, record)];

fn push<B: Buffer>(count: u64) {
    let (mut producer, _reader) = open_one::<B>(CAPACITY);
    (0..CAPACITY as u64 + count).for_each(|_| producer.push());
}

/// Copies `count` records of a full buffer.
fn drain<B: Buffer>(count: u64) {
    let (mut producer, mut reader) = open_one::<B>(CAPACITY);
    (0..CAPACITY).for_each(|_| producer.push());
    let mut output = vec![[0; 48]; CAPACITY];
    let count = usize::try_from(count).unwrap_or(CAPACITY).min(CAPACITY);
    assert_eq!(reader.drain(&mut output[..count]), count, "a drain came short");
}

fn record(count: u64) {
    let mut morning = Morning::new();
    (0..count).for_each(|_| morning.record());
}

/// What the subcommand does. `false` if there is no such work.
pub(crate) fn work(name: &str, count: u64) -> bool {
    let found = PUSHES.iter().chain(&DRAINS).chain(&RECORDS).find(|(known, ..)| *known == name);
    found.map(|(.., work)| work(count)).is_some()
}

/// Instructions for the whole of a run.
fn count(program: &Path, work: &str, count: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["work", work, &count.to_string()])
        .stdin(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split_once("Collected :"))?;
    line.1.trim().parse().ok()
}

fn each(program: &Path, work: &Work, counts: [u64; 2]) -> Option<Figures> {
    let (name, contender, _) = work;
    let [fewer, more] = counts;
    let difference = count(program, name, more)?.checked_sub(count(program, name, fewer)?)?;
    Some(Figures {
        name: contender(),
        leaves_out: String::new(),
        rounds: vec![float(difference) / float(more - fewer)],
    })
}

fn row(program: &Path, name: &str, works: &[Work], counts: [u64; 2]) -> Option<Row> {
    let figures: Option<Vec<Figures>> =
        works.iter().map(|work| each(program, work, counts)).collect();
    Some(Row::new(name, "instructions", &figures?))
}

pub(crate) fn rows() -> Outcome {
    let has_valgrind = Command::new("valgrind").arg("--version").output().is_ok();
    if !has_valgrind {
        return Outcome::missing("instructions", "install valgrind: apt-get install valgrind");
    }
    let counted = std::env::current_exe().ok().and_then(|program| {
        Some(vec![
            row(&program, "instructions/push/full", &PUSHES, [1000, 3000])?.with_limit(),
            row(&program, "instructions/drain", &DRAINS, [1024, 4096])?,
            row(&program, "instructions/journal/record", &RECORDS, [1800, 5400])?,
        ])
    });
    counted.map_or_else(
        || Outcome::missing("instructions", "valgrind ran, but did not say how many"),
        Outcome::from,
    )
}
