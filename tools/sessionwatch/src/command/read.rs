//! `sessionwatch read`: what is in the journal now.

use crate::args::ReadArguments;
use crate::device::Device;
use crate::error::Error;
use crate::reader::{AtEnd, Cursor, Limit, describe};
use crate::render::{Item, Printer};

/// Shows the events up to the one that is the newest when the command starts,
/// so that it ends however fast events happen.
///
/// The account is shown also where the command fails on the way: it says what
/// was shown before.
///
/// # Errors
///
/// If the driver does not answer, or not as it should, or the output cannot be
/// written.
pub fn run(
    device: &dyn Device,
    options: &ReadArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let journal = describe(device)?;
    let end = journal.next.get();
    let mut cursor = Cursor::new(journal.journal_id.get(), options.from.get(), end);
    printer.begin()?;
    let outcome = read_to(end, options.count.unwrap_or(u64::MAX), device, &mut cursor, printer);
    printer.item(&Item::Account(cursor.account()))?;
    printer.flush()?;
    outcome
}

fn read_to(
    end: u64,
    events: u64,
    device: &dyn Device,
    cursor: &mut Cursor,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    // Every read comes further or fails.
    while cursor.account().next() < end && cursor.account().delivered() < events {
        let limit = Limit { before: end, events: events - cursor.account().delivered() };
        printer.batch(&cursor.read(device, AtEnd::Return, limit)?)?;
        printer.flush()?;
    }
    Ok(())
}
