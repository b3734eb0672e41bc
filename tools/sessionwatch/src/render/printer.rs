//! Writes rows in the form that the user asked for.

use std::io::{self, Write};

use serde::Serialize;

use super::csv;
use super::row::Row;
use super::stream::{self, Item};
use super::table::Table;

/// The size from which a list's buffered output is written, in bytes.
const CHUNK: usize = 64 * 1024;

/// The form of the output.
#[derive(Clone, Debug)]
pub enum Form {
    /// Rows for people.
    Table(Table),
    /// One JSON text: an array for a list or a stream.
    Json,
    /// Newline-delimited JSON.
    Ndjson,
    /// Comma-separated values with a header line.
    Csv,
}

/// Writes rows in one form.
///
/// The printer buffers its output until [`flush`](Self::flush), except for lists, which it writes
/// in chunks.
pub struct Printer<'out> {
    form: Form,
    array: Array,
    /// The columns of CSV.
    columns: &'static [&'static str],
    buffer: Vec<u8>,
    out: &'out mut dyn Write,
}

/// The state of the array of [`Form::Json`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Array {
    None,
    Empty,
    Filled,
}

impl<'out> Printer<'out> {
    /// Prints to `out`.
    pub fn new(form: Form, out: &'out mut dyn Write) -> Self {
        Self { form, array: Array::None, columns: &[], buffer: Vec::new(), out }
    }

    /// True if people read the output.
    #[must_use]
    pub const fn is_for_people(&self) -> bool {
        matches!(self.form, Form::Table(_))
    }

    /// Begins a stream.
    ///
    /// # Errors
    ///
    /// If the titles cannot be rendered.
    pub fn begin(&mut self, shows_users: bool) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => stream::titles(table, shows_users, &mut self.buffer),
            _ => self.open(stream::FIELDS),
        }
    }

    /// Prints an item of a stream.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn item(&mut self, item: &Item<'_>) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => stream::write(table, item, &mut self.buffer),
            _ => self.data(&item.line()),
        }
    }

    /// Prints a list. Items of a stream may follow it, if the rows have columns for them.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered or written.
    pub fn list<R: Row>(&mut self, rows: &[R]) -> io::Result<()> {
        if let Form::Table(table) = &self.form {
            let out = &mut *self.out;
            return table.list(rows, &mut self.buffer, |buffer| write_chunk(buffer, out));
        }
        self.open(R::FIELDS)?;
        for row in rows {
            self.data(&row.fields())?;
            write_chunk(&mut self.buffer, self.out)?;
        }
        Ok(())
    }

    /// Begins rows that come one by one.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn begin_rows<R: Row>(&mut self) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => table.write_titles::<R>(&mut self.buffer),
            _ => self.open(R::FIELDS),
        }
    }

    /// Prints one of rows that come one by one.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn row<R: Row>(&mut self, row: &R) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => table.write_row(row, &mut self.buffer),
            _ => self.data(&row.fields()),
        }
    }

    /// Prints one thing; for people, a line for each of its columns.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn object<R: Row>(&mut self, row: &R) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => table.object(row, &mut self.buffer),
            Form::Json => {
                serde_json::to_writer_pretty(&mut self.buffer, &row.fields())?;
                self.buffer.write_all(b"\n")
            }
            Form::Ndjson | Form::Csv => {
                self.open(R::FIELDS)?;
                self.data(&row.fields())
            }
        }
    }

    /// Prints a sentence for people. Programs do not get it.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn remark(&mut self, text: &str) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => table.remark(text, &mut self.buffer),
            _ => Ok(()),
        }
    }

    /// Prints text for another program, unchanged.
    pub fn verbatim(&mut self, text: &[u8]) {
        self.buffer.extend_from_slice(text);
    }

    /// Begins the array of JSON, or the lines of CSV.
    fn open(&mut self, columns: &'static [&'static str]) -> io::Result<()> {
        match self.form {
            Form::Json if self.array == Array::None => {
                self.buffer.push(b'[');
                self.array = Array::Empty;
                Ok(())
            }
            Form::Csv => {
                self.columns = columns;
                csv::header(columns, &mut self.buffer)
            }
            _ => Ok(()),
        }
    }

    fn data(&mut self, row: &impl Serialize) -> io::Result<()> {
        let out = &mut self.buffer;
        match &self.form {
            Form::Csv => return csv::row(self.columns, row, out),
            Form::Json => {
                out.extend_from_slice(if self.array == Array::Empty { b"\n" } else { b",\n" });
                self.array = Array::Filled;
                serde_json::to_writer(out, row)?;
            }
            Form::Table(_) | Form::Ndjson => {
                serde_json::to_writer(&mut *out, row)?;
                out.push(b'\n');
            }
        }
        Ok(())
    }

    /// Writes everything printed since the last flush, so that a reader never waits for the rest
    /// of a line.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        self.out.flush()
    }

    /// Ends the output. Completes an array even if the command failed.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn end(mut self) -> io::Result<()> {
        self.buffer.extend_from_slice(match self.array {
            Array::None => b"",
            Array::Empty => b"]\n",
            Array::Filled => b"\n]\n",
        });
        self.flush()
    }
}

/// Writes the buffer once it is large, so that memory does not hold a long list.
fn write_chunk(buffer: &mut Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
    if buffer.len() >= CHUNK {
        out.write_all(buffer)?;
        buffer.clear();
    }
    Ok(())
}
