//! The options of `completions` and `man`.

use clap::Args;
use clap_complete::Shell;

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  sessionwatch completions powershell >> $PROFILE
  sessionwatch completions bash > ~/.local/share/bash-completion/completions/sessionwatch";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  sessionwatch man > sessionwatch.1
  sessionwatch man follow | man -l -";

/// The options of `completions`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// The options of `man`.
#[derive(Clone, Debug, Default, Args)]
pub struct ManArguments {
    /// The command whose page to print; the page of the tool by default.
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
