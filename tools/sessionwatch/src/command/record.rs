//! `sessionwatch record`: what the driver says, as a file.

use std::fs::File;

use crate::args::{RecordArguments, Start};
use crate::device::Device;
use crate::error::Error;
use crate::reader::{AtEnd, Cursor, Limit, bounds, describe, present_sessions};
use crate::recording::Recorder;
use crate::render::{Item, Printer};

/// Records until the user wants no more, or what is there now.
///
/// What is shown is the account alone. A recording that ends early, for whatever
/// reason, is one of what came before.
///
/// # Errors
///
/// If the driver does not answer, or not as it should, or the file cannot be made
/// or written.
pub fn run(
    device: &dyn Device,
    options: &RecordArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let path = || options.file.display().to_string();
    // Only where the driver answers, a file is made.
    describe(device)?;
    let file = File::create_new(&options.file)
        .map_err(|reason| Error::NotMade { path: path(), reason })?;
    let recorder =
        Recorder::begin(device, file).map_err(|reason| Error::NotMade { path: path(), reason })?;
    let journal = bounds(&recorder)?;
    present_sessions(&recorder)?;
    let from = match options.from {
        Start::Oldest => journal.oldest,
        Start::Newest => journal.next,
        Start::Number(number) => number.get(),
    };
    let mut cursor = Cursor::new(journal.journal_id, from, journal.next);
    let outcome = read(&recorder, options.now.then_some(journal.next), &mut cursor);
    printer.begin()?;
    let account = cursor.account();
    printer.item(&Item::Account { account, shown: account.delivered() })?;
    printer.flush()?;
    match outcome {
        // That is how a recording ends that nothing else ends.
        Err(Error::Interrupted) => Ok(()),
        outcome => outcome,
    }
}

fn read(device: &dyn Device, before: Option<u64>, cursor: &mut Cursor) -> Result<(), Error> {
    match before {
        None => loop {
            cursor.read(device, AtEnd::Wait, Limit::NONE)?;
        },
        Some(before) => {
            // Every read comes further or fails.
            while cursor.account().next() < before {
                cursor.read(device, AtEnd::Return, Limit::NONE)?;
            }
            Ok(())
        }
    }
}
