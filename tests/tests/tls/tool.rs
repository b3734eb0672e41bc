//! Runs of the tool in the Wine prefix of the end-to-end tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The time the tool has to end. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// The tool, alone or beside a stand-in.
pub(crate) struct Tool {
    program: PathBuf,
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
        let program = target().join("package/sessionwatch.exe");
        Self { program, sessions: None, folder: tempfile::tempdir().unwrap() }
    }

    /// The tool beside the stand-in for `secur32.dll`, which reports these sessions.
    pub(crate) fn with_sessions(sessions: &str) -> Self {
        let shipped = Self::shipped();
        let program = shipped.folder.path().join("sessionwatch.exe");
        let stand_in = target().join("wine/stand-ins/secur32.dll");
        for (from, to) in
            [(&shipped.program, &program), (&stand_in, &shipped.folder.path().join("secur32.dll"))]
        {
            fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        }
        Self { program, sessions: Some(sessions.to_owned()), ..shipped }
    }

    /// Runs `sessionwatch tls` with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        assert!(
            std::env::var_os("WINEPREFIX").is_some(),
            "there is no Wine prefix: run this with tests/wine/end-to-end"
        );
        let [output, diagnostics] = ["output", "diagnostics"].map(|name| self.file(name));
        let mut command = Command::new(root().join("tests/wine/run"));
        command.arg(&self.program).arg("tls").args(arguments);
        command.stdin(Stdio::null());
        command.stdout(fs::File::create(&output).unwrap());
        command.stderr(fs::File::create(&diagnostics).unwrap());
        if let Some(sessions) = &self.sessions {
            let log = format!("Z:{}", self.file("log").display()).replace('/', "\\");
            command.env("SECUR32_SESSIONS", sessions).env("SECUR32_LOG", log);
            // The stand-in loads Wine's own DLL by its full path.
            command.env("WINEDLLOVERRIDES", "secur32=n,b");
        }
        let code = Run(command.spawn().unwrap()).wait();
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
