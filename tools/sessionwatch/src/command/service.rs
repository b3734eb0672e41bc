//! `sessionwatch service`: a log that is written even if nobody is logged on.

use super::{follow, note};
use crate::args::ServiceCommand;
use crate::error::Error;
use crate::platform;
use crate::render::Printer;

/// Does what the user asks for, and prints the service's state afterwards.
///
/// # Errors
///
/// If the service manager rejects it, or the output cannot be written.
pub fn run(command: &ServiceCommand, printer: &mut Printer<'_>) -> Result<(), Error> {
    match command {
        ServiceCommand::Run(arguments) => return platform::run_service(arguments, follow::run),
        ServiceCommand::Install(arguments) => {
            platform::install_service(arguments)?.into_iter().for_each(note);
        }
        ServiceCommand::Remove => platform::remove_service()?,
        ServiceCommand::Status => {}
    }
    printer.object(&platform::service_report()?)?;
    Ok(printer.flush()?)
}
