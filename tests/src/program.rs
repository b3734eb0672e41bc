//! Starts programs for tests.

use std::io;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

use windows_sys::Win32::Foundation::ERROR_INTERNAL_ERROR;

/// The attempts to start a program. Only Wine's internal error is retried.
const ATTEMPTS: u32 = 20;

/// Starts a program.
///
/// Wine sometimes gives up a new process before any of its code has run, and reports only an
/// internal error (observed). Windows does not. Such a start has no effect, so this function
/// repeats it.
///
/// # Errors
///
/// The system's error.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 1..ATTEMPTS {
        match command.spawn() {
            Err(error) if error.raw_os_error() == Some(ERROR_INTERNAL_ERROR.cast_signed()) => {
                eprintln!("starting the program again after: {error}");
                sleep(Duration::from_millis(100));
            }
            result => return result,
        }
    }
    command.spawn()
}
