//! `sessionwatch read`: what is in the journal now.

use std::num::NonZeroU64;

use super::progress::Progress;
use crate::args::ReadArguments;
use crate::device::Device;
use crate::error::Error;
use crate::filter::Filter;
use crate::reader::{AtEnd, Cursor, Limit, bounds};
use crate::render::{Item, Printer};
use crate::who::Known;

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
    let journal = bounds(device)?;
    let before = journal.next;
    let from = options.from.map_or(journal.begin, NonZeroU64::get);
    let mut cursor = Cursor::new(journal.journal_id, from, before);
    let filter = Filter::from(&options.filter);
    let limit = Limit { before, events: options.count.unwrap_or(u64::MAX), filter: &filter };
    let mut shown = 0;
    printer.begin()?;
    let outcome = read(device, limit, &mut cursor, printer, &mut shown);
    printer.item(&Item::Account { account: cursor.account(), shown })?;
    printer.flush()?;
    outcome
}

fn read(
    device: &dyn Device,
    limit: Limit<'_>,
    cursor: &mut Cursor,
    printer: &mut Printer<'_>,
    shown: &mut u64,
) -> Result<(), Error> {
    let mut progress = Progress::new(cursor.account().next(), limit.before);
    // Every read comes further or fails.
    while cursor.account().next() < limit.before && *shown < limit.events {
        let rest = Limit { events: limit.events - *shown, ..limit };
        *shown += printer.batch(
            &cursor.read(device, AtEnd::Return, rest)?,
            limit.filter,
            &Known::default(),
        )?;
        printer.flush()?;
        progress.reach(cursor.account().next());
    }
    Ok(())
}
