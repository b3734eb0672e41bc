//! `sessionwatch follow`: events as they happen.

use std::io::Write;

use crate::args::{FollowArguments, Start};
use crate::device::{Device, DeviceError};
use crate::error::Error;
use crate::reader::{Cursor, Limit, Step, describe};
use crate::render::{Item, Printer};
use crate::wait::Wait;

/// Opens the device anew.
pub type Open<'a> = &'a dyn Fn() -> Result<Box<dyn Device>, DeviceError>;

/// Shows events until enough were shown or the user wants no more.
///
/// The device is held open only while it is read, so that the driver can be
/// stopped. While it is stopped, `follow` waits; when it was started again, the
/// new journal is followed from its number 1.
///
/// The account is shown also where the command fails on the way: it says what
/// was shown before.
///
/// # Errors
///
/// If the driver is not running at first, does not answer, or not as it should,
/// or the output cannot be written.
pub fn run(
    open: Open<'_>,
    options: &FollowArguments,
    printer: &mut Printer<'_>,
    wait: &mut dyn Wait,
    diagnostics: &mut dyn Write,
) -> Result<(), Error> {
    let journal = describe(&*open()?)?;
    let end = journal.next.get();
    let from = match options.from {
        Start::Oldest => journal.first.get(),
        Start::Newest => end,
        Start::Number(number) => number.get(),
    };
    let mut cursor = Cursor::new(journal.journal_id.get(), from, end);
    printer.begin()?;
    printer.flush()?;
    let events = options.count.unwrap_or(u64::MAX);
    let outcome = follow(open, events, &mut cursor, printer, wait, diagnostics);
    printer.item(&Item::Account(cursor.account()))?;
    printer.flush()?;
    outcome
}

fn follow(
    open: Open<'_>,
    mut events: u64,
    cursor: &mut Cursor,
    printer: &mut Printer<'_>,
    wait: &mut dyn Wait,
    diagnostics: &mut dyn Write,
) -> Result<(), Error> {
    let mut stopped = false;
    while events > 0 {
        match open() {
            Ok(device) => {
                stopped = false;
                events -= read_once(&*device, events, cursor, printer)?;
                printer.flush()?;
            }
            Err(DeviceError::NotRunning) => {
                if !stopped {
                    // A closed stderr is no reason to stop following.
                    let _ = writeln!(
                        diagnostics,
                        "sessionwatch: the driver was stopped: waiting until it is started again"
                    );
                }
                stopped = true;
            }
            Err(error) => return Err(error.into()),
        }
        let idle = stopped || cursor.is_at_end();
        if events > 0 && wait.wait(idle).is_break() {
            break;
        }
    }
    Ok(())
}

/// Reads and shows one batch of at most so many events; says how many it had.
fn read_once(
    device: &dyn Device,
    events: u64,
    cursor: &mut Cursor,
    printer: &mut Printer<'_>,
) -> Result<u64, Error> {
    match cursor.read(device, Limit { events, ..Limit::NONE })? {
        Step::Batch(batch) => {
            printer.batch(&batch)?;
            Ok(batch.records.len() as u64)
        }
        Step::Restarted(ended) => {
            printer.item(&Item::Account(&ended))?;
            let journal_id = cursor.account().journal_id();
            printer.item(&Item::Journal { journal_id, ended: ended.journal_id() })?;
            Ok(0)
        }
    }
}
