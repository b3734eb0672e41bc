//! `sessionwatch follow`: events as they happen.

use crate::args::{FollowArguments, Start};
use crate::device::Device;
use crate::error::Error;
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
    let outcome = follow(device, options.count.unwrap_or(u64::MAX), &mut cursor, printer);
    printer.item(&Item::Account(cursor.account()))?;
    printer.flush()?;
    outcome
}

fn follow(
    device: &dyn Device,
    mut events: u64,
    cursor: &mut Cursor,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    while events > 0 {
        let batch = cursor.read(device, AtEnd::Wait, Limit { events, ..Limit::NONE })?;
        events -= batch.records.len() as u64;
        printer.batch(&batch)?;
        printer.flush()?;
    }
    Ok(())
}
