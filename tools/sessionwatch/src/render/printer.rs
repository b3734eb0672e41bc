//! Brings rendered text out, in one write for each batch.

use std::io::{self, Write};

use sessionwatch_protocol::DescribeReply;

use super::{Item, Render};
use crate::reader::Batch;

/// A form of the output, and where it goes.
pub struct Printer<'out> {
    render: Box<dyn Render>,
    buffer: Vec<u8>,
    out: &'out mut dyn Write,
}

impl<'out> Printer<'out> {
    /// Prints in this form to `out`.
    pub fn new(render: Box<dyn Render>, out: &'out mut dyn Write) -> Self {
        Self { render, buffer: Vec::new(), out }
    }

    /// Prints what comes before the first item.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered. (Nothing is written before [`flush`](Self::flush).)
    pub fn begin(&mut self) -> io::Result<()> {
        self.render.begin(&mut self.buffer)
    }

    /// Prints an item.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn item(&mut self, item: &Item<'_>) -> io::Result<()> {
        self.render.item(item, &mut self.buffer)
    }

    /// Prints what a read gave.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn batch(&mut self, batch: &Batch<'_>) -> io::Result<()> {
        if let Some(lost) = batch.lost {
            self.item(&Item::Lost(lost))?;
        }
        batch.records.iter().try_for_each(|record| self.item(&Item::Event(record)))
    }

    /// Prints how the driver is.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub fn status(&mut self, status: &DescribeReply) -> io::Result<()> {
        self.render.status(status, &mut self.buffer)
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
}
