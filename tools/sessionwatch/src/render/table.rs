//! Tables for people.
//!
//! A table keeps no rows. It makes two passes over a list: one for the widths of the columns, and
//! one for the lines. So its memory does not grow with the number of rows.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use textwrap::WordSplitter;
use unicode_width::UnicodeWidthStr;

use super::layout::Layout;
use super::row::{Column, Emphasis, Row};

/// The narrowest width for wrapping text. Below it, the terminal wraps.
const NARROWEST: usize = 20;
/// The narrowest width of prose before other columns wrap too.
const NARROWEST_PROSE: usize = 12;
/// The narrowest column of a list.
const NARROWEST_COLUMN: usize = 8;

const HEADER: Style = Style::new().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
const REMARK: Style = Style::new().dimmed();

/// The space between columns.
const GAP: &str = "  ";

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    layout: Layout,
    has_colour: bool,
}

impl Table {
    /// A table of this layout, with or without colours.
    #[must_use]
    pub const fn new(layout: Layout, has_colour: bool) -> Self {
        Self { layout, has_colour }
    }

    /// The same table without colours.
    #[must_use]
    pub fn without_colours(&self) -> Self {
        Self { has_colour: false, ..self.clone() }
    }

    /// Its layout.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Writes a sentence that is not data.
    pub(super) fn remark(&self, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
        self.paragraph(Emphasis::Remark, 0, text, out)
    }

    /// Writes text on as many lines as needed, all with an indent.
    pub(super) fn paragraph(
        &self,
        emphasis: Emphasis,
        indent: usize,
        text: &str,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let width = usize::from(self.layout.width()).saturating_sub(indent).max(NARROWEST);
        let space = " ".repeat(indent);
        wrap(text, width)
            .iter()
            .try_for_each(|line| self.line(emphasis, &format!("{space}{line}"), out))
    }

    fn line(&self, emphasis: Emphasis, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
        self.styled(style(emphasis), text, out)
    }

    fn styled(&self, style: Style, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
        if self.has_colour && !style.is_plain() {
            writeln!(out, "{style}{text}{style:#}")
        } else {
            writeln!(out, "{text}")
        }
    }

    fn columns<R: Row>(&self) -> impl Iterator<Item = &'static Column<R>> {
        R::COLUMNS.iter().filter(|column| column.is_shown(&self.layout))
    }
}

/// Rows that are printed one by one.
impl Table {
    /// The titles of the columns, on one line.
    #[must_use]
    pub fn titles<R: Row>(&self) -> String {
        self.aligned::<R>(|column| column.title.to_owned())
    }

    /// A row, on one line. Text that is longer than its column moves the others.
    #[must_use]
    pub fn row<R: Row>(&self, row: &R) -> String {
        self.aligned::<R>(|column| (column.cell)(row, &self.layout))
    }

    pub(super) fn write_titles<R: Row>(&self, out: &mut Vec<u8>) -> io::Result<()> {
        self.styled(HEADER, &self.titles::<R>(), out)
    }

    /// Writes the titles, and the title of the text behind the rows.
    pub(super) fn write_titles_with<R: Row>(
        &self,
        behind: Option<&str>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let titles = self.titles::<R>();
        let Some(behind) = behind else { return self.styled(HEADER, &titles, out) };
        // The titles end before the last column, whose cells are longer.
        let width = self.columns::<R>().map(|column| column.least_width(&self.layout));
        let width: usize = width.map(|width| width + GAP.len()).sum();
        self.styled(HEADER, &format!("{}{behind}", pad(&titles, width, false)), out)
    }

    pub(super) fn write_row<R: Row>(&self, row: &R, out: &mut Vec<u8>) -> io::Result<()> {
        self.line(row.emphasis(), &self.row(row), out)
    }

    /// Writes a row, and texts behind it if they fit, or else below it.
    pub(super) fn write_row_with<R: Row>(
        &self,
        row: &R,
        texts: impl IntoIterator<Item = String>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let (mut line, mut below) = (self.row(row), Vec::new());
        let columns = self.columns::<R>().map(|column| column.least_width(&self.layout));
        let end = columns.map(|width| width + GAP.len()).sum::<usize>().saturating_sub(GAP.len());
        for text in texts {
            line = pad(&line, end, false);
            let width = line.width() + GAP.len() + text.width();
            if below.is_empty() && width <= self.layout.width().into() {
                line = format!("{line}{GAP}{text}");
            } else {
                below.push(text);
            }
        }
        self.line(row.emphasis(), line.trim_end(), out)?;
        below.iter().try_for_each(|text| self.paragraph(row.emphasis(), 8, text, out))
    }

    fn aligned<R: Row>(&self, cell: impl Fn(&Column<R>) -> String) -> String {
        let cells = self
            .columns::<R>()
            .map(|column| pad(&cell(column), column.least_width(&self.layout), column.is_number));
        cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
    }
}

