//! The driver's device, through `CreateFileW` and `DeviceIoControl`.
#![expect(unsafe_code, reason = "the standard library has no DeviceIoControl")]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::ptr;
use std::sync::Arc;

use sessionwatch_protocol::{ControlCode, DEVICE_PATH};
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_OPERATION_ABORTED};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OVERLAPPED;
use windows_sys::Win32::System::IO::{
    CancelIoEx, DeviceIoControl, GetOverlappedResult, OVERLAPPED,
};

use super::event::{Event, wait_for_any};
use crate::device::{Device, DeviceError, on_interrupt};
use crate::error::Error;

/// The open device.
pub(crate) struct Driver {
    file: File,
    /// Set while a request is not with the driver.
    done: Event,
    /// Set when the user wants no more; never where nobody listens.
    interrupt: Arc<Event>,
}

impl Driver {
    /// Opens the device as `GENERIC_READ`, sharing everything, which is how the
    /// standard library opens a file for reading.
    pub(crate) fn open() -> Result<Self, DeviceError> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(FILE_FLAG_OVERLAPPED)
            .open(DEVICE_PATH)
            .map_err(|error| {
                let code = win32_error(&error);
                DeviceError::from_open(code, || message(&error, code))
            })?;
        let event = || Event::new().map_err(|error| system_error(&error));
        Ok(Self { file, done: event()?, interrupt: Arc::new(event()?) })
    }

    /// Opens the device for requests that this event ends once it is set.
    pub(super) fn open_until(interrupt: Arc<Event>) -> Result<Self, DeviceError> {
        Ok(Self { interrupt, ..Self::open()? })
    }

    /// Opens the device, and lets Ctrl-C end its requests.
    pub(crate) fn open_until_interrupted() -> Result<Self, Error> {
        let driver = Self::open()?;
        on_interrupt(driver.interrupter())?;
        Ok(driver)
    }

    /// What ends its requests, from any thread.
    pub(crate) fn interrupter(&self) -> impl Fn() + Send + 'static {
        let interrupt = Arc::clone(&self.interrupt);
        move || {
            // It fails for no event that is there.
            let _ = interrupt.set();
        }
    }
}

impl Device for Driver {
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        if self.interrupt.is_set() {
            return Err(DeviceError::Interrupted);
        }
        let handle = self.file.as_raw_handle();
        let mut overlapped = OVERLAPPED { hEvent: self.done.handle(), ..OVERLAPPED::default() };
        // SAFETY: the handle is open as long as `self` lives; each pointer comes
        // with a length that its slice has; buffers and structure stay where they
        // are until the request is done, which is waited for below.
        let succeeded = unsafe {
            DeviceIoControl(
                handle,
                code.0,
                input.as_ptr().cast(),
                length(input),
                output.as_mut_ptr().cast(),
                length(output),
                ptr::null_mut(),
                &raw mut overlapped,
            )
        };
        if succeeded == 0 {
            let error = io::Error::last_os_error();
            if win32_error(&error) != ERROR_IO_PENDING {
                return Err(control_error(&error));
            }
        }
        // Where the events cannot be waited for, the request is, for ever.
        let is_interrupted = matches!(wait_for_any([&self.done, &self.interrupt]), Ok(1));
        if is_interrupted {
            // It fails where the request is done by now.
            // SAFETY: the handle is open, and the structure is the request's.
            let _ = unsafe { CancelIoEx(handle, &raw const overlapped) };
        }
        let mut returned = 0;
        // SAFETY: the structure is that of the request, which is waited for; the
        // variable lives through the call.
        let succeeded =
            unsafe { GetOverlappedResult(handle, &raw const overlapped, &raw mut returned, 1) };
        if succeeded == 0 {
            let error = io::Error::last_os_error();
            return Err(match win32_error(&error) {
                ERROR_OPERATION_ABORTED if is_interrupted => DeviceError::Interrupted,
                _ => control_error(&error),
            });
        }
        // A `u32` fits a `usize` on every Windows that has this driver.
        Ok(usize::try_from(returned).unwrap_or(usize::MAX))
    }
}

fn control_error(error: &io::Error) -> DeviceError {
    let code = win32_error(error);
    DeviceError::from_control(code, || message(error, code))
}

fn system_error(error: &io::Error) -> DeviceError {
    let code = win32_error(error);
    DeviceError::System { code, message: message(error, code) }
}

/// The length that may be told to Windows: never more than the slice has.
fn length(slice: &[u8]) -> u32 {
    u32::try_from(slice.len()).unwrap_or(u32::MAX)
}

pub(super) fn win32_error(error: &io::Error) -> u32 {
    error.raw_os_error().map_or(0, i32::cast_unsigned)
}

/// What Windows says, without the full stop and the number that the standard
/// library adds.
pub(super) fn message(error: &io::Error, code: u32) -> String {
    let text = error.to_string();
    let number = format!(" (os error {code})");
    text.strip_suffix(&number).unwrap_or(&text).trim_end_matches('.').to_owned()
}
