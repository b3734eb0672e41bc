//! What is asked of an SMB server.

use std::str::FromStr;

/// Which structure is asked for.
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

/// Which sessions are asked for, and of whom. Names have no backslashes before them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The server; this computer, where none is named.
    pub server: Option<String>,
    /// Sessions from this computer; from any, where none is named.
    pub client: Option<String>,
    /// Sessions of this user; of any, where none is named.
    pub user: Option<String>,
    /// The level; the fullest that the call has, where none is named.
    pub level: Option<Level>,
}

/// The call that answers a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `NetSessionEnum`: all that the query names.
    Enumerate(Level),
    /// `NetSessionGetInfo`: the one session of a client's user.
    GetInfo(Level),
}

impl Call {
    /// Its name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enumerate(_) => "net_session_enum",
            Self::GetInfo(_) => "net_session_get_info",
        }
    }

    /// Its level.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Enumerate(level) | Self::GetInfo(level) => level,
        }
    }
}

impl Query {
    /// The call for one answer. `NetSessionGetInfo` needs a client and a user, and
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

    /// The call that gives all that the query names, however many they are.
    #[must_use]
    pub fn enumeration(&self) -> Call {
        Call::Enumerate(self.level.unwrap_or(Level::FiveHundredTwo))
    }

    /// Whether only some sessions are asked for.
    #[must_use]
    pub const fn is_filtered(&self) -> bool {
        self.client.is_some() || self.user.is_some()
    }
}

/// The name of a computer as these calls want it, with two backslashes.
/// `NetSessionEnum` refuses a client without (MS-SRVS, section 3.1.4.5), and takes
/// servers with and without.
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
    fn a_client_and_a_user_are_one_session_where_the_call_has_the_level() {
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
    fn computers_are_named_with_two_backslashes() {
        assert_eq!(unc("FILES"), r"\\FILES");
    }
}
