//! `sessionwatch service`: logs events even if nobody is logged on.

use super::{follow, note};
use crate::args::ServiceCommand;
use crate::error::Error;
use crate::platform;
use crate::render::Printer;

/// Runs a command of the service, then prints the service's state.
///
/// # Errors
///
/// If the service manager rejects the request, or the output cannot be written.
pub fn run(command: &ServiceCommand, printer: &mut Printer<'_>) -> Result<(), Error> {
    match command {
        ServiceCommand::Run(arguments) => {
            return platform::run_service(arguments, follow::run_from);
        }
        ServiceCommand::Install(arguments) => {
            platform::install_service(arguments)?.into_iter().for_each(note);
        }
        ServiceCommand::Remove { purge } => platform::remove_service(*purge)?,
        ServiceCommand::Status => {}
    }
    printer.object(&platform::service_report()?)?;
    Ok(printer.flush()?)
}
