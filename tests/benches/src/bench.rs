//! Measures ring, journal and tool beside their limits and beside the usual choices, in one run.
//!
//! # Why a harness of its own
//!
//! Criterion and divan measure one contender to its end and then the next. On a machine that does
//! something else meanwhile, the ratio of two such figures says more about the machine than about
//! the contenders. Here all contenders of a row take a short turn in each round ([`rounds`]). A
//! ratio is taken within a round, and the median of the rounds counts. The instruction counts under
//! valgrind are repeatable to the digit.
//!
//! # What fails
//!
//! A missed target of time is printed as missed, and no more: the machine may have been busy. An
//! error of the account, a torn record, a record out of order or an allocation after the start
//! is a fault of the product, and makes the exit code 1.

mod buffers;
mod locks;
mod machine;
mod report;
mod rounds;
mod rows;
mod table;
mod telling;
mod time;

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

use crate::machine::Machine;
use crate::report::{Missing, Report};
use crate::rows::{Bench, GROUPS};
use crate::time::{Processors, Timer, pin};

/// Measure ring, journal and tool beside limits and peers, in one run
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Number of rounds; each figure is their median
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Measure only groups whose name begins like this: `push`, `stream/1p1c`
    #[arg(long, default_value = "")]
    only: String,
    /// Number of events in the recording that the tool reads
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// File for the report, as JSON
    #[arg(long)]
    report: Option<PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// Parts of a measurement for which this program starts itself.
#[derive(Debug, Subcommand)]
enum Part {
    /// Do some work and nothing else, for valgrind to count its instructions
    #[command(hide = true)]
    Work { name: String, count: u64 },
}

/// Rows that Linux cannot have, and why.
const ELSEWHERE: [(&str, &str); 3] = [
    ("wake/*", "only Windows completes a pending read and wakes its thread"),
    ("tool/console", "only Windows has its console"),
    ("push/irql", "only Windows raises the IRQL, as the driver's spin lock does"),
];

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let processors = Processors::find().context("no processor to run on is named")?;
    match arguments.part {
        Some(Part::Work { name, count }) => {
            if !rows::instructions::work(&name, count) {
                bail!("there is no work named {name}");
            }
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let report = measure(&arguments, processors)?;
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
    }
}

fn measure(arguments: &Arguments, processors: Processors) -> Result<Report> {
    // Pinned to one processor, a program is told that there is one.
    let machine = Machine::this();
    pin(processors.here);
    keep_memory();
    let (rounds, events) = (arguments.rounds.max(1), arguments.events.max(1));
    let bench = Bench { timer: Timer::new(), processors, rounds, events };
    let mut rows = Vec::new();
    let elsewhere = |(name, why): (&str, &str)| Missing { name: name.into(), why: why.into() };
    let mut not_measured: Vec<_> = ELSEWHERE.into_iter().map(elsewhere).collect();
    for (name, group) in GROUPS {
        if name.starts_with(&arguments.only) {
            eprintln!("measuring {name}");
            let outcome = group(&bench);
            rows.extend(outcome.rows);
            not_measured.extend(outcome.not_measured);
        }
    }
    if rows.is_empty() {
        bail!("no group's name begins with {}", arguments.only);
    }
    Ok(Report { machine, rounds, rows, not_measured })
}

/// Makes the allocator keep what is given back to it: the driver's memory is
/// resident, so no contender is to be measured while it faults in pages.
///
/// glibc maps what is larger than any block that was freed so far, and returns
/// the top of its heap when it is twice as large.
fn keep_memory() {
    const JUST_BELOW_ITS_MAXIMUM: usize = 31 << 20;
    drop(black_box(vec![0_u8; JUST_BELOW_ITS_MAXIMUM]));
}

fn write(path: &Path, report: &Report) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let text = serde_json::to_string_pretty(report).context("the report is no JSON")?;
    fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}
