//! The DLLs of `tests/stand-ins`, which replace Wine's for a copy of the tool.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::package::Package;

/// A folder with a copy of the tool and stand-ins beside it. Dropping it removes the folder.
pub struct StandIn {
    folder: PathBuf,
}

impl StandIn {
    /// Copies the tool and these stand-ins. Each pair has the stand-in's name and the name of the
    /// DLL that it replaces.
    #[must_use]
    pub fn new(dlls: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir()
            .join(format!("sessionwatch-stand-in-{}-{number}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let package = Package::built();
        let stand_ins = package.file(r"..\wine\stand-ins");
        let copy = |from: PathBuf, to: &str| {
            fs::copy(&from, folder.join(to))
                .unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        };
        copy(package.file("sessionwatch.exe"), "sessionwatch.exe");
        for (name, dll) in dlls {
            copy(stand_ins.join(format!("{name}.dll")), &format!("{dll}.dll"));
        }
        Self { folder }
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

    /// The tool, which loads the stand-in instead of Wine's DLL. `tests/wine/run` names the DLLs
    /// that Wine first looks for beside the program.
    #[must_use]
    pub fn tool(&self) -> Command {
        Command::new(self.file("sessionwatch.exe"))
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // A file in use stays. It is in the prefix, and each run creates a fresh prefix.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
