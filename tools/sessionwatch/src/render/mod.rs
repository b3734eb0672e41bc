//! What is shown, and the forms in which it can be shown.

mod csv;
mod present;
mod printer;
mod row;
mod service;
mod smb;
mod status;
mod stream;
mod table;
mod tls;

use bitflags::Flags;
use sessionwatch_protocol::{DescribeReply, Record, SessionsReply};

use crate::account::Account;
use crate::explain::Step;
use crate::reader::{Lost, Restart};
use crate::who::Who;

#[cfg(test)]
pub(crate) use csv::leaves;
pub use printer::{Form, Printer};
pub use row::{Column, Emphasis, People, Row, or_dash};
pub use smb::{SmbChange, SmbEvent, SmbSession};
pub use status::Status;
pub(crate) use stream::ACCOUNT;
pub use table::Table;
pub(crate) use table::known;
pub use tls::Resumption;

/// One line of the stream.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// The head of a snapshot, before its sessions.
    Snapshot(&'a SessionsReply),
    /// A session of a snapshot: its last event, and who is in it where that is known.
    Session(&'a Record, Option<&'a Who>),
    /// A session event, and who is behind it where that is known.
    Event(&'a Record, Option<&'a Who>),
    /// A session event, and what it means.
    Step(&'a Record, &'a Step),
    /// Numbers that are lost.
    Lost(Lost),
    /// The stream goes on in another journal.
    Restart(&'a Restart),
    /// What became of the numbers of a journal.
    Account {
        /// The numbers.
        account: &'a Account,
        /// How many of the delivered events were shown: those that the filter admits.
        shown: u64,
    },
}

/// A journal's name in every form. It is text, because as a number it could be
/// larger than the 2^53 that many JSON readers hold exactly.
#[must_use]
pub fn journal_name(journal_id: u64) -> String {
    format!("{journal_id:016x}")
}

/// The names of the bits that are set, in lower case, and the unnamed bits as one number.
pub(crate) fn flag_names<F: Flags<Bits: Into<u64>> + Copy>(
    flags: F,
) -> impl Iterator<Item = String> {
    flags.iter_names().map(|(name, _)| name.to_ascii_lowercase()).chain(unnamed_flags(flags))
}

/// The bits that are set and have no name, as one number.
pub(crate) fn unnamed_flags<F: Flags<Bits: Into<u64>> + Copy>(flags: F) -> Option<String> {
    let mut named = flags.iter_names();
    named.by_ref().for_each(drop);
    let unnamed: u64 = named.remaining().bits().into();
    (unnamed != 0).then(|| format!("{unnamed:#06x}"))
}

/// The names of a record's flags.
fn record_flags(record: &Record) -> impl Iterator<Item = String> {
    flag_names(record.flags())
}

/// The driver's version as people write it.
pub(crate) fn driver_version(status: &DescribeReply) -> String {
    let [major, minor, patch, _] = status.driver_version;
    format!("{major}.{minor}.{patch}")
}
