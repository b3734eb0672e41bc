//! DLLs of `tests/stand-ins` in the place of Wine's.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::package::Package;

/// A folder with the tool in it and stand-ins beside it, which is removed at the end.
pub struct StandIn {
    folder: PathBuf,
}

impl StandIn {
    /// Puts the tool beside these stand-ins, each with the name of the DLL that it takes
    /// the place of.
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

    /// What a stand-in has written to this file. Nothing was done that may not be, and
    /// every buffer that was made was freed, once.
    #[must_use]
    pub fn log(&self, name: &str) -> Vec<String> {
        let log = fs::read_to_string(self.file(name)).unwrap_or_default();
        assert!(!log.contains("violation"), "{log}");
        let count = |word: &str| log.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!(count("made"), count("freed"), "{log}");
        log.lines().map(str::to_owned).collect()
    }

    /// A file of the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The tool, which loads the stand-in and not Wine's DLL: `tests/wine/run` names it
    /// among those for which Wine looks beside the program first.
    #[must_use]
    pub fn tool(&self) -> Command {
        Command::new(self.file("sessionwatch.exe"))
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Whatever is still used stays; the folder is in the prefix, which is made anew.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
