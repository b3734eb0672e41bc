//! Queries: the sessions to list, the server to ask, and the call that does it.

use std::str::FromStr;

/// The structure that a call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `SESSION_INFO_1`: all but the type of the client and the transport.
    One,
    /// `SESSION_INFO_2`: all but the transport.
    Two,
    /// `SESSION_INFO_502`: all fields.
    FiveHundredTwo,
}

impl Level {
    /// All levels; each has the fields of those before it.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::FiveHundredTwo];

    /// The number that the calls take.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::FiveHundredTwo => 502,
        }
    }

    /// The name, which [`FromStr`] reads: the number in decimal digits.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
            Self::FiveHundredTwo => "502",
        }
    }
}

impl FromStr for Level {
    type Err = String;

    /// Reads a [`name`](Level::name).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let level = Self::ALL.into_iter().find(|level| level.name() == text);
        level.ok_or_else(|| format!("`{text}` is not a level: write 1, 2 or 502"))
    }
}

/// The sessions to list, and the server to ask. Names have no leading backslashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The server; `None` for this computer.
    pub server: Option<String>,
    /// The client of the sessions; `None` for any.
    pub client: Option<String>,
    /// The user of the sessions, without a domain; `None` for any.
    pub user: Option<String>,
    /// The level; `None` for the highest that the call has.
    pub level: Option<Level>,
}

/// A call of Windows, and its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `NetSessionEnum`: every session of the query.
    Enumerate(Level),
    /// `NetSessionGetInfo`: one session of a user from a client.
    GetInfo(Level),
}

impl Call {
    /// The name, a promise to programs: that of the function in snake case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enumerate(_) => "net_session_enum",
            Self::GetInfo(_) => "net_session_get_info",
        }
    }

    /// The level.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Enumerate(level) | Self::GetInfo(level) => level,
        }
    }
}

impl Query {
    /// The call that answers the query once. `NetSessionGetInfo` needs a client and a user, and
    /// its documentation has no level 502.
    #[must_use]
    pub fn call(&self) -> Call {
        let is_of_one = self.client.is_some() && self.user.is_some();
        match (is_of_one, self.level) {
            (true, None) => Call::GetInfo(Level::Two),
            (true, Some(level @ (Level::One | Level::Two))) => Call::GetInfo(level),
            _ => self.enumeration(),
        }
    }

    /// The call that lists every session of the query, also several of one user from one
    /// client.
    #[must_use]
    pub fn enumeration(&self) -> Call {
        Call::Enumerate(self.level.unwrap_or(Level::FiveHundredTwo))
    }

    /// True if the query names a client or a user.
    #[must_use]
    pub const fn is_filtered(&self) -> bool {
        self.client.is_some() || self.user.is_some()
    }
}

/// The name of a computer with two leading backslashes. `NetSessionEnum` rejects a client
/// without them (MS-SRVS, section 3.1.4.5); it accepts a server with or without.
#[must_use]
pub fn unc(computer: &str) -> String {
    format!(r"\\{computer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_read_by_its_number() {
        for level in Level::ALL {
            assert_eq!(level.name(), level.number().to_string());
            assert_eq!(level.name().parse(), Ok(level));
        }
        for wrong in ["", "10", "01", "502 "] {
            assert!(wrong.parse::<Level>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_client_and_a_user_select_get_info_if_it_has_the_level() {
        let query = |names: [bool; 2], level| {
            let [client, user] = names.map(|is_named| is_named.then(|| "NAME".to_owned()));
            Query { server: None, client, user, level }.call()
        };
        for names in [[false, false], [false, true], [true, false]] {
            assert_eq!(query(names, None), Call::Enumerate(Level::FiveHundredTwo));
            assert_eq!(query(names, Some(Level::One)), Call::Enumerate(Level::One));
        }
        let both = [true, true];
        assert_eq!(query(both, None), Call::GetInfo(Level::Two));
        assert_eq!(query(both, Some(Level::One)), Call::GetInfo(Level::One));
        let fullest = Level::FiveHundredTwo;
        assert_eq!(query(both, Some(fullest)), Call::Enumerate(fullest));
    }

    #[test]
    fn computer_names_begin_with_two_backslashes() {
        assert_eq!(unc("FILES"), r"\\FILES");
    }
}
