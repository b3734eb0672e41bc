//! Measures the ring, the journal and the program beside their limits and other designs.
//!
//! # Why a harness of its own
//!
//! Criterion and divan measure one contender to its end, and then the next. On a shared
//! machine, the ratio of two such figures depends on what else the machine did. Here all
//! contenders of a row take a short turn in every round ([`rounds`]). A ratio is taken within
//! one round, and the median of the rounds counts.
//!
//! # What fails the run
//!
//! A missed target of time is printed as missed. It may be the machine, so the exit code stays
//! 0. An account error, a torn or out-of-order record and an allocation after the start are
//! always errors of the product: the exit code is 1.

mod buffers;
mod machine;
mod processors;
mod record;
mod report;
mod rounds;
mod rows;
mod table;
mod time;

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use quanta::Clock;

use crate::machine::Usage;
use crate::processors::{Processors, pin};
use crate::report::Report;
use crate::rows::{Bench, GROUPS};

/// Measure the ring, the journal and the program beside their limits and other designs.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Number of rounds; each figure is their median
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Measure only the rows whose group begins with this, for example `push` or `push/full`
    #[arg(long, default_value = "", value_name = "PREFIX")]
    only: String,
    /// Number of events in the recording that the program reads
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Write the report to this file, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do one piece of work and nothing else, for valgrind to count its instructions
    #[command(hide = true)]
    Work { name: String, count: usize },
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(Command::Work { name, count }) = &arguments.command {
        rows::work(name, *count)?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = measure(&arguments)?;
    println!("{}", table::render(&report));
    if let Some(path) = &arguments.report {
        write(path, &report)?;
    }
    let mut code = ExitCode::SUCCESS;
    for row in report.errors() {
        eprintln!("error: {}: {}", row.name, table::verdict(row));
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

fn measure(arguments: &Arguments) -> Result<Report> {
    // Before the pinning: a pinned program sees one processor.
    let machine = machine::description();
    let processors = Processors::find().context("the benches need two processors")?;
    pin(processors.here);
    keep_memory();
    let bench = Bench {
        clock: Clock::new(),
        processors,
        rounds: arguments.rounds.max(1),
        events: arguments.events.max(1),
    };
    let before = Usage::now();
    let (mut rows, mut not_measured) = (Vec::new(), BTreeMap::new());
    for (name, group) in GROUPS.iter().filter(|(name, _)| name.starts_with(&arguments.only)) {
        eprintln!("measuring {name}");
        match group(&bench) {
            Ok(measured) => rows.extend(measured),
            Err(error) => drop(not_measured.insert(*name, format!("{error:#}"))),
        }
    }
    let is_empty = rows.is_empty() && not_measured.is_empty();
    ensure!(!is_empty, "no group of rows begins with `{}`", arguments.only);
    let rounds = bench.rounds;
    Ok(Report { machine, rounds, taken_by_others: Usage::share_since(before), rows, not_measured })
}

/// Makes the allocator keep freed memory. The driver's memory is resident, so no contender may
/// be measured while it faults in pages.
///
/// glibc maps a block that is larger than any freed one so far, and returns the top of its heap
/// when it is twice as large as that block (mallopt(3), `M_MMAP_THRESHOLD`).
fn keep_memory() {
    const JUST_BELOW_THE_MAXIMUM: usize = 31 << 20;
    drop(black_box(vec![0_u8; JUST_BELOW_THE_MAXIMUM]));
}

fn write(path: &Path, report: &Report) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(report).context("cannot write the report as JSON")?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}
