//! `sessionwatch service`: a log that is written also while nobody is logged on.

use crate::args::ServiceCommand;
use crate::error::Error;
use crate::render::Printer;

/// Does what is asked for, and shows how the service is then.
///
/// # Errors
///
/// If the service manager refuses, or the output cannot be written.
#[cfg(windows)]
pub fn run(command: &ServiceCommand, printer: &mut Printer<'_>) -> Result<(), Error> {
    use crate::windows::service;

    match command {
        ServiceCommand::Run(arguments) => return service::run(arguments),
        ServiceCommand::Install(arguments) => service::install(arguments)?,
        ServiceCommand::Remove => service::remove()?,
        ServiceCommand::Status => {}
    }
    printer.object(&service::report()?)?;
    Ok(printer.flush()?)
}

/// Does what is asked for.
///
/// # Errors
///
/// Always: there are no such services outside of Windows.
#[cfg(not(windows))]
pub fn run(_: &ServiceCommand, _: &mut Printer<'_>) -> Result<(), Error> {
    Err(crate::device::DeviceError::NotWindows.into())
}
