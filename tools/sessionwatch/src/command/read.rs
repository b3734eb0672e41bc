//! `sessionwatch read`: the events in the journal.

use std::num::NonZeroU64;

use sessionwatch_reader::{AtEnd, Bounds, Cursor, Device, Filter, Limit, describe};
use sessionwatch_sessions::Attribution;

use super::progress::Progress;
use super::stream::Stream;
use crate::args::ReadArguments;
use crate::error::Error;
use crate::render::{Item, Printer, Totals};

/// Prints the events up to the newest at the start of the command. So the command ends, however
/// fast events happen.
///
/// Prints the account even if the command fails on the way, to state what it showed before.
///
/// # Errors
///
/// If the driver does not answer, its reply is not usable, or the output cannot be written.
pub fn run(
    device: &dyn Device,
    options: &ReadArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let described = describe(device)?;
    let journal = Bounds::of(device, &described);
    let before = journal.next;
    let from = options.from.map_or(journal.begin, NonZeroU64::get);
    let mut cursor = Cursor::new(journal.journal_id, from, before);
    let filter = Filter::from(&options.filter);
    let limit = Limit { before, events: options.count.unwrap_or(u64::MAX), filter: &filter };
    let event_mask = described.event_mask.get();
    let mut stream = Stream::new(from, event_mask, &filter, Attribution::default(), printer);
    printer.begin(false)?;
    let outcome = read(device, limit, &mut cursor, &mut stream, printer);
    printer.item(&Item::Account(Totals {
        account: cursor.account(),
        shown: stream.shown,
        is_recording: device.extent().is_some(),
    }))?;
    printer.flush()?;
    outcome
}

fn read(
    device: &dyn Device,
    limit: Limit<'_>,
    cursor: &mut Cursor,
    stream: &mut Stream<'_>,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let mut progress = Progress::new(cursor.account().next(), limit.before);
    // Every read advances or fails.
    while cursor.account().next() < limit.before && stream.shown < limit.events {
        let rest = Limit { events: limit.events - stream.shown, ..limit };
        stream.show(&cursor.read(device, AtEnd::Return, rest)?, printer)?;
        printer.flush()?;
        progress.reach(cursor.account().next());
    }
    Ok(())
}
