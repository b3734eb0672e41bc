//! A simulated Windows machine. Each of its programs logs its command line and replies from a
//! table. A command line that is not in the table is an error.
//!
//! Exit codes have one byte here, so a program cannot return codes such as 3010.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A command line, its exit code, and its output. In the command line, PACKAGE stands for the
/// folder of the package.
pub type Answer = (&'static str, u8, &'static str);

/// The simulated programs of Windows, of its kit, and of Rust.
const PROGRAMS: [&str; 14] = [
    "whoami",
    "reg",
    "powershell",
    "certutil",
    "pnputil",
    "sc",
    "verifier",
    "stampinf",
    "infverif",
    "inf2cat",
    "makecert",
    "signtool",
    "clang",
    "cargo",
];

/// The prefixes of command lines that change nothing.
const QUESTIONS: [&str; 9] = [
    "whoami",
    "reg query",
    "powershell",
    "sc query",
    "pnputil /enum",
    "certutil -store",
    "certutil -user -store",
    "stampinf -?",
    "clang",
];

/// The machine, in a temporary folder.
#[derive(Debug)]
pub struct Machine {
    folder: TempDir,
}

#[expect(clippy::missing_panics_doc, reason = "a test helper panics to fail its test")]
impl Machine {
    /// Creates a machine. If a command line has several answers, the program gives them in order,
    /// and repeats the last one.
    #[must_use]
    pub fn new(answers: &[Answer]) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["programs", "package", "release", "answers"] {
            fs::create_dir(machine.path(folder)).unwrap();
        }
        for program in PROGRAMS {
            machine.stand_in(program);
        }
        for (number, (line, code, said)) in answers.iter().enumerate() {
            let line = line.replace("PACKAGE", &machine.path("package").to_string_lossy());
            machine.write(&format!("answers/{number:02}"), &format!("{line}\n{code}\n{said}\n"));
        }
        machine
    }

    /// The path of a file of the machine. The package is in `package`, cargo's output in `release`.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Writes a file.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    /// Removes a file.
    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path(file)).unwrap();
    }

    /// Writes a program. It gives the first answer to its command line, and deletes the answer if
    /// another one follows.
    fn stand_in(&self, program: &str) {
        let script = format!(
            r#"#!/bin/sh
cd '{folder}'
line="{program} $*"
printf '%s\n' "$line" >>calls
found=
for answer in answers/*; do
    if [ "$(/usr/bin/head -n 1 "$answer")" = "$line" ]; then
        if [ -z "$found" ]; then found=$answer; else again=1; fi
    fi
done
if [ -z "$found" ]; then echo "no answer: $line" >&2; exit 99; fi
code=$(/usr/bin/sed -n 2p "$found")
/usr/bin/tail -n +3 "$found"
if [ -n "$again" ]; then /bin/rm "$found"; fi
exit "$code"
"#,
            folder = self.folder.path().display()
        );
        let file = format!("programs/{program}");
        self.write(&file, &script);
        fs::set_permissions(self.path(&file), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a program that finds only the simulated programs.
    #[must_use]
    pub fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        self.command(program).args(arguments).output().unwrap()
    }

    /// The command that [`run`](Self::run) runs, for a caller that adds to it.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("PATH", self.path("programs")).env("CARGO_TARGET_DIR", self.folder.path());
        command
    }

    /// The command lines that change something.
    #[must_use]
    pub fn changes(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        let package = self.path("package");
        calls
            .lines()
            .map(|line| line.replace(&*package.to_string_lossy(), "PACKAGE"))
            .filter(|line| !QUESTIONS.iter().any(|question| line.starts_with(question)))
            .collect()
    }
}
