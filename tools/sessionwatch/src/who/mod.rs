//! Who is in a session: what user mode knows of it.
//!
//! The kernel tells a driver the id of a session and nothing of its user. WTS
//! (the session manager's interface) knows the user, the client and the times of a
//! session, LSA (the security authority) the logon behind it. A [`Directory`] gives
//! what both say as plain data, and [`Who`] is what fits together for certain.
//!
//! *Why does it come with the newest event of a session only?* WTS and LSA know the
//! present. What they say belongs to an event only if nothing has happened to the
//! session since; [`Known`] asks the driver that after the look-up. So what
//! is not certain is absent.

mod certain;
mod logon;
mod session;

use std::net::IpAddr;

use serde::{Serialize, Serializer};
use thiserror::Error;

pub use certain::Known;
pub use logon::{Logon, LogonId, LogonType};
pub use session::{ConnectState, Session, client_address};

use crate::device::Device;
use crate::time::{SystemTime, elapsed};

/// What user mode knows of the sessions.
pub trait Directory {
    /// The sessions that WTS lists, listeners included, with what the list says of
    /// them: names, state and station.
    ///
    /// # Errors
    ///
    /// If Windows does not give the list.
    fn sessions(&self) -> Result<Vec<Session>, DirectoryError>;

    /// All that WTS says of a session; none where it has no such session or says
    /// nothing of it.
    ///
    /// # Errors
    ///
    /// If Windows does not answer.
    fn session(&self, session_id: u32) -> Result<Option<Session>, DirectoryError>;

    /// The logon sessions of LSA, as far as this user may see them: administrators
    /// all, others their own.
    ///
    /// # Errors
    ///
    /// If Windows does not give the list.
    fn logons(&self) -> Result<Vec<Logon>, DirectoryError>;
}

/// Why a [`Directory`] has no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DirectoryError {
    /// A call of Windows failed.
    #[error(
        "Windows does not say who is in the sessions: {message} (error {code} of {call}); \
         `sessionwatch follow --snapshot` asks the driver alone"
    )]
    Windows {
        /// The call.
        call: &'static str,
        /// The Win32 error.
        code: u32,
        /// What Windows says about it.
        message: String,
    },
    /// There is no directory on this system.
    #[error("who is in the sessions is only known on Windows: run this there")]
    NotWindows,
}

/// What user mode knows of the sessions whose events a device gives; nobody is asked
/// about those in a recording, which are of another time.
#[must_use]
pub fn beside(device: &dyn Device) -> Option<Box<dyn Directory>> {
    device.recording().is_none().then(open).and_then(Result::ok)
}

/// Opens what Windows knows of its sessions.
///
/// # Errors
///
/// Where there is no Windows.
#[cfg(windows)]
pub fn open() -> Result<Box<dyn Directory>, DirectoryError> {
    Ok(Box::new(crate::windows::Directory))
}

/// Opens what Windows knows of its sessions.
///
/// # Errors
///
/// Always: this is no Windows.
#[cfg(not(windows))]
pub fn open() -> Result<Box<dyn Directory>, DirectoryError> {
    Err(DirectoryError::NotWindows)
}

/// Who has said what there is to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Source {
    /// WTS alone: no logon session of LSA belongs to the session for certain.
    #[serde(rename = "wts")]
    Wts,
    /// WTS, and LSA for `sid`, `logon_type`, `package` and `logon_id`.
    #[serde(rename = "wts+lsa")]
    WtsAndLsa,
}

/// Who is in a session, as user mode knows it at one moment.
///
/// What nobody has said is none. The names of the fields are a promise to
/// programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    /// Who has said it.
    pub source: Source,
    /// The user that is logged on; none in front of a logon screen.
    pub user: Option<String>,
    /// The user's domain, or the machine's name for its own users.
    pub domain: Option<String>,
    /// The user's security identifier, as text.
    pub sid: Option<String>,
    /// The session's state as WTS sees it.
    pub connect_state: ConnectState,
    /// The name of the session's terminal, such as `RDP-Tcp#7`; none while it has none.
    pub station: Option<String>,
    /// Whether the session is locked.
    pub locked: Option<bool>,
    /// The name that the client gives itself.
    pub client_name: Option<String>,
    /// The address that the client gives itself; behind a gateway or a translated
    /// address it is not where the connection comes from.
    pub client_address: Option<IpAddr>,
    /// When the user logged on, as WTS says it.
    pub logon_time: Option<SystemTime>,
    /// When the session last had input.
    pub last_input_time: Option<SystemTime>,
    /// For how many whole seconds the session has had no input.
    pub idle_seconds: Option<u64>,
    /// How the user logged on.
    pub logon_type: Option<LogonType>,
    /// The authentication package that let the user in, such as `Kerberos`.
    pub package: Option<String>,
    /// The logon's LUID, which the security log calls the logon id.
    pub logon_id: Option<LogonId>,
}

