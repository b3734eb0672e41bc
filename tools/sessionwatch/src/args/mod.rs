//! The command line. This module parses it and runs nothing.

mod filter;
mod journal;
mod live;
mod service;
mod sessions;
mod shell;
mod smb;
mod suggestions;
mod tls;

use clap::{Parser, Subcommand, ValueEnum};
pub use filter::FilterArguments;
pub use journal::{
    ExplainArguments, FollowArguments, ReadArguments, RecordArguments, SourceArguments,
};
pub use live::LiveArguments;
pub use service::{LogArguments, ServiceCommand};
pub use sessions::{SessionsArguments, UserArguments};
use sessionwatch_failure::Exit;
pub use shell::{CompletionsArguments, ManArguments};
pub use smb::SmbArguments;
pub use suggestions::parse;
pub use tls::TlsArguments;

/// Read, follow and explain the session events of this machine.
///
/// The sessionwatch driver keeps a journal of every session event. This tool shows each event in
/// order, or names it as lost.
#[derive(Debug, Parser)]
#[command(version, after_help = Exit::help())]
pub struct Arguments {
    /// Form of the output.
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t)]
    pub output: Output,
    /// Show times in this machine's time zone; programs always get UTC.
    #[arg(long, global = true)]
    pub local_time: bool,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Rows for people, as wide as the terminal.
    #[default]
    Table,
    /// One JSON text, complete when the command ends.
    Json,
    /// One JSON object a line, for programs that read while the command runs.
    Ndjson,
    /// Comma-separated values, with a header line.
    Csv,
}

/// The command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the events in the journal, then exit.
    #[command(after_help = journal::READ_EXAMPLES)]
    Read(ReadArguments),
    /// Print events as they happen, until Ctrl-C.
    #[command(after_help = journal::FOLLOW_EXAMPLES)]
    Follow(FollowArguments),
    /// Summarize events into sessions: start, end, outcome.
    #[command(after_help = journal::EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
    /// List the present sessions: user, idle time, client.
    #[command(after_help = sessions::EXAMPLES)]
    Sessions(SessionsArguments),
    /// Log events as a service, locking and unlocking too.
    #[command(after_help = service::EXAMPLES)]
    Service {
        /// The command of the service.
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Show the state of the driver and its journal.
    #[command(after_help = journal::STATUS_EXAMPLES)]
    Status(SourceArguments),
    /// Record the journal to a file for --replay, until Ctrl-C.
    #[command(after_help = journal::RECORD_EXAMPLES)]
    Record(RecordArguments),
    /// Watch sessions, events and losses on one screen.
    #[command(after_help = live::EXAMPLES)]
    Live(LiveArguments),
    /// Diagnose driver and machine, and say what to do.
    #[command(after_help = journal::DOCTOR_EXAMPLES)]
    Doctor,
    /// Generate a shell completion script.
    #[command(after_help = shell::COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArguments),
    /// Print a page of the manual, for `man`.
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
        super::parse(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_output_option_may_precede_or_follow_the_command() {
        for line in ["sessionwatch --output ndjson status", "sessionwatch status --output ndjson"] {
            assert_eq!(parse(line).unwrap().output, Output::Ndjson, "{line}");
        }
        assert_eq!(parse("sessionwatch status").unwrap().output, Output::Table);
    }

    #[test]
    fn sequence_number_0_is_a_usage_error() {
        for line in ["read --from 0", "follow --from 0", "explain --from 0"] {
            let error = parse(&format!("sessionwatch {line}")).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("sequence numbers start at 1"), "{error}");
        }
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

    #[test]
    fn every_summary_is_an_imperative_of_fewer_than_60_characters() {
        let tool = Arguments::command();
        let service = tool.find_subcommand("service").unwrap();
        for command in tool.get_subcommands().chain(service.get_subcommands()) {
            let summary = command.get_about().unwrap().to_string();
            assert!(summary.chars().count() < 60, "{summary}");
            let verb = summary.split(' ').next().unwrap();
            assert!(!verb.ends_with('s') || verb.ends_with("ss"), "{summary}");
        }
    }
}
