//! The rows, in groups that are measured together.

mod contended;
mod drain;
mod instructions;
mod journal;
mod latency;
mod memory;
mod push;
mod stream;
mod tool;

use anyhow::Result;
use quanta::Clock;

pub(crate) use self::instructions::work;
use crate::processors::Processors;
use crate::report::Row;

/// The capacity of the buffers, in records, where a row does not name another one.
const CAPACITY: usize = 4096;

/// The settings of a run.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    /// The processor's own counter where it is steady. A reading takes some 10 ns.
    pub(crate) clock: Clock,
    pub(crate) processors: Processors,
    pub(crate) rounds: usize,
    /// Events in the recording that the program reads.
    pub(crate) events: u64,
}

/// Measures a group of rows, or says why it cannot be measured here.
type Group = fn(&Bench) -> Result<Vec<Row>>;

/// The groups, with the beginning of their rows' names.
pub(crate) const GROUPS: [(&str, Group); 10] = [
    ("push/full", |bench| Ok(push::full(bench))),
    ("push/empty_to_full", |bench| Ok(push::empty_to_full(bench))),
    ("push/capacity", |bench| Ok(push::capacities(bench))),
    ("push/contended", |bench| Ok(contended::rows(bench))),
    ("push/latency", |bench| Ok(latency::rows(bench))),
    ("drain", |bench| Ok(drain::rows(bench))),
    ("stream", |bench| Ok(stream::rows(bench))),
    ("tool", tool::rows),
    ("mem", |_| Ok(memory::rows())),
    ("instructions", |_| instructions::rows()),
];
