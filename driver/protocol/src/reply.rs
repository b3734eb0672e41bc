//! What the driver answers.

use core::mem::{offset_of, size_of};

use bitflags::bitflags;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::record::{EventKind, Record};

bitflags! {
    /// What became of the settings in the service's `Parameters` key.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct SettingFlags: u32 {
        /// `RingCapacity` lay outside its bounds; the nearest bound is used.
        const CAPACITY_CLAMPED = 0x0001;
        /// `RingCapacity` could not be read as a `REG_DWORD`; the default is used.
        const CAPACITY_UNREADABLE = 0x0002;
        /// There was not enough memory for the ring asked for; a smaller one is used.
        const CAPACITY_REDUCED = 0x0004;
        /// `EventMask` could not be read as a `REG_DWORD`; all events are recorded.
        const EVENT_MASK_UNREADABLE = 0x0008;
        /// `EventMask` was 0, which would record nothing; all events are recorded.
        const EVENT_MASK_EMPTY = 0x0010;
        /// `MaximumPendingReadsPerHandle` lay outside its bounds; the nearest bound is used.
        const PENDING_READS_PER_HANDLE_CLAMPED = 0x0020;
        /// `MaximumPendingReadsPerHandle` could not be read as a `REG_DWORD`; the default
        /// is used.
        const PENDING_READS_PER_HANDLE_UNREADABLE = 0x0040;
        /// `MaximumPendingReads` lay outside its bounds; the nearest bound is used.
        const PENDING_READS_CLAMPED = 0x0080;
        /// `MaximumPendingReads` could not be read as a `REG_DWORD`; the default is used.
        const PENDING_READS_UNREADABLE = 0x0100;
        // Bits that a later driver may set are legal data.
        const _ = !0;
    }
}

/// The journal and its counters at one moment.
///
/// `next - 1` events were seen since the driver loaded; of these, `first - 1`
/// are overwritten and `next - first` can be read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct DescribeReply {
    /// [`VERSION`](crate::VERSION).
    pub version: U32,
    /// [`Record::SIZE`], in bytes.
    pub record_size: U32,
    /// Names this load of the driver: when it differs from the one before, the
    /// numbers have started again from 1. Never 0.
    pub journal_id: U64,
    /// How many records the ring keeps.
    pub capacity: U32,
    /// What `RingCapacity` asked for; 0 where it was absent or unreadable.
    pub requested_capacity: U32,
    /// See [`DescribeReply::settings`].
    pub settings: U32,
    /// Which events the driver asked to be told of, a bit for each
    /// (`IO_SESSION_STATE_*_EVENT` of `wdm.h`).
    pub event_mask: U32,
    /// The driver's version: major, minor, patch, and a zero.
    pub driver_version: [U16; 4],
    /// System time when the driver loaded, in 100 ns since 1601-01-01T00:00:00Z.
    pub loaded_system_time: U64,
    /// Monotonic time when the driver loaded, in 100 ns since the machine started.
    pub loaded_monotonic_time: U64,
    /// System time of this reply.
    pub system_time: U64,
    /// Monotonic time of this reply.
    pub monotonic_time: U64,
    /// The number of the oldest record that can be read; equal to `next` where
    /// there is none.
    pub first: U64,
    /// The number that the next event will get.
    pub next: U64,
    /// Events recorded with any of [`RecordFlags::MALFORMED`](crate::RecordFlags::MALFORMED).
    pub malformed: U64,
    /// Reads answered.
    pub reads_completed: U64,
    /// Requests refused, of any operation.
    pub requests_rejected: U64,
    /// Zero.
    pub reserved: U64,
    /// Events recorded with
    /// [`RecordFlags::INSTANCE_UNTRACKED`](crate::RecordFlags::INSTANCE_UNTRACKED).
    pub untracked: U64,
    /// System time of the last event; 0 where there was none.
    pub last_event_system_time: U64,
    /// Monotonic time of the last event; 0 where there was none.
    pub last_event_monotonic_time: U64,
    /// Reads that began to wait.
    pub reads_pended: U64,
    /// Reads that waited and were cancelled.
    pub reads_cancelled: U64,
    /// How many reads wait now.
    pub reads_pending: U32,
    /// How many reads may wait.
    pub maximum_pending_reads: U32,
    /// How many reads of one handle may wait.
    pub maximum_pending_reads_per_handle: U32,
    /// 1 while the I/O manager tells the driver of events; 0 in a driver that
    /// sees nothing.
    pub is_registered: U32,
    /// Events by kind: at place `n` those of kind `n`, at the last all others.
    pub seen_by_kind: [U64; 8],
}

