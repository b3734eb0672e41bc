//! What `live` is asked for.

use clap::Args;

use super::SourceArguments;

pub(super) const EXAMPLES: &str = "\
Examples:
  sessionwatch live
  sessionwatch live --local-time
  sessionwatch live --replay monday.swrec";

/// The options of `live`.
#[derive(Clone, Debug, Default, Args)]
pub struct LiveArguments {
    /// Where from.
    #[command(flatten)]
    pub source: SourceArguments,
}
