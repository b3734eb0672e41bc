//! What a notification says: payload and session information, weighed.
//!
//! Neither is trusted. The kernel passes on whatever user mode handed it: any
//! event number, no payload where one is documented, or one of any length. So
//! the session's id and state are the kernel's own (`IoGetContainerInformation`),
//! the payload adds the locality of a connect event, and whatever is odd is
//! flagged in the record and never a reason to drop it.

use sessionwatch_protocol::{EventKind, Locality, RecordFlags, SessionState};

/// `IO_SESSION_CONNECT_INFO` of `wdm.h`: 8 bytes, of which 3 are padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectInfo {
    /// `SessionId`.
    pub session_id: u32,
    /// `LocalSession`, a `BOOLEAN` as it came: 0, 1, or a byte that is none.
    pub local_session: u8,
}

impl ConnectInfo {
    /// The size of the structure, in bytes.
    pub const SIZE: usize = 8;

    /// `IO_SESSION_MAX_PAYLOAD_SIZE` of `wdm.h`: the kernel passes on no more
    /// than this many bytes.
    pub const MAXIMUM_PAYLOAD: u32 = 256;

    /// [`SIZE`](Self::SIZE) as a payload's length.
    const LENGTH: u32 = 8;

    /// From the structure's bytes, as x64 and ARM64 lay it out.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::SIZE]) -> Self {
        let [a, b, c, d, local_session, ..] = bytes;
        Self { session_id: u32::from_le_bytes([a, b, c, d]), local_session }
    }
}

/// What came as the notification's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A null pointer, with this length.
    Missing {
        /// The length that came with it, in bytes.
        claimed: u32,
    },
    /// Bytes that were not read: the event has no documented payload, or the
    /// length rules it out.
    Unread {
        /// How many bytes there are said to be.
        length: u32,
    },
    /// The connect event's structure.
    ConnectInfo(ConnectInfo),
}

impl Payload {
    /// Decides what to do with a payload, and reads it with `read` only where
    /// its length and its event make that sound.
    pub fn weigh(
        event: u32,
        is_null: bool,
        length: u32,
        read: impl FnOnce() -> [u8; ConnectInfo::SIZE],
    ) -> Self {
        let sound = (ConnectInfo::LENGTH..=ConnectInfo::MAXIMUM_PAYLOAD).contains(&length);
        match (is_null, sound && EventKind(event) == EventKind::CONNECTED) {
            (true, _) => Self::Missing { claimed: length },
            (false, true) => Self::ConnectInfo(ConnectInfo::from_bytes(read())),
            (false, false) => Self::Unread { length },
        }
    }

    fn flags(self, kind: EventKind) -> RecordFlags {
        match self {
            Self::Missing { claimed } if claimed != 0 || kind == EventKind::CONNECTED => {
                RecordFlags::PAYLOAD_MISSING
            }
            Self::Unread { length } if length > ConnectInfo::MAXIMUM_PAYLOAD => {
                RecordFlags::PAYLOAD_OVERSIZED
            }
            Self::Unread { .. } if kind == EventKind::CONNECTED => RecordFlags::PAYLOAD_SHORT,
            Self::Missing { .. } | Self::Unread { .. } | Self::ConnectInfo(_) => {
                RecordFlags::empty()
            }
        }
    }
}

/// `IO_SESSION_STATE_INFORMATION` of `wdm.h`: what the kernel knows of the
/// session after the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Information {
    /// `SessionId`.
    pub session_id: u32,
    /// `SessionState`.
    pub state: u32,
    /// `LocalSession`, a `BOOLEAN` as it came.
    pub local_session: u8,
}

/// One call of the notification function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The event's number, unchecked.
    pub event: u32,
    /// The payload.
    pub payload: Payload,
    /// What `IoGetContainerInformation` gave, or `None` where it failed.
    pub information: Option<Information>,
}

/// What a notification comes to: the fields of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// `None` where nothing names the session.
    pub(crate) session_id: Option<u32>,
    pub(crate) kind: EventKind,
    pub(crate) state: SessionState,
    pub(crate) locality: Locality,
    pub(crate) flags: RecordFlags,
}