impl DescribeReply {
    /// The size on the wire, in bytes.
    pub const SIZE: usize = size_of::<Self>();

    /// What became of the settings.
    #[must_use]
    pub const fn settings(&self) -> SettingFlags {
        SettingFlags::from_bits_retain(self.settings.get())
    }

    /// The place in [`seen_by_kind`](Self::seen_by_kind) at which events of this
    /// kind are counted.
    #[must_use]
    pub const fn place_of(kind: EventKind) -> usize {
        // Widens; `From` is not constant.
        if kind.0 <= EventKind::LOGOFF.0 { kind.0 as usize } else { 7 }
    }
}

/// The head of the answer to a read; `count` records follow it.
///
/// The account always balances: `next == from + lost + count`. The records are
/// numbered `from + lost` to `next - 1`; numbers `from` to `from + lost - 1` are
/// lost to this reader.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct ReadReply {
    /// [`VERSION`](crate::VERSION).
    pub version: U32,
    /// [`Record::SIZE`], in bytes.
    pub record_size: U32,
    /// As in [`DescribeReply::journal_id`].
    pub journal_id: U64,
    /// The number that was asked for.
    pub from: U64,
    /// How many of the records asked for had been overwritten.
    pub lost: U64,
    /// How many records follow.
    pub count: U32,
    /// Zero.
    pub reserved: U32,
    /// The number to ask for next.
    pub next: U64,
    /// The number that the next event will get: `end - next` records are still
    /// to be read.
    pub end: U64,
    /// Zero.
    pub reserved_tail: U64,
}

impl ReadReply {
    /// The size on the wire without the records, in bytes.
    pub const SIZE: usize = size_of::<Self>();

    /// The smallest output buffer that a read is answered in, in bytes: the
    /// head and one record.
    pub const SMALLEST_OUTPUT: usize = Self::SIZE + Record::SIZE;
}

/// The reply to a request for the present sessions, followed by
/// [`count`](Self::count) records: the last one of each session, in no order.
///
/// They say what was so when the records below `next` had been written, and no
/// later one. A reader that goes on from number `next` misses nothing between.
/// A session that has had no event since the driver was loaded is not known.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct SessionsReply {
    /// [`VERSION`](crate::VERSION).
    pub version: U32,
    /// [`Record::SIZE`], in bytes.
    pub record_size: U32,
    /// As in [`DescribeReply::journal_id`].
    pub journal_id: U64,
    /// The number to read from next; all below it are taken into account.
    pub next: U64,
    /// How many sessions are present.
    pub present: U32,
    /// How many records follow: one for each session that the output has room
    /// for.
    pub count: U32,
    /// How many events so far belong to sessions that there was no room to keep
    /// ([`RecordFlags::INSTANCE_UNTRACKED`](crate::RecordFlags::INSTANCE_UNTRACKED)). 0
    /// means that no session is missing.
    pub untracked: U64,
    /// Zeros.
    pub reserved: [U64; 3],
}

impl SessionsReply {
    /// The size on the wire without the records, in bytes; the smallest output
    /// buffer that the request is answered in.
    pub const SIZE: usize = size_of::<Self>();
}

