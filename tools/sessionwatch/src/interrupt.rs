//! Ctrl-C.

use crate::error::Error;

/// Calls `handler` when the user presses Ctrl-C, or the system ends the program. A program can
/// register only one handler.
///
/// # Errors
///
/// If the system does not let the program listen for Ctrl-C.
pub(crate) fn on_interrupt(handler: impl Fn() + Send + 'static) -> Result<(), Error> {
    ctrlc::set_handler(handler).map_err(|error| Error::Listen(std::io::Error::other(error)))
}
