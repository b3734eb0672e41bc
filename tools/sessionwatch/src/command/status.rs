//! `sessionwatch status`: the state of the driver and its journal.

use sessionwatch_reader::{Device, describe};

use crate::error::Error;
use crate::render::{Printer, Status};

/// Sends one describe request and prints the reply.
///
/// # Errors
///
/// If the driver does not answer or the output cannot be written.
pub fn run(device: &dyn Device, printer: &mut Printer<'_>) -> Result<(), Error> {
    printer.object(&Status(describe(device)?))?;
    Ok(printer.flush()?)
}
