//! A logon session as LSA knows it, and the choice of the one that began a session.

use std::fmt;

use serde::{Serialize, Serializer};
use sessionwatch_reader::time::SystemTime;

use crate::named::name_or_number;
use crate::session::{Session, seconds_between};

/// The longest time between LSA's logon and that of WTS: between the two, Windows prepares
/// the user's shell.
const SAME_LOGON_SECONDS: u64 = 300;

/// A logon's LUID, unique until the machine restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogonId(
    /// Both halves.
    pub u64,
);

impl fmt::Display for LogonId {
    /// Formats the id as the security log does.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}", self.0)
    }
}

impl Serialize for LogonId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The type of a logon: `SECURITY_LOGON_TYPE` of `ntsecapi.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogonType(
    /// The number.
    pub u32,
);

impl LogonType {
    /// At this machine.
    pub const INTERACTIVE: Self = Self(2);
    /// By Remote Desktop.
    pub const REMOTE_INTERACTIVE: Self = Self(10);
    /// At this machine, checked without a domain controller.
    pub const CACHED_INTERACTIVE: Self = Self(11);
    /// By Remote Desktop, checked without a domain controller.
    pub const CACHED_REMOTE_INTERACTIVE: Self = Self(12);

    /// Its name, if it is a documented type.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            2 => "interactive",
            3 => "network",
            4 => "batch",
            5 => "service",
            6 => "proxy",
            7 => "unlock",
            8 => "network_cleartext",
            9 => "new_credentials",
            10 => "remote_interactive",
            11 => "cached_interactive",
            12 => "cached_remote_interactive",
            13 => "cached_unlock",
            _ => return None,
        })
    }

    /// True if Windows creates a session for a logon of this type.
    const fn makes_a_session(self) -> bool {
        matches!(
            self,
            Self::INTERACTIVE
                | Self::REMOTE_INTERACTIVE
                | Self::CACHED_INTERACTIVE
                | Self::CACHED_REMOTE_INTERACTIVE
        )
    }
}

impl fmt::Display for LogonType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.pad(name),
            None => self.0.fmt(formatter),
        }
    }
}

impl Serialize for LogonType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        name_or_number(self.name(), self.0, serializer)
    }
}

/// A logon session: `SECURITY_LOGON_SESSION_DATA` of `ntsecapi.h`. A field is `None` if
/// LSA has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logon {
    /// Its LUID.
    pub logon_id: LogonId,
    /// The user.
    pub user: Option<String>,
    /// The user's domain.
    pub domain: Option<String>,
    /// The user's security identifier.
    pub sid: Option<String>,
    /// Its type.
    pub logon_type: LogonType,
    /// The authentication package that let the user in.
    pub package: Option<String>,
    /// The session of the logon.
    pub session_id: u32,
    /// Its time.
    pub logon_time: Option<SystemTime>,
}

/// The logon that began the session; `None` if that is not certain.
///
/// A session id has many logons:
///
/// - those of the window manager and the font driver;
/// - the elevated half of an administrator's logon;
/// - those of programs run as another user;
/// - leaked logons of an earlier session with this id.
///
/// So the logon must have this session id, a type that gets a session, and the user that WTS
/// names. If both WTS and LSA have a logon time, the two must be within five minutes. If several
/// logons fit, the first began the session, and the others started within it.
pub(crate) fn of_session<'a>(session: &Session, logons: &'a [Logon]) -> Option<&'a Logon> {
    let is_its_own = |logon: &&Logon| {
        logon.session_id == session.session_id
            && logon.logon_type.makes_a_session()
            && session.user.is_some()
            && is_same(session.user.as_deref(), logon.user.as_deref())
            && is_same(session.domain.as_deref(), logon.domain.as_deref())
            && is_near(session.logon_time, logon.logon_time)
    };
    logons.iter().filter(is_its_own).min_by_key(|logon| (logon.logon_time, logon.logon_id))
}

fn is_same(one: Option<&str>, other: Option<&str>) -> bool {
    one.map(str::to_lowercase) == other.map(str::to_lowercase)
}

fn is_near(one: Option<SystemTime>, other: Option<SystemTime>) -> bool {
    one.zip(other).is_none_or(|(one, other)| {
        seconds_between(one.min(other), one.max(other)) <= SAME_LOGON_SECONDS
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::session::ConnectState;

    const SECOND: u64 = 10_000_000;

    fn session() -> Session {
        Session {
            user: Some("Zoë".into()),
            domain: Some("OFFICE".into()),
            logon_time: Some(SystemTime(10_000 * SECOND)),
            ..Session::of(3, ConnectState::ACTIVE)
        }
    }

    fn logon(logon_id: u64) -> Logon {
        Logon {
            logon_id: LogonId(logon_id),
            user: Some("zoë".into()),
            domain: Some("office".into()),
            sid: Some("S-1-5-21-1-2-3-1001".into()),
            logon_type: LogonType::REMOTE_INTERACTIVE,
            package: Some("Negotiate".into()),
            session_id: 3,
            logon_time: Some(SystemTime(9_990 * SECOND)),
        }
    }

    #[test]
    fn each_condition_is_needed() {
        assert_eq!(of_session(&session(), &[logon(7)]), Some(&logon(7)));
        let far = |seconds| Some(SystemTime(seconds * SECOND));
        for other in [
            Logon { session_id: 4, ..logon(7) },
            Logon { logon_type: LogonType(3), ..logon(7) },
            Logon { logon_type: LogonType(7), ..logon(7) },
            Logon { user: Some("DWM-3".into()), domain: Some("Window Manager".into()), ..logon(7) },
            Logon { user: Some("zoe".into()), ..logon(7) },
            Logon { user: None, ..logon(7) },
            Logon { domain: None, ..logon(7) },
            Logon { domain: Some("HOME".into()), ..logon(7) },
            Logon { logon_time: far(10_301), ..logon(7) },
            Logon { logon_time: far(9_699), ..logon(7) },
        ] {
            assert_eq!(of_session(&session(), std::slice::from_ref(&other)), None, "{other:?}");
        }
        let nobody = Session { user: None, domain: None, ..session() };
        let nameless = Logon { user: None, domain: None, ..logon(7) };
        assert_eq!(of_session(&nobody, &[nameless, logon(7)]), None);
    }

    #[test]
    fn an_unknown_time_is_no_contradiction() {
        let silent = Logon { logon_time: None, ..logon(7) };
        assert!(of_session(&session(), &[silent]).is_some());
        assert!(of_session(&Session { logon_time: None, ..session() }, &[logon(7)]).is_some());
    }

    #[test]
    fn numbers_are_named_as_the_security_log_does() {
        assert_eq!(LogonId(0x0000_0001_0003_E7AB).to_string(), "0x10003e7ab");
        assert_eq!(serde_json::to_string(&LogonType(10)).unwrap(), "\"remote_interactive\"");
        assert_eq!(serde_json::to_string(&LogonType(99)).unwrap(), "99");
    }

    proptest! {
        /// The first of several logons is the session's, whatever their order in the list.
        #[test]
        fn the_first_logon_is_the_sessions(
            mut others in prop::collection::vec((8u64..1000, 9_990u64..10_300), 0..8),
            place in 0usize..8,
        ) {
            others.sort_unstable();
            let mut logons: Vec<_> = others
                .iter()
                .map(|(id, at)| Logon { logon_time: Some(SystemTime(at * SECOND)), ..logon(*id) })
                .collect();
            logons.insert(place.min(logons.len()), logon(7));
            prop_assert_eq!(of_session(&session(), &logons), Some(&logon(7)));
        }
    }
}
