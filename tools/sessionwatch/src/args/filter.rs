//! The events to show.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use sessionwatch_protocol::{EventKind, Locality};
use sessionwatch_reader::Filter;
use sessionwatch_reader::time::SystemTime;

/// The events to show. A command also reads and accounts for the others.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Filter")]
pub struct FilterArguments {
    /// Show only these kinds of event: created, terminated, connected, disconnected, logon,
    /// logoff, ignore, or a number.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kind)]
    pub kind: Vec<EventKind>,
    /// Show only events of these sessions.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub session: Vec<u32>,
    /// Show only events at the console.
    #[arg(long, conflicts_with = "remote")]
    pub local: bool,
    /// Show only events of remote clients.
    #[arg(long)]
    pub remote: bool,
    /// Show only events at or after this time: RFC 3339, or how long ago, as in `90m`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub since: Option<SystemTime>,
    /// Show only events before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub until: Option<SystemTime>,
}

impl From<&FilterArguments> for Filter {
    fn from(arguments: &FilterArguments) -> Self {
        let locality = match (arguments.local, arguments.remote) {
            (true, _) => Some(Locality::LOCAL),
            (false, true) => Some(Locality::REMOTE),
            (false, false) => None,
        };
        Self {
            kinds: arguments.kind.clone(),
            sessions: arguments.session.clone(),
            locality,
            since: arguments.since,
            until: arguments.until,
        }
    }
}

fn kind(text: &str) -> Result<EventKind, String> {
    EventKind::from_name(text).or_else(|| text.parse().ok().map(EventKind)).ok_or_else(|| {
        "expected created, terminated, connected, disconnected, logon, logoff, ignore or a number"
            .to_owned()
    })
}

fn time(text: &str) -> Result<SystemTime, String> {
    let ago = |ago: SignedDuration| Timestamp::now().checked_sub(ago).ok();
    text.parse()
        .ok()
        .or_else(|| text.parse().ok().and_then(ago))
        .and_then(SystemTime::from_timestamp)
        .ok_or_else(|| {
            "expected a time as in 2026-03-01T08:00:00Z, or how long ago, as in 90m or 2h"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_a_name_or_a_number() {
        assert_eq!(kind("logon"), Ok(EventKind::LOGON));
        assert_eq!(kind("77"), Ok(EventKind(77)));
        assert!(kind("login").unwrap_err().contains("logon"));
    }

    #[test]
    fn a_time_is_absolute_or_ago() {
        assert_eq!(time("1970-01-01T01:00:00+01:00"), Ok(SystemTime(116_444_736_000_000_000)));
        let (hour_ago, day_ago) = (time("1h").unwrap(), time("24h").unwrap());
        let day = 23 * 3600 * 10_000_000_u64;
        assert!((day - 600_000_000..=day).contains(&(hour_ago.0 - day_ago.0)));
        for wrong in ["", "yesterday", "2026-03-01", "1500-01-01T00:00:00Z"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
