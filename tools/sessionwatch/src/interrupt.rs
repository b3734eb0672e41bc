//! Ctrl-C.

use crate::error::Error;

/// Calls this when the user presses Ctrl-C, or the system ends the program. One place of a
/// program can do this, once.
///
/// # Errors
///
/// If the system does not let the program listen for Ctrl-C.
pub(crate) fn on_interrupt(handler: impl Fn() + Send + 'static) -> Result<(), Error> {
    ctrlc::set_handler(handler).map_err(|error| Error::Listen(std::io::Error::other(error)))
}
