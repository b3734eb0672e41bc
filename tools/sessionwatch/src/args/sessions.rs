//! The options of `sessions`, and the users to show.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use sessionwatch_sessions::SessionKind;
use sessionwatch_who::Users;

use super::SourceArguments;

pub(super) const EXAMPLES: &str = "\
Examples:
  sessionwatch sessions
  sessionwatch sessions --kind disconnected
  sessionwatch sessions --user anna --output json";

/// The options of `sessions`.
#[derive(Clone, Debug, Default, Args)]
pub struct SessionsArguments {
    /// List only sessions of these kinds.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kinds())]
    pub kind: Vec<SessionKind>,
    /// List only these sessions.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub session: Vec<u32>,
    /// The users to show.
    #[command(flatten)]
    pub users: UserArguments,
    /// The source of the sessions.
    #[command(flatten)]
    pub source: SourceArguments,
}

/// The users to show.
#[derive(Clone, Debug, Default, Args)]
pub struct UserArguments {
    /// Show only these users: anna, OFFICE\anna, or a security identifier. Events and sessions of
    /// an unknown user are hidden then.
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with = "replay")]
    pub user: Vec<String>,
}

impl From<&UserArguments> for Users {
    fn from(arguments: &UserArguments) -> Self {
        Self(arguments.user.clone())
    }
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = SessionKind> {
    PossibleValuesParser::new(SessionKind::ALL.map(SessionKind::name))
        .try_map(|name| name.parse::<SessionKind>())
}
