//! Runs of the tool in the Wine prefix of the end-to-end tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{PoisonError, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The time the tool has to end. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Held for writing while System32 has the stand-in, and for reading by each run without it.
static SYSTEM32: RwLock<()> = RwLock::new(());

/// The tool, with Wine's DLLs or with a stand-in.
pub(crate) struct Tool {
    sessions: Option<String>,
    folder: TempDir,
}

/// The result of a run.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) diagnostics: String,
}

impl Tool {
    /// The shipped tool.
    pub(crate) fn shipped() -> Self {
        Self { sessions: None, folder: tempfile::tempdir().unwrap() }
    }

    /// The tool with the stand-in for `secur32.dll`, which reports these sessions.
    pub(crate) fn with_sessions(sessions: &str) -> Self {
        Self { sessions: Some(sessions.to_owned()), ..Self::shipped() }
    }

    /// Runs `sessionwatch tls` with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let [output, diagnostics] = ["output", "diagnostics"].map(|name| self.file(name));
        let _prefix = prefix();
        let mut command = Command::new(root().join("tests/wine/run"));
        command.arg(target().join("package/sessionwatch.exe")).arg("tls").args(arguments);
        command.stdin(Stdio::null());
        command.stdout(fs::File::create(&output).unwrap());
        command.stderr(fs::File::create(&diagnostics).unwrap());
        if let Some(sessions) = &self.sessions {
            let log = format!("Z:{}", self.file("log").display()).replace('/', "\\");
            command.env("SECUR32_SESSIONS", sessions).env("SECUR32_LOG", log);
        }
        let code = if self.sessions.is_some() {
            let _alone = SYSTEM32.write().unwrap_or_else(PoisonError::into_inner);
            let _stand_in = StandIn::new(self.file("original"));
            Run(command.spawn().unwrap()).wait()
        } else {
            let _shared = SYSTEM32.read().unwrap_or_else(PoisonError::into_inner);
            Run(command.spawn().unwrap()).wait()
        };
        let read = |path| fs::read_to_string(path).unwrap().replace("\r\n", "\n");
        Ended { code, output: read(output), diagnostics: read(diagnostics) }
    }

    /// Checks the last run: it made `contexts` contexts, freed every object that it made, and
    /// violated no rule of the functions.
    pub(crate) fn assert_balanced(&self, contexts: u32) {
        let log = fs::read_to_string(self.file("log")).unwrap();
        let log = log.trim_end();
        let head = format!("credentials 1/1 contexts {contexts}/{contexts} buffers ");
        let (made, freed) = log
            .strip_prefix(&head)
            .and_then(|buffers| buffers.split_once('/'))
            .unwrap_or_else(|| panic!("{log}"));
        assert_eq!(made, freed);
        assert_ne!(made, "0");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The stand-in for `secur32.dll` in the prefix's System32. Dropping it puts Wine's DLL back.
struct StandIn {
    dll: PathBuf,
    original: PathBuf,
}

impl StandIn {
    /// Copies the DLL to `original`, and puts the stand-in in its place.
    fn new(original: PathBuf) -> Self {
        let dll = prefix().join("drive_c/windows/system32/secur32.dll");
        let stand_in = target().join("wine/stand-ins/secur32.dll");
        fs::copy(&dll, &original).unwrap_or_else(|error| panic!("{}: {error}", dll.display()));
        let replaced = Self { dll, original };
        replaced.put(&stand_in);
        replaced
    }

    /// Puts a file in the place of the DLL. A process that has the old file open keeps it.
    fn put(&self, file: &Path) {
        fs::remove_file(&self.dll).unwrap();
        fs::copy(file, &self.dll).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.put(&self.original);
    }
}

/// The Wine prefix of the end-to-end tests.
fn prefix() -> PathBuf {
    let prefix = std::env::var_os("WINEPREFIX");
    prefix.expect("there is no Wine prefix: run this by tests/wine/end-to-end").into()
}

/// A run that ends with its test.
struct Run(Child);

impl Run {
    fn wait(mut self) -> Option<i32> {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(begin.elapsed() < PATIENCE, "the tool does not end");
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // The run is still going only if the test failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Cargo runs tests in the folder of their package.
fn root() -> PathBuf {
    Path::new("..").canonicalize().unwrap()
}

fn target() -> PathBuf {
    root().join("target")
}
