//! The record of a session event, in the ring and on the wire.

use core::mem::{offset_of, size_of};

use bitflags::bitflags;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::open_enum::open_enum;

open_enum! {
    /// The kind of an event: the kernel's `IO_SESSION_EVENT`.
    ///
    /// The kernel does not check this code (observed), so any value is possible. Windows has
    /// no event for locking, unlocking or remote control.
    pub struct EventKind(u32) {
        /// `IoSessionEventIgnore`: undocumented as a notification, but recorded.
        IGNORE = 0, "ignore";
        /// `IoSessionEventCreated`: the session was created.
        CREATED = 1, "created";
        /// `IoSessionEventTerminated`: the session has ended.
        TERMINATED = 2, "terminated";
        /// `IoSessionEventConnected`: a client or the console connected.
        CONNECTED = 3, "connected";
        /// `IoSessionEventDisconnected`: the client or the console disconnected. The session
        /// continues.
        DISCONNECTED = 4, "disconnected";
        /// `IoSessionEventLogon`: a user logged on.
        LOGON = 5, "logon";
        /// `IoSessionEventLogoff`: the user logged off.
        LOGOFF = 6, "logoff";
    }
}

open_enum! {
    /// The session's state after the event: the `IO_SESSION_STATE` from
    /// `IoGetContainerInformation`, called inside the callback.
    pub struct SessionState(u32) {
        /// The kernel gave no information ([`RecordFlags::INFORMATION_FAILED`]).
        UNKNOWN = 0, "unknown";
        /// `IoSessionStateCreated`.
        CREATED = 1, "created";
        /// `IoSessionStateInitialized`.
        INITIALIZED = 2, "initialized";
        /// `IoSessionStateConnected`.
        CONNECTED = 3, "connected";
        /// `IoSessionStateDisconnected`.
        DISCONNECTED = 4, "disconnected";
        /// `IoSessionStateDisconnectedLoggedOn`.
        DISCONNECTED_LOGGED_ON = 5, "disconnected_logged_on";
        /// `IoSessionStateLoggedOn`.
        LOGGED_ON = 6, "logged_on";
        /// `IoSessionStateLoggedOff`.
        LOGGED_OFF = 7, "logged_off";
        /// `IoSessionStateTerminated`.
        TERMINATED = 8, "terminated";
    }
}

impl SessionState {
    /// True if `IO_SESSION_STATE_INFORMATION.LocalSession` has a meaning in this state. The
    /// page of that structure names Connected, `LoggedOn` and `LoggedOff`.
    #[must_use]
    pub const fn has_locality(self) -> bool {
        matches!(self, Self::CONNECTED | Self::LOGGED_ON | Self::LOGGED_OFF)
    }
}

open_enum! {
    /// Console or remote client. The kernel reports it only in the states of
    /// [`SessionState::has_locality`].
    pub struct Locality(u8) {
        /// The kernel did not report it.
        UNKNOWN = 0, "unknown";
        /// At the machine's console.
        LOCAL = 1, "local";
        /// At a remote client.
        REMOTE = 2, "remote";
    }
}

impl Locality {
    /// Decodes a `LocalSession` field. `None` for a byte other than 0 and 1, which is not a
    /// `BOOLEAN`.
    #[must_use]
    pub const fn from_boolean(local_session: u8) -> Option<Self> {
        match local_session {
            0 => Some(Self::REMOTE),
            1 => Some(Self::LOCAL),
            _ => None,
        }
    }
}

