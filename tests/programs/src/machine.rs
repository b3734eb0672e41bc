//! A Windows machine of stand-ins: each program writes down its command line and answers
//! as a table says. A command line that is not in the table is an error.
//!
//! An exit code has one byte here, so codes such as 3010 cannot be answered.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A command line, its exit code, and its output. PACKAGE in the line is the folder of
/// the package.
pub type Answer = (&'static str, u8, &'static str);

/// The programs of Windows, of its kit, and of Rust.
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

/// The beginnings of command lines that change nothing.
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

/// The machine, as a folder.
#[derive(Debug)]
pub struct Machine {
    folder: TempDir,
}

#[expect(clippy::missing_panics_doc, reason = "a test's equipment fails by a panic")]
impl Machine {
    /// Several answers to one command line are given one after the other, the last one
    /// for ever.
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

    /// A file of the machine. The package is in `package`, and what cargo builds in
    /// `release`.
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

    /// The stand-in looks for the first answer to its command line, and throws it away if
    /// there is another one.
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

    /// Runs a program that finds no others than the stand-ins.
    #[must_use]
    pub fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        self.command(program).args(arguments).output().unwrap()
    }

    /// The same, with more to say before it runs.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("PATH", self.path("programs")).env("CARGO_TARGET_DIR", self.folder.path());
        command
    }

    /// The command lines that change something: all but questions.
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
