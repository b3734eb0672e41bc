//! DLLs of `tests/stand-ins` in the place of Wine's.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::package::Package;

/// A folder with the tool in it and a stand-in beside it, which is removed at the end.
pub struct StandIn {
    folder: PathBuf,
}

impl StandIn {
    /// Puts the tool beside the DLL of this name, without its ending.
    #[must_use]
    pub fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir()
            .join(format!("sessionwatch-{name}-{}-{number}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let package = Package::built();
        let file = format!("{name}.dll");
        let dll = package.file(r"..\wine\stand-ins").join(&file);
        for (from, to) in [(package.file("sessionwatch.exe"), "sessionwatch.exe"), (dll, &file)] {
            fs::copy(&from, folder.join(to))
                .unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        }
        Self { folder }
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
