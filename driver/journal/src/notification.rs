//! Turns a notification into the fields of its record.
//!
//! A notification is not trusted. The kernel passes on what user mode handed to it
//! (observed): any event code, no payload where one is documented, a payload of any length.
//! So the record takes the session's id and state from the kernel
//! (`IoGetContainerInformation`), and only the locality of a connect event from the
//! payload. An irregular notification gets a flag in its record; it is never dropped.

use sessionwatch_protocol::{EventKind, Locality, RecordFlags, SessionState};

/// `IO_SESSION_CONNECT_INFO` of `wdm.h`: 8 bytes, of which 3 are padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectInfo {
    /// `SessionId`.
    pub session_id: u32,
    /// `LocalSession`, a `BOOLEAN`, unchecked: 0, 1 or any other byte.
    pub local_session: u8,
}

impl ConnectInfo {
    /// The size of the structure, in bytes.
    pub const SIZE: usize = 8;

    /// `IO_SESSION_MAX_PAYLOAD_SIZE` of `wdm.h`: the most bytes that the kernel passes on.
    pub const MAXIMUM_PAYLOAD: u32 = 256;

    /// [`SIZE`](Self::SIZE) as a payload's length.
    const LENGTH: u32 = 8;

    /// Decodes the structure's bytes, in the layout of x64 and ARM64.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::SIZE]) -> Self {
        let [a, b, c, d, local_session, ..] = bytes;
        Self { session_id: u32::from_le_bytes([a, b, c, d]), local_session }
    }
}

/// The payload of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A null pointer.
    Missing {
        /// The length passed with the null pointer, in bytes.
        claimed: u32,
    },
    /// A payload that was not read: the event has no documented payload, or the length is
    /// out of bounds.
    Unread {
        /// The length passed by the kernel, in bytes.
        length: u32,
    },
    /// The structure of a connect event.
    ConnectInfo(ConnectInfo),
}

impl Payload {
    /// Checks the arguments of a notification, and calls `read` only for a connect event
    /// whose pointer and length make that sound.
    pub fn from_notification(
        event: u32,
        is_null: bool,
        length: u32,
        read: impl FnOnce() -> [u8; ConnectInfo::SIZE],
    ) -> Self {
        let is_sound = (ConnectInfo::LENGTH..=ConnectInfo::MAXIMUM_PAYLOAD).contains(&length);
        match (is_null, is_sound && EventKind(event) == EventKind::CONNECTED) {
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

/// `IO_SESSION_STATE_INFORMATION` of `wdm.h`: the kernel's view of the session after the
/// event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Information {
    /// `SessionId`.
    pub session_id: u32,
    /// `SessionState`.
    pub state: u32,
    /// `LocalSession`, a `BOOLEAN`, unchecked.
    pub local_session: u8,
}

/// One call of the notification callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The event code, unchecked.
    pub event: u32,
    /// The payload.
    pub payload: Payload,
    /// The result of `IoGetContainerInformation`; `None` if the call failed.
    pub information: Option<Information>,
}

/// The fields of a record that follow from its notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    /// `None` if neither kernel nor payload identifies the session.
    pub(crate) session_id: Option<u32>,
    pub(crate) kind: EventKind,
    pub(crate) state: SessionState,
    pub(crate) locality: Locality,
    pub(crate) flags: RecordFlags,
}

impl Notification {
    /// Combines payload and information. Where they disagree, the information counts.
    pub(crate) fn fields(&self) -> Fields {
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
        // The payload belongs to this event. The kernel's flag belongs to this moment, and
        // has a meaning in some states only.
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
        Fields { session_id, kind, state, locality, flags }
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

    fn fields(
        event: EventKind,
        payload: Payload,
        information: impl Into<Option<Information>>,
    ) -> Fields {
        let information = information.into();
        Notification { event: event.0, payload, information }.fields()
    }

    const NOTHING: Payload = Payload::Missing { claimed: 0 };

    #[test]
    fn a_connect_event_takes_its_locality_from_the_payload() {
        let found = fields(
            EventKind::CONNECTED,
            Payload::ConnectInfo(LOCAL),
            information(SessionState::CONNECTED, 0),
        );
        assert_eq!(found.locality, Locality::LOCAL);
        assert_eq!(found.flags, RecordFlags::empty());
    }

    #[test]
    fn other_events_take_their_locality_from_the_kernel_in_states_that_have_one() {
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
            let found = fields(EventKind::LOGON, NOTHING, information(state, 1));
            assert_eq!((found.locality, found.flags), (expected, RecordFlags::empty()), "{state}");
        }
    }

