//! A DLL that somebody has planted in the tool's own folder. The tool ignores it, whatever its
//! name.
#![cfg(windows)]

use std::fs;
use std::path::Path;
use std::process::Command;

use sessionwatch_tests::{Package, StandIn, Tool};
use tempfile::TempDir;

/// The DLLs that the tool loads when it needs them, and others that libraries of Windows load by
/// their names alone.
const DLLS: [&str; 10] = [
    "bcryptprimitives",
    "crypt32",
    "cryptbase",
    "mswsock",
    "netapi32",
    "profapi",
    "secur32",
    "userenv",
    "version",
    "wtsapi32",
];

/// A folder with a copy of a program, and with planted DLLs.
struct Folder(TempDir);

impl Folder {
    fn new(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let planted = Package::built().file(r"..\wine\stand-ins\planted.dll");
        for dll in DLLS {
            fs::copy(&planted, folder.path().join(format!("{dll}.dll"))).unwrap();
        }
        fs::copy(program, folder.path().join("program.exe")).unwrap();
        Self(folder)
    }

    /// The program, which starts in this folder and finds it on the path as well.
    fn program(&self) -> Command {
        let mut program = Command::new(self.0.path().join("program.exe"));
        program.current_dir(self.0.path()).env("PATH", self.0.path());
        program.env("PLANTED_LOG", self.0.path().join("log.txt"));
        program
    }

    /// The planted DLLs that a process has loaded, a line for each.
    fn log(&self) -> String {
        fs::read_to_string(self.0.path().join("log.txt")).unwrap_or_default()
    }
}

#[test]
fn no_command_loads_a_planted_dll() {
    let folder = Folder::new(&Package::built().file("sessionwatch.exe"));
    for (arguments, code) in [
        // Each needs other DLLs; the driver does not run.
        (&["smb"][..], 0),
        (&["sessions"], 3),
        (&["follow"], 3),
        (&["tls", "127.0.0.1:1"], 12),
        (&["doctor"], 14),
        (&["service", "status"], 0),
        (&["--version"], 0),
    ] {
        let ended = Tool::start(folder.program().args(arguments)).wait();
        assert_eq!(ended.code, Some(code), "{arguments:?} {ended:?}");
        assert_eq!(folder.log(), "", "{arguments:?}");
    }
}

/// Without this, the test above could pass because Wine never loads a DLL from this folder.
#[test]
fn a_program_that_trusts_its_folder_loads_a_planted_dll() {
    let folder = Folder::new(Path::new(r"C:\windows\system32\rundll32.exe"));
    let _ = Tool::start(folder.program().args(["netapi32.dll,Nothing"])).wait();
    let log = folder.log();
    assert!(log.starts_with("loaded ") && log.trim_end().ends_with("netapi32.dll"), "{log}");
}

#[test]
fn a_dll_without_the_functions_is_an_error_with_a_hint() {
    for (dll, arguments, says) in [
        ("netapi32", &["smb"][..], "finding NetApiBufferFree in netapi32.dll failed: "),
        (
            "secur32",
            &["tls", "localhost"],
            "finding AcquireCredentialsHandleW in secur32.dll failed",
        ),
    ] {
        let incomplete = StandIn::new(&[("planted", dll)]);
        let ended = Tool::start(incomplete.tool().args(arguments)).wait();
        assert!(ended.diagnostics.contains(says), "{dll}: {ended:?}");
        assert!(ended.diagnostics.contains("(127)"), "{dll}: {ended:?}");
        assert!(ended.diagnostics.contains("hint: "), "{dll}: {ended:?}");
    }
}
