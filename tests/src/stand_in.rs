//! The DLLs of `tests/stand-ins`, which replace Wine's for a copy of the tool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{panicking, sleep};
use std::time::{Duration, Instant};

use crate::package::Package;

/// The folder from which the tool loads DLLs.
const SYSTEM32: &str = r"C:\windows\system32";

/// How long a process of a finished test may hold a DLL.
const PATIENCE: Duration = Duration::from_secs(30);

/// Stand-ins in System32, and a folder with a copy of the tool. Dropping it restores Wine's DLLs
/// and removes the folder.
pub struct StandIn {
    folder: PathBuf,
    replaced: Vec<Replaced>,
}

impl StandIn {
    /// Puts these stand-ins into System32, each with the name of the DLL that it takes the place
    /// of, for every program that starts from now on: `tests/wine/run` names the DLLs among
    /// those that Wine does not take from its own folder if System32 has another.
    #[must_use]
    pub fn new(dlls: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir()
            .join(format!("sessionwatch-stand-in-{}-{number}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let package = Package::built();
        let stand_ins = package.file(r"..\wine\stand-ins");
        fs::copy(package.file("sessionwatch.exe"), folder.join("sessionwatch.exe")).unwrap();
        let mut stand_in = Self { folder, replaced: Vec::new() };
        for (name, dll) in dlls {
            let original = stand_in.file(&format!("{dll}.dll"));
            stand_in.replaced.push(Replaced::new(&stand_ins, name, dll, original));
        }
        stand_in
    }

    /// The lines that a stand-in has written to this file. Asserts that they report no violation,
    /// and that every allocated buffer was freed.
    #[must_use]
    pub fn log(&self, name: &str) -> Vec<String> {
        let log = fs::read_to_string(self.file(name)).unwrap_or_default();
        assert!(!log.contains("violation"), "{log}");
        let count = |word: &str| log.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!(count("made"), count("freed"), "{log}");
        log.lines().map(str::to_owned).collect()
    }

    /// The path of a file in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The tool.
    #[must_use]
    pub fn tool(&self) -> Command {
        Command::new(self.file("sessionwatch.exe"))
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.replaced.clear();
        // Whatever is still used stays; the folder is in the prefix, which is made anew.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A DLL of System32 with a stand-in in its place. Dropping it puts the DLL back.
struct Replaced {
    dll: PathBuf,
    original: PathBuf,
}

impl Replaced {
    /// Moves the DLL to `original`, and copies the stand-in to its place.
    fn new(stand_ins: &Path, name: &str, dll: &str, original: PathBuf) -> Self {
        let dll = Path::new(SYSTEM32).join(format!("{dll}.dll"));
        let stand_in = stand_ins.join(format!("{name}.dll"));
        fs::rename(&dll, &original).unwrap_or_else(|error| panic!("{}: {error}", dll.display()));
        let replaced = Self { dll, original };
        fs::copy(&stand_in, &replaced.dll)
            .unwrap_or_else(|error| panic!("{}: {error}", stand_in.display()));
        replaced
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        let begin = Instant::now();
        while let Err(error) = fs::rename(&self.original, &self.dll) {
            if begin.elapsed() > PATIENCE {
                assert!(panicking(), "{}: {error}", self.dll.display());
                return;
            }
            sleep(Duration::from_millis(50));
        }
    }
}
