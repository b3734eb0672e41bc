//! Rows for people. The columns have fixed widths, so that a row can be shown
//! when its event happens and need not wait for longer ones.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table as Grid, Width};
use sessionwatch_protocol::{Locality, Record, SessionState, SessionsReply};
use unicode_width::UnicodeWidthStr as _;

use super::row::{Column, Emphasis, People, Row, or_dash};
use super::{Item, journal_name, record_flags};
use crate::account::Account;
use crate::reader::{Lost, Restart};
use crate::time::SystemTime;
use crate::who::Who;

/// The narrowest that text is wrapped to; below, the terminal wraps it.
const NARROWEST: u16 = 20;

const HEADER: Style = Style::new().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();
const REMARK: Style = Style::new().dimmed();

/// Rows for people.
#[derive(Clone, Debug)]
pub struct Table {
    people: People,
    colour: bool,
    users: bool,
}

impl Table {
    /// A table for these people, with or without colours.
    #[must_use]
    pub const fn new(people: People, colour: bool) -> Self {
        Self { people, colour, users: false }
    }

    /// The same table for events of which it is asked who is behind them.
    #[must_use]
    pub fn with_users(self) -> Self {
        Self { users: true, ..self }
    }

    /// One row; the flags are not a column of their own, because they are rare.
    fn row(&self, cells: &Cells<'_>) -> String {
        let Cells { number, time, session, instance, event, state, locality } = cells;
        if self.people.is_wide() {
            format!(
                "{number:>10}  {time:<28}  {session:>10}  {instance:>10}  {event:<12}  {state:<22}  \
                 {locality:<6}"
            )
        } else {
            format!("{number:>7} {time:<20} {session:>7} {event:<12} {state:<22} {locality:<6}")
        }
    }

    /// Text over as many lines as it takes, all behind an indent.
    fn paragraph(&self, indent: u16, text: &str) -> String {
        let mut grid = Grid::new();
        grid.load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.people.width().saturating_sub(indent).max(NARROWEST))
            .add_row([text]);
        if let Some(column) = grid.column_mut(0) {
            column.set_padding((0, 0));
        }
        let indent = " ".repeat(indent.into());
        grid.lines().fold(String::new(), |mut lines, line| {
            let separator = if lines.is_empty() { "" } else { "\n" };
            // Writing to a string cannot fail.
            let _ = write!(lines, "{separator}{indent}{}", line.trim_end());
            lines
        })
    }

    fn line(&self, style: Style, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
        if self.colour && !style.is_plain() {
            writeln!(out, "{style}{text}{style:#}")
        } else {
            writeln!(out, "{text}")
        }
    }

    fn event(&self, record: &Record, who: Option<&Who>, out: &mut Vec<u8>) -> io::Result<()> {
        let instance = record.instance.get();
        let cells = Cells {
            number: &record.sequence.get().to_string(),
            time: &self.people.time(SystemTime(record.system_time.get())),
            session: &record.session_id.get().to_string(),
            instance: &known(instance != 0, &instance.to_string()),
            event: &record.kind().to_string(),
            state: &known(record.state() != SessionState::UNKNOWN, &record.state().to_string()),
            locality: &known(
                record.locality() != Locality::UNKNOWN,
                &record.locality().to_string(),
            ),
        };
        let flags = record_flags(record).collect::<Vec<_>>().join(", ");
        let style = if flags.is_empty() { Style::new() } else { WARNING };
        // What has no room behind the row gets lines of its own.
        let (mut row, mut below) = (self.row(&cells), Vec::new());
        for text in [self.user(who), flags].into_iter().filter(|text| !text.is_empty()) {
            let width = row.width() + 2 + text.width();
            if below.is_empty() && width <= self.people.width().into() {
                row = format!("{row}  {text}");
            } else {
                below.push(text);
            }
        }
        self.line(style, row.trim_end(), out)?;
        below.iter().try_for_each(|text| self.line(style, &self.paragraph(8, text), out))
    }

    /// Who is behind an event: a column where there is room for one, and otherwise
    /// what is known.
    fn user(&self, who: Option<&Who>) -> String {
        let user = who.and_then(|who| {
            let account = who.account()?;
            Some(match who.client() {
                Some(client) => format!("{account} from {client}"),
                None => account,
            })
        });
        if self.users && self.people.is_wide() {
            padded(&or_dash(user), 24)
        } else {
            user.unwrap_or_default()
        }
    }

    fn lost(&self, lost: &Lost) -> String {
        let mut text = format!("-- {} lost: {} to {}", lost.count, lost.first, lost.last());
        for (word, time) in [("after", lost.previous_time), ("before", lost.next_time)] {
            if let Some(time) = time {
                // Writing to a string cannot fail.
                let _ = write!(text, ", {word} {}", self.people.time(time));
            }
        }
        self.paragraph(0, &text)
    }
}

