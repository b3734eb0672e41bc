//! The options of the commands over the journal.

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::Args;
use sessionwatch_reader::Start;

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
  sessionwatch follow --state position.json --output ndjson >> events.ndjson
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
    /// Begin at this sequence number. The default is 1, the first event since the driver was
    /// loaded, or the first event of a recording. Overwritten events are named as lost.
    #[arg(long, value_name = "N", value_parser = sequence)]
    pub from: Option<NonZeroU64>,
    /// Stop after this number of events.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// The events to show.
    #[command(flatten)]
    pub filter: FilterArguments,
    /// The source of the events.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// The options of `follow`.
#[derive(Clone, Debug, Default, Args)]
pub struct FollowArguments {
    /// Begin at `newest`, the next event; at `oldest`, the oldest event that the journal still
    /// has; or at a sequence number. The default is `newest`, and `oldest` for a recording.
    #[arg(long, value_name = "N|oldest|newest")]
    pub from: Option<Start>,
    /// Keep the position in this file, and continue there if the file exists: without loss or
    /// repetition, even if the driver was restarted.
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub state: Option<PathBuf>,
    /// Begin with the present sessions, each with its last event, and continue right after them.
    #[arg(long, conflicts_with = "from")]
    pub snapshot: bool,
    /// Stop after this number of events.
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
    /// The events to show.
    #[command(flatten)]
    pub filter: FilterArguments,
    /// The users to show.
    #[command(flatten)]
    pub users: UserArguments,
    /// The source of the events.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// The options of `explain`.
#[derive(Clone, Debug, Default, Args)]
pub struct ExplainArguments {
    /// Begin at this sequence number. Earlier events are unknown then.
    #[arg(long, value_name = "N", value_parser = sequence)]
    pub from: Option<NonZeroU64>,
    /// Show each event and its meaning instead of the sessions.
    #[arg(long)]
    pub steps: bool,
    /// The events to show; without --steps, the sessions that have one of them.
    #[command(flatten)]
    pub filter: FilterArguments,
    /// The source of the events.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// The options of `record`.
#[derive(Clone, Debug, Args)]
pub struct RecordArguments {
    /// New file to record to; an existing file is never overwritten.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Begin at `newest`, the next event; at `oldest`, the oldest event that the journal still
    /// has; or at a sequence number.
    #[arg(long, value_name = "N|oldest|newest", default_value = "oldest")]
    pub from: Start,
    /// Stop with the newest event at the start of the command, without Ctrl-C.
    #[arg(long)]
    pub now: bool,
}

/// The source of the events.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub struct SourceArguments {
    /// Read this recording instead of the driver, on any machine.
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}

fn sequence(text: &str) -> Result<NonZeroU64, String> {
    match text {
        "0" => Err("sequence numbers start at 1".to_owned()),
        text => text.parse().map_err(|_| "expected a sequence number, 1 or more".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_number_is_1_or_more() {
        assert_eq!(sequence("7"), Ok(NonZeroU64::new(7).unwrap()));
        assert_eq!(sequence("0").unwrap_err(), "sequence numbers start at 1");
        for wrong in ["-1", "oldest", "", "18446744073709551616"] {
            assert_eq!(sequence(wrong).unwrap_err(), "expected a sequence number, 1 or more");
        }
    }
}
