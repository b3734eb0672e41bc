//! The machine: its processors, system and compiler.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use serde::Serialize;

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