/// The texts of one row.
struct Cells<'a> {
    number: &'a str,
    time: &'a str,
    session: &'a str,
    instance: &'a str,
    event: &'a str,
    state: &'a str,
    locality: &'a str,
}

const TITLES: Cells<'_> = Cells {
    number: "number",
    time: "time",
    session: "session",
    instance: "instance",
    event: "event",
    state: "state",
    locality: "where",
};

/// The text of a cell, or a dash where the driver could not tell.
pub(crate) fn known(known: bool, text: &str) -> String {
    if known { text.to_owned() } else { "-".to_owned() }
}

fn account(account: &Account, shown: u64) -> String {
    let journal = journal_name(account.journal_id());
    let next = account.next();
    if next == account.from() {
        return format!("-- nothing from number {next} on, in journal {journal}");
    }
    let filtered = match account.delivered() {
        delivered if delivered == shown => String::new(),
        _ => format!(" ({shown} shown)"),
    };
    format!(
        "-- {} delivered{filtered}, {} lost: numbers {} to {} of journal {journal}",
        account.delivered(),
        account.lost(),
        account.from(),
        next - 1
    )
}

fn restart(restart: &Restart) -> String {
    format!(
        "-- the driver was started again: this is journal {}, and of journal {} nothing is known from \
         number {} on",
        journal_name(restart.journal_id),
        restart.previous_journal,
        restart.previous_next
    )
}

fn snapshot(head: &SessionsReply) -> String {
    let mut text = format!(
        "-- {} sessions present, each with its last event before number {}",
        head.present, head.next
    );
    if head.untracked != 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "; {} events were of sessions that are missing here", head.untracked);
    }
    text
}

/// Texts, for who shows them in another way.
impl Table {
    /// The titles of the columns of a stream.
    #[must_use]
    pub fn titles(&self) -> String {
        self.row(&TITLES)
    }

    /// The lines of an item of a stream, without colours.
    #[must_use]
    pub fn lines(&self, item: &Item<'_>) -> Vec<String> {
        let plain = Self { colour: false, ..self.clone() };
        let mut out = Vec::new();
        // Writing to memory cannot fail, and what is written is text.
        let _ = plain.item(item, &mut out);
        String::from_utf8_lossy(&out).lines().map(str::to_owned).collect()
    }
}

/// What comes before and between the items of a stream.
impl Table {
    /// Writes the titles of the columns.
    pub(super) fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let user = if self.users && self.people.is_wide() { "  user" } else { "" };
        self.line(HEADER, format!("{}{user}", self.row(&TITLES)).trim_end(), out)
    }

    /// Writes an item.
    pub(super) fn item(&self, item: &Item<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        match *item {
            Item::Snapshot(head) => self.remark(&snapshot(head), out),
            Item::Session(record, who) | Item::Event(record, who) => self.event(record, who, out),
            Item::Step(record, step) => {
                self.event(record, None, out)?;
                let style = if step.odd.is_some() { WARNING } else { REMARK };
                self.line(style, &self.paragraph(8, &step.sentence()), out)
            }
            Item::Lost(lost) => self.line(WARNING, &self.lost(&lost), out),
            Item::Restart(restart) => {
                self.line(WARNING, &self.paragraph(0, &self::restart(restart)), out)
            }
            Item::Account { account, shown } => self.remark(&self::account(account, shown), out),
        }
    }

    /// Writes a sentence that is not data.
    pub(super) fn remark(&self, text: &str, out: &mut Vec<u8>) -> io::Result<()> {
        self.line(REMARK, &self.paragraph(0, text), out)
    }
}

