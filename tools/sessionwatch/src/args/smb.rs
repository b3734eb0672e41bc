//! The command line of `smb`.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use sessionwatch_smb::{Level, Query};

pub(super) const EXAMPLES: &str = "\
Examples:
  sessionwatch smb
  sessionwatch smb --server FILES --user chris --output json
  sessionwatch smb --client 10.0.0.7 --user chris
  sessionwatch smb --watch --interval 10 --output ndjson

The flag no_password_encryption (SESS_NOENCRYPTION) means that the password was not encrypted at
logon. It says nothing about SMB encryption.";

/// The limit on names of users (`UNLEN`) and of computers (DNS), in characters.
const LONGEST_NAME: usize = 256;

/// The options of `smb`.
#[derive(Clone, Debug, Args)]
pub struct SmbArguments {
    /// Ask this server, not this computer. Leading backslashes are optional.
    #[arg(long, value_name = "NAME", value_parser = computer)]
    pub server: Option<String>,
    /// List only sessions from this computer. Write the name that the server shows, mostly
    /// an address.
    #[arg(long, value_name = "NAME", value_parser = computer)]
    pub client: Option<String>,
    /// List only sessions of this user. Write the name without a domain.
    #[arg(long, value_name = "NAME", value_parser = user)]
    pub user: Option<String>,
    /// Ask for the structure `SESSION_INFO_1`, `_2` or `_502`.
    ///
    /// The default is 502, or 2 with --client and --user: `NetSessionGetInfo` returns that one
    /// session, and it has no level 502.
    #[arg(long, value_name = "LEVEL", value_parser = levels())]
    pub level: Option<Level>,
    /// Print the present sessions, then those that open and close, until Ctrl-C.
    ///
    /// Windows has no notification for SMB sessions, so the command asks the server again and
    /// again. It misses a session that opens and closes between two questions.
    #[arg(long)]
    pub watch: bool,
    /// Wait this many seconds before asking again.
    #[arg(
        long, value_name = "SECONDS", requires = "watch", default_value_t = 5,
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub interval: u64,
    /// Stop after this many sessions that opened or closed.
    #[arg(long, value_name = "N", requires = "watch")]
    pub count: Option<u64>,
}

impl From<&SmbArguments> for Query {
    fn from(arguments: &SmbArguments) -> Self {
        let SmbArguments { server, client, user, level, .. } = arguments.clone();
        Self { server, client, user, level }
    }
}

fn levels() -> impl TypedValueParser<Value = Level> {
    let values = Level::ALL.map(|level| {
        PossibleValue::new(level.name()).help(match level {
            Level::One => "all fields but the type of the client and the transport",
            Level::Two => "all fields but the transport",
            Level::FiveHundredTwo => "all fields",
        })
    });
    PossibleValuesParser::new(values).try_map(|name| name.parse::<Level>())
}

fn computer(text: &str) -> Result<String, String> {
    name(text).ok_or_else(|| r"write the name of a computer, as in FILES or \\FILES".to_owned())
}

fn user(text: &str) -> Result<String, String> {
    name(text).ok_or_else(|| "write the name of a user without a domain, as in chris".to_owned())
}

/// A name without its leading backslashes.
fn name(text: &str) -> Option<String> {
    let name = text.trim_start_matches('\\');
    let is_name = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(|character| character == '\\' || character.is_control());
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_with_or_without_backslashes() {
        for written in ["FILES", r"\FILES", r"\\FILES"] {
            assert_eq!(computer(written).as_deref(), Ok("FILES"));
        }
        assert_eq!(computer("[fe80::1]").as_deref(), Ok("[fe80::1]"));
        assert_eq!(user("Zoë Müller").as_deref(), Ok("Zoë Müller"));
        let long = "x".repeat(257);
        for wrong in ["", r"\\", r"FILES\share", "a\nb", "a\0b", &long] {
            assert!(computer(wrong).unwrap_err().contains(r"\\FILES"), "{wrong}");
        }
        assert!(user(r"CORP\chris").unwrap_err().contains("without a domain"));
    }
}
