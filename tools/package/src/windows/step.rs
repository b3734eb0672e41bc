//! A command line of a Windows program or a program of the kit.

use std::ffi::OsStr;
use std::fmt;
use std::process::{Command, Output, Stdio};

use anyhow::{Error, Result, anyhow};
use openkit::failure;

/// A command line, and the meaning of its exit codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    program: &'static str,
    arguments: Vec<String>,
    /// Exit codes that also mean success, each with its meaning.
    accepted: &'static [(i32, &'static str)],
    hint: &'static str,
}

impl Step {
    /// A step that runs a program with arguments.
    pub fn new<Word: AsRef<OsStr>>(
        program: &'static str,
        arguments: impl IntoIterator<Item = Word>,
    ) -> Self {
        let words = arguments.into_iter().map(|word| word.as_ref().to_string_lossy().into_owned());
        Self { program, arguments: words.collect(), accepted: &[], hint: "" }
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
        let status = self.command().status().map_err(|error| self.cannot_start(error))?;
        self.judge(status.code())
    }

    /// Runs the command line quietly, and returns its output and any exit code.
    ///
    /// # Errors
    ///
    /// The program cannot be started.
    pub fn ask(&self) -> Result<Output> {
        self.command().stdin(Stdio::null()).output().map_err(|error| self.cannot_start(error))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(&self.arguments);
        command
    }

    fn cannot_start(&self, error: std::io::Error) -> Error {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_displays_as_its_command_line() {
        let step = Step::new("sc", ["query", "a name"]);
        assert_eq!(step.to_string(), "sc query \"a name\"");
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
