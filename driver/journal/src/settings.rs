//! The settings in the service's `Parameters` key: names, defaults and bounds.

use sessionwatch_protocol::SettingFlags;

/// A value in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The key has no such value.
    Absent,
    /// The value is not a `REG_DWORD`, or reading it failed.
    Unreadable,
    /// The value of a `REG_DWORD`.
    Number(u32),
}

/// A number with a default and bounds. A bad value never fails the start: it is replaced
/// and flagged.
struct Bounded {
    default: u32,
    minimum: u32,
    maximum: u32,
    clamped: SettingFlags,
    unreadable: SettingFlags,
}

impl Bounded {
    /// The number to use, the requested number (0 if absent or unreadable), and the flags.
    fn resolve(&self, setting: Setting) -> (u32, u32, SettingFlags) {
        let number = match setting {
            Setting::Absent => return (self.default, 0, SettingFlags::empty()),
            Setting::Unreadable => return (self.default, 0, self.unreadable),
            Setting::Number(number) => number,
        };
        let used = number.clamp(self.minimum, self.maximum);
        (used, number, if used == number { SettingFlags::empty() } else { self.clamped })
    }
}

/// All settings in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The number of records that the ring keeps.
    pub capacity: RingCapacity,
    /// Bitmask of the events to record.
    pub event_mask: u32,
    /// Limit on pending reads in total.
    pub maximum_pending_reads: u32,
    /// Limit on pending reads of one handle.
    pub maximum_pending_reads_per_handle: u32,
    /// The values that were replaced. [`RingCapacity::flags`] has those of the capacity.
    pub flags: SettingFlags,
}

impl Settings {
    /// The name of the value for [`event_mask`](Self::event_mask).
    pub const EVENT_MASK: &str = "EventMask";
    /// The name of the value for [`maximum_pending_reads`](Self::maximum_pending_reads).
    pub const MAXIMUM_PENDING_READS: &str = "MaximumPendingReads";
    /// The name of the value for
    /// [`maximum_pending_reads_per_handle`](Self::maximum_pending_reads_per_handle).
    pub const MAXIMUM_PENDING_READS_PER_HANDLE: &str = "MaximumPendingReadsPerHandle";

    /// `IO_SESSION_STATE_ALL_EVENTS` of `wdm.h`: today's events and all future ones.
    const ALL_EVENTS: u32 = u32::MAX;

    /// The maximum bounds the work of a notification callback, which completes at most
    /// this many reads.
    const PENDING_READS: Bounded = Bounded {
        default: 256,
        minimum: 1,
        maximum: 1024,
        clamped: SettingFlags::PENDING_READS_CLAMPED,
        unreadable: SettingFlags::PENDING_READS_UNREADABLE,
    };

    const PENDING_READS_PER_HANDLE: Bounded = Bounded {
        default: 16,
        minimum: 1,
        maximum: 1024,
        clamped: SettingFlags::PENDING_READS_PER_HANDLE_CLAMPED,
        unreadable: SettingFlags::PENDING_READS_PER_HANDLE_UNREADABLE,
    };

