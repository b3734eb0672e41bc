//! The driver's replies.

use core::mem::{offset_of, size_of};

use bitflags::bitflags;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::record::{EventKind, Record};

bitflags! {
    /// The settings in the service's `Parameters` key that the driver replaced.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct SettingFlags: u32 {
        /// `RingCapacity` is out of bounds. The nearest bound is used.
        const CAPACITY_CLAMPED = 0x0001;
        /// `RingCapacity` is not a readable `REG_DWORD`. The default is used.
        const CAPACITY_UNREADABLE = 0x0002;
        /// Not enough memory for `RingCapacity`. A smaller ring is used.
        const CAPACITY_REDUCED = 0x0004;
        /// `EventMask` is not a readable `REG_DWORD`. All events are recorded.
        const EVENT_MASK_UNREADABLE = 0x0008;
        /// `EventMask` is 0, which would record nothing. All events are recorded.
        const EVENT_MASK_EMPTY = 0x0010;
        /// `MaximumPendingReadsPerHandle` is out of bounds. The nearest bound is used.
        const PENDING_READS_PER_HANDLE_CLAMPED = 0x0020;
        /// `MaximumPendingReadsPerHandle` is not a readable `REG_DWORD`. The default is used.
        const PENDING_READS_PER_HANDLE_UNREADABLE = 0x0040;
        /// `MaximumPendingReads` is out of bounds. The nearest bound is used.
        const PENDING_READS_CLAMPED = 0x0080;
        /// `MaximumPendingReads` is not a readable `REG_DWORD`. The default is used.
        const PENDING_READS_UNREADABLE = 0x0100;
        // Bits that a later driver may set are legal data.
        const _ = !0;
    }
}

/// The describe reply: the journal, its settings and its counters at one moment.
///
/// The driver has seen `next - 1` events since it was loaded. Of these, `first - 1` are
/// overwritten and `next - first` are readable.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct DescribeReply {
    /// [`VERSION`](crate::VERSION).
    pub version: U32,
    /// [`Record::SIZE`], in bytes.
    pub record_size: U32,
    /// Identifies this load of the driver. When it changes, sequence numbers have started
    /// again from 1. Never 0.
    pub journal_id: U64,
    /// The number of records that the ring keeps.
    pub capacity: U32,
    /// The setting `RingCapacity`; 0 if absent or unreadable.
    pub requested_capacity: U32,
    /// See [`DescribeReply::settings`].
    pub settings: U32,
    /// Bitmask of the events to record (`IO_SESSION_STATE_*_EVENT` of `wdm.h`).
    pub event_mask: U32,
    /// The driver's version: major, minor, patch, and a zero.
    pub driver_version: [U16; 4],
    /// System time of the load, in 100 ns since 1601-01-01T00:00:00Z.
    pub loaded_system_time: U64,
    /// Monotonic time of the load, in 100 ns since the machine started.
    pub loaded_monotonic_time: U64,
    /// System time of this reply.
    pub system_time: U64,
    /// Monotonic time of this reply.
    pub monotonic_time: U64,
    /// The sequence number of the oldest record in the ring; equal to `next` in an empty
    /// ring.
    pub first: U64,
    /// The sequence number of the next event.
    pub next: U64,
    /// Events with any of the flags
    /// [`RecordFlags::MALFORMED`](crate::RecordFlags::MALFORMED).
    pub malformed: U64,
    /// Reads that delivered a reply.
    pub reads_completed: U64,
    /// Rejected requests of all operations.
    pub requests_rejected: U64,
    /// Zero.
    pub reserved: U64,
    /// Events with the flag
    /// [`RecordFlags::INSTANCE_UNTRACKED`](crate::RecordFlags::INSTANCE_UNTRACKED).
    pub untracked: U64,
    /// System time of the last event; 0 before the first.
    pub last_event_system_time: U64,
    /// Monotonic time of the last event; 0 before the first.
    pub last_event_monotonic_time: U64,
    /// Reads that have become pending so far.
    pub reads_pended: U64,
    /// Pending reads that were cancelled.
    pub reads_cancelled: U64,
    /// Reads that are pending now.
    pub reads_pending: U32,
    /// Limit on pending reads in total.
    pub maximum_pending_reads: U32,
    /// Limit on pending reads of one handle.
    pub maximum_pending_reads_per_handle: U32,
    /// 1 while the driver is registered for session notifications; 0: it sees no events.
    pub is_registered: U32,
    /// Events by kind: entry `n` counts kind `n`, and the last one all other kinds.
    pub seen_by_kind: [U64; 8],
}

