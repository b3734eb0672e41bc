//! Brings what is shown out, in the form that was asked for.

use std::io::{self, Write};

use serde::Serialize;
use sessionwatch_protocol::Record;

use super::stream::{self, Line};
use super::{Item, Row, Table, csv};
use crate::filter::Filter;
use crate::reader::Batch;
use crate::who::Known;

/// The form of the output.
#[derive(Clone, Debug)]
pub enum Form {
    /// Rows for people.
    Table(Table),
    /// One JSON text: an array of what is a list or a stream.
    Json,
    /// Newline-delimited JSON.
    Ndjson,
    /// Comma-separated values with a line of names.
    Csv,
}

/// A form of the output, and where it goes.
pub struct Printer<'out> {
    form: Form,
    array: Array,
    /// The columns of CSV.
    fields: &'static [&'static str],
    buffer: Vec<u8>,
    out: &'out mut dyn Write,
}

/// How far the array of [`Form::Json`] is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Array {
    None,
    Empty,
    Filled,
}

impl<'out> Printer<'out> {
    /// Prints in this form to `out`.
    pub fn new(form: Form, out: &'out mut dyn Write) -> Self {
        Self { form, array: Array::None, fields: &[], buffer: Vec::new(), out }
    }

    /// Prints what comes before the first item of a stream.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered. (Nothing is written before [`flush`](Self::flush).)
    pub fn begin(&mut self) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => table.begin(&mut self.buffer),
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
            Form::Table(table) => table.item(item, &mut self.buffer),
            _ => self.data(&Line::from(item)),
        }
    }

    /// Prints what a read gave, of the events those that the filter admits and of the
    /// users that are asked for; says how many these are.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn batch(&mut self, batch: &Batch<'_>, filter: &Filter, known: &Known) -> io::Result<u64> {
        if let Some(lost) = batch.lost {
            self.item(&Item::Lost(lost))?;
        }
        let mut shown = 0;
        let is_shown = |record: &&Record| filter.admits(record) && known.admits(record);
        for record in batch.records.iter().filter(is_shown) {
            self.item(&Item::Event(record, known.of(record)))?;
            shown += 1;
        }
        Ok(shown)
    }

    /// Prints a list. Items may follow it, of which CSV has the columns that the rows name.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn list<R: Row>(&mut self, rows: &[R]) -> io::Result<()> {
        if let Form::Table(table) = &self.form {
            return table.list(rows, &mut self.buffer);
        }
        self.open(R::FIELDS)?;
        rows.iter().try_for_each(|row| self.data(row))
    }

    /// Prints what comes before the first of rows that come one by one.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn begin_rows<R: Row>(&mut self) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => table.begin_rows::<R>(&mut self.buffer),
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
            Form::Table(table) => table.row_alone(row, &mut self.buffer),
            _ => self.data(row),
        }
    }

    /// Prints one thing: for people, a line for each of its columns.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn object<R: Row>(&mut self, row: &R) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => table.object(row, &mut self.buffer),
            Form::Json => {
                serde_json::to_writer_pretty(&mut self.buffer, row)?;
                self.buffer.write_all(b"\n")
            }
            Form::Ndjson | Form::Csv => {
                self.open(R::FIELDS)?;
                self.data(row)
            }
        }
    }

    /// Prints a sentence for people; programs do not get it.
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

    /// Prints what is the same in every form: it is for another program as it is.
    pub fn verbatim(&mut self, text: &[u8]) {
        self.buffer.extend_from_slice(text);
    }

    fn open(&mut self, fields: &'static [&'static str]) -> io::Result<()> {
        self.fields = fields;
        match &self.form {
            Form::Csv => csv::header(fields, &mut self.buffer),
            Form::Json => {
                self.array = Array::Empty;
                self.buffer.write_all(b"[")
            }
            Form::Table(_) | Form::Ndjson => Ok(()),
        }
    }

    fn data(&mut self, row: &impl Serialize) -> io::Result<()> {
        let out = &mut self.buffer;
        match &self.form {
            Form::Csv => return csv::row(self.fields, row, out),
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

    /// Writes what was printed since the last time, whole, so that a reader never
    /// waits for the end of a line that is known.
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

    /// Ends the output: an array that was begun is whole, also where the command
    /// failed on its way.
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
