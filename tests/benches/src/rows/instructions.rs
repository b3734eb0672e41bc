//! Instructions, counted by valgrind. They do not depend on other programs.
//!
//! The program runs itself under callgrind twice, with two counts of repetitions. The difference
//! of the two runs leaves out start and end.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::CAPACITY;
use super::journal::Events;
use crate::buffers::{Array, Buffer, Crossbeam, Floor, Ours, Rtrb};
use crate::report::Row;
use crate::rounds::Figures;
use crate::time::float;

/// Its name on the command line, the contender, and the work.
type Work = (&'static str, &'static str, fn(usize));

const PUSHES: [Work; 5] = [
    ("push-ours", Ours::NAME, push::<Ours>),
    ("push-array", Array::NAME, push::<Array>),
    ("push-crossbeam", Crossbeam::<true>::NAME, push::<Crossbeam<true>>),
    ("push-rtrb", Rtrb::NAME, push::<Rtrb>),
    ("push-floor", Floor::NAME, push::<Floor>),
];

// No memcpy: valgrind counts its one repeated instruction once for every byte.
const DRAINS: [Work; 2] = [
    ("drain-ours", Ours::NAME, drain::<Ours>),
    ("drain-crossbeam", Crossbeam::<true>::NAME, drain::<Crossbeam<true>>),
];

const RECORDS: [Work; 1] = [("record", Ours::NAME, record)];

fn push<B: Buffer>(count: usize) {
    let ([mut push], _drain) = B::open(CAPACITY);
    (0..CAPACITY + count).for_each(|_| push());
}

/// Copies `count` records of a full buffer.
fn drain<B: Buffer>(count: usize) {
    let ([mut push], mut drain) = B::open(CAPACITY);
    (0..CAPACITY).for_each(|_| push());
    let mut output = vec![[0; 48]; CAPACITY];
    assert_eq!(drain(&mut output[..count]).count, count, "an incomplete drain");
}

/// Records at least `count` events.
fn record(count: usize) {
    let events = Events::new();
    let mut recorded = 0;
    while recorded < count {
        recorded += events.record();
    }
}

/// Does the work of this name.
pub(crate) fn work(name: &str, count: usize) -> Result<()> {
    let mut all = PUSHES.iter().chain(&DRAINS).chain(&RECORDS);
    let (.., work) = all.find(|(known, ..)| *known == name).context("no work of this name")?;
    work(count);
    Ok(())
}

/// The instructions of a whole run.
fn count(work: &str, count: usize) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["work", work, &count.to_string()])
        .output()
        .context("cannot run valgrind; install it: apt-get install valgrind")?;
    ensure!(output.status.success(), "valgrind failed: {}", output.status);
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("Collected :"));
    Ok(collected.context("valgrind printed no count")?.1.trim().parse()?)
}

fn row(name: &str, works: &[Work], [fewer, more]: [usize; 2]) -> Result<Row> {
    let each = |(work, contender, _): &Work| {
        let difference = count(work, more)?.saturating_sub(count(work, fewer)?);
        Ok(Figures::new(*contender, vec![float(difference) / float((more - fewer) as u64)]))
    };
    let figures: Result<Vec<Figures>> = works.iter().map(each).collect();
    Ok(Row::new(name, "instructions", &figures?))
}

pub(super) fn rows() -> Result<Vec<Row>> {
    Ok(vec![
        row("instructions/push/full", &PUSHES, [1000, 3000])?,
        row("instructions/drain", &DRAINS, [1024, 4096])?,
        row("instructions/journal/record", &RECORDS, [1800, 5400])?,
    ])
}