    #[test]
    fn a_connect_event_without_a_payload_is_flagged_and_takes_the_kernels_locality() {
        let kernel = information(SessionState::CONNECTED, 0);
        for (payload, flag) in [
            (NOTHING, RecordFlags::PAYLOAD_MISSING),
            (Payload::Unread { length: 7 }, RecordFlags::PAYLOAD_SHORT),
            (Payload::Unread { length: 257 }, RecordFlags::PAYLOAD_OVERSIZED),
        ] {
            let found = fields(EventKind::CONNECTED, payload, kernel);
            assert_eq!((found.locality, found.flags), (Locality::REMOTE, flag));
            assert_eq!(found.session_id, Some(3));
        }
    }

    #[test]
    fn an_undocumented_payload_is_flagged_only_for_its_length() {
        let kernel = information(SessionState::LOGGED_ON, 1);
        for (payload, flags) in [
            (Payload::Unread { length: 1 }, RecordFlags::empty()),
            (Payload::Unread { length: 256 }, RecordFlags::empty()),
            (Payload::Unread { length: 257 }, RecordFlags::PAYLOAD_OVERSIZED),
            (Payload::Missing { claimed: 1 }, RecordFlags::PAYLOAD_MISSING),
        ] {
            assert_eq!(fields(EventKind::LOGON, payload, kernel).flags, flags);
        }
    }

    #[test]
    fn a_payload_that_names_another_session_is_flagged_and_ignored() {
        let other = ConnectInfo { session_id: 4, local_session: 1 };
        let found = fields(
            EventKind::CONNECTED,
            Payload::ConnectInfo(other),
            information(SessionState::CONNECTED, 0),
        );
        assert_eq!(found.session_id, Some(3));
        assert_eq!(found.locality, Locality::REMOTE);
        assert_eq!(found.flags, RecordFlags::PAYLOAD_DISAGREES);
    }

    #[test]
    fn a_locality_that_is_not_a_boolean_is_flagged() {
        let invalid = ConnectInfo { session_id: 3, local_session: 2 };
        let kernel = information(SessionState::CONNECTED, 1);
        let found = fields(EventKind::CONNECTED, Payload::ConnectInfo(invalid), kernel);
        assert_eq!(found.locality, Locality::UNKNOWN);
        assert_eq!(found.flags, RecordFlags::LOCALITY_INVALID);
    }

    #[test]
    fn without_information_the_payload_identifies_the_session() {
        let found = fields(EventKind::CONNECTED, Payload::ConnectInfo(LOCAL), None);
        assert_eq!(found.session_id, Some(3));
        assert_eq!(found.state, SessionState::UNKNOWN);
        assert_eq!(found.locality, Locality::LOCAL);
        assert_eq!(found.flags, RecordFlags::INFORMATION_FAILED);

        let found = fields(EventKind::LOGON, NOTHING, None);
        assert_eq!(found.session_id, None);
        assert!(found.flags.contains(RecordFlags::SESSION_ID_UNKNOWN));
    }

    #[test]
    fn undocumented_events_are_recorded_and_flagged() {
        for event in [0, 7, u32::MAX] {
            let found = fields(EventKind(event), NOTHING, information(SessionState::LOGGED_ON, 0));
            assert_eq!(found.kind, EventKind(event));
            assert_eq!(found.flags, RecordFlags::EVENT_UNKNOWN);
        }
    }

    #[test]
    fn one_record_can_have_several_flags() {
        let claimed = Payload::Missing { claimed: 8 };
        let found = fields(EventKind(99), claimed, information(SessionState::LOGGED_ON, 2));
        assert_eq!(
            found.flags,
            RecordFlags::PAYLOAD_MISSING
                .union(RecordFlags::EVENT_UNKNOWN)
                .union(RecordFlags::LOCALITY_INVALID)
        );
    }

    #[test]
    fn a_connect_payload_is_read_from_its_own_size_up_to_the_kernels_maximum() {
        let connected = |is_null, length| {
            let read = || [3, 0, 0, 0, 1, 0, 0, 0];
            Payload::from_notification(EventKind::CONNECTED.0, is_null, length, read)
        };
        for length in [8, 256] {
            assert_eq!(connected(false, length), Payload::ConnectInfo(LOCAL));
            assert_eq!(connected(true, length), Payload::Missing { claimed: length });
        }
        for length in [0, 7, 257, u32::MAX] {
            assert_eq!(connected(false, length), Payload::Unread { length });
        }
    }

    proptest! {
        /// The payload's memory is read only for a connect event with a pointer and a
        /// length from 8 to 256 bytes.
        #[test]
        fn memory_is_read_only_where_that_is_sound(
            event in prop_oneof![0u32..8, any::<u32>()],
            is_null: bool,
            length in prop_oneof![0u32..300, any::<u32>()],
        ) {
            let mut was_read = false;
            let read = || { was_read = true; [0; 8] };
            let payload = Payload::from_notification(event, is_null, length, read);
            let sound = event == 3 && !is_null && (8..=256).contains(&length);
            prop_assert_eq!(was_read, sound);
            prop_assert_eq!(matches!(payload, Payload::ConnectInfo(_)), sound);
        }
    }
}
