//! One session event, as it is kept in the ring and given to readers.

use core::mem::{offset_of, size_of};

use bitflags::bitflags;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::open_enum::open_enum;

open_enum! {
    /// What happened: the `IO_SESSION_EVENT` that the kernel passed.
    ///
    /// The kernel does not check this number, so any may come. There is no
    /// event for locking, unlocking or remote control.
    pub struct EventKind(u32) {
        /// `IoSessionEventIgnore`: not documented to be delivered, recorded if it is.
        IGNORE = 0, "ignore";
        /// `IoSessionEventCreated`: the session exists.
        CREATED = 1, "created";
        /// `IoSessionEventTerminated`: the session is gone.
        TERMINATED = 2, "terminated";
        /// `IoSessionEventConnected`: a terminal, local or remote, is attached.
        CONNECTED = 3, "connected";
        /// `IoSessionEventDisconnected`: the terminal is detached; the session lives on.
        DISCONNECTED = 4, "disconnected";
        /// `IoSessionEventLogon`: a user logged on.
        LOGON = 5, "logon";
        /// `IoSessionEventLogoff`: the user logged off.
        LOGOFF = 6, "logoff";
    }
}

open_enum! {
    /// The session's state after the event: the `IO_SESSION_STATE` that
    /// `IoGetContainerInformation` gave inside the callback.
    pub struct SessionState(u32) {
        /// Not known: the kernel gave no information
        /// ([`RecordFlags::INFORMATION_FAILED`]).
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
    /// Whether `IO_SESSION_STATE_INFORMATION.LocalSession` has a meaning in this
    /// state. The documentation page of that structure names Connected,
    /// `LoggedOn` and `LoggedOff`.
    #[must_use]
    pub const fn has_locality(self) -> bool {
        matches!(self, Self::CONNECTED | Self::LOGGED_ON | Self::LOGGED_OFF)
    }
}

open_enum! {
    /// Where the session's terminal is: the console, or somewhere else.
    ///
    /// The kernel says it for sure only while the session is connected.
    pub struct Locality(u8) {
        /// The kernel does not say.
        UNKNOWN = 0, "unknown";
        /// The session is at the machine's console.
        LOCAL = 1, "local";
        /// The session is used from another machine.
        REMOTE = 2, "remote";
    }
}

impl Locality {
    /// From a `LocalSession` field. A byte that is neither 0 nor 1 is no
    /// `BOOLEAN`, and says nothing.
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
    /// What was odd about a notification. Nothing odd is ever dropped.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct RecordFlags: u16 {
        /// A connect event came without its `IO_SESSION_CONNECT_INFO`, or a
        /// length came with a null pointer.
        const PAYLOAD_MISSING = 0x0001;
        /// A connect event's payload was shorter than `IO_SESSION_CONNECT_INFO`
        /// (8 bytes) and was not read.
        const PAYLOAD_SHORT = 0x0002;
        /// The payload claimed more than `IO_SESSION_MAX_PAYLOAD_SIZE` (256
        /// bytes) and was not read.
        const PAYLOAD_OVERSIZED = 0x0004;
        /// The payload names another session than the kernel does; the record
        /// has the kernel's, and no locality from the payload.
        const PAYLOAD_DISAGREES = 0x0008;
        /// `LocalSession` was neither 0 nor 1; the locality is unknown.
        const LOCALITY_INVALID = 0x0010;
        /// `IoGetContainerInformation` failed: the state is unknown.
        const INFORMATION_FAILED = 0x0020;
        /// Nothing named the session: `session_id` is 4,294,967,295 and means nothing.
        const SESSION_ID_UNKNOWN = 0x0040;
        /// More sessions were present than the driver tells apart: `instance` is 0.
        const INSTANCE_UNTRACKED = 0x0080;
        /// The event is none of the six documented ones.
        const EVENT_UNKNOWN = 0x0100;
        // Bits that a later driver may set are legal data.
        const _ = !0;
    }
}

impl RecordFlags {
    /// The flags that make a notification malformed, as counted in
    /// [`DescribeReply::malformed`](crate::DescribeReply::malformed): all but
    /// [`INSTANCE_UNTRACKED`](Self::INSTANCE_UNTRACKED), which is a limit of the driver.
    pub const MALFORMED: Self = Self::from_bits_retain(!Self::INSTANCE_UNTRACKED.bits());
}

/// One session event.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct Record {
    /// The event's number: 1 for the first since the driver loaded, without gaps.
    pub sequence: U64,
    /// When the driver was told, in 100 ns since 1601-01-01T00:00:00Z.
    pub system_time: U64,
    /// The same moment in 100 ns since the machine started; never less than in
    /// the record before.
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
    /// Which instance of the session id this is: the `sequence` of the record that
    /// began it. Session ids may be used again; (`session_id`, `instance`) is not
    /// used again within a journal. 0 where the driver cannot tell.
    pub instance: U64,
}

impl Record {
    /// The size on the wire and in the ring, in bytes.
    pub const SIZE: usize = size_of::<Self>();

    /// [`SIZE`](Self::SIZE) as the `record_size` field of a reply.
    pub const SIZE_FIELD: U32 = U32::new(48);

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        EventKind(self.kind.get())
    }

    /// The session's state after the event.
    #[must_use]
    pub const fn state(&self) -> SessionState {
        SessionState(self.state.get())
    }

    /// Where the session's terminal is.
    #[must_use]
    pub const fn locality(&self) -> Locality {
        Locality(self.locality)
    }

    /// What was odd about the notification.
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
    fn a_record_is_these_bytes() {
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
    fn a_record_is_read_by_its_names() {
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
    fn a_kind_without_a_name_is_its_number() {
        assert_eq!(format!("{}", EventKind::LOGON), "logon");
        assert_eq!(format!("{}", EventKind(7)), "7");
        assert_eq!(format!("{}", EventKind(u32::MAX)), "4294967295");
        assert_eq!(EventKind::from_name("logoff"), Some(EventKind::LOGOFF));
        assert_eq!(EventKind::from_name("lock"), None);
    }

    #[test]
    fn flags_have_these_places_on_the_wire() {
        let places = RecordFlags::FLAGS.iter().filter(|flag| flag.is_named());
        let places: Vec<_> = places.map(|flag| (flag.name(), flag.value().bits())).collect();
        assert_eq!(
            places,
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
    fn a_record_keeps_the_bits_that_have_no_name() {
        let mut record = Record::new_zeroed();
        record.flags = 0x8002.into();
        let mut names = record.flags().iter_names();
        assert_eq!(names.next(), Some(("PAYLOAD_SHORT", RecordFlags::PAYLOAD_SHORT)));
        assert_eq!(names.next(), None);
        assert_eq!(names.remaining().bits(), 0x8000);
    }

    #[test]
    fn every_flag_but_untracked_is_malformed() {
        let named = RecordFlags::FLAGS.iter().filter(|flag| flag.is_named());
        let sound = named.filter(|flag| !RecordFlags::MALFORMED.contains(*flag.value()));
        assert_eq!(sound.map(Flag::name).collect::<Vec<_>>(), ["INSTANCE_UNTRACKED"]);
    }

    #[test]
    fn only_a_boolean_has_a_locality() {
        assert_eq!(Locality::from_boolean(0), Some(Locality::REMOTE));
        assert_eq!(Locality::from_boolean(1), Some(Locality::LOCAL));
        assert!((2..=u8::MAX).all(|byte| Locality::from_boolean(byte).is_none()));
    }
}
