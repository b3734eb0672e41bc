//! What the commands over the journal are asked for.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::{FilterArguments, UserArguments};

pub(super) const READ_EXAMPLES: &str = "\
Examples:
  sessionwatch read
  sessionwatch read --from 1042 --count 100
  sessionwatch read --kind logon,logoff --since 2h
  sessionwatch read --replay monday.swrec
  sessionwatch read --output ndjson > events.ndjson";

pub(super) const FOLLOW_EXAMPLES: &str = "\
Examples:
  sessionwatch follow
  sessionwatch follow --snapshot
  sessionwatch follow --remote --from oldest --output ndjson
  sessionwatch follow --state place.json --output ndjson >> events.ndjson
  sessionwatch follow --user anna
  sessionwatch follow --count 1";

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  sessionwatch explain
  sessionwatch explain --steps --session 3
  sessionwatch explain --replay monday.swrec --output csv";

pub(super) const RECORD_EXAMPLES: &str = "\
Examples:
  sessionwatch record monday.swrec
  sessionwatch record --now snapshot.swrec
  sessionwatch read --replay monday.swrec";

pub(super) const STATUS_EXAMPLES: &str = "\
Examples:
  sessionwatch status
  sessionwatch status --output json";

pub(super) const DOCTOR_EXAMPLES: &str = "\
Examples:
  sessionwatch doctor
  sessionwatch doctor --output json";

/// The options of `read`.
#[derive(Clone, Debug, Default, Args)]
pub struct ReadArguments {
    /// The number of the first event to show: 1, the first since the driver was started, where
    /// nothing is said, or the first of a recording. What is no longer there is named as lost.
    #[arg(long, value_name = "N")]
    pub from: Option<NonZeroU64>,
    /// Ends after this many events.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// Which events.
    #[command(flatten)]
    pub filter: FilterArguments,
    /// Where from.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// The options of `follow`.
#[derive(Clone, Debug, Default, Args)]
pub struct FollowArguments {
    /// Where to begin: `newest` for what happens from now on, `oldest` for what the journal still
    /// has, or the number of an event. Where nothing is said, `newest` for the driver and `oldest`
    /// for a recording.
    #[arg(long, value_name = "N|oldest|newest")]
    pub from: Option<Start>,
    /// Keeps in this file where to go on, and goes on there if the file is there already: without
    /// loss or repetition, also after a restart of the driver.
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub state: Option<PathBuf>,
    /// Begins with the sessions that are present, each with its last event, and goes on right
    /// behind them.
    #[arg(long, conflicts_with = "from")]
    pub snapshot: bool,
    /// Ends after this many events.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// Which events.
    #[command(flatten)]
    pub filter: FilterArguments,
    /// Whose events.
    #[command(flatten)]
    pub users: UserArguments,
    /// Where from.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// The options of `explain`.
#[derive(Clone, Debug, Default, Args)]
pub struct ExplainArguments {
    /// The number of the first event to look at. What comes before is not known, so steps may
    /// look odd that are not.
    #[arg(long, value_name = "N")]
    pub from: Option<NonZeroU64>,
    /// Shows each event and what it means, in place of the sessions.
    #[arg(long)]
    pub steps: bool,
    /// Which events; of the sessions, those that have one of them.
    #[command(flatten)]
    pub filter: FilterArguments,
    /// Where from.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// The options of `record`.
#[derive(Clone, Debug, Args)]
pub struct RecordArguments {
    /// The file to make; one that is there already is left alone.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to begin: `newest` for what happens from now on, `oldest` for what the journal still
    /// has, or the number of an event.
    #[arg(long, value_name = "N|oldest|newest", default_value = "oldest")]
    pub from: Start,
    /// Ends with the event that is the newest when the command starts, not with Ctrl-C.
    #[arg(long)]
    pub now: bool,
}

/// Where the events come from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where from")]
pub struct SourceArguments {
    /// Reads a recording that `sessionwatch record` has made, and not the driver. Works on any
    /// machine.
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
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
    use super::*;

    #[test]
    fn follow_begins_where_it_is_told() {
        assert_eq!("oldest".parse(), Ok(Start::Oldest));
        assert_eq!("newest".parse(), Ok(Start::Newest));
        assert_eq!("7".parse(), Ok(Start::Number(NonZeroU64::new(7).unwrap())));
        for wrong in ["0", "-1", "latest", "", "18446744073709551616"] {
            assert!(wrong.parse::<Start>().is_err(), "{wrong}");
        }
    }
}
