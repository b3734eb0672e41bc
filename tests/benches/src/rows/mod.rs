//! The rows, in groups that are measured together.

pub(crate) mod contended;
pub(crate) mod drain;
pub(crate) mod instructions;
pub(crate) mod journal;
pub(crate) mod latency;
pub(crate) mod memory;
pub(crate) mod push;
pub(crate) mod stream;
pub(crate) mod tool;

use crate::report::{Missing, Row};
use crate::time::{Processors, Timer};

/// How many records the buffers keep, where a row does not say otherwise.
pub(crate) const CAPACITY: usize = 4096;

/// What every group is given.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) timer: Timer,
    pub(crate) processors: Processors,
    /// The number of rounds.
    pub(crate) rounds: usize,
    /// How many events the recording has that the tool reads; a turn reads all of them.
    pub(crate) events: u64,
}

/// What a group came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rows: Vec<Row>,
    pub(crate) not_measured: Vec<Missing>,
}

impl From<Vec<Row>> for Outcome {
    fn from(rows: Vec<Row>) -> Self {
        Self { rows, not_measured: Vec::new() }
    }
}

impl Outcome {
    pub(crate) fn missing(name: &str, why: impl Into<String>) -> Self {
        let missing = Missing { name: name.to_owned(), why: why.into() };
        Self { rows: Vec::new(), not_measured: vec![missing] }
    }
}

/// Rows that are measured together.
pub(crate) type Group = fn(&Bench) -> Outcome;

/// Groups, by what the names of their rows begin with.
pub(crate) const GROUPS: [(&str, Group); 12] = [
    ("push/full", |bench| push::full(bench).into()),
    ("push/empty_to_full", |bench| push::empty_to_full(bench).into()),
    ("push/capacity", |bench| push::capacities(bench).into()),
    ("push/contended", contended::rows),
    ("push/latency", latency::rows),
    ("journal", |bench| journal::rows(bench).into()),
    ("drain", drain::rows),
    ("stream/1p1c", |bench| stream::rows(bench, 1)),
    ("stream/2p1c", |bench| stream::rows(bench, 2)),
    ("tool", tool::rows),
    ("mem", |_| memory::rows().into()),
    ("instructions", |_| instructions::rows()),
];

/// What a machine with one processor cannot show.
pub(crate) const ONE_PROCESSOR: &str = "this machine has one processor";
