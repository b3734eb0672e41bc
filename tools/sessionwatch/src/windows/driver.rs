//! The driver's device, through `CreateFileW` and `DeviceIoControl`.
#![expect(unsafe_code, reason = "the standard library has no DeviceIoControl")]

use std::fs::File;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::ptr;

use sessionwatch_protocol::{ControlCode, DEVICE_PATH};
use windows_sys::Win32::System::IO::DeviceIoControl;

use crate::device::{Device, DeviceError};

/// The open device.
pub(crate) struct Driver(File);

impl Driver {
    /// Opens the device as `GENERIC_READ`, sharing everything, which is how the
    /// standard library opens a file for reading.
    pub(crate) fn open() -> Result<Self, DeviceError> {
        File::open(DEVICE_PATH).map(Self).map_err(|error| {
            let code = win32_error(&error);
            DeviceError::from_open(code, || message(&error, code))
        })
    }
}

impl Device for Driver {
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let mut returned = 0;
        // SAFETY: the handle is open as long as `self` lives; each pointer comes
        // with a length that its slice has; nothing is overlapped, so the call
        // is over, and done with the buffers, when it returns.
        let succeeded = unsafe {
            DeviceIoControl(
                self.0.as_raw_handle(),
                code.0,
                input.as_ptr().cast(),
                length(input),
                output.as_mut_ptr().cast(),
                length(output),
                &raw mut returned,
                ptr::null_mut(),
            )
        };
        if succeeded == 0 {
            let error = io::Error::last_os_error();
            let code = win32_error(&error);
            return Err(DeviceError::from_control(code, || message(&error, code)));
        }
        // A `u32` fits a `usize` on every Windows that has this driver.
        Ok(usize::try_from(returned).unwrap_or(usize::MAX))
    }
}

/// The length that may be told to Windows: never more than the slice has.
fn length(slice: &[u8]) -> u32 {
    u32::try_from(slice.len()).unwrap_or(u32::MAX)
}

fn win32_error(error: &io::Error) -> u32 {
    error.raw_os_error().map_or(0, i32::cast_unsigned)
}

/// What Windows says, without the full stop and the number that the standard
/// library adds.
fn message(error: &io::Error, code: u32) -> String {
    let text = error.to_string();
    let number = format!(" (os error {code})");
    text.strip_suffix(&number).unwrap_or(&text).trim_end_matches('.').to_owned()
}
