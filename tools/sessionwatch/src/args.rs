//! The command line: what was asked for, and nothing done about it yet.

use std::num::NonZeroU64;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// One JSON object a line, for programs.
    Ndjson,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows the events that are in the journal now, then ends.
    #[command(after_help = READ_EXAMPLES)]
    Read(ReadArguments),
    /// Shows events as they happen, until Ctrl-C.
    #[command(after_help = FOLLOW_EXAMPLES)]
    Follow(FollowArguments),
    /// Shows how the driver and its journal are.
    #[command(after_help = STATUS_EXAMPLES)]
    Status,
}

const READ_EXAMPLES: &str = "\
Examples:
  sessionwatch read
  sessionwatch read --from 1042 --count 100
  sessionwatch read --output ndjson > events.ndjson";

const FOLLOW_EXAMPLES: &str = "\
Examples:
  sessionwatch follow
  sessionwatch follow --snapshot
  sessionwatch follow --from oldest --output ndjson
  sessionwatch follow --count 1";

const STATUS_EXAMPLES: &str = "\
Examples:
  sessionwatch status
  sessionwatch status --output ndjson";

/// The options of `read`.
#[derive(Clone, Debug, Args)]
pub struct ReadArguments {
    /// The number of the first event to show; 1 is the first since the driver was started. What
    /// is no longer there is named as lost.
    #[arg(long, value_name = "N", default_value = "1")]
    pub from: NonZeroU64,
    /// Ends after this many events.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
}

/// The options of `follow`.
#[derive(Clone, Debug, Args)]
pub struct FollowArguments {
    /// Where to begin: `newest` for what happens from now on, `oldest` for what the journal still
    /// has, or the number of an event.
    #[arg(long, value_name = "N|oldest|newest", default_value = "newest")]
    pub from: Start,
    /// Begins with the sessions that are present, each with its last event, and goes on right
    /// behind them.
    #[arg(long, conflicts_with = "from")]
    pub snapshot: bool,
    /// Ends after this many events.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
}

/// Where to begin to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the oldest event that the journal still has.
    Oldest,
    /// At the next event.
    Newest,
    /// At this number.
    Number(NonZeroU64),
}

impl FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "oldest" => Ok(Self::Oldest),
            "newest" => Ok(Self::Newest),
            number => number
                .parse()
                .map(Self::Number)
                .map_err(|_| "expected a number from 1, `oldest` or `newest`".to_owned()),
        }
    }
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
    fn follow_begins_where_it_is_told() {
        assert_eq!("oldest".parse(), Ok(Start::Oldest));
        assert_eq!("newest".parse(), Ok(Start::Newest));
        assert_eq!("7".parse(), Ok(Start::Number(NonZeroU64::new(7).unwrap())));
        for wrong in ["0", "-1", "latest", "", "18446744073709551616"] {
            assert!(wrong.parse::<Start>().is_err(), "{wrong}");
        }
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
