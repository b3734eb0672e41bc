//! What is shown as one row of a table, one JSON object or one line of CSV.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::time::SystemTime;

/// From this width on there is room for every column and every digit.
const WIDE: u16 = 120;

/// One row of a table, one JSON object, one line of CSV.
///
/// What programs get is what [`Serialize`] says, so the names of the fields there
/// are a promise. A field that may be absent is `null` and never left out.
pub trait Row: Serialize + Sized + 'static {
    /// The columns of CSV: each leaf of the JSON object, in order; what is nested
    /// with a dot between the names. A list is one column, its values separated by
    /// spaces.
    const FIELDS: &'static [&'static str];

    /// The columns for people.
    const COLUMNS: &'static [Column<Self>];

    /// How much the row stands out on a terminal.
    fn emphasis(&self) -> Emphasis {
        Emphasis::None
    }
}

/// A column for people.
pub struct Column<R> {
    pub(super) title: &'static str,
    pub(super) cell: fn(&R, &People) -> String,
    pub(super) is_number: bool,
    pub(super) is_wide_only: bool,
    pub(super) narrow: u16,
    pub(super) wide: u16,
}

impl<R> Column<R> {
    /// A column of texts.
    pub const fn text(title: &'static str, cell: fn(&R, &People) -> String) -> Self {
        Self { title, cell, is_number: false, is_wide_only: false, narrow: 0, wide: 0 }
    }

    /// A column of numbers, which stand at its right side.
    pub const fn number(title: &'static str, cell: fn(&R, &People) -> String) -> Self {
        Self { is_number: true, ..Self::text(title, cell) }
    }

    /// The same column, left out where there is little room: below 120 columns.
    #[must_use]
    pub const fn wide_only(self) -> Self {
        Self { is_wide_only: true, ..self }
    }

    /// The same column, at least so wide where there is little room, and where there
    /// is much: for texts that are not to be broken, and where rows are shown one by
    /// one and do not know of longer ones.
    #[must_use]
    pub const fn at_least(self, narrow: u16, wide: u16) -> Self {
        Self { narrow, wide, ..self }
    }
}

/// How much a row stands out on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// Not at all.
    None,
    /// It stands back.
    Remark,
    /// Look here.
    Warning,
}

/// How people want to see it.
#[derive(Clone, Debug)]
pub struct People {
    width: u16,
    zone: Option<TimeZone>,
}

impl People {
    /// So many columns of text, and times in this zone; in UTC where there is none.
    #[must_use]
    pub const fn new(width: u16, zone: Option<TimeZone>) -> Self {
        Self { width, zone }
    }

    /// How many columns of text there are.
    #[must_use]
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether there is room for every column and every digit.
    #[must_use]
    pub const fn is_wide(&self) -> bool {
        self.width >= WIDE
    }

    /// A time, to the second where there is little room.
    #[must_use]
    pub fn time(&self, time: SystemTime) -> String {
        let digits = if self.is_wide() { 7 } else { 0 };
        match &self.zone {
            Some(zone) => time.in_zone(zone, digits),
            None => format!("{time:.digits$}"),
        }
    }
}

/// The text of a cell, or a dash where there is none.
#[must_use]
pub fn or_dash(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| text.to_string())
}
