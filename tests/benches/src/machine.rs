//! The machine, described without its name, and the work of other programs on it.

use std::env::consts::OS;
use std::fs;
use std::process::Command;
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::time::float;

/// Number and model of the processors, operating system and compiler.
pub(crate) fn description() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let (processor, system) = (read("/proc/cpuinfo"), read("/etc/os-release"));
    let of_processor = |key| value(&processor, key, ':').unwrap_or("?");
    // The compiler of the cargo that started this program.
    let rustc = Command::new("rustc").arg("--version").output();
    format!(
        "{} x {}, family {} model {}; {}; {}",
        available_parallelism().map_or(1, usize::from),
        of_processor("model name"),
        of_processor("cpu family"),
        of_processor("model\t"),
        value(&system, "PRETTY_NAME", '=').unwrap_or(OS),
        rustc
            .map_or_else(
                |_| "?".into(),
                |rustc| String::from_utf8_lossy(&rustc.stdout).into_owned()
            )
            .trim(),
    )
}

/// The value of the first line that begins with `key`.
fn value<'text>(text: &'text str, key: &str, separator: char) -> Option<&'text str> {
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_once(separator).map(|(_, value)| value.trim().trim_matches('"'))
}

/// Processor time of this program and its ended children, in microseconds.
pub(crate) fn own_time() -> Result<u64> {
    let mut microseconds = 0;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        microseconds += usage.user_time().num_microseconds();
        microseconds += usage.system_time().num_microseconds();
    }
    Ok(microseconds.try_into()?)
}

/// The kernel counts in `/proc` with 100 ticks a second (`USER_HZ`).
const MICROSECONDS_PER_TICK: u64 = 10_000;

/// Processor time since the machine started, in clock ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    all: u64,
    idle: u64,
    own: u64,
}

impl Usage {
    /// Up to now; `None` on systems without Linux's `/proc`.
    pub(crate) fn now() -> Option<Self> {
        let machine = fs::read_to_string("/proc/stat").ok()?;
        let fields = value(&machine, "cpu ", ' ')?.split_whitespace().take(8);
        let fields: Vec<u64> = fields.map_while(|field| field.parse().ok()).collect();
        Some(Self {
            all: fields.iter().sum(),
            idle: fields.get(3)? + fields.get(4)?,
            own: own_time().ok()? / MICROSECONDS_PER_TICK,
        })
    }

    /// The share of all processor time since `before` that other programs took.
    pub(crate) fn share_since(before: Option<Self>) -> Option<f64> {
        let (before, now) = (before?, Self::now()?);
        let all = now.all.saturating_sub(before.all);
        let spent = (now.idle + now.own).saturating_sub(before.idle + before.own);
        Some(float(all.saturating_sub(spent)) / float(all.max(1)))
    }
}

/// Time for which the machine is watched before a round.
const WATCH: Duration = Duration::from_millis(30);
/// Longest wait of a round for other programs to pause.
const PATIENCE: Duration = Duration::from_millis(500);
/// Share of the processors that other programs may take. The watch lasts a few ticks, of which
/// the system takes one or two.
const QUIET: f64 = 0.1;

/// Waits until the machine is quiet or patience ends, and returns the start of the last watch.
pub(crate) fn wait_for_quiet() -> Option<Usage> {
    let start = Instant::now();
    loop {
        let before = Usage::now()?;
        sleep(WATCH);
        if is_quiet_since(Some(before)) || start.elapsed() >= PATIENCE {
            return Some(before);
        }
    }
}

/// True if other programs have paused since `before`.
pub(crate) fn is_quiet_since(before: Option<Usage>) -> bool {
    Usage::share_since(before).is_some_and(|share| share <= QUIET)
}