    /// The settings to use for the values that `read` returns by name.
    #[must_use]
    pub fn from_registry(mut read: impl FnMut(&'static str) -> Setting) -> Self {
        let capacity = RingCapacity::from_setting(read(RingCapacity::VALUE_NAME));
        let (event_mask, of_mask) = match read(Self::EVENT_MASK) {
            Setting::Absent => (Self::ALL_EVENTS, SettingFlags::empty()),
            Setting::Unreadable => (Self::ALL_EVENTS, SettingFlags::EVENT_MASK_UNREADABLE),
            Setting::Number(0) => (Self::ALL_EVENTS, SettingFlags::EVENT_MASK_EMPTY),
            Setting::Number(mask) => (mask, SettingFlags::empty()),
        };
        let (maximum_pending_reads, _, in_total) =
            Self::PENDING_READS.resolve(read(Self::MAXIMUM_PENDING_READS));
        let (maximum_pending_reads_per_handle, _, per_handle) =
            Self::PENDING_READS_PER_HANDLE.resolve(read(Self::MAXIMUM_PENDING_READS_PER_HANDLE));
        Self {
            capacity,
            event_mask,
            maximum_pending_reads,
            maximum_pending_reads_per_handle,
            flags: of_mask.union(in_total).union(per_handle),
        }
    }
}

impl Default for Settings {
    /// The settings of an empty key.
    fn default() -> Self {
        Self::from_registry(|_| Setting::Absent)
    }
}

/// The capacity of the ring, requested and in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingCapacity {
    /// The capacity to use, in records.
    pub records: u32,
    /// The requested capacity, in records; 0 if absent or unreadable.
    pub requested: u32,
    /// The reason why the two differ.
    pub flags: SettingFlags,
}

impl RingCapacity {
    /// The name of the value.
    pub const VALUE_NAME: &str = "RingCapacity";
    /// The smallest capacity, in records.
    pub const MINIMUM: u32 = 64;
    /// The default capacity, in records: 768 KiB of memory. It holds the morning of a large
    /// terminal server without a reader.
    pub const DEFAULT: u32 = 16_384;
    /// The largest capacity, in records: 48 MiB of non-paged memory.
    pub const MAXIMUM: u32 = 1_048_576;

    /// The capacity to use for a value.
    #[must_use]
    pub fn from_setting(setting: Setting) -> Self {
        let bounded = Bounded {
            default: Self::DEFAULT,
            minimum: Self::MINIMUM,
            maximum: Self::MAXIMUM,
            clamped: SettingFlags::CAPACITY_CLAMPED,
            unreadable: SettingFlags::CAPACITY_UNREADABLE,
        };
        let (records, requested, flags) = bounded.resolve(setting);
        Self { records, requested, flags }
    }