const _: () = {
    assert!(size_of::<DescribeReply>() == 240);
    assert!(offset_of!(DescribeReply, journal_id) == 8);
    assert!(offset_of!(DescribeReply, capacity) == 16);
    assert!(offset_of!(DescribeReply, requested_capacity) == 20);
    assert!(offset_of!(DescribeReply, settings) == 24);
    assert!(offset_of!(DescribeReply, driver_version) == 32);
    assert!(offset_of!(DescribeReply, loaded_system_time) == 40);
    assert!(offset_of!(DescribeReply, loaded_monotonic_time) == 48);
    assert!(offset_of!(DescribeReply, system_time) == 56);
    assert!(offset_of!(DescribeReply, monotonic_time) == 64);
    assert!(offset_of!(DescribeReply, first) == 72);
    assert!(offset_of!(DescribeReply, next) == 80);
    assert!(offset_of!(DescribeReply, malformed) == 88);
    assert!(offset_of!(DescribeReply, reads_completed) == 96);
    assert!(offset_of!(DescribeReply, requests_rejected) == 104);
    assert!(offset_of!(DescribeReply, reserved) == 112);
    assert!(offset_of!(DescribeReply, event_mask) == 28);
    assert!(offset_of!(DescribeReply, untracked) == 120);
    assert!(offset_of!(DescribeReply, last_event_system_time) == 128);
    assert!(offset_of!(DescribeReply, last_event_monotonic_time) == 136);
    assert!(offset_of!(DescribeReply, reads_pended) == 144);
    assert!(offset_of!(DescribeReply, reads_cancelled) == 152);
    assert!(offset_of!(DescribeReply, reads_pending) == 160);
    assert!(offset_of!(DescribeReply, maximum_pending_reads) == 164);
    assert!(offset_of!(DescribeReply, maximum_pending_reads_per_handle) == 168);
    assert!(offset_of!(DescribeReply, is_registered) == 172);
    assert!(offset_of!(DescribeReply, seen_by_kind) == 176);

    assert!(size_of::<ReadReply>() == 64);
    assert!(offset_of!(ReadReply, journal_id) == 8);
    assert!(offset_of!(ReadReply, from) == 16);
    assert!(offset_of!(ReadReply, lost) == 24);
    assert!(offset_of!(ReadReply, count) == 32);
    assert!(offset_of!(ReadReply, next) == 40);
    assert!(offset_of!(ReadReply, end) == 48);

    assert!(size_of::<SessionsReply>() == 64);
    assert!(offset_of!(SessionsReply, journal_id) == 8);
    assert!(offset_of!(SessionsReply, next) == 16);
    assert!(offset_of!(SessionsReply, present) == 24);
    assert!(offset_of!(SessionsReply, count) == 28);
    assert!(offset_of!(SessionsReply, untracked) == 32);
};

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use bitflags::Flags;
    use zerocopy::FromZeros;

    use super::*;

    #[test]
    fn the_smallest_output_holds_the_head_and_one_record() {
        assert_eq!(ReadReply::SMALLEST_OUTPUT, 64 + 48);
    }

    #[test]
    fn each_kind_is_counted_at_its_number_and_the_others_at_the_last() {
        for kind in 0..=6 {
            assert_eq!(DescribeReply::place_of(EventKind(kind)), kind as usize);
        }
        for kind in [7, 8, u32::MAX] {
            assert_eq!(DescribeReply::place_of(EventKind(kind)), 7);
        }
    }

    #[test]
    fn settings_have_these_places_on_the_wire() {
        let places = SettingFlags::FLAGS.iter().filter(|flag| flag.is_named());
        let places: Vec<_> = places.map(|flag| (flag.name(), flag.value().bits())).collect();
        assert_eq!(
            places,
            [
                ("CAPACITY_CLAMPED", 0x0001),
                ("CAPACITY_UNREADABLE", 0x0002),
                ("CAPACITY_REDUCED", 0x0004),
                ("EVENT_MASK_UNREADABLE", 0x0008),
                ("EVENT_MASK_EMPTY", 0x0010),
                ("PENDING_READS_PER_HANDLE_CLAMPED", 0x0020),
                ("PENDING_READS_PER_HANDLE_UNREADABLE", 0x0040),
                ("PENDING_READS_CLAMPED", 0x0080),
                ("PENDING_READS_UNREADABLE", 0x0100),
            ]
        );
        let mut reply = DescribeReply::new_zeroed();
        reply.settings = 0x0004.into();
        assert_eq!(reply.settings(), SettingFlags::CAPACITY_REDUCED);
    }
}
