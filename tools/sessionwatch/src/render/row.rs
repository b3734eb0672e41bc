//! The shape of a row: a row of a table, a JSON object or a line of CSV.

use serde::Serialize;

use super::layout::{Layout, NARROW, WIDE};

/// One row of a table, one JSON object, one line of CSV.
pub trait Row: Sized + 'static {
    /// The fields in the output for programs. Their names and order are a promise. A field
    /// without a value is `null`, never omitted.
    type Fields<'row>: Serialize;

    /// The columns of CSV: each leaf of the JSON object, in order, with a dot between nested
    /// names. A list is one column, with spaces between its values.
    const FIELDS: &'static [&'static str];

    /// The columns for people.
    const COLUMNS: &'static [Column<Self>];

    /// The fields of this row.
    fn fields(&self) -> Self::Fields<'_>;

    /// The emphasis of the row on a terminal.
    fn emphasis(&self) -> Emphasis {
        Emphasis::None
    }
}

/// A column for people.
pub struct Column<R> {
    pub(super) title: &'static str,
    pub(super) cell: fn(&R, &Layout) -> String,
    pub(super) is_number: bool,
    pub(super) wraps: bool,
    /// The narrowest layout that shows it.
    shown_from: u16,
    narrow: u16,
    wide: u16,
}

impl<R> Column<R> {
    /// A column of text.
    pub const fn text(title: &'static str, cell: fn(&R, &Layout) -> String) -> Self {
        Self { title, cell, is_number: false, wraps: false, shown_from: 0, narrow: 0, wide: 0 }
    }

    /// A column of numbers, which align at the right.
    pub const fn number(title: &'static str, cell: fn(&R, &Layout) -> String) -> Self {
        Self { is_number: true, ..Self::text(title, cell) }
    }

    /// The same column, hidden below 120 terminal columns.
    #[must_use]
    pub const fn wide_only(self) -> Self {
        Self { shown_from: WIDE, ..self }
    }

    /// The same column, hidden below 60 terminal columns.
    #[must_use]
    pub const fn not_narrow(self) -> Self {
        Self { shown_from: NARROW, ..self }
    }

    /// The same column, with text that wraps over several lines before another column does.
    #[must_use]
    pub const fn wrapping(self) -> Self {
        Self { wraps: true, ..self }
    }

    /// The same column, with least widths in a narrow and in a wide layout. Rows that are printed
    /// one by one need them, because longer rows may follow.
    #[must_use]
    pub const fn at_least(self, narrow: u16, wide: u16) -> Self {
        Self { narrow, wide, ..self }
    }

    pub(super) const fn is_shown(&self, layout: &Layout) -> bool {
        layout.width() >= self.shown_from
    }

    pub(super) const fn least_width(&self, layout: &Layout) -> usize {
        let width = match layout.width() {
            WIDE.. => self.wide,
            NARROW.. => self.narrow,
            // Times and names are short in a narrow layout.
            _ if self.narrow > 8 => 8,
            _ => self.narrow,
        };
        width as usize
    }
}

/// The emphasis of a row on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// Normal.
    None,
    /// In the background.
    Remark,
    /// In the foreground.
    Warning,
}

/// The text of a cell, or a dash if there is none.
#[must_use]
pub fn or_dash(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| text.to_string())
}
