//! The settings in the service's `Parameters` key, and what is made of them.

use sessionwatch_protocol::SettingFlags;

/// What the registry gave for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// There is no such value.
    Absent,
    /// There is one, but it is no `REG_DWORD` or could not be read.
    Unreadable,
    /// The number.
    Number(u32),
}

/// How many records the ring keeps, and how that came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingCapacity {
    /// The capacity to use, in records.
    pub records: u32,
    /// What was asked for; 0 where nothing was.
    pub requested: u32,
    /// Where the two differ, why.
    pub flags: SettingFlags,
}

impl RingCapacity {
    /// The name of the value.
    pub const VALUE_NAME: &str = "RingCapacity";
    /// The smallest capacity, in records.
    pub const MINIMUM: u32 = 64;
    /// The capacity where nothing else is asked for: 768 KiB of memory, enough
    /// for the morning of a large terminal server with nobody reading.
    pub const DEFAULT: u32 = 16_384;
    /// The largest capacity, in records: 48 MiB of non-paged memory.
    pub const MAXIMUM: u32 = 1_048_576;

    /// Weighs the value. A bad one is never fatal: it is replaced by the nearest
    /// good one, and flagged.
    #[must_use]
    pub fn weigh(setting: Setting) -> Self {
        let (asked, requested, flags) = match setting {
            Setting::Absent => (Self::DEFAULT, 0, SettingFlags::NONE),
            Setting::Unreadable => (Self::DEFAULT, 0, SettingFlags::CAPACITY_UNREADABLE),
            Setting::Number(number) => (number, number, SettingFlags::NONE),
        };
        let records = asked.clamp(Self::MINIMUM, Self::MAXIMUM);
        let clamped =
            if records == asked { SettingFlags::NONE } else { SettingFlags::CAPACITY_CLAMPED };
        Self { records, requested, flags: flags.union(clamped) }
    }

    /// The next smaller capacity to try where memory is short, or `None` at the
    /// smallest.
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

    fn weighed(setting: Setting) -> (u32, u32, SettingFlags) {
        let RingCapacity { records, requested, flags } = RingCapacity::weigh(setting);
        (records, requested, flags)
    }

    #[test]
    fn a_good_value_is_used_and_a_bad_one_is_clamped_and_flagged() {
        let (none, clamped) = (SettingFlags::NONE, SettingFlags::CAPACITY_CLAMPED);
        assert_eq!(weighed(Setting::Absent), (16_384, 0, none));
        assert_eq!(weighed(Setting::Unreadable), (16_384, 0, SettingFlags::CAPACITY_UNREADABLE));
        assert_eq!(weighed(Setting::Number(64)), (64, 64, none));
        assert_eq!(weighed(Setting::Number(1000)), (1000, 1000, none));
        assert_eq!(weighed(Setting::Number(1_048_576)), (1_048_576, 1_048_576, none));
        assert_eq!(weighed(Setting::Number(0)), (64, 0, clamped));
        assert_eq!(weighed(Setting::Number(63)), (64, 63, clamped));
        assert_eq!(weighed(Setting::Number(1_048_577)), (1_048_576, 1_048_577, clamped));
        assert_eq!(weighed(Setting::Number(u32::MAX)), (1_048_576, u32::MAX, clamped));
    }

    #[test]
    fn memory_that_is_short_halves_the_ring_down_to_the_smallest() {
        let mut capacity = RingCapacity::weigh(Setting::Number(1001));
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
        let reduced = RingCapacity::weigh(Setting::Number(u32::MAX)).reduced().unwrap();
        assert_eq!((reduced.records, reduced.requested), (524_288, u32::MAX));
        assert_eq!(
            reduced.flags,
            SettingFlags::CAPACITY_CLAMPED.union(SettingFlags::CAPACITY_REDUCED)
        );
    }
}
