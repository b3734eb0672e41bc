//! `sessionwatch follow`: events as they happen.

use crate::args::{FollowArguments, Start};
use crate::device::Device;
use crate::error::Error;
use crate::filter::Filter;
use crate::reader::{AtEnd, Cursor, Limit, PresentSessions, describe, present_sessions};
use crate::render::{Item, Printer};

/// Shows events until enough were shown or the user wants no more.
///
/// Where there is nothing to show, the driver keeps the read until there is:
/// nothing runs meanwhile.
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
    options: &FollowArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let mut cursor = if options.snapshot {
        let PresentSessions { head, sessions } = present_sessions(device)?;
        printer.begin()?;
        printer.item(&Item::Snapshot(&head))?;
        for session in &sessions {
            printer.item(&Item::Session(session))?;
        }
        Cursor::new(head.journal_id.get(), head.next.get(), head.next.get())
    } else {
        let journal = describe(device)?;
        let end = journal.next.get();
        let from = match options.from {
            Start::Oldest => journal.first.get(),
            Start::Newest => end,
            Start::Number(number) => number.get(),
        };
        printer.begin()?;
        Cursor::new(journal.journal_id.get(), from, end)
    };
    printer.flush()?;
    let filter = Filter::from(&options.filter);
    let limit =
        Limit { before: u64::MAX, events: options.count.unwrap_or(u64::MAX), filter: &filter };
    let mut shown = 0;
    let outcome = follow(device, limit, &mut cursor, printer, &mut shown);
    printer.item(&Item::Account { account: cursor.account(), shown })?;
    printer.flush()?;
    outcome
}

fn follow(
    device: &dyn Device,
    limit: Limit<'_>,
    cursor: &mut Cursor,
    printer: &mut Printer<'_>,
    shown: &mut u64,
) -> Result<(), Error> {
    while *shown < limit.events {
        let rest = Limit { events: limit.events - *shown, ..limit };
        *shown += printer.batch(&cursor.read(device, AtEnd::Wait, rest)?, limit.filter)?;
        printer.flush()?;
    }
    Ok(())
}