/// Lists and single things.
impl Table {
    /// Writes rows under the titles of their columns, as wide as their text. `flush` takes the
    /// finished lines, so that the table need not keep them.
    pub(super) fn list<R: Row>(
        &self,
        rows: &[R],
        out: &mut Vec<u8>,
        mut flush: impl FnMut(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let columns: Vec<_> = self.columns::<R>().collect();
        let widths = self.widths(&columns, rows);
        let titles: Vec<_> =
            columns.iter().zip(&widths).map(|(column, width)| wrap(column.title, *width)).collect();
        self.cells(HEADER, &columns, &widths, &titles, out)?;
        for row in rows {
            let cells: Vec<_> = columns
                .iter()
                .zip(&widths)
                .map(|(column, width)| {
                    let text = (column.cell)(row, &self.layout);
                    wrap(&text, *width)
                })
                .collect();
            self.cells(style(row.emphasis()), &columns, &widths, &cells, out)?;
            flush(out)?;
        }
        Ok(())
    }

    /// The widths of the columns: the widths of their text, or less if the table would be too wide.
    fn widths<R: Row>(&self, columns: &[&Column<R>], rows: &[R]) -> Vec<usize> {
        let mut widths: Vec<_> = columns
            .iter()
            .map(|column| column.title.width().max(column.least_width(&self.layout)))
            .collect();
        for row in rows {
            for (width, column) in widths.iter_mut().zip(columns) {
                let text = (column.cell)(row, &self.layout);
                *width = text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0).max(*width);
            }
        }
        let total = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
        let excess = total.saturating_sub(self.layout.width().into());
        // Wrap prose first, and other columns only if that is not enough.
        let excess = narrow(&mut widths, excess, |at| columns[at].wraps, NARROWEST_PROSE);
        narrow(&mut widths, excess, |_| true, NARROWEST_COLUMN);
        widths
    }

    /// Writes the cells of a row. Each cell has one or more lines.
    fn cells<R>(
        &self,
        style: Style,
        columns: &[&Column<R>],
        widths: &[usize],
        cells: &[Vec<String>],
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
        (0..lines).try_for_each(|at| {
            let parts = columns.iter().zip(widths).zip(cells).map(|((column, width), cell)| {
                pad(cell.get(at).map_or("", String::as_str), *width, column.is_number)
            });
            let line = parts.collect::<Vec<_>>().join(GAP);
            self.styled(style, line.trim_end(), out)
        })
    }

    /// Writes one object, with a line for each column.
    pub(super) fn object<R: Row>(&self, row: &R, out: &mut Vec<u8>) -> io::Result<()> {
        let titles = R::COLUMNS.iter().map(|column| column.title.width()).max().unwrap_or(0);
        let room = usize::from(self.layout.width()).saturating_sub(titles + GAP.len());
        for column in R::COLUMNS {
            let lines = wrap(&(column.cell)(row, &self.layout), room.max(NARROWEST));
            for (at, line) in lines.iter().enumerate() {
                let title = pad(if at == 0 { column.title } else { "" }, titles, false);
                self.line(Emphasis::None, format!("{title}{GAP}{line}").trim_end(), out)?;
            }
        }
        Ok(())
    }
}

/// Removes this excess from the columns that may be narrower, the widest first, down to a width.
/// Returns the remaining excess.
fn narrow(
    widths: &mut [usize],
    excess: usize,
    may: impl Fn(usize) -> bool,
    narrowest: usize,
) -> usize {
    for left in (1..=excess).rev() {
        let widest = (0..widths.len())
            .filter(|at| may(*at) && widths[*at] > narrowest)
            .max_by_key(|at| widths[*at]);
        match widest {
            Some(at) => widths[at] -= 1,
            None => return left,
        }
    }
    0
}

/// Wraps text into one or more lines of at most this width. Breaks only a word that is wider, so
/// that an address or a name with a hyphen stays whole.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width).word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Pads text to this width in terminal columns. Some characters take two columns.
fn pad(text: &str, width: usize, is_number: bool) -> String {
    let space = width.saturating_sub(text.width());
    if is_number { format!("{:space$}{text}", "") } else { format!("{text}{:space$}", "") }
}

const fn style(emphasis: Emphasis) -> Style {
    match emphasis {
        Emphasis::None => Style::new(),
        Emphasis::Remark => REMARK,
        Emphasis::Warning => WARNING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Line(&'static str, &'static str);

    impl Row for Line {
        type Fields<'row> = ();

        const FIELDS: &'static [&'static str] = &[];
        const COLUMNS: &'static [Column<Self>] = &[
            Column::number("n", |line: &Self, _| line.0.to_owned()),
            Column::text("name", |line: &Self, _| line.0.to_owned()).wide_only(),
            Column::text("text", |line: &Self, _| line.1.to_owned()).wrapping(),
        ];

        fn fields(&self) {}
    }

    fn list(width: u16, rows: &[Line]) -> String {
        let mut out = Vec::new();
        let table = Table::new(Layout::new(width, None), false);
        table.list(rows, &mut out, |_| Ok(())).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_as_wide_as_their_text_and_numbers_align_right() {
        let rows = [Line("7", "seven"), Line("12345", "日本")];
        assert_eq!(list(80, &rows), "    n  text\n    7  seven\n12345  日本\n");
    }

    #[test]
    fn prose_wraps_before_another_column_does() {
        let rows = [Line("1234567890", "a text that is longer than its room")];
        assert_eq!(
            list(40, &rows),
            "         n  text\n1234567890  a text that is longer than\n            its room\n"
        );
        assert_eq!(
            list(17, &[Line("1234567890", "a text")]),
            "        n  text\n123456789  a text\n        0\n"
        );
        // Below this width, the terminal wraps.
        assert!(list(10, &rows).lines().all(|line| line.width() <= 18));
    }

    #[test]
    fn an_object_has_a_line_for_each_column() {
        let table = Table::new(Layout::new(30, None), false);
        let mut out = Vec::new();
        table.object(&Line("7", "a text that is longer than it"), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "n     7\nname  7\ntext  a text that is longer\n      than it\n"
        );
    }

    #[test]
    fn text_that_does_not_fit_behind_a_row_goes_below_it() {
        let table = Table::new(Layout::new(30, None), false);
        let mut out = Vec::new();
        let texts = ["short".to_owned(), "too long to go behind the row".to_owned()];
        table.write_row_with(&Line("7", "row"), texts, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "7  row  short\n        too long to go behind\n        the row\n"
        );
    }
}
