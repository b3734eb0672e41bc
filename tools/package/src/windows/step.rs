//! A command line of a Windows program or a program of the kit.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{fmt, io};

use anyhow::{Error, Result, anyhow};
use openkit::failure;

/// A command line, and the meaning of its exit codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    program: &'static str,
    is_windows: bool,
    arguments: Vec<String>,
    /// Exit codes that also mean success, each with its meaning.
    accepted: &'static [(i32, &'static str)],
    hint: &'static str,
}

impl Step {
    /// A program of Windows, which starts from System32 and no other folder.
    pub fn windows<Word: AsRef<OsStr>>(
        program: &'static str,
        arguments: impl IntoIterator<Item = Word>,
    ) -> Self {
        Self { is_windows: true, ..Self::new(program, arguments) }
    }

    /// Another program, such as one of the kit, which starts from the first folder of the path
    /// that has it.
    pub fn new<Word: AsRef<OsStr>>(
        program: &'static str,
        arguments: impl IntoIterator<Item = Word>,
    ) -> Self {
        let words = arguments.into_iter().map(|word| word.as_ref().to_string_lossy().into_owned());
        Self { program, is_windows: false, arguments: words.collect(), accepted: &[], hint: "" }
    }

    /// Accepts these exit codes as success, and prints their meanings.
    #[must_use]
    pub fn accepting(mut self, codes: &'static [(i32, &'static str)]) -> Self {
        self.accepted = codes;
        self
    }

    /// Adds the hint for a failure of the step.
    #[must_use]
    pub fn hinting(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// Prints the command line and runs it. The command inherits this program's output.
    ///
    /// # Errors
    ///
    /// The program cannot be started, or fails.
    pub fn run(&self) -> Result<()> {
        println!("> {self}");
        let status = self
            .command()
            .and_then(|mut command| command.status())
            .map_err(|error| self.cannot_start(error))?;
        self.judge(status.code())
    }

    /// Runs the command line quietly, and returns its output and any exit code.
    ///
    /// # Errors
    ///
    /// The program cannot be started.
    pub fn ask(&self) -> Result<Output> {
        self.command()
            .and_then(|mut command| command.stdin(Stdio::null()).output())
            .map_err(|error| self.cannot_start(error))
    }

    fn command(&self) -> io::Result<Command> {
        let program =
            if self.is_windows { in_system32(self.program)? } else { self.program.into() };
        let mut command = Command::new(program);
        command.args(&self.arguments);
        Ok(command)
    }

    fn cannot_start(&self, error: io::Error) -> Error {
        self.with_hint(Error::new(error).context(format!("cannot start {}", self.program)))
    }

    fn judge(&self, code: Option<i32>) -> Result<()> {
        let accepted = |code| self.accepted.iter().find(|(accepted, _)| *accepted == code);
        match code {
            Some(0) => Ok(()),
            Some(code) => match accepted(code) {
                Some((_, meaning)) => {
                    println!("  {meaning}");
                    Ok(())
                }
                None => {
                    Err(self.with_hint(anyhow!("{} failed with exit code {code}", self.program)))
                }
            },
            None => Err(self.with_hint(anyhow!("{} was stopped by a signal", self.program))),
        }
    }

    fn with_hint(&self, error: Error) -> Error {
        if self.hint.is_empty() { error } else { failure(error, self.hint) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program)?;
        for word in &self.arguments {
            if word.contains(' ') { write!(f, " \"{word}\"") } else { write!(f, " {word}") }?;
        }
        Ok(())
    }
}

/// The file of a program of Windows.
#[cfg(windows)]
fn in_system32(program: &str) -> io::Result<PathBuf> {
    let folder = sessionwatch_system32::folder().map_err(io::Error::other)?;
    Ok(folder.join(file(program)))
}

/// Elsewhere, tests have stand-ins for the programs of Windows on the path.
#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "Windows may fail to name its folder")]
fn in_system32(program: &str) -> io::Result<PathBuf> {
    Ok(program.into())
}

/// The path of a program below System32.
#[cfg(any(windows, test))]
fn file(program: &str) -> String {
    match program {
        "powershell" => r"WindowsPowerShell\v1.0\powershell.exe".to_owned(),
        other => format!("{other}.exe"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_displays_as_its_command_line() {
        let step = Step::new("sc", ["query", "a name"]);
        assert_eq!(step.to_string(), "sc query \"a name\"");
    }

    #[test]
    fn a_program_of_windows_is_a_file_of_system32() {
        assert_eq!(file("sc"), "sc.exe");
        assert_eq!(file("powershell"), r"WindowsPowerShell\v1.0\powershell.exe");
        assert!(Step::windows("sc", ["query"]).is_windows);
        assert!(!Step::new("signtool", ["sign"]).is_windows);
        assert_eq!(Step::windows("sc", ["query"]).to_string(), "sc query");
    }

    #[test]
    #[cfg(windows)]
    fn a_program_of_windows_starts_from_system32() {
        let command = Step::windows("whoami", ["/all"]).command().unwrap();
        let program = std::path::Path::new(command.get_program());
        assert!(program.is_absolute() && program.ends_with(r"system32\whoami.exe"), "{program:?}");
        // The lookup of a path that is not absolute starts in this program's own folder.
        assert!(Step::windows("no-such-program", [""; 0]).ask().is_err());
    }

    #[test]
    fn codes_other_than_0_and_the_accepted_ones_are_failures() {
        let step = Step::new("sc", ["start"]).accepting(&[(1056, "runs")]).hinting("look");
        assert!(step.judge(Some(0)).is_ok() && step.judge(Some(1056)).is_ok());
        let error = step.judge(Some(5)).unwrap_err();
        assert_eq!(openkit::report(&error), "error: sc failed with exit code 5\nhint: look");
        assert!(step.judge(None).is_err());
    }
}
