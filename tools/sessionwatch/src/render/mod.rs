//! What is shown, and the forms in which it can be shown.

mod ndjson;
mod printer;
mod status;
mod table;

use std::borrow::Cow;
use std::io;

use sessionwatch_protocol::{DescribeReply, Record, SessionsReply};

use crate::account::Account;
use crate::reader::Lost;

pub use ndjson::Ndjson;
pub use printer::Printer;
pub use table::Table;

/// One line of the stream.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// The head of a snapshot, before its sessions.
    Snapshot(&'a SessionsReply),
    /// A session of a snapshot: its last event.
    Session(&'a Record),
    /// A session event.
    Event(&'a Record),
    /// Numbers that are lost.
    Lost(Lost),
    /// What became of the numbers of a journal.
    Account(&'a Account),
}

/// A form of the output. It writes text and nothing else; a [`Printer`] brings
/// it to where it is read.
pub trait Render {
    /// Writes what comes before the first item.
    ///
    /// # Errors
    ///
    /// None for a growing buffer; the type is the one of the writing macros.
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()>;

    /// Writes an item.
    ///
    /// # Errors
    ///
    /// As in [`begin`](Self::begin).
    fn item(&self, item: &Item<'_>, out: &mut Vec<u8>) -> io::Result<()>;

    /// Writes how the driver is.
    ///
    /// # Errors
    ///
    /// As in [`begin`](Self::begin).
    fn status(&self, status: &DescribeReply, out: &mut Vec<u8>) -> io::Result<()>;
}

/// A journal's name in every form. It is text, because as a number it could be
/// larger than the 2^53 that many JSON readers hold exactly.
fn journal_name(journal_id: u64) -> String {
    format!("{journal_id:016x}")
}

/// The names of the bits that are set, and the others as one number.
fn flag_names(
    names: impl Iterator<Item = &'static str>,
    unnamed: u32,
) -> impl Iterator<Item = Cow<'static, str>> {
    let unnamed = (unnamed != 0).then(|| Cow::Owned(format!("{unnamed:#06x}")));
    names.map(Cow::Borrowed).chain(unnamed)
}

/// The names of a record's flags.
fn record_flags(record: &Record) -> impl Iterator<Item = Cow<'static, str>> {
    flag_names(record.flags().names(), record.flags().unnamed().into())
}

/// The driver's version as people write it.
fn driver_version(status: &DescribeReply) -> String {
    let [major, minor, patch, _] = status.driver_version;
    format!("{major}.{minor}.{patch}")
}