    /// The next smaller capacity, to try after an allocation failed; `None` at the minimum.
    #[must_use]
    pub fn reduced(self) -> Option<Self> {
        (self.records > Self::MINIMUM).then(|| Self {
            records: self.records.div_ceil(2).max(Self::MINIMUM),
            requested: self.requested,
            flags: self.flags.union(SettingFlags::CAPACITY_REDUCED),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(setting: Setting) -> (u32, u32, SettingFlags) {
        let RingCapacity { records, requested, flags } = RingCapacity::from_setting(setting);
        (records, requested, flags)
    }

    #[test]
    fn a_good_value_is_used_and_a_bad_one_is_clamped_and_flagged() {
        let (none, clamped) = (SettingFlags::empty(), SettingFlags::CAPACITY_CLAMPED);
        assert_eq!(capacity(Setting::Absent), (16_384, 0, none));
        assert_eq!(capacity(Setting::Unreadable), (16_384, 0, SettingFlags::CAPACITY_UNREADABLE));
        assert_eq!(capacity(Setting::Number(64)), (64, 64, none));
        assert_eq!(capacity(Setting::Number(1000)), (1000, 1000, none));
        assert_eq!(capacity(Setting::Number(1_048_576)), (1_048_576, 1_048_576, none));
        assert_eq!(capacity(Setting::Number(0)), (64, 0, clamped));
        assert_eq!(capacity(Setting::Number(63)), (64, 63, clamped));
        assert_eq!(capacity(Setting::Number(1_048_577)), (1_048_576, 1_048_577, clamped));
        assert_eq!(capacity(Setting::Number(u32::MAX)), (1_048_576, u32::MAX, clamped));
    }

    fn settings(name: &str, setting: Setting) -> Settings {
        Settings::from_registry(|asked| if asked == name { setting } else { Setting::Absent })
    }

    #[test]
    fn every_setting_has_its_own_value() {
        let all = Settings::from_registry(|name| match name {
            "RingCapacity" => Setting::Number(100),
            "EventMask" => Setting::Number(0x3F),
            "MaximumPendingReads" => Setting::Number(7),
            "MaximumPendingReadsPerHandle" => Setting::Number(3),
            other => panic!("{other}"),
        });
        let expected = Settings {
            capacity: RingCapacity::from_setting(Setting::Number(100)),
            event_mask: 0x3F,
            maximum_pending_reads: 7,
            maximum_pending_reads_per_handle: 3,
            flags: SettingFlags::empty(),
        };
        assert_eq!(all, expected);
    }

    #[test]
    fn an_event_mask_of_zero_or_an_unreadable_one_records_all_events() {
        let mask = |setting| {
            let settings = settings("EventMask", setting);
            (settings.event_mask, settings.flags)
        };
        assert_eq!(mask(Setting::Absent), (u32::MAX, SettingFlags::empty()));
        assert_eq!(mask(Setting::Number(1)), (1, SettingFlags::empty()));
        assert_eq!(mask(Setting::Number(0)), (u32::MAX, SettingFlags::EVENT_MASK_EMPTY));
        assert_eq!(mask(Setting::Unreadable), (u32::MAX, SettingFlags::EVENT_MASK_UNREADABLE));
    }

    #[test]
    fn the_limits_on_pending_reads_are_clamped_and_flagged() {
        let in_total = |setting| {
            let settings = settings("MaximumPendingReads", setting);
            assert_eq!(settings.maximum_pending_reads_per_handle, 16);
            (settings.maximum_pending_reads, settings.flags)
        };
        assert_eq!(in_total(Setting::Absent), (256, SettingFlags::empty()));
        assert_eq!(in_total(Setting::Unreadable), (256, SettingFlags::PENDING_READS_UNREADABLE));
        assert_eq!(in_total(Setting::Number(1)), (1, SettingFlags::empty()));
        assert_eq!(in_total(Setting::Number(0)), (1, SettingFlags::PENDING_READS_CLAMPED));
        assert_eq!(in_total(Setting::Number(1025)), (1024, SettingFlags::PENDING_READS_CLAMPED));
        let per_handle = |setting| {
            let settings = settings("MaximumPendingReadsPerHandle", setting);
            assert_eq!(settings.maximum_pending_reads, 256);
            (settings.maximum_pending_reads_per_handle, settings.flags)
        };
        assert_eq!(per_handle(Setting::Absent), (16, SettingFlags::empty()));
        let unreadable = SettingFlags::PENDING_READS_PER_HANDLE_UNREADABLE;
        assert_eq!(per_handle(Setting::Unreadable), (16, unreadable));
        let clamped = SettingFlags::PENDING_READS_PER_HANDLE_CLAMPED;
        assert_eq!(per_handle(Setting::Number(0)), (1, clamped));
        assert_eq!(per_handle(Setting::Number(2000)), (1024, clamped));
    }

    #[test]
    fn a_ring_without_memory_is_halved_down_to_the_minimum() {
        let mut capacity = RingCapacity::from_setting(Setting::Number(1001));
        for records in [501, 251, 126, 64] {
            let reduced = capacity.reduced().unwrap();
            let flags = SettingFlags::CAPACITY_REDUCED;
            assert_eq!(reduced, RingCapacity { records, requested: 1001, flags });
            capacity = reduced;
        }
        assert_eq!(capacity.reduced(), None);
    }

    #[test]
    fn a_ring_may_be_clamped_and_then_reduced() {
        let reduced = RingCapacity::from_setting(Setting::Number(u32::MAX)).reduced().unwrap();
        assert_eq!((reduced.records, reduced.requested), (524_288, u32::MAX));
        assert_eq!(
            reduced.flags,
            SettingFlags::CAPACITY_CLAMPED.union(SettingFlags::CAPACITY_REDUCED)
        );
    }
}
