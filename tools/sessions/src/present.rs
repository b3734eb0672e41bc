//! A present session: the driver's and user mode's view of it, side by side.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use sessionwatch_protocol::{Record, SessionState};
use sessionwatch_who::{ConnectState, Who};

/// The session of the services, on every machine.
const SERVICES: u32 = 0;

/// A session that is present.
#[derive(Clone, Debug)]
pub struct PresentSession {
    /// Its id.
    pub session_id: u32,
    /// Its last event; `None` if it has had none since the driver was loaded.
    pub driver: Option<Record>,
    /// Its user; `None` if user mode does not know the session, or its answer may be of another
    /// moment.
    pub who: Option<Who>,
}

/// The use of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// A user is logged on and connected.
    User,
    /// A user is logged on and disconnected.
    Disconnected,
    /// Nobody is logged on, as at a logon screen.
    Nobody,
    /// The session of the services.
    Services,
    /// No session, but a listener for clients.
    Listener,
    /// Neither the driver nor user mode tells.
    Unknown,
}

impl SessionKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::User,
        Self::Disconnected,
        Self::Nobody,
        Self::Services,
        Self::Listener,
        Self::Unknown,
    ];

    /// Its name in the output for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Disconnected => "disconnected",
            Self::Nobody => "nobody",
            Self::Services => "services",
            Self::Listener => "listener",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for SessionKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|kind| kind.name()).collect();
            format!("expected {}", names.join(", "))
        })
    }
}

impl PresentSession {
    /// Its use, according to user mode, or else to the driver.
    #[must_use]
    pub fn kind(&self) -> SessionKind {
        match &self.who {
            Some(Who { connect_state: ConnectState::LISTEN, .. }) => SessionKind::Listener,
            _ if self.session_id == SERVICES => SessionKind::Services,
            Some(Who { user: None, .. }) => SessionKind::Nobody,
            Some(Who { connect_state: ConnectState::DISCONNECTED, .. }) => {
                SessionKind::Disconnected
            }
            Some(_) => SessionKind::User,
            None => {
                self.driver.as_ref().map_or(SessionKind::Unknown, |last| by_state(last.state()))
            }
        }
    }
}

fn by_state(state: SessionState) -> SessionKind {
    match state {
        SessionState::LOGGED_ON => SessionKind::User,
        SessionState::DISCONNECTED_LOGGED_ON => SessionKind::Disconnected,
        SessionState::CREATED
        | SessionState::INITIALIZED
        | SessionState::CONNECTED
        | SessionState::DISCONNECTED
        | SessionState::LOGGED_OFF => SessionKind::Nobody,
        _ => SessionKind::Unknown,
    }
}

