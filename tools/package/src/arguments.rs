//! The command line.

use clap::{Parser, Subcommand, ValueEnum};

/// Package sessionwatch, signed for test machines
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Package like this system, for tests
    #[arg(long, global = true, hide = true, value_enum, default_value_t = System::here())]
    pub(crate) system: System,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what packaging needs, and what is missing
    Check,
    /// Install what is missing on this machine
    Setup,
    /// Build driver and tool, and make target/package of them
    Build,
    /// Sign target/package again
    Sign,
}

/// The system whose packaging to run.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum System {
    Linux,
    Windows,
}

impl System {
    const fn here() -> Self {
        if cfg!(windows) { Self::Windows } else { Self::Linux }
    }
}