bitflags! {
    /// Irregularities of a notification. The driver records an irregular notification too.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct RecordFlags: u16 {
        /// A connect event had no `IO_SESSION_CONNECT_INFO`, or a null pointer had a
        /// length.
        const PAYLOAD_MISSING = 0x0001;
        /// A connect event's payload was shorter than `IO_SESSION_CONNECT_INFO` (8 bytes)
        /// and was not read.
        const PAYLOAD_SHORT = 0x0002;
        /// The payload claimed more than `IO_SESSION_MAX_PAYLOAD_SIZE` (256 bytes) and was
        /// not read.
        const PAYLOAD_OVERSIZED = 0x0004;
        /// The payload names another session than the kernel. The record has the kernel's
        /// session id and locality.
        const PAYLOAD_DISAGREES = 0x0008;
        /// `LocalSession` was neither 0 nor 1. The locality is unknown.
        const LOCALITY_INVALID = 0x0010;
        /// `IoGetContainerInformation` failed. The state is unknown.
        const INFORMATION_FAILED = 0x0020;
        /// Neither kernel nor payload identified the session. `session_id` is 4,294,967,295.
        const SESSION_ID_UNKNOWN = 0x0040;
        /// The driver's table of sessions had no free entry. `instance` is 0.
        const INSTANCE_UNTRACKED = 0x0080;
        /// The event is none of the six documented ones.
        const EVENT_UNKNOWN = 0x0100;
        // Bits that a later driver may set are legal data.
        const _ = !0;
    }
}

impl RecordFlags {
    /// The flags of a malformed notification, which
    /// [`DescribeReply::malformed`](crate::DescribeReply::malformed) counts: all but
    /// [`INSTANCE_UNTRACKED`](Self::INSTANCE_UNTRACKED), which is a limit of the driver.
    pub const MALFORMED: Self = Self::from_bits_retain(!Self::INSTANCE_UNTRACKED.bits());
}

/// One session event.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct Record {
    /// The event's sequence number: from 1 in each load of the driver, without gaps.
    pub sequence: U64,
    /// System time of the notification, in 100 ns since 1601-01-01T00:00:00Z.
    pub system_time: U64,
    /// Monotonic time of the notification, in 100 ns since the machine started; never less
    /// than in the record before.
    pub monotonic_time: U64,
    /// The Terminal Services session id.
    pub session_id: U32,
    /// See [`Record::kind`].
    pub kind: U32,
    /// See [`Record::state`].
    pub state: U32,
    /// See [`Record::locality`].
    pub locality: u8,
    /// Zero.
    pub reserved: u8,
    /// See [`Record::flags`].
    pub flags: U16,
    /// The instance of the session id: the `sequence` of the record that began it. Windows
    /// reuses session ids; (`session_id`, `instance`) is unique within a journal. 0 if the
    /// driver cannot tell.
    pub instance: U64,
}

impl Record {
    /// The size on the wire and in the ring, in bytes.
    pub const SIZE: usize = size_of::<Self>();

    /// [`SIZE`](Self::SIZE) as the `record_size` field of a reply.
    pub const SIZE_FIELD: U32 = U32::new(48);

    /// The kind of the event.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        EventKind(self.kind.get())
    }

    /// The session's state after the event.
    #[must_use]
    pub const fn state(&self) -> SessionState {
        SessionState(self.state.get())
    }

    /// Console or remote client.
    #[must_use]
    pub const fn locality(&self) -> Locality {
        Locality(self.locality)
    }

    /// The irregularities of the notification.
    #[must_use]
    pub const fn flags(&self) -> RecordFlags {
        RecordFlags::from_bits_retain(self.flags.get())
    }
}

