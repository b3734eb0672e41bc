//! Times and spans of the driver, which counts 100 ns.

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The driver's units in a second.
pub const UNITS_PER_SECOND: u64 = 10_000_000;
/// The length of a unit, in nanoseconds.
const NANOSECONDS_PER_UNIT: u64 = 100;
/// Seconds from 1601-01-01T00:00:00Z, where system time starts, to 1970-01-01T00:00:00Z.
const SECONDS_FROM_1601_TO_1970: i64 = 11_644_473_600;

/// A system time: a count of 100 ns since 1601-01-01T00:00:00Z.
///
/// It displays as RFC 3339 in UTC, with the precision of the format. The default is all 7 digits
/// of the second. A count after the year 9999 displays as a number, so that bad data is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SystemTime(
    /// The count.
    pub u64,
);

impl SystemTime {
    /// The moment; `None` if RFC 3339 cannot express it.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        let seconds = i64::try_from(self.0 / UNITS_PER_SECOND).ok()? - SECONDS_FROM_1601_TO_1970;
        let nanoseconds = (self.0 % UNITS_PER_SECOND) * NANOSECONDS_PER_UNIT;
        Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
    }

    /// The system clock's time now; 0 if the clock is before 1601.
    #[must_use]
    pub fn now() -> Self {
        Self::from_timestamp(Timestamp::now()).unwrap_or(Self(0))
    }

    /// Converts a moment; `None` before 1601.
    #[must_use]
    pub fn from_timestamp(timestamp: Timestamp) -> Option<Self> {
        let since_1970 = timestamp.as_nanosecond() / i128::from(NANOSECONDS_PER_UNIT);
        let since_1601 =
            since_1970 + i128::from(SECONDS_FROM_1601_TO_1970) * i128::from(UNITS_PER_SECOND);
        u64::try_from(since_1601).ok().map(Self)
    }

    /// Formats the time as RFC 3339 in a time zone, with its offset and this number of digits of
    /// the second.
    #[must_use]
    pub fn in_zone(self, zone: &TimeZone, digits: usize) -> String {
        self.timestamp().map_or_else(
            || self.to_string(),
            |timestamp| {
                format!("{:.digits$}", timestamp.display_with_offset(zone.to_offset(timestamp)))
            },
        )
    }
}

impl fmt::Display for SystemTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timestamp() {
            Some(timestamp) => {
                let digits = formatter.precision().unwrap_or(7);
                write!(formatter, "{timestamp:.digits$}")
            }
            None => write!(formatter, "{}", self.0),
        }
    }
}

impl serde::Serialize for SystemTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A span in the driver's units, as whole seconds.
#[must_use]
pub fn span(units: u64) -> SignedDuration {
    // A u64 of 100 ns holds fewer seconds than an i64, so the fallback is never used.
    SignedDuration::from_secs(i64::try_from(units / UNITS_PER_SECOND).unwrap_or(i64::MAX))
}

/// The whole seconds between two monotonic times; zero if they are in the wrong order.
#[must_use]
pub fn elapsed(earlier: u64, later: u64) -> SignedDuration {
    span(later.saturating_sub(earlier))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments_are_written_to_the_last_digit() {
        assert_eq!(SystemTime(0).to_string(), "1601-01-01T00:00:00.0000000Z");
        assert_eq!(SystemTime(1).to_string(), "1601-01-01T00:00:00.0000001Z");
        assert_eq!(SystemTime(116_444_736_000_000_000).to_string(), "1970-01-01T00:00:00.0000000Z");
        assert_eq!(SystemTime(116_444_735_999_999_999).to_string(), "1969-12-31T23:59:59.9999999Z");
        // 2000-03-01 follows a leap day.
        assert_eq!(SystemTime(125_963_424_000_000_000).to_string(), "2000-03-01T00:00:00.0000000Z");
    }

    #[test]
    fn a_shorter_form_cuts_and_does_not_round_up() {
        let last = SystemTime(116_444_735_999_999_999);
        assert_eq!(format!("{last:.0}"), "1969-12-31T23:59:59Z");
        assert_eq!(format!("{last:.3}"), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_count_without_a_time_displays_as_a_number() {
        assert_eq!(SystemTime(u64::MAX).to_string(), u64::MAX.to_string());
        assert_eq!(
            serde_json::to_string(&SystemTime(u64::MAX)).unwrap(),
            format!("\"{}\"", u64::MAX)
        );
    }

    #[test]
    fn elapsed_time_is_never_negative() {
        assert_eq!(elapsed(5, 3), SignedDuration::ZERO);
        assert_eq!(elapsed(0, 29_999_999), SignedDuration::from_secs(2));
        assert!(elapsed(0, u64::MAX) > SignedDuration::ZERO);
    }

    proptest! {
        /// Every count has a text. A text that is a time reads back as the same count.
        #[test]
        fn written_times_read_back(units in 0..=u64::MAX) {
            let written = SystemTime(units);
            let text = written.to_string();
            let units_read = written.timestamp().map_or(units.to_string(), |_| {
                let read: Timestamp = text.parse().unwrap();
                let since_1601 = read.as_nanosecond()
                    + i128::from(SECONDS_FROM_1601_TO_1970) * 1_000_000_000;
                (since_1601 / i128::from(NANOSECONDS_PER_UNIT)).to_string()
            });
            prop_assert_eq!(units_read, units.to_string());
        }
    }
}
