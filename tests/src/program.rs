//! Programs that a test starts.

use std::io;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::Duration;

use windows_sys::Win32::Foundation::ERROR_INTERNAL_ERROR;

/// How often a start is tried. One that does not come right fails at once.
const ATTEMPTS: u32 = 20;

/// Starts a program.
///
/// Wine at times gives a new process up before any of its code has run, and says
/// no more than that it was an internal error; Windows does not. Such a start was
/// none, and is tried again.
///
/// # Errors
///
/// What the system says.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    for _ in 1..ATTEMPTS {
        match command.spawn() {
            Err(error) if error.raw_os_error() == Some(ERROR_INTERNAL_ERROR.cast_signed()) => {
                eprintln!("started again, after: {error}");
                sleep(Duration::from_millis(100));
            }
            result => return result,
        }
    }
    command.spawn()
}
