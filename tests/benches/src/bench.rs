//! Measures ring and journal side by side with what others would pick, and with
//! the limit, in one run.
//!
//! # Why a harness of its own
//!
//! Criterion and divan measure one thing to its end and then the next. On a
//! machine that does something else meanwhile, the ratio of two such figures
//! says more of the machine than of the two. Here all contenders of a row have
//! a short turn in each round (`rounds`), a ratio is taken within a
//! round, and the median of the rounds is what counts. A round waits for other
//! programs to pause, half a second at most, and where three rounds of a row were
//! quiet, they are all that counts. What must be repeatable to the digit are the
//! instruction counts under valgrind.
//!
//! # What fails
//!
//! A target of time that is missed is printed as missed, and no more: it may be
//! the day. An error of the account, a torn record, one out of order, or an
//! allocation after the start is never the day: then the exit code is 1.

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
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

use crate::machine::{Machine, Quiet, Usage};
use crate::report::{Missing, Report};
use crate::rounds::Pace;
use crate::rows::{Bench, GROUPS};
use crate::time::{Processors, Timer, pin};

/// Measures ring and journal beside what others would pick, in one run.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many rounds each figure is the median of.
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Only the groups whose name begins so, for example `push` or `stream/1p1c`.
    #[arg(long, default_value = "")]
    only: String,
    /// How many events the recording has that the tool reads.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Where the report goes, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What this program starts itself for.
#[derive(Debug, Subcommand)]
enum Part {
    /// Does some work and nothing else, for valgrind to count its instructions.
    #[command(hide = true)]
    Work { name: String, count: u64 },
    /// Runs the stream of a queue that may never end.
    #[command(hide = true)]
    Alone { producers: usize },
}

/// Rows that are not here yet, and why.
const ELSEWHERE: [(&str, &str); 6] = [
    ("wake/*", "a waiting request and the thread that it wakes are Windows's"),
    ("idle/*", "as above"),
    ("tool/console", "the console is Windows's"),
    ("push/irql", "raising the IRQL, which the driver's spin lock does, is Windows's"),
    ("push/contended/4, /8", "made for two producers"),
    ("size/record_*", "the wire contract fixes a record at 48 bytes"),
];

/// How long a round waits for other programs to pause, and all rounds together.
const PATIENCE: Duration = Duration::from_millis(500);
const ALL_PATIENCE: Duration = Duration::from_mins(2);

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
        Some(Part::Alone { producers }) => {
            pin(processors.here);
            rows::stream::alone(&Timer::new(), processors, producers);
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
    let quiet = Quiet::new(PATIENCE, ALL_PATIENCE);
    let pace = Pace { rounds: arguments.rounds.max(1), quiet };
    let bench = Bench { timer: Timer::new(), processors, pace, events: arguments.events.max(1) };
    let before = Usage::now();
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
    Ok(Report {
        machine,
        rounds: bench.pace.rounds,
        quiet_rounds: bench.pace.quiet.counts(),
        taken_by_others: Usage::now()
            .zip(before)
            .map(|(after, before)| after.taken_by_others(before)),
        rows,
        not_measured,
    })
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