impl DescribeReply {
    /// The size on the wire, in bytes.
    pub const SIZE: usize = size_of::<Self>();

    /// The settings that the driver replaced.
    #[must_use]
    pub const fn settings(&self) -> SettingFlags {
        SettingFlags::from_bits_retain(self.settings.get())
    }

    /// The index in [`seen_by_kind`](Self::seen_by_kind) of this kind's count.
    #[must_use]
    pub const fn index_of(kind: EventKind) -> usize {
        // A widening cast, because `From` is not constant.
        if kind.0 <= EventKind::LOGOFF.0 { kind.0 as usize } else { 7 }
    }
}

/// The head of a read reply. `count` records follow it.
///
/// Always `next == from + lost + count`. The records have the sequence numbers `from + lost`
/// to `next - 1`. Sequence numbers `from` to `from + lost - 1` are lost to this reader.
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
    /// The requested sequence number.
    pub from: U64,
    /// The number of requested records that are overwritten.
    pub lost: U64,
    /// The number of records that follow.
    pub count: U32,
    /// Zero.
    pub reserved: U32,
    /// The sequence number to read from next.
    pub next: U64,
    /// The sequence number of the next event: `end - next` records remain to be read.
    pub end: U64,
    /// Zero.
    pub reserved_tail: U64,
}

impl ReadReply {
    /// The size on the wire without the records, in bytes.
    pub const SIZE: usize = size_of::<Self>();

    /// The size of the smallest output buffer for a read, in bytes: the head and one record.
    pub const SMALLEST_OUTPUT: usize = Self::SIZE + Record::SIZE;
}

/// The head of a sessions reply: the present sessions. [`count`](Self::count) records follow
/// it, the last one of each session, in no order.
///
/// The snapshot includes every event below `next`, and no later one. A reader that continues
/// from `next` misses no event. The driver does not know a session that has had no event
/// since the driver was loaded.
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
    /// The snapshot's sequence number: it includes every event below.
    pub next: U64,
    /// The number of present sessions.
    pub present: U32,
    /// The number of records that follow: the present sessions that fit into the output.
    pub count: U32,
    /// Events so far with the flag
    /// [`RecordFlags::INSTANCE_UNTRACKED`](crate::RecordFlags::INSTANCE_UNTRACKED). At 0, no
    /// session is missing.
    pub untracked: U64,
    /// Zeros.
    pub reserved: [U64; 3],
}

impl SessionsReply {
    /// The size on the wire without the records, in bytes: the size of the smallest output
    /// buffer for a sessions request.
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
    fn each_named_kind_has_its_own_count_and_all_others_share_the_last() {
        for kind in 0..=6 {
            assert_eq!(DescribeReply::index_of(EventKind(kind)), kind as usize);
        }
        for kind in [7, 8, u32::MAX] {
            assert_eq!(DescribeReply::index_of(EventKind(kind)), 7);
        }
    }

    #[test]
    fn the_bits_of_the_setting_flags_are_stable() {
        let named = SettingFlags::FLAGS.iter().filter(|flag| flag.is_named());
        let bits: Vec<_> = named.map(|flag| (flag.name(), flag.value().bits())).collect();
        assert_eq!(
            bits,
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
