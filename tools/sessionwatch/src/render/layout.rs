//! The layout of output for people.

use jiff::tz::TimeZone;
use sessionwatch_reader::time::SystemTime;

/// The width from which every column and every digit fits.
pub(super) const WIDE: u16 = 120;
/// The width below which only the time of day and the event fit.
pub(super) const NARROW: u16 = 60;

/// The layout of output for people: its width, and the zone of its times.
#[derive(Clone, Debug)]
pub struct Layout {
    width: u16,
    zone: Option<TimeZone>,
}

impl Layout {
    /// A layout of this width in terminal columns, with times in this zone; UTC if `None`.
    #[must_use]
    pub const fn new(width: u16, zone: Option<TimeZone>) -> Self {
        Self { width, zone }
    }

    /// The width, in terminal columns.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// True if every column and every digit fits.
    #[must_use]
    pub const fn is_wide(&self) -> bool {
        self.width >= WIDE
    }

    /// A time with the digits that fit: all of them, up to the second, or only the time of day.
    #[must_use]
    pub fn time(&self, time: SystemTime) -> String {
        let digits = if self.is_wide() { 7 } else { 0 };
        let text = match &self.zone {
            Some(zone) => time.in_zone(zone, digits),
            None => format!("{time:.digits$}"),
        };
        if self.width < NARROW
            && let Some(time_of_day) = text.get(11..19)
        {
            return time_of_day.to_owned();
        }
        text
    }
}
