//! A session in WTS.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Serialize, Serializer};
use sessionwatch_reader::time::{SystemTime, elapsed};

use crate::named::name_or_number;

/// A session's state in WTS: `WTS_CONNECTSTATE_CLASS` of `wtsapi32.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConnectState(
    /// The number.
    pub u32,
);

/// The names of the numbers from 0 on.
const STATES: [&str; 10] = [
    "active",
    "connected",
    "connect_query",
    "shadow",
    "disconnected",
    "idle",
    "listen",
    "reset",
    "down",
    "init",
];

impl ConnectState {
    /// A user is logged on to a connected session.
    pub const ACTIVE: Self = Self(0);
    /// A terminal is attached; nobody is logged on yet.
    pub const CONNECTED: Self = Self(1);
    /// No terminal is attached.
    pub const DISCONNECTED: Self = Self(4);
    /// No session, but a listener for clients.
    pub const LISTEN: Self = Self(6);

    /// Its name, if it is a documented state.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        usize::try_from(self.0).ok().and_then(|number| STATES.get(number)).copied()
    }
}

impl fmt::Display for ConnectState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.pad(name),
            None => self.0.fmt(formatter),
        }
    }
}

impl Serialize for ConnectState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        name_or_number(self.name(), self.0, serializer)
    }
}

/// A session in WTS. A field is `None` if WTS has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session's id.
    pub session_id: u32,
    /// Its state.
    pub connect_state: ConnectState,
    /// The name of its terminal.
    pub station: Option<String>,
    /// The user that is logged on.
    pub user: Option<String>,
    /// The user's domain.
    pub domain: Option<String>,
    /// The client's name, as the client reports it.
    pub client_name: Option<String>,
    /// The client's address, as the client reports it.
    pub client_address: Option<IpAddr>,
    /// The time of the user's logon.
    pub logon_time: Option<SystemTime>,
    /// The time of the last disconnect.
    pub disconnect_time: Option<SystemTime>,
    /// The time of the last input.
    pub last_input_time: Option<SystemTime>,
    /// The time of this answer.
    pub current_time: Option<SystemTime>,
    /// True if the session is locked.
    pub locked: Option<bool>,
}

impl Session {
    /// A session with a state and nothing else.
    #[must_use]
    pub const fn of(session_id: u32, connect_state: ConnectState) -> Self {
        Self {
            session_id,
            connect_state,
            station: None,
            user: None,
            domain: None,
            client_name: None,
            client_address: None,
            logon_time: None,
            disconnect_time: None,
            last_input_time: None,
            current_time: None,
            locked: None,
        }
    }

    /// Whole seconds since the last input. WTS forgets the last input when the terminal
    /// detaches; from then on, whole seconds since the disconnect.
    pub(crate) fn idle_seconds(&self) -> Option<u64> {
        let disconnected =
            self.disconnect_time.filter(|_| self.connect_state == ConnectState::DISCONNECTED);
        let since = self.last_input_time.or(disconnected)?;
        let now = self.current_time.filter(|now| since <= *now)?;
        Some(seconds_between(since, now))
    }
}

/// The whole seconds from one moment to a later one.
pub(crate) fn seconds_between(earlier: SystemTime, later: SystemTime) -> u64 {
    elapsed(earlier.0, later.0).as_secs().unsigned_abs()
}

/// `AF_INET` of `winsock2.h`.
const IPV4: u32 = 2;
/// `AF_INET6` of `winsock2.h`.
const IPV6: u32 = 23;

/// The address in a `WTS_CLIENT_ADDRESS`; `None` if it is of another family or all zero. According
/// to the page of that structure, an IPv4 address begins at the third byte, and an IPv6 address at
/// the first.
#[must_use]
pub fn client_address(family: u32, bytes: &[u8; 20]) -> Option<IpAddr> {
    let address = match family {
        IPV4 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(&bytes[2..6]).ok()?)),
        IPV6 => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(&bytes[..16]).ok()?)),
        _ => return None,
    };
    Some(address).filter(|address| !address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_their_names_or_their_numbers() {
        assert_eq!(ConnectState::LISTEN.to_string(), "listen");
        assert_eq!(serde_json::to_string(&ConnectState(9)).unwrap(), "\"init\"");
        assert_eq!(serde_json::to_string(&ConnectState(10)).unwrap(), "10");
        assert_eq!(ConnectState(u32::MAX).to_string(), "4294967295");
    }

    #[test]
    fn an_address_is_read_at_the_offset_of_its_family() {
        let mut bytes = [0; 20];
        bytes[2..6].copy_from_slice(&[192, 168, 0, 1]);
        assert_eq!(client_address(2, &bytes), Some([192, 168, 0, 1].into()));
        let mut bytes = [0; 20];
        bytes[..16].copy_from_slice(&[0xFD, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(client_address(23, &bytes).unwrap().to_string(), "fd01::9");
        for family in [0, 2, 6, 23] {
            assert_eq!(client_address(family, &[0; 20]), None);
        }
        assert_eq!(client_address(17, &[1; 20]), None);
    }

    #[test]
    fn idle_time_runs_from_the_last_input_or_the_disconnection() {
        let second = 10_000_000;
        let mut session = Session::of(2, ConnectState::ACTIVE);
        assert_eq!(session.idle_seconds(), None);
        session.current_time = Some(SystemTime(100 * second));
        session.disconnect_time = Some(SystemTime(40 * second));
        assert_eq!(session.idle_seconds(), None, "disconnected long ago, but not now");
        session.connect_state = ConnectState::DISCONNECTED;
        assert_eq!(session.idle_seconds(), Some(60));
        session.last_input_time = Some(SystemTime(97 * second + 1));
        assert_eq!(session.idle_seconds(), Some(2));
        session.last_input_time = Some(SystemTime(101 * second));
        assert_eq!(session.idle_seconds(), None, "input in the future is no input");
    }
}
