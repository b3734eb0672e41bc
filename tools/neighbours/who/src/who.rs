//! The user of a session, as a plain type.

use std::net::IpAddr;

use serde::Serialize;
use sessionwatch_reader::time::SystemTime;

use crate::logon::{self, Logon, LogonId, LogonType};
use crate::session::{ConnectState, Session};

/// The sources of a [`Who`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Source {
    /// WTS alone: no logon session of LSA certainly belongs to the session.
    #[serde(rename = "wts")]
    Wts,
    /// WTS, and LSA for `sid`, `logon_type`, `package` and `logon_id`.
    #[serde(rename = "wts+lsa")]
    WtsAndLsa,
}

/// The user of a session, as user mode knows it at one moment.
///
/// A field is `None` if no source has a value. The names of the fields are a promise to
/// programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    /// The sources of the other fields.
    pub source: Source,
    /// The user that is logged on; `None` at a logon screen.
    pub user: Option<String>,
    /// The user's domain, or the machine's name for its own users.
    pub domain: Option<String>,
    /// The user's security identifier, as text.
    pub sid: Option<String>,
    /// The session's state in WTS.
    pub connect_state: ConnectState,
    /// The name of the session's terminal, such as `RDP-Tcp#7`; `None` without one.
    pub station: Option<String>,
    /// True if the session is locked.
    pub locked: Option<bool>,
    /// The client's name, as the client reports it.
    pub client_name: Option<String>,
    /// The client's address, as the client reports it. Behind a gateway or a translated address,
    /// it differs from the address of the connection.
    pub client_address: Option<IpAddr>,
    /// The time of the user's logon, as WTS reports it.
    pub logon_time: Option<SystemTime>,
    /// The time of the session's last input.
    pub last_input_time: Option<SystemTime>,
    /// Whole seconds since the session's last input.
    pub idle_seconds: Option<u64>,
    /// The type of the user's logon.
    pub logon_type: Option<LogonType>,
    /// The authentication package that let the user in, such as `Kerberos`.
    pub package: Option<String>,
    /// The logon's LUID, which the security log calls the logon id.
    pub logon_id: Option<LogonId>,
}

impl Who {
    /// Combines a session with the one of these logons that is certainly its own.
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

    /// The user as `DOMAIN\user`.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        let user = self.user.as_ref()?;
        Some(match &self.domain {
            Some(domain) => format!(r"{domain}\{user}"),
            None => user.clone(),
        })
    }

    /// The client's name and address, as the client reports them.
    #[must_use]
    pub fn client(&self) -> Option<String> {
        match (&self.client_name, self.client_address) {
            (Some(name), Some(address)) => Some(format!("{} ({address})", printable(name))),
            (Some(name), None) => Some(printable(name)),
            (None, Some(address)) => Some(address.to_string()),
            (None, None) => None,
        }
    }

    /// True if `name` names this user: `anna`, `OFFICE\anna` or a security identifier.
    /// Case makes no difference, as in Windows.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        [self.user.clone(), self.account(), self.sid.clone()]
            .iter()
            .flatten()
            .any(|own| own.to_lowercase() == name.to_lowercase())
    }
}

/// Text that is safe to print on a terminal. A client chooses its name, and may put escape
/// sequences into it.
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

/// The users to show; all, if empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users(
    /// Their names, as [`Who::is`] knows them.
    pub Vec<String>,
);

impl Users {
    /// True if an event or session of `who` is shown. An unknown user is shown only if all
    /// users are.
    #[must_use]
    pub fn admit(&self, who: Option<&Who>) -> bool {
        self.0.is_empty() || who.is_some_and(|who| self.0.iter().any(|name| who.is(name)))
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
    fn an_unknown_user_is_shown_only_without_a_filter() {
        let who = Who::of(&anna(), &[]);
        let users = |names: &[&str]| Users(names.iter().map(ToString::to_string).collect());
        assert!(users(&[]).admit(None) && users(&[]).admit(Some(&who)));
        assert!(users(&["bert", "anna"]).admit(Some(&who)));
        assert!(!users(&["bert"]).admit(Some(&who)) && !users(&["anna"]).admit(None));
    }

    #[test]
    fn a_client_is_shown_with_its_known_fields() {
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