impl Who {
    /// Of a session, with the logon of these that is certainly its own.
    #[must_use]
    pub fn of(session: &Session, logons: &[Logon]) -> Self {
        let logon = logon::of_session(session, logons);
        Self {
            source: if logon.is_some() { Source::WtsAndLsa } else { Source::Wts },
            user: session.user.clone(),
            domain: session.domain.clone(),
            sid: logon.and_then(|logon| logon.sid.clone()),
            connect_state: session.connect_state,
            station: session.station.clone(),
            locked: session.locked,
            client_name: session.client_name.clone(),
            client_address: session.client_address,
            logon_time: session.logon_time,
            last_input_time: session.last_input_time,
            idle_seconds: session.idle_seconds(),
            logon_type: logon.map(|logon| logon.logon_type),
            package: logon.and_then(|logon| logon.package.clone()),
            logon_id: logon.map(|logon| logon.logon_id),
        }
    }

    /// The user as people write it: `DOMAIN\user`.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        let user = self.user.as_ref()?;
        Some(match &self.domain {
            Some(domain) => format!(r"{domain}\{user}"),
            None => user.clone(),
        })
    }

    /// Where the client is, as it says itself.
    #[must_use]
    pub fn client(&self) -> Option<String> {
        match (&self.client_name, self.client_address) {
            (Some(name), Some(address)) => Some(format!("{} ({address})", printable(name))),
            (Some(name), None) => Some(printable(name)),
            (None, Some(address)) => Some(address.to_string()),
            (None, None) => None,
        }
    }

    /// Whether this is the user of that name: `anna`, `OFFICE\anna` or a security
    /// identifier. Capitals make no difference, as they make none to Windows.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        [self.user.clone(), self.account(), self.sid.clone()]
            .iter()
            .flatten()
            .any(|own| own.to_lowercase() == name.to_lowercase())
    }
}

/// A text as it can be shown on a terminal: a client chooses its name itself, and may
/// put commands to the terminal into it.
fn printable(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, character| {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
        shown
    })
}

/// The users that are asked for; every event and session, where none is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users(
    /// Their names, as [`Who::is`] knows them.
    pub Vec<String>,
);

impl Users {
    /// Whether what belongs to `who` is shown. Where nobody knows who it is, it is
    /// kept back if anybody was asked for.
    #[must_use]
    pub fn admit(&self, who: Option<&Who>) -> bool {
        self.0.is_empty() || who.is_some_and(|who| self.0.iter().any(|name| who.is(name)))
    }
}

/// The whole seconds from one moment to a later one.
fn seconds_between(earlier: SystemTime, later: SystemTime) -> u64 {
    elapsed(earlier.0, later.0).as_secs().unsigned_abs()
}

/// Writes a value of an open set: its name, or its number where it has none.
fn name_or_number<S: Serializer>(
    name: Option<&'static str>,
    number: u32,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match name {
        Some(name) => serializer.serialize_str(name),
        None => serializer.serialize_u32(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anna() -> Session {
        Session {
            user: Some("Anna".to_owned()),
            domain: Some("OFFICE".to_owned()),
            ..Session::of(3, ConnectState::ACTIVE)
        }
    }

    #[test]
    fn a_user_is_named_alone_with_the_domain_or_by_sid() {
        let mut who = Who::of(&anna(), &[]);
        who.sid = Some("S-1-5-21-7".to_owned());
        for name in ["anna", "ANNA", r"office\anna", "s-1-5-21-7"] {
            assert!(who.is(name), "{name}");
        }
        for name in ["", "ann", r"\anna", r"home\anna", "office"] {
            assert!(!who.is(name), "{name}");
        }
        assert!(!Who::of(&Session::of(1, ConnectState::CONNECTED), &[]).is(""));
    }

    #[test]
    fn whoever_is_not_known_is_nobody_who_was_asked_for() {
        let who = Who::of(&anna(), &[]);
        let users = |names: &[&str]| Users(names.iter().map(ToString::to_string).collect());
        assert!(users(&[]).admit(None) && users(&[]).admit(Some(&who)));
        assert!(users(&["bert", "anna"]).admit(Some(&who)));
        assert!(!users(&["bert"]).admit(Some(&who)) && !users(&["anna"]).admit(None));
    }

    #[test]
    fn a_client_is_shown_as_far_as_it_is_known() {
        let mut session = anna();
        assert_eq!(Who::of(&session, &[]).client(), None);
        session.client_address = Some([10, 1, 2, 3].into());
        assert_eq!(Who::of(&session, &[]).client().unwrap(), "10.1.2.3");
        session.client_name = Some("LAPTOP".to_owned());
        assert_eq!(Who::of(&session, &[]).client().unwrap(), "LAPTOP (10.1.2.3)");
        session.client_name = Some("\u{1b}[2J\u{9b}2J\n".to_owned());
        let who = Who::of(&session, &[]);
        assert_eq!(who.client().unwrap(), r"\u{1b}[2J\u{9b}2J\n (10.1.2.3)");
    }
}
