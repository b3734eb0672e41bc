//! What the tool needs of the driver: bytes in, bytes out.

use sessionwatch_protocol::{ControlCode, Rejection};

use crate::error::Error;
use crate::recording::Recording;

/// An open device.
///
/// The tool knows the driver only through this trait, whose values are plain
/// data, so that everything above it runs and is tested on any machine.
pub trait Device {
    /// Sends a request and returns how many bytes of `output` the answer has.
    /// Returns when the driver has answered, which for a read that waits may be
    /// never.
    ///
    /// # Errors
    ///
    /// If the request was refused or did not reach the driver; nothing in
    /// `output` means anything then.
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError>;

    /// The recording that this is, if it is one and not the driver.
    fn recording(&self) -> Option<&Recording> {
        None
    }
}

/// Why the device could not be opened or a request not be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// There is no such device: the driver is not running.
    NotRunning,
    /// Windows does not let this user open the device.
    AccessDenied,
    /// The driver refused the request.
    Refused(Rejection),
    /// The user wants no more: Ctrl-C, on a device of [`open_until_interrupted`].
    Interrupted,
    /// Windows reported any other error.
    System {
        /// The Win32 error.
        code: u32,
        /// What Windows says about it.
        message: String,
    },
    /// The recording that this is has no more.
    Ended,
    /// The recording cannot be read or written: why.
    Recording(String),
    /// This system is not Windows, so there is no driver.
    NotWindows,
}

/// `ERROR_FILE_NOT_FOUND` of `winerror.h`.
const ERROR_FILE_NOT_FOUND: u32 = 2;
/// `ERROR_ACCESS_DENIED` of `winerror.h`.
const ERROR_ACCESS_DENIED: u32 = 5;

impl DeviceError {
    /// From the Win32 error of an open.
    #[must_use]
    pub fn from_open(code: u32, message: impl FnOnce() -> String) -> Self {
        match code {
            ERROR_FILE_NOT_FOUND => Self::NotRunning,
            ERROR_ACCESS_DENIED => Self::AccessDenied,
            _ => Self::System { code, message: message() },
        }
    }

    /// From the Win32 error of a request.
    #[must_use]
    pub fn from_control(code: u32, message: impl FnOnce() -> String) -> Self {
        Rejection::from_win32_error(code)
            .map_or_else(|| Self::System { code, message: message() }, Self::Refused)
    }
}

/// Opens the driver's device.
///
/// # Errors
///
/// If the driver is not running or may not be opened.
#[cfg(windows)]
pub fn open() -> Result<Box<dyn Device>, Error> {
    Ok(Box::new(crate::windows::Driver::open()?))
}

/// Opens the driver's device.
///
/// # Errors
///
/// Always: there is no driver outside of Windows.
#[cfg(not(windows))]
pub fn open() -> Result<Box<dyn Device>, Error> {
    Err(DeviceError::NotWindows.into())
}

/// Calls this when the user wants no more: at Ctrl-C. Only one place of a program
/// can do this, once.
///
/// # Errors
///
/// If the system does not let the program listen for Ctrl-C.
pub fn on_interrupt(handler: impl Fn() + Send + 'static) -> Result<(), Error> {
    ctrlc::set_handler(handler).map_err(|error| Error::Listen(std::io::Error::other(error)))
}

/// Opens the driver's device for a command that Ctrl-C ends in good order: from
/// then on each request is [`DeviceError::Interrupted`], also one that waits.
/// Only one place of a program can do this, once.
///
/// # Errors
///
/// If the driver is not running or may not be opened, or the system does not let
/// the program listen for Ctrl-C.
#[cfg(windows)]
pub fn open_until_interrupted() -> Result<Box<dyn Device>, Error> {
    let driver = crate::windows::Driver::open_until_interrupted()?;
    Ok(Box::new(driver))
}

/// Opens the driver's device.
///
/// # Errors
///
/// Always: there is no driver outside of Windows.
#[cfg(not(windows))]
pub fn open_until_interrupted() -> Result<Box<dyn Device>, Error> {
    Err(DeviceError::NotWindows.into())
}

/// Ends the requests of a device from another thread.
pub type Stop = Box<dyn Fn() + Send>;

/// Opens the driver's device for a thread, and what ends its requests from another:
/// from then on each is [`DeviceError::Interrupted`], also one that waits.
///
/// # Errors
///
/// If the driver is not running or may not be opened.
#[cfg(windows)]
pub fn open_stoppable() -> Result<(Box<dyn Device + Send>, Stop), Error> {
    let driver = crate::windows::Driver::open()?;
    let stop = Box::new(driver.interrupter());
    Ok((Box::new(driver), stop))
}

/// Opens the driver's device.
///
/// # Errors
///
/// Always: there is no driver outside of Windows.
#[cfg(not(windows))]
pub fn open_stoppable() -> Result<(Box<dyn Device + Send>, Stop), Error> {
    Err(DeviceError::NotWindows.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> String {
        "as Windows says it".to_owned()
    }

    #[test]
    fn an_error_of_opening_is_told_by_its_number() {
        assert_eq!(DeviceError::from_open(2, message), DeviceError::NotRunning);
        assert_eq!(DeviceError::from_open(5, message), DeviceError::AccessDenied);
        // ERROR_INVALID_FUNCTION is a rejection only where a request was made.
        assert_eq!(
            DeviceError::from_open(1, message),
            DeviceError::System { code: 1, message: message() }
        );
    }

    #[test]
    fn an_error_of_a_request_is_a_refusal_or_the_systems() {
        assert_eq!(
            DeviceError::from_control(Rejection::UnknownVersion.win32_error(), message),
            DeviceError::Refused(Rejection::UnknownVersion)
        );
        assert_eq!(
            DeviceError::from_control(995, message),
            DeviceError::System { code: 995, message: message() }
        );
    }
}