/// Joins the answer of user mode with the driver's snapshots from before and after it.
///
/// Both snapshots are in the order of session ids. A session with an event in between gets only the driver's last view, because user mode's answer
/// may be older than the event.
#[must_use]
pub fn join(before: &[Record], known: BTreeMap<u32, Who>, after: &[Record]) -> Vec<PresentSession> {
    let find = |records: &[Record], session_id: u32| {
        let place = records.binary_search_by_key(&session_id, |record| record.session_id.get());
        place.ok().and_then(|place| records.get(place).copied())
    };
    let mut known = known;
    let mut ids: Vec<u32> = after.iter().map(|record| record.session_id.get()).collect();
    ids.extend(known.keys());
    ids.sort_unstable();
    ids.dedup();
    let mut sessions = Vec::with_capacity(ids.len());
    let joined = ids
        .into_iter()
        .map(|session_id| {
            let driver = find(after, session_id);
            let is_settled = find(before, session_id) == driver;
            let who = known.remove(&session_id).filter(|_| is_settled);
            PresentSession { session_id, driver, who }
        })
        .filter(|session| session.driver.is_some() || session.who.is_some());
    sessions.extend(joined);
    sessions
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sessionwatch_who::Session;
    use zerocopy::FromZeros;

    use super::*;

    fn record(session_id: u32, sequence: u64, state: SessionState) -> Record {
        let mut record = Record::new_zeroed();
        record.session_id = session_id.into();
        record.sequence = sequence.into();
        record.state = state.0.into();
        record
    }

    fn who(session_id: u32, connect_state: ConnectState, user: Option<&str>) -> Who {
        let user = user.map(str::to_owned);
        Who::of(&Session { user, ..Session::of(session_id, connect_state) }, &[])
    }

    #[test]
    fn each_kind_of_session_is_recognized() {
        let kind = |session_id, who, state: Option<SessionState>| {
            let driver = state.map(|state| record(session_id, 1, state));
            PresentSession { session_id, driver, who }.kind()
        };
        let (active, gone) = (ConnectState::ACTIVE, ConnectState::DISCONNECTED);
        let listen = who(65_536, ConnectState::LISTEN, None);
        assert_eq!(kind(65_536, Some(listen), None), SessionKind::Listener);
        assert_eq!(kind(0, Some(who(0, gone, None)), None), SessionKind::Services);
        assert_eq!(kind(0, None, None), SessionKind::Services);
        assert_eq!(kind(1, Some(who(1, active, Some("anna"))), None), SessionKind::User);
        assert_eq!(kind(1, Some(who(1, gone, Some("anna"))), None), SessionKind::Disconnected);
        assert_eq!(kind(1, Some(who(1, gone, None)), None), SessionKind::Nobody);
        for (state, expected) in [
            (SessionState::LOGGED_ON, SessionKind::User),
            (SessionState::DISCONNECTED_LOGGED_ON, SessionKind::Disconnected),
            (SessionState::CONNECTED, SessionKind::Nobody),
            (SessionState::UNKNOWN, SessionKind::Unknown),
            (SessionState(77), SessionKind::Unknown),
        ] {
            assert_eq!(kind(4, None, Some(state)), expected);
        }
        assert_eq!(kind(4, None, None), SessionKind::Unknown);
    }

    #[test]
    fn every_kind_is_read_by_its_name() {
        for kind in SessionKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        let error = "users".parse::<SessionKind>().unwrap_err();
        assert_eq!(error, "expected user, disconnected, nobody, services, listener, unknown");
    }

    #[test]
    fn a_user_from_before_an_event_is_omitted() {
        let on = |session_id, sequence| record(session_id, sequence, SessionState::LOGGED_ON);
        let known = (1..=5).map(|id| (id, who(id, ConnectState::ACTIVE, Some("anna")))).collect();
        // 1 is unchanged, 2 has had an event, 3 is new, 4 is gone, and 5 is unknown to the
        // driver.
        let sessions =
            join(&[on(1, 10), on(2, 20), on(4, 40)], known, &[on(1, 10), on(2, 21), on(3, 30)]);
        let shown: Vec<_> = sessions
            .iter()
            .map(|session| (session.session_id, session.driver.is_some(), session.who.is_some()))
            .collect();
        let expected = [(1, true, true), (2, true, false), (3, true, false), (5, false, true)];
        assert_eq!(shown, expected);
    }

    proptest! {
        /// Each session appears once, in the order of ids. Only a session with the same last
        /// event before and after has a user.
        #[test]
        fn sessions_come_once_and_settled(
            before in prop::collection::btree_map(0u32..8, 1u64..4, 0..8),
            known in prop::collection::btree_set(0u32..8, 0..8),
            after in prop::collection::btree_map(0u32..8, 1u64..4, 0..8),
        ) {
            let records = |map: &BTreeMap<u32, u64>| -> Vec<Record> {
                map.iter().map(|(id, sequence)| record(*id, *sequence, SessionState(6))).collect()
            };
            let names = known.iter().map(|id| (*id, who(*id, ConnectState::ACTIVE, None))).collect();
            let sessions = join(&records(&before), names, &records(&after));
            prop_assert!(sessions.is_sorted_by(|one, next| one.session_id < next.session_id));
            for id in 0..8 {
                let session = sessions.iter().find(|session| session.session_id == id);
                let driver = session.and_then(|session| session.driver);
                prop_assert_eq!(driver.map(|last| last.sequence.get()), after.get(&id).copied());
                let settled = before.get(&id) == after.get(&id);
                let who = session.is_some_and(|session| session.who.is_some());
                prop_assert_eq!(who, settled && known.contains(&id));
            }
        }
    }
}
