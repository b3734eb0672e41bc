//! Requirements for a Windows machine, checked before the first step.

use anyhow::{Result, anyhow};
use openkit::Hint as _;

use super::step::Step;

/// A requirement of a task.
#[derive(Debug)]
pub struct Need {
    /// Its name in a list.
    pub name: &'static str,
    /// The sentence for a machine without it.
    pub problem: &'static str,
    /// The hint for meeting it.
    pub hint: &'static str,
    /// The command line that asks the machine.
    pub question: fn() -> Step,
    /// Returns true for an answer that meets the need.
    pub is_met_by: fn(Answer<'_>) -> bool,
}

/// A machine's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'said> {
    /// The program cannot be started.
    None,
    /// The program failed.
    Failed,
    /// The program succeeded with this output.
    Said(&'said str),
}

/// The Windows Driver Kit.
pub const KIT: Need = Need {
    name: "Windows Driver Kit",
    problem: "there is no Windows Driver Kit",
    hint: "install it, or run this in the prompt of the Enterprise WDK",
    question: || Step::new("stampinf", ["-?"]),
    is_met_by: |answer| answer != Answer::None,
};

/// Clang, which brings the library that reads the kit's headers.
pub const CLANG: Need = Need {
    name: "LLVM",
    problem: "there is no clang",
    hint: "run `winget install LLVM.LLVM`, then open a new prompt",
    question: || Step::new("clang", ["--version"]),
    is_met_by: |answer| matches!(answer, Answer::Said(_)),
};

impl Need {
    fn is_met(&self) -> bool {
        let Ok(answer) = (self.question)().ask() else {
            return (self.is_met_by)(Answer::None);
        };
        let said = String::from_utf8_lossy(&answer.stdout);
        (self.is_met_by)(if answer.status.success() { Answer::Said(&said) } else { Answer::Failed })
    }

    /// Checks these needs, in this order.
    ///
    /// # Errors
    ///
    /// The first unmet need.
    pub fn expect(needs: &[Self]) -> Result<()> {
        match needs.iter().find(|need| !need.is_met()) {
            Some(need) => Err(anyhow!("{}", need.problem)).hint(need.hint),
            None => Ok(()),
        }
    }

    /// Lists these needs, each as found or missing.
    ///
    /// # Errors
    ///
    /// A need is not met.
    pub fn report(needs: &[Self]) -> Result<()> {
        let mut missing = Vec::new();
        for need in needs {
            if need.is_met() {
                println!("found    {}", need.name);
            } else {
                println!("missing  {:<32}  {}", need.name, need.hint);
                missing.push(need.name);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(anyhow!("this machine lacks {}", missing.join(", ")))
            .hint("the lines above say what to do")
    }
}
