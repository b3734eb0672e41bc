//! Running the programs of Windows and of its kit.

use std::ffi::OsStr;
use std::fmt;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

/// A command line, and what its ends mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    program: &'static str,
    arguments: Vec<String>,
    /// Exit codes that are as good as 0, each with what it says.
    accepted: &'static [(i32, &'static str)],
    /// What to do if it fails.
    advice: &'static str,
}

impl Step {
    pub(crate) fn new<Word: AsRef<OsStr>>(
        program: &'static str,
        arguments: impl IntoIterator<Item = Word>,
    ) -> Self {
        let words = arguments.into_iter().map(|word| word.as_ref().to_string_lossy().into_owned());
        Self { program, arguments: words.collect(), accepted: &[], advice: "" }
    }

    /// These exit codes are no failures either.
    pub(crate) fn accepting(mut self, codes: &'static [(i32, &'static str)]) -> Self {
        self.accepted = codes;
        self
    }

    /// What is said after a failure.
    pub(crate) fn advising(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }

    /// Prints the command line and runs it, its output going to ours.
    pub(crate) fn run(&self) -> Result<()> {
        println!("> {self}");
        let status = self.command().status().with_context(|| self.cannot_start())?;
        self.judge(status.code())
    }

    /// Runs it quietly. What it says, whatever its end.
    pub(crate) fn ask(&self) -> Result<Output> {
        self.command().stdin(Stdio::null()).output().with_context(|| self.cannot_start())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(&self.arguments);
        command
    }

    fn cannot_start(&self) -> String {
        format!("cannot start {}. {}", self.program, self.advice)
    }

    fn judge(&self, code: Option<i32>) -> Result<()> {
        match code {
            Some(0) => Ok(()),
            Some(code) => match self.accepted.iter().find(|(accepted, _)| *accepted == code) {
                Some((_, meaning)) => {
                    println!("  {meaning}");
                    Ok(())
                }
                None => bail!("{} ended with {code}. {}", self.program, self.advice),
            },
            None => bail!("{} was ended", self.program),
        }
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
    fn a_step_reads_as_it_would_be_typed() {
        let step = Step::new("sc", ["query", "a name"]);
        assert_eq!(step.to_string(), "sc query \"a name\"");
    }

    #[test]
    fn only_success_and_accepted_codes_are_no_failure() {
        let step = Step::new("sc", ["start"]).accepting(&[(1056, "runs")]).advising("Look.");
        assert!(step.judge(Some(0)).is_ok() && step.judge(Some(1056)).is_ok());
        assert_eq!(step.judge(Some(5)).unwrap_err().to_string(), "sc ended with 5. Look.");
        assert!(step.judge(None).is_err());
    }
}
