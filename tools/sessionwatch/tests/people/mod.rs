//! A directory of sessions for tests, made of plain data.
#![allow(dead_code, reason = "each test program uses a part of this")]

use std::cell::RefCell;

use sessionwatch_failure::WindowsError;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_who::{
    ConnectState, Directory, DirectoryError, Logon, LogonId, LogonType, Session,
};

/// 2026-03-01T08:00:00Z.
pub(crate) const MORNING: u64 = 134_168_256_000_000_000;
pub(crate) const MINUTE: u64 = 600_000_000;

/// A directory of sessions and logons.
#[derive(Default)]
pub(crate) struct People {
    pub(crate) sessions: Vec<Session>,
    pub(crate) logons: Vec<Logon>,
    /// The call that fails.
    pub(crate) failing: Option<&'static str>,
    /// The queried sessions.
    pub(crate) asked: RefCell<Vec<u32>>,
    /// Runs during the query of a session.
    pub(crate) meanwhile: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl People {
    fn answer<T>(&self, call: &'static str, answer: T) -> Result<T, DirectoryError> {
        if self.failing == Some(call) {
            let message = "The RPC server is unavailable".to_owned();
            return Err(DirectoryError { call, error: WindowsError { code: 1722, message } });
        }
        Ok(answer)
    }
}

impl Directory for People {
    fn sessions(&self) -> Result<Vec<Session>, DirectoryError> {
        let listed = |session: &Session| Session {
            station: session.station.clone(),
            user: session.user.clone(),
            domain: session.domain.clone(),
            ..Session::of(session.session_id, session.connect_state)
        };
        self.answer("WTSEnumerateSessionsExW", self.sessions.iter().map(listed).collect())
    }

    fn session(&self, session_id: u32) -> Result<Option<Session>, DirectoryError> {
        self.asked.borrow_mut().push(session_id);
        let session = self.sessions.iter().find(|session| session.session_id == session_id);
        let answer = self.answer("WTSQuerySessionInformationW", session.cloned());
        if let Some(happen) = self.meanwhile.borrow_mut().take() {
            happen();
        }
        answer
    }

    fn logons(&self) -> Result<Vec<Logon>, DirectoryError> {
        self.answer("LsaEnumerateLogonSessions", self.logons.clone())
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A session of a user who logged on at nine.
pub(crate) fn user(session_id: u32, name: &str, state: ConnectState) -> Session {
    Session {
        user: text(name),
        domain: text("OFFICE"),
        station: (state != ConnectState::DISCONNECTED).then(|| format!("RDP-Tcp#{session_id}")),
        client_name: text("LAPTOP-7"),
        client_address: Some([192, 0, 2, 7].into()),
        logon_time: Some(SystemTime(MORNING + 60 * MINUTE)),
        disconnect_time: Some(SystemTime(MORNING + 90 * MINUTE)),
        last_input_time: Some(SystemTime(MORNING + 118 * MINUTE + 7)),
        current_time: Some(SystemTime(MORNING + 120 * MINUTE)),
        locked: Some(false),
        ..Session::of(session_id, state)
    }
}

/// The logon behind such a session.
pub(crate) fn logon(session_id: u32, name: &str) -> Logon {
    Logon {
        logon_id: LogonId(0x1_0003_E7AB + u64::from(session_id)),
        user: text(name),
        domain: text("OFFICE"),
        sid: Some(format!("S-1-5-21-1004336348-1177238915-682003330-{}", 1000 + session_id)),
        logon_type: LogonType::REMOTE_INTERACTIVE,
        package: text("Kerberos"),
        session_id,
        logon_time: Some(SystemTime(MORNING + 59 * MINUTE)),
    }
}

/// A terminal server at ten: services, a logon screen, a connected user, a disconnected user, and a
/// listener.
pub(crate) fn terminal_server() -> People {
    let named = |session_id, state, station| Session {
        station: text(station),
        ..Session::of(session_id, state)
    };
    People {
        sessions: vec![
            named(65_536, ConnectState::LISTEN, "RDP-Tcp"),
            user(3, "Zoë", ConnectState::DISCONNECTED),
            named(0, ConnectState::DISCONNECTED, "Services"),
            user(2, "anna", ConnectState::ACTIVE),
            named(1, ConnectState::CONNECTED, "Console"),
        ],
        logons: vec![
            Logon { logon_type: LogonType::INTERACTIVE, ..logon(2, "DWM-2") },
            logon(2, "anna"),
            logon(3, "zoë"),
        ],
        ..People::default()
    }
}