const _: () = {
    assert!(size_of::<Record>() == 48);
    assert!(Record::SIZE_FIELD.get() == 48);
    assert!(offset_of!(Record, sequence) == 0);
    assert!(offset_of!(Record, system_time) == 8);
    assert!(offset_of!(Record, monotonic_time) == 16);
    assert!(offset_of!(Record, session_id) == 24);
    assert!(offset_of!(Record, kind) == 28);
    assert!(offset_of!(Record, state) == 32);
    assert!(offset_of!(Record, locality) == 36);
    assert!(offset_of!(Record, reserved) == 37);
    assert!(offset_of!(Record, flags) == 38);
    assert!(offset_of!(Record, instance) == 40);
};

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use bitflags::{Flag, Flags};
    use zerocopy::FromZeros;

    use super::*;

    #[test]
    fn the_bytes_of_a_record_are_stable() {
        let record = Record {
            sequence: 0x0102_0304_0506_0708.into(),
            system_time: 0x1112_1314_1516_1718.into(),
            monotonic_time: 0x2122_2324_2526_2728.into(),
            session_id: 0x3132_3334.into(),
            kind: EventKind::CONNECTED.0.into(),
            state: SessionState::LOGGED_ON.0.into(),
            locality: Locality::REMOTE.0,
            reserved: 0,
            flags: 0x4142.into(),
            instance: 0x5152_5354_5556_5758.into(),
        };
        let expected = [
            8, 7, 6, 5, 4, 3, 2, 1, //
            0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, //
            0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21, //
            0x34, 0x33, 0x32, 0x31, 3, 0, 0, 0, //
            6, 0, 0, 0, 2, 0, 0x42, 0x41, //
            0x58, 0x57, 0x56, 0x55, 0x54, 0x53, 0x52, 0x51,
        ];
        assert_eq!(record.as_bytes(), expected);
    }

    #[test]
    fn the_accessors_return_the_fields() {
        let mut record = Record::new_zeroed();
        record.kind = 6.into();
        record.state = 7.into();
        record.locality = 2;
        record.flags = 0x0080.into();
        assert_eq!(record.kind(), EventKind::LOGOFF);
        assert_eq!(record.state(), SessionState::LOGGED_OFF);
        assert_eq!(record.locality(), Locality::REMOTE);
        assert_eq!(record.flags(), RecordFlags::INSTANCE_UNTRACKED);
    }

    #[test]
    fn a_session_has_a_locality_while_it_is_connected() {
        let named = SessionState::NAMED.iter().copied();
        assert_eq!(
            named.filter(|state| state.has_locality()).collect::<Vec<_>>(),
            [SessionState::CONNECTED, SessionState::LOGGED_ON, SessionState::LOGGED_OFF]
        );
        assert!(!SessionState(9).has_locality());
    }

    #[test]
    fn a_kind_without_a_name_prints_as_its_number() {
        assert_eq!(format!("{}", EventKind::LOGON), "logon");
        assert_eq!(format!("{}", EventKind(7)), "7");
        assert_eq!(format!("{}", EventKind(u32::MAX)), "4294967295");
        assert_eq!(EventKind::from_name("logoff"), Some(EventKind::LOGOFF));
        assert_eq!(EventKind::from_name("lock"), None);
    }

    #[test]
    fn the_bits_of_the_flags_are_stable() {
        let named = RecordFlags::FLAGS.iter().filter(|flag| flag.is_named());
        let bits: Vec<_> = named.map(|flag| (flag.name(), flag.value().bits())).collect();
        assert_eq!(
            bits,
            [
                ("PAYLOAD_MISSING", 0x0001),
                ("PAYLOAD_SHORT", 0x0002),
                ("PAYLOAD_OVERSIZED", 0x0004),
                ("PAYLOAD_DISAGREES", 0x0008),
                ("LOCALITY_INVALID", 0x0010),
                ("INFORMATION_FAILED", 0x0020),
                ("SESSION_ID_UNKNOWN", 0x0040),
                ("INSTANCE_UNTRACKED", 0x0080),
                ("EVENT_UNKNOWN", 0x0100),
            ]
        );
    }

    #[test]
    fn a_record_keeps_unnamed_flags() {
        let mut record = Record::new_zeroed();
        record.flags = 0x8002.into();
        let mut names = record.flags().iter_names();
        assert_eq!(names.next(), Some(("PAYLOAD_SHORT", RecordFlags::PAYLOAD_SHORT)));
        assert_eq!(names.next(), None);
        assert_eq!(names.remaining().bits(), 0x8000);
    }

    #[test]
    fn every_flag_but_instance_untracked_is_malformed() {
        let named = RecordFlags::FLAGS.iter().filter(|flag| flag.is_named());
        let sound = named.filter(|flag| !RecordFlags::MALFORMED.contains(*flag.value()));
        assert_eq!(sound.map(Flag::name).collect::<Vec<_>>(), ["INSTANCE_UNTRACKED"]);
    }

    #[test]
    fn only_0_and_1_decode_to_a_locality() {
        assert_eq!(Locality::from_boolean(0), Some(Locality::REMOTE));
        assert_eq!(Locality::from_boolean(1), Some(Locality::LOCAL));
        assert!((2..=u8::MAX).all(|byte| Locality::from_boolean(byte).is_none()));
    }
}
