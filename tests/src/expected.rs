//! The expected content of a record, computed from the documentation, independently of the driver's
//! code.

use std::collections::HashMap;

use kmdf_host_control::{Event, Raise, State};
use sessionwatch_protocol::Record;

/// The flags that `docs/protocol.md` defines.
const DOCUMENTED_FLAGS: u16 = 0x01FF;

/// The expected content of a record, without its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The sequence number.
    pub sequence: u64,
    /// The session id.
    pub session_id: u32,
    /// The event, as a number.
    pub kind: u32,
    /// The state, as a number.
    pub state: u32,
    /// `unknown`, `local` or `remote`.
    pub locality: String,
    /// The names of the flags.
    pub flags: Vec<String>,
    /// The sequence number of the record that began this instance of the session id.
    pub instance: u64,
}

impl Expected {
    /// The content of a record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        assert_eq!(record.flags.get() & !DOCUMENTED_FLAGS, 0);
        assert_eq!(record.reserved, 0);
        Self {
            sequence: record.sequence.get(),
            session_id: record.session_id.get(),
            kind: record.kind.get(),
            state: record.state.get(),
            locality: record.locality().to_string(),
            flags: record.flags().iter_names().map(|(name, _)| name.to_ascii_lowercase()).collect(),
            instance: record.instance.get(),
        }
    }
}

/// The expected records of these events, if they are the first since the driver was loaded and the
/// driver receives them in this order.
#[must_use]
pub fn expected<'raise>(raises: impl IntoIterator<Item = &'raise Raise>) -> Vec<Expected> {
    let mut present = HashMap::new();
    (1..).zip(raises).map(|(sequence, raise)| of_raise(sequence, raise, &mut present)).collect()
}

fn of_raise(sequence: u64, raise: &Raise, present: &mut HashMap<u32, u64>) -> Expected {
    let mut flags = Vec::new();
    let is_connect = raise.event == Event::CONNECTED;
    let documented = (Event::CREATED.0..=Event::LOGOFF.0).contains(&raise.event.0);

    // Connect information counts only in a connect event, if it is complete and names this session.
    let mut connect = None;
    match (&raise.payload.bytes, raise.payload.length) {
        (None, 0) if !is_connect => {}
        (None, _) => flags.push("payload_missing"),
        (Some(_), 257..) => flags.push("payload_oversized"),
        (Some(_), 0..8) if is_connect => flags.push("payload_short"),
        (Some(digits), _) if is_connect => {
            let bytes = hex::decode(digits).unwrap();
            connect = Some((u32::from_le_bytes(bytes[..4].try_into().unwrap()), bytes[4]));
        }
        (Some(_), _) => {}
    }
    if !raise.information_fails && connect.is_some_and(|(session, _)| session != raise.session) {
        flags.push("payload_disagrees");
        connect = None;
    }

    let kernel_knows = !raise.information_fails
        && [State::CONNECTED, State::LOGGED_ON, State::LOGGED_OFF].contains(&raise.state);
    let local = connect.map(|(_, local)| local).or(kernel_knows.then_some(raise.local));
    let locality = match local {
        Some(1) => "local",
        Some(0) => "remote",
        Some(_) => {
            flags.push("locality_invalid");
            "unknown"
        }
        None => "unknown",
    };

    let session = match (raise.information_fails, connect) {
        (false, _) => Some(raise.session),
        (true, Some((session, _))) => Some(session),
        (true, None) => None,
    };
    if raise.information_fails {
        flags.push("information_failed");
    }
    if session.is_none() {
        flags.push("session_id_unknown");
    }
    if !documented {
        flags.push("event_unknown");
    }

    let mut instance = 0;
    if let Some(session) = session {
        if raise.event == Event::CREATED {
            present.remove(&session);
        }
        instance = *present.entry(session).or_insert(sequence);
        if raise.event == Event::TERMINATED {
            present.remove(&session);
        }
    }
    Expected {
        sequence,
        session_id: session.unwrap_or(u32::MAX),
        kind: raise.event.0,
        state: if raise.information_fails { 0 } else { raise.state.0 },
        locality: locality.into(),
        flags: flags.into_iter().map(String::from).collect(),
        instance,
    }
}
