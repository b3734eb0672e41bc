//! `service install` and the folders that ordinary users may write to.
//!
//! The descriptors are those of folders of Windows, by a stand-in: `tests/stand-ins/descriptors.c`.
#![cfg(windows)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sessionwatch_tests::{Ended, Package, SAFE, Tool, with_security};
use tempfile::TempDir;

/// `C:\` of Windows 11: Authenticated Users may add folders, and get "Modify" in them.
const ROOT: &str = "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:PAI\
                    (A;;0x4;;;AU)(A;OICIIO;0x1301bf;;;AU)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)\
                    (A;OICI;0x1200a9;;;BU)";
/// `C:\Program Files` of Windows 11.
const PROGRAM_FILES: &str = "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:SYD:PAI\
     (A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)\
     (A;CIIO;GA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)\
     (A;;0x1301bf;;;SY)(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;BA)(A;OICIIO;GA;;;BA)\
     (A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICIIO;GA;;;CO)(A;;0x1200a9;;;S-1-15-2-1)";
/// `C:\ProgramData` of Windows 11: Users may add files and folders.
const PROGRAM_DATA: &str = "O:SYG:SYD:PAI(A;OICIIO;GA;;;CO)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)\
                            (A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)";
/// A folder in a user's profile, whose user is an administrator.
const PROFILE: &str =
    "O:S-1-5-21-1-2-3-1001G:BAD:(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)";

/// The service, installed from one folder, with its log in another one.
struct Installation {
    folder: TempDir,
}

impl Installation {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(r"C:\").unwrap();
        for name in ["program", "logs"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let installation = Self { folder };
        let tool = Package::built().file("sessionwatch.exe");
        fs::copy(tool, installation.program()).unwrap();
        installation
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self) -> PathBuf {
        self.path(r"program\sessionwatch.exe")
    }

    /// Installs the service where all files are safe, but for those that the script names.
    fn install(&self, log: &str, script: &[(PathBuf, &str)]) -> Ended {
        let script: Vec<_> =
            script.iter().map(|(path, sddl)| (path.to_str().unwrap(), *sddl)).collect();
        let mut tool = with_security(&self.program(), SAFE, &script, &self.path("asked.txt"));
        tool.args(["service", "install", "--folder"]).arg(self.path(log));
        Tool::start(&mut tool).wait()
    }

    /// The paths whose descriptors were read since the last time.
    fn asked(&self) -> Vec<PathBuf> {
        let asked = self.path("asked.txt");
        let paths = fs::read_to_string(&asked).unwrap_or_default();
        let _ = fs::remove_file(asked);
        assert!(!paths.contains("violation"), "{paths}");
        paths.lines().map(PathBuf::from).collect()
    }

    fn run(&self, command: &str) -> Ended {
        let mut tool = Command::new(self.program());
        Tool::start(tool.args(["service", command, "--output", "ndjson"])).wait()
    }

    fn is_installed(&self) -> bool {
        self.run("status").lines()[0]["installed"] == true
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        // The service exists only if the test failed.
        let _ = self.run("remove");
    }
}

#[test]
fn a_path_that_ordinary_users_may_change_is_rejected_with_a_hint() {
    let machine = Installation::new();
    let in_log = "icacls FOLDER";
    let in_program = "hint: copy sessionwatch.exe to a new folder in %ProgramFiles%";
    let all = "D:(A;OICI;FA;;;WD)";
    for (log, part, sddl, says, hint) in [
        ("logs", "program", PROGRAM_DATA, "Users (S-1-5-32-545) may change", in_program),
        ("logs", "program", PROFILE, "S-1-5-21-1-2-3-1001 owns", in_program),
        ("logs", "program", "O:BAG:BA", "it has no access list", in_program),
        ("logs", r"program\sessionwatch.exe", &format!("O:BAG:BA{all}"), "Everyone", in_program),
        ("logs", "", &format!("O:BAG:BA{all}"), "Everyone (S-1-1-0) may change", in_program),
        ("logs", "logs", PROGRAM_DATA, "Users (S-1-5-32-545) may change", in_log),
        ("logs", "logs", ROOT, "Authenticated Users (S-1-5-11) may change", in_log),
        // Ordinary users could create the folder first.
        (r"new\logs", "", PROGRAM_DATA, "Users (S-1-5-32-545) may change", in_log),
        (r"new\logs", "", ROOT, "Authenticated Users (S-1-5-11) may change", in_log),
    ] {
        let path = if part.is_empty() { machine.folder.path().into() } else { machine.path(part) };
        let ended = machine.install(log, &[(path.clone(), sddl)]);
        assert_eq!(ended.code, Some(11), "{part} {sddl}: {ended:?}");
        assert!(ended.output.is_empty(), "{ended:?}");
        let said = &ended.diagnostics;
        assert!(said.contains(says) && said.contains(path.to_str().unwrap()), "{said}");
        assert!(said.contains(hint), "{said}");
        assert!(!machine.is_installed(), "{said}");
    }
    let ended = machine.install("logs", &[(machine.path("program"), "denied")]);
    assert_eq!(ended.code, Some(4));
    assert!(ended.diagnostics.contains("elevated prompt"), "{ended:?}");
    // A file in the log's folder from before the folder was safe.
    let old = machine.path(r"logs\events.ndjson");
    fs::write(&old, "").unwrap();
    let ended = machine.install("logs", &[(old, PROFILE)]);
    assert!(ended.diagnostics.contains(r"S-1-5-21-1-2-3-1001 owns"), "{ended:?}");
    assert!(!machine.is_installed());
}

#[test]
fn the_folders_of_windows_are_accepted_and_each_is_judged() {
    let machine = Installation::new();
    let root = machine.folder.path();
    let script = [(r"C:\".into(), ROOT), (root.into(), PROGRAM_FILES)];
    let ended = machine.install(r"new\logs", &script);
    // Wine's service manager cannot restrict a service.
    let note = "note: the service runs with all privileges of SYSTEM: the service manager cannot \
                restrict them (124)";
    assert_eq!((ended.code, ended.diagnostics.trim_end()), (Some(0), note));
    assert!(machine.is_installed());
    let [program, folder] = [machine.program(), machine.path("program")];
    let above = [root.to_path_buf(), PathBuf::from(r"C:\")];
    let expected = [vec![program, folder], above.to_vec(), above.to_vec()].concat();
    assert_eq!(machine.asked(), expected);
    machine.run("remove").assert_success();
}

/// Reads real descriptors. Wine names the user outside as the owner of every file.
#[test]
fn the_folders_of_wine_belong_to_an_ordinary_user() {
    let machine = Installation::new();
    let ended = machine.run("install");
    assert_eq!(ended.code, Some(11), "{ended:?}");
    let said = &ended.diagnostics;
    assert!(said.contains("runs as SYSTEM: S-1-5-21-") && said.contains(" owns C:"), "{said}");
    assert!(!machine.is_installed());
}