impl Notification {
    /// Weighs payload against information.
    pub(crate) fn finding(&self) -> Finding {
        let kind = EventKind(self.event);
        let mut flags = self.payload.flags(kind);
        if kind == EventKind::IGNORE || kind.name().is_none() {
            flags = flags.union(RecordFlags::EVENT_UNKNOWN);
        }
        let mut connect = match self.payload {
            Payload::ConnectInfo(connect) => Some(connect),
            Payload::Missing { .. } | Payload::Unread { .. } => None,
        };
        match (self.information, connect) {
            (None, None) => {
                flags = flags
                    .union(RecordFlags::INFORMATION_FAILED)
                    .union(RecordFlags::SESSION_ID_UNKNOWN);
            }
            (None, Some(_)) => flags = flags.union(RecordFlags::INFORMATION_FAILED),
            (Some(kernel), Some(payload)) if kernel.session_id != payload.session_id => {
                flags = flags.union(RecordFlags::PAYLOAD_DISAGREES);
                connect = None;
            }
            (Some(_), _) => {}
        }
        let state =
            self.information.map_or(SessionState::UNKNOWN, |kernel| SessionState(kernel.state));
        // The payload belongs to this very event; the kernel's flag is about the
        // console of this moment, and means something in some states only.
        let local_session = connect.map(|payload| payload.local_session).or_else(|| {
            self.information.filter(|_| state.has_locality()).map(|kernel| kernel.local_session)
        });
        let locality = match local_session.map(Locality::from_boolean) {
            Some(Some(locality)) => locality,
            Some(None) => {
                flags = flags.union(RecordFlags::LOCALITY_INVALID);
                Locality::UNKNOWN
            }
            None => Locality::UNKNOWN,
        };
        let session_id = self
            .information
            .map(|kernel| kernel.session_id)
            .or(connect.map(|payload| payload.session_id));
        Finding { session_id, kind, state, locality, flags }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOCAL: ConnectInfo = ConnectInfo { session_id: 3, local_session: 1 };

    fn information(state: SessionState, local_session: u8) -> Information {
        Information { session_id: 3, state: state.0, local_session }
    }

    fn finding(
        event: EventKind,
        payload: Payload,
        information: impl Into<Option<Information>>,
    ) -> Finding {
        let information = information.into();
        Notification { event: event.0, payload, information }.finding()
    }

    const NOTHING: Payload = Payload::Missing { claimed: 0 };

    #[test]
    fn a_connect_event_takes_its_locality_from_the_payload() {
        let found = finding(
            EventKind::CONNECTED,
            Payload::ConnectInfo(LOCAL),
            information(SessionState::CONNECTED, 0),
        );
        assert_eq!(found.locality, Locality::LOCAL);
        assert_eq!(found.flags, RecordFlags::empty());
    }

    #[test]
    fn other_events_have_a_locality_only_in_states_that_have_one() {
        for (state, expected) in [
            (SessionState::CREATED, Locality::UNKNOWN),
            (SessionState::INITIALIZED, Locality::UNKNOWN),
            (SessionState::CONNECTED, Locality::LOCAL),
            (SessionState::DISCONNECTED, Locality::UNKNOWN),
            (SessionState::DISCONNECTED_LOGGED_ON, Locality::UNKNOWN),
            (SessionState::LOGGED_ON, Locality::LOCAL),
            (SessionState::LOGGED_OFF, Locality::LOCAL),
            (SessionState::TERMINATED, Locality::UNKNOWN),
            (SessionState(9), Locality::UNKNOWN),
        ] {
            let found = finding(EventKind::LOGON, NOTHING, information(state, 1));
            assert_eq!((found.locality, found.flags), (expected, RecordFlags::empty()), "{state}");
        }
    }

    #[test]
    fn a_connect_event_without_its_payload_is_flagged_and_falls_back_on_the_kernel() {
        let kernel = information(SessionState::CONNECTED, 0);
        for (payload, flag) in [
            (NOTHING, RecordFlags::PAYLOAD_MISSING),
            (Payload::Unread { length: 7 }, RecordFlags::PAYLOAD_SHORT),
            (Payload::Unread { length: 257 }, RecordFlags::PAYLOAD_OVERSIZED),
        ] {
            let found = finding(EventKind::CONNECTED, payload, kernel);
            assert_eq!((found.locality, found.flags), (Locality::REMOTE, flag));
            assert_eq!(found.session_id, Some(3));
        }
    }

    #[test]
    fn a_payload_that_is_not_documented_is_odd_only_by_its_length() {
        let kernel = information(SessionState::LOGGED_ON, 1);
        for (payload, flags) in [
            (Payload::Unread { length: 1 }, RecordFlags::empty()),
            (Payload::Unread { length: 256 }, RecordFlags::empty()),
            (Payload::Unread { length: 257 }, RecordFlags::PAYLOAD_OVERSIZED),
            (Payload::Missing { claimed: 1 }, RecordFlags::PAYLOAD_MISSING),
        ] {
            assert_eq!(finding(EventKind::LOGON, payload, kernel).flags, flags);
        }
    }

    #[test]
    fn a_payload_that_names_another_session_is_not_believed() {
        let other = ConnectInfo { session_id: 4, local_session: 1 };
        let found = finding(
            EventKind::CONNECTED,
            Payload::ConnectInfo(other),
            information(SessionState::CONNECTED, 0),
        );
        assert_eq!(found.session_id, Some(3));
        assert_eq!(found.locality, Locality::REMOTE);
        assert_eq!(found.flags, RecordFlags::PAYLOAD_DISAGREES);
    }

    #[test]
    fn a_byte_that_is_no_boolean_is_flagged() {
        let odd = ConnectInfo { session_id: 3, local_session: 2 };
        let kernel = information(SessionState::CONNECTED, 1);
        let found = finding(EventKind::CONNECTED, Payload::ConnectInfo(odd), kernel);
        assert_eq!(found.locality, Locality::UNKNOWN);
        assert_eq!(found.flags, RecordFlags::LOCALITY_INVALID);
    }

    #[test]
    fn without_information_the_payload_names_the_session() {
        let found = finding(EventKind::CONNECTED, Payload::ConnectInfo(LOCAL), None);
        assert_eq!(found.session_id, Some(3));
        assert_eq!(found.state, SessionState::UNKNOWN);
        assert_eq!(found.locality, Locality::LOCAL);
        assert_eq!(found.flags, RecordFlags::INFORMATION_FAILED);

        let found = finding(EventKind::LOGON, NOTHING, None);
        assert_eq!(found.session_id, None);
        assert!(found.flags.contains(RecordFlags::SESSION_ID_UNKNOWN));
    }

    #[test]
    fn events_that_are_not_documented_are_kept_and_flagged() {
        for event in [0, 7, u32::MAX] {
            let found = finding(EventKind(event), NOTHING, information(SessionState::LOGGED_ON, 0));
            assert_eq!(found.kind, EventKind(event));
            assert_eq!(found.flags, RecordFlags::EVENT_UNKNOWN);
        }
    }

    #[test]
    fn each_flag_leaves_the_others() {
        let claimed = Payload::Missing { claimed: 8 };
        let found = finding(EventKind(99), claimed, information(SessionState::LOGGED_ON, 2));
        assert_eq!(
            found.flags,
            RecordFlags::PAYLOAD_MISSING
                .union(RecordFlags::EVENT_UNKNOWN)
                .union(RecordFlags::LOCALITY_INVALID)
        );
    }

    #[test]
    fn a_connect_payload_is_read_from_its_own_size_up_to_the_kernels_maximum() {
        let weigh = |is_null, length| {
            Payload::weigh(EventKind::CONNECTED.0, is_null, length, || [3, 0, 0, 0, 1, 0, 0, 0])
        };
        for length in [8, 256] {
            assert_eq!(weigh(false, length), Payload::ConnectInfo(LOCAL));
            assert_eq!(weigh(true, length), Payload::Missing { claimed: length });
        }
        for length in [0, 7, 257, u32::MAX] {
            assert_eq!(weigh(false, length), Payload::Unread { length });
        }
    }

    proptest! {
        /// The payload's memory is read only for a connect event, through a
        /// pointer, at a length that the kernel can have passed.
        #[test]
        fn memory_is_read_only_where_it_is_sound(
            event in prop_oneof![0u32..8, any::<u32>()],
            is_null: bool,
            length in prop_oneof![0u32..300, any::<u32>()],
        ) {
            let mut was_read = false;
            let payload = Payload::weigh(event, is_null, length, || { was_read = true; [0; 8] });
            let sound = event == 3 && !is_null && (8..=256).contains(&length);
            prop_assert_eq!(was_read, sound);
            prop_assert_eq!(matches!(payload, Payload::ConnectInfo(_)), sound);
        }
    }
}
