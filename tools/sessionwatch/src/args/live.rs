//! The options of `live`.

use clap::Args;

use super::SourceArguments;

pub(super) const EXAMPLES: &str = "\
Examples:
  sessionwatch live
  sessionwatch live --local-time
  sessionwatch live --replay monday.swrec

Press q to quit. The bottom line names the other keys.";

/// The options of `live`.
#[derive(Clone, Debug, Default, Args)]
pub struct LiveArguments {
    /// The source of the events.
    #[command(flatten)]
    pub source: SourceArguments,
}
