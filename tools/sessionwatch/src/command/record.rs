//! `sessionwatch record`: writes the driver's replies to a file.

use std::fs::File;

use sessionwatch_reader::recording::Recorder;
use sessionwatch_reader::{
    AtEnd, Beginning, Cursor, Device, Limit, bounds, describe, present_sessions,
};

use crate::args::RecordArguments;
use crate::error::Error;
use crate::render::{Item, Printer, Totals};

/// Records until the user interrupts the command, or up to the newest event.
///
/// Prints only the account. A recording that ends early has everything before its end.
///
/// # Errors
///
/// If the driver does not answer, its reply is not usable, or the file cannot be written.
pub fn run(
    device: &dyn Device,
    options: &RecordArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let not_created = |reason| Error::create_recording(&options.file, reason);
    // Create the file only if the driver answers.
    describe(device)?;
    let file = File::create_new(&options.file).map_err(not_created)?;
    let recorder = Recorder::begin(device, file).map_err(not_created)?;
    let journal = bounds(&recorder)?;
    present_sessions(&recorder)?;
    let from = Beginning::of(&journal, None, options.from).from;
    let mut cursor = Cursor::new(journal.journal_id, from, journal.next);
    let outcome = read(&recorder, options.now.then_some(journal.next), &mut cursor);
    printer.begin(false)?;
    let account = cursor.account();
    let totals = Totals { account, shown: account.delivered(), is_recording: false };
    printer.item(&Item::Account(totals))?;
    printer.flush()?;
    match outcome {
        // Ctrl-C is the usual end of a recording.
        Err(error) if error.is_interrupted() => Ok(()),
        outcome => outcome,
    }
}

fn read(device: &dyn Device, before: Option<u64>, cursor: &mut Cursor) -> Result<(), Error> {
    match before {
        None => loop {
            cursor.read(device, AtEnd::Wait, Limit::NONE)?;
        },
        Some(before) => {
            // Every read advances or fails.
            while cursor.account().next() < before {
                cursor.read(device, AtEnd::Return, Limit::NONE)?;
            }
            Ok(())
        }
    }
}
