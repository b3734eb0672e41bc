//! The command line: what was asked for, and nothing done about it yet.

mod filter;
mod journal;
mod live;
mod service;
mod sessions;
mod shell;
mod smb;
mod tls;

use clap::{Parser, Subcommand, ValueEnum};

pub use filter::FilterArguments;
pub use journal::{
    ExplainArguments, FollowArguments, ReadArguments, RecordArguments, SourceArguments, Start,
};
pub use live::LiveArguments;
pub use service::{LogArguments, ServiceCommand};
pub use sessions::{SessionsArguments, UserArguments};
pub use shell::{CompletionsArguments, ManArguments};
pub use smb::SmbArguments;
pub use tls::TlsArguments;

use crate::error::EXIT_CODES;

/// Reads the journal of session events that the sessionwatch driver keeps.
///
/// Every event since the driver was started is either shown, in order, or named as lost.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub struct Arguments {
    /// The form of the output.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub output: Output,
    /// Shows people times in this machine's time zone, with their offset. Programs get UTC always.
    #[arg(long, global = true)]
    pub local_time: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Rows for people, as wide as the terminal.
    #[default]
    Table,
    /// One JSON text, which is whole when the command has ended.
    Json,
    /// One JSON object a line, for programs that read while the command runs.
    Ndjson,
    /// Comma-separated values, with a line of names.
    Csv,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows the events that are in the journal now, then ends.
    #[command(after_help = journal::READ_EXAMPLES)]
    Read(ReadArguments),
    /// Shows events as they happen, until Ctrl-C.
    #[command(after_help = journal::FOLLOW_EXAMPLES)]
    Follow(FollowArguments),
    /// Shows what the events mean: the sessions from their beginning to their end.
    #[command(after_help = journal::EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
    /// Shows the sessions that there are: who is in them, since when, from where.
    #[command(after_help = sessions::EXAMPLES)]
    Sessions(SessionsArguments),
    /// Writes a log as a service: the driver's events, and locking and unlocking.
    #[command(after_help = service::EXAMPLES)]
    Service {
        /// What to do with it.
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Shows how the driver and its journal are.
    #[command(after_help = journal::STATUS_EXAMPLES)]
    Status(SourceArguments),
    /// Writes what the driver says to a file, for `--replay`, until Ctrl-C.
    #[command(after_help = journal::RECORD_EXAMPLES)]
    Record(RecordArguments),
    /// Shows sessions, events, rates and losses on one screen, until `q`.
    #[command(after_help = live::EXAMPLES)]
    Live(LiveArguments),
    /// Says whether driver and machine are as they should be, and what to do where not.
    #[command(after_help = journal::DOCTOR_EXAMPLES)]
    Doctor,
    /// Shows what a shell needs to complete command lines of this tool.
    #[command(after_help = shell::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArguments),
    /// Shows a page of the manual, for `man`.
    #[command(after_help = shell::MAN_EXAMPLES)]
    Man(ManArguments),
    /// List the sessions of an SMB server.
    ///
    /// Each session is one user of one computer that uses the server's shares.
    #[command(after_help = smb::EXAMPLES)]
    Smb(SmbArguments),
    /// Probe whether a TLS server resumes sessions.
    ///
    /// Make two handshakes with the server. Print how Windows describes both sessions, and
    /// whether the second handshake resumed the first session.
    #[command(after_help = tls::TLS_EXAMPLES)]
    Tls(TlsArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_output_may_be_named_before_or_after_the_command() {
        for line in ["sessionwatch --output ndjson status", "sessionwatch status --output ndjson"] {
            assert_eq!(parse(line).unwrap().output, Output::Ndjson, "{line}");
        }
        assert_eq!(parse("sessionwatch status").unwrap().output, Output::Table);
    }

    #[test]
    fn number_0_is_a_usage_error() {
        assert_eq!(parse("sessionwatch read --from 0").unwrap_err().exit_code(), 2);
    }

    #[test]
    fn every_help_shows_an_example_and_the_first_one_the_exit_codes() {
        assert!(Arguments::command().render_long_help().to_string().contains("Exit codes:"));
        for command in Arguments::command().get_subcommands() {
            let help = command.clone().render_long_help().to_string();
            let example = format!("sessionwatch {}", command.get_name());
            assert!(help.contains(&example), "{example}");
        }
    }
}
