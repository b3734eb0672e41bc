//! The machine, by what it is and not by its name, and what else it did.

use std::cell::Cell;
use std::fs;
use std::process::Command;
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::time::float;

#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) processors: usize,
    pub(crate) system: String,
    pub(crate) compiler: String,
}

impl Machine {
    pub(crate) fn this() -> Self {
        let unknown = || "unknown".to_owned();
        Self {
            processor: processor().unwrap_or_else(unknown),
            processors: available_parallelism().map_or(1, usize::from),
            system: system().unwrap_or_else(|| std::env::consts::OS.to_owned()),
            compiler: compiler().unwrap_or_else(unknown),
        }
    }
}

/// The value of the first line that begins with `key`, behind `separator`.
fn value<'text>(text: &'text str, key: &str, separator: char) -> Option<&'text str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_once(separator).map(|(_, value)| value.trim().trim_matches('"'))
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let of = |key| value(&text, key, ':');
    Some(format!("{}, family {} model {}", of("model name")?, of("cpu family")?, of("model\t")?))
}

fn system() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    value(&text, "PRETTY_NAME", '=').map(str::to_owned)
}

/// The compiler that cargo, which started this program, would use.
fn compiler() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// Processor time since the machine started, in clock ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    all: u64,
    idle: u64,
    own: u64,
}

impl Usage {
    /// Up to now; `None` where the system does not tell as Linux does.
    pub(crate) fn now() -> Option<Self> {
        let machine = fs::read_to_string("/proc/stat").ok()?;
        let fields = value(&machine, "cpu ", ' ')?.split_whitespace().take(8);
        let fields: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
        let own = fs::read_to_string("/proc/self/stat").ok()?;
        // Behind the program's name: user, system, and both of its children.
        let own = own.rsplit_once(')')?.1.split_whitespace().skip(11).take(4);
        Some(Self {
            all: fields.iter().sum(),
            idle: fields.get(3)? + fields.get(4)?,
            own: own.map_while(|field| field.parse::<u64>().ok()).sum(),
        })
    }

    /// The share of the time since `before` that was neither idle nor ours.
    pub(crate) fn taken_by_others(self, before: Self) -> f64 {
        let all = self.all.saturating_sub(before.all).max(1);
        let idle = self.idle.saturating_sub(before.idle);
        let own = self.own.saturating_sub(before.own);
        float(all.saturating_sub(idle).saturating_sub(own)) / float(all)
    }
}

/// How long the machine is watched before a round.
const LOOK: Duration = Duration::from_millis(30);
/// How much of that time others may take: a tick or two of the system's own.
const QUIET: f64 = 0.1;

/// Holds a round back while other programs are at work, but not for ever.
#[derive(Clone, Debug)]
pub(crate) struct Quiet {
    /// For one round.
    patience: Duration,
    /// For all that are still to come.
    left: Cell<Duration>,
    counts: Cell<Counts>,
}

/// How many rounds were quiet, and how many there were.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) quiet: usize,
    pub(crate) all: usize,
}

impl Quiet {
    /// Waits for at most `patience` before a round, and `left` altogether.
    pub(crate) fn new(patience: Duration, left: Duration) -> Self {
        Self { patience, left: Cell::new(left), counts: Cell::default() }
    }

    /// Returns when the machine is quiet, or patience is at its end, and what it
    /// had done until its last look. Where the system does not tell, returns at once.
    pub(crate) fn wait(&self) -> Option<Usage> {
        let start = Instant::now();
        let patience = self.patience.min(self.left.get());
        let before = loop {
            let Some(before) = Usage::now() else { break None };
            sleep(LOOK);
            let is_quiet = Usage::now()?.taken_by_others(before) <= QUIET;
            if is_quiet || start.elapsed() >= patience {
                break Some(before);
            }
        };
        self.left.set(self.left.get().saturating_sub(start.elapsed().saturating_sub(LOOK)));
        before
    }

    /// Whether it was quiet from `before` until now: during a round.
    pub(crate) fn lasted_since(&self, before: Option<Usage>) -> bool {
        let is_quiet = Usage::now()
            .zip(before)
            .is_some_and(|(now, before)| now.taken_by_others(before) <= QUIET);
        let Counts { quiet, all } = self.counts.get();
        self.counts.set(Counts { quiet: quiet + usize::from(is_quiet), all: all + 1 });
        is_quiet
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts.get()
    }
}