/// Rows that come one by one.
impl Table {
    /// Writes the titles of the columns.
    pub(super) fn begin_rows<R: Row>(&self, out: &mut Vec<u8>) -> io::Result<()> {
        self.line(HEADER, &self.aligned::<R>(|column| column.title.to_owned()), out)
    }

    /// Writes a row. What is longer than its column moves the rest.
    pub(super) fn row_alone<R: Row>(&self, row: &R, out: &mut Vec<u8>) -> io::Result<()> {
        let text = self.aligned::<R>(|column| (column.cell)(row, &self.people));
        self.line(style(row.emphasis()), &text, out)
    }

    fn aligned<R: Row>(&self, cell: impl Fn(&Column<R>) -> String) -> String {
        let cells = self.columns::<R>().map(|column| {
            let (text, width) = (cell(column), usize::from(self.least(column)));
            if column.is_number { format!("{text:>width$}") } else { padded(&text, width) }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    }

    const fn least<R>(&self, column: &Column<R>) -> u16 {
        if self.people.is_wide() { column.wide } else { column.narrow }
    }

    /// The columns that there is room for.
    fn columns<R: Row>(&self) -> impl Iterator<Item = &'static Column<R>> {
        let is_wide = self.people.is_wide();
        R::COLUMNS.iter().filter(move |column| !column.is_wide_only || is_wide)
    }
}

/// Lists, and single things.
impl Table {
    /// Writes rows under the titles of their columns, as wide as their texts.
    pub(super) fn list<R: Row>(&self, rows: &[R], out: &mut Vec<u8>) -> io::Result<()> {
        let columns: Vec<_> = self.columns::<R>().collect();
        let mut grid = self.grid();
        grid.set_header(columns.iter().map(|column| column.title));
        for row in rows {
            grid.add_row(columns.iter().map(|column| (column.cell)(row, &self.people)));
        }
        for (place, column) in columns.iter().enumerate() {
            if let Some(cells) = grid.column_mut(place) {
                cells.set_padding((0, 2));
                if self.least(column) > 0 {
                    let least = Width::Fixed(self.least(column) + 2);
                    cells.set_constraint(ColumnConstraint::LowerBoundary(least));
                }
                if column.is_number {
                    cells.set_cell_alignment(CellAlignment::Right);
                }
            }
        }
        self.styled_lines(&grid, rows, out)
    }

    /// Each line in the style of its row. A row that takes several lines would need
    /// to be told apart, so where one does, nothing but the titles has a style.
    fn styled_lines<R: Row>(&self, grid: &Grid, rows: &[R], out: &mut Vec<u8>) -> io::Result<()> {
        let lines: Vec<String> = grid.lines().collect();
        let is_one_line_each = lines.len() == rows.len() + 1;
        for (place, line) in lines.iter().enumerate() {
            let style = match place.checked_sub(1) {
                None => HEADER,
                Some(row) if is_one_line_each => style(rows[row].emphasis()),
                Some(_) => Style::new(),
            };
            self.line(style, line.trim_end(), out)?;
        }
        Ok(())
    }

    /// Writes one thing, a line for each column.
    pub(super) fn object<R: Row>(&self, row: &R, out: &mut Vec<u8>) -> io::Result<()> {
        let mut grid = self.grid();
        for column in R::COLUMNS {
            grid.add_row([column.title, &(column.cell)(row, &self.people)]);
        }
        if let Some(names) = grid.column_mut(0) {
            names.set_padding((0, 2));
        }
        grid.lines().try_for_each(|line| self.line(Style::new(), line.trim_end(), out))
    }

    fn grid(&self) -> Grid {
        let mut grid = Grid::new();
        grid.load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.people.width().max(NARROWEST));
        grid
    }
}

/// The text, filled up to so many columns of the terminal, of which some characters take
/// two.
fn padded(text: &str, width: usize) -> String {
    format!("{text}{:1$}", "", width.saturating_sub(text.width()))
}

const fn style(emphasis: Emphasis) -> Style {
    match emphasis {
        Emphasis::None => Style::new(),
        Emphasis::Remark => REMARK,
        Emphasis::Warning => WARNING,
    }
}
