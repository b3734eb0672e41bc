//! What `sessions` is asked for, and whose sessions.

use clap::Args;

use super::SourceArguments;
use crate::present::SessionKind;
use crate::who::Users;

pub(super) const EXAMPLES: &str = "\
Examples:
  sessionwatch sessions
  sessionwatch sessions --kind disconnected
  sessionwatch sessions --user anna --output json";

/// The options of `sessions`.
#[derive(Clone, Debug, Default, Args)]
pub struct SessionsArguments {
    /// Only sessions of these kinds.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_enum)]
    pub kind: Vec<SessionKind>,
    /// Only these sessions.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub session: Vec<u32>,
    /// Whose sessions.
    #[command(flatten)]
    pub users: UserArguments,
    /// Where from.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// Whose events or sessions.
#[derive(Clone, Debug, Default, Args)]
pub struct UserArguments {
    /// Only of these users: anna, OFFICE\anna, or a security identifier. What nobody says the user
    /// of is not shown.
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with = "replay")]
    pub user: Vec<String>,
}

impl From<&UserArguments> for Users {
    fn from(arguments: &UserArguments) -> Self {
        Self(arguments.user.clone())
    }
}
