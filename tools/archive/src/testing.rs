//! For tests: a file system that fails on demand, and the account of a log.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::files::{AppendFile, Disk, Files, Stat};

/// The sequence numbers in the lines of a log, and those that it names as lost.
///
/// # Panics
///
/// If a line of lost events has no range.
#[must_use]
pub fn books(lines: &[Value]) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let bound = |line: &Value, name: &str| line[name].as_u64().expect("a bound of the range");
    let delivered = lines.iter().filter_map(|line| line["sequence"].as_u64()).collect();
    let lost = lines.iter().filter(|line| line["type"] == "lost");
    let lost = lost.flat_map(|line| bound(line, "first")..=bound(line, "last")).collect();
    (delivered, lost)
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does nothing: another program holds the file.
    Held,
    /// The disk is full. A write leaves its first half.
    Full,
    /// It does everything, and reports an error.
    Torn,
}

impl Fault {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Held, Self::Full, Self::Torn];

    fn error(self) -> io::Error {
        match self {
            Self::Held => io::ErrorKind::PermissionDenied.into(),
            Self::Full => io::ErrorKind::StorageFull.into(),
            Self::Torn => io::Error::other("the device failed"),
        }
    }
}

/// The calls that fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The number of the first failing call, from 0.
    pub call: usize,
    /// True if every later call fails too, until [`Faulty::repair`].
    pub is_lasting: bool,
    /// How they fail.
    pub fault: Fault,
}

/// The files of this machine, of which some calls fail.
#[derive(Clone, Default)]
pub struct Faulty(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    calls: Vec<String>,
    failed: usize,
}

impl Faulty {
    /// Fails by a plan.
    #[must_use]
    pub fn new(plan: Option<Plan>) -> Self {
        Self(Arc::new(Mutex::new(State { plan, ..State::default() })))
    }

    /// The calls so far, each as operation and file name.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.with(|state| state.calls.clone())
    }

    /// The number of failed calls.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.with(|state| state.failed)
    }

    /// Ends a lasting fault.
    pub fn repair(&self) {
        self.with(|state| state.plan = None);
    }

    fn with<T>(&self, use_state: impl FnOnce(&mut State) -> T) -> T {
        use_state(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts a call: the way in which it fails, if it does.
    fn call(&self, operation: &str, path: &Path) -> Option<Fault> {
        self.with(|state| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let number = state.calls.len();
            state.calls.push(format!("{operation} {name}"));
            let plan = state.plan?;
            let fails = number == plan.call || (plan.is_lasting && number > plan.call);
            if fails {
                state.failed += 1;
            }
            fails.then_some(plan.fault)
        })
    }

    /// Runs an operation that a fault leaves undone or does wholly.
    fn run<T>(
        &self,
        operation: &str,
        path: &Path,
        run: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        match self.call(operation, path) {
            None => run(),
            Some(fault @ Fault::Torn) => run().and(Err(fault.error())),
            Some(fault) => Err(fault.error()),
        }
    }
}

impl Files for Faulty {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.run("create folder", folder, || Disk.create_folder(folder))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        self.run("open", path, || {
            let file = Disk.append(path)?;
            let (files, path) = (self.clone(), path.to_owned());
            Ok(Box::new(FaultyFile { files, path, file }) as Box<dyn AppendFile>)
        })
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.run("read", path, || Disk.read(path))
    }

    fn read_end(&self, path: &Path, bytes: u64) -> io::Result<Vec<u8>> {
        self.run("read end", path, || Disk.read_end(path, bytes))
    }

    fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        self.run("replace", path, || Disk.replace(path, content))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.run("rename", from, || Disk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.run("remove", path, || Disk.remove(path))
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.run("remove folder", folder, || Disk.remove_folder(folder))
    }

    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        self.run("stat", path, || Disk.stat(path))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.run("list", folder, || Disk.list(folder))
    }
}

struct FaultyFile {
    files: Faulty,
    path: PathBuf,
    file: Box<dyn AppendFile>,
}

impl AppendFile for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.files.call("write", &self.path) {
            None => self.file.write(bytes),
            Some(fault) => {
                let written = match fault {
                    Fault::Held => 0,
                    Fault::Full => bytes.len() / 2,
                    Fault::Torn => bytes.len(),
                };
                self.file.write(bytes.get(..written).unwrap_or(bytes))?;
                Err(fault.error())
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let file = &mut self.file;
        self.files.run("sync", &self.path, || file.sync())
    }

    fn size(&mut self) -> io::Result<u64> {
        let file = &mut self.file;
        self.files.run("size", &self.path, || file.size())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        let file = &mut self.file;
        self.files.run("truncate", &self.path, || file.truncate(bytes))
    }
}
