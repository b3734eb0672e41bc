//! `sessionwatch status`: how the driver and its journal are.

use crate::device::Device;
use crate::error::Error;
use crate::reader;
use crate::render::{Printer, Status};

/// Asks once and shows the answer.
///
/// # Errors
///
/// If the driver does not answer or the output cannot be written.
pub fn run(device: &dyn Device, printer: &mut Printer<'_>) -> Result<(), Error> {
    printer.object(&Status(reader::describe(device)?))?;
    Ok(printer.flush()?)
}
