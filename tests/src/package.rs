//! The package under test, and its installation by its INF.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::program::spawn;

/// The driver's file after an installation by the INF. Dirid 13 is the driver store. Wine has none,
/// and uses this folder for every unknown dirid.
pub const INSTALLED_IMAGE: &str = r"C:\windows\system32\unknown\sessionwatch.sys";

/// The folder of the shipped files.
#[derive(Clone, Debug)]
pub struct Package {
    folder: PathBuf,
}

impl Package {
    /// The package that the build left in `target/package`.
    #[must_use]
    pub fn built() -> Self {
        // Cargo runs tests in the folder of their package, and Wine keeps the current folder.
        Self { folder: std::env::current_dir().unwrap().join(r"..\target\package") }
    }

    /// The path of one of its files.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Installs the driver: copies its files and creates its service.
    pub fn install(&self) {
        self.run_section("DefaultInstall");
    }

    /// Undoes `install`.
    pub fn uninstall(&self) {
        self.run_section("DefaultUninstall");
    }

    /// Runs a section of the INF, as a right click on the file does. The system chooses the
    /// section's decoration for its architecture.
    fn run_section(&self, section: &str) {
        let inf = self.file("sessionwatch.inf").canonicalize().unwrap();
        let inf = inf.to_str().unwrap().trim_start_matches(r"\\?\");
        let mut program = Command::new("rundll32.exe");
        program.arg("setupapi.dll,InstallHinfSection").args([section, "128", inf]);
        let status = spawn(&mut program).unwrap().wait().unwrap();
        assert!(status.success(), "{section} of {inf}: {status}");
    }
}

/// The SHA-256 of a file, in hexadecimal digits.
#[must_use]
pub fn sha256(path: &Path) -> String {
    let content = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    hex::encode(Sha256::digest(content))
}
