//! The driver's device, through `CreateFileW` and `DeviceIoControl`.
#![expect(unsafe_code, reason = "the standard library has no DeviceIoControl")]

use std::fs::{File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::{io, ptr};

use sessionwatch_failure::WindowsError;
use sessionwatch_protocol::{ControlCode, DEVICE_PATH};
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_OPERATION_ABORTED};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OVERLAPPED;
use windows_sys::Win32::System::IO::{
    CancelIoEx, DeviceIoControl, GetOverlappedResult, OVERLAPPED,
};

use super::interrupt::{Event, Interrupt, wait_for_any};
use crate::device::{Device, DeviceError};

/// The driver's device, open.
pub struct Driver {
    file: File,
    /// Set while the driver has no request of this device.
    done: Event,
    interrupt: Interrupt,
}

impl Driver {
    /// Opens the device with `GENERIC_READ` and all sharing modes, like a file that the standard
    /// library opens for reading.
    ///
    /// # Errors
    ///
    /// If the driver is not running, or denies this user access.
    pub fn open() -> Result<Self, DeviceError> {
        let interrupt = Interrupt::new().map_err(|error| request_error(&error))?;
        Self::open_interruptible(interrupt)
    }

    /// Opens the device for requests that `interrupt` can end.
    ///
    /// # Errors
    ///
    /// If the driver is not running, or denies this user access.
    pub fn open_interruptible(interrupt: Interrupt) -> Result<Self, DeviceError> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(FILE_FLAG_OVERLAPPED)
            .open(DEVICE_PATH)
            .map_err(|error| DeviceError::from_open(WindowsError::from(&error)))?;
        let done = Event::new().map_err(|error| request_error(&error))?;
        Ok(Self { file, done, interrupt })
    }

    /// The interrupt of this device's requests, for another thread.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
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
        // SAFETY: the handle is open as long as `self` lives. Each pointer comes with the length
        // of its slice. Buffers and structure do not move until the request has completed, and
        // the code below waits for that.
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
            let error = WindowsError::last();
            if error.code != ERROR_IO_PENDING {
                return Err(DeviceError::from_control(error));
            }
        }
        // If waiting for the events fails, GetOverlappedResult waits for the request.
        let events = [&self.done, self.interrupt.event()];
        let is_interrupted = matches!(wait_for_any(events), Ok(1));
        if is_interrupted {
            // The call fails if the request has completed by now.
            // SAFETY: the handle is open, and the structure is the request's.
            let _ = unsafe { CancelIoEx(handle, &raw const overlapped) };
        }
        let mut returned = 0;
        // SAFETY: the structure is the request's, and the call waits for the request. The
        // variable lives through the call.
        let succeeded =
            unsafe { GetOverlappedResult(handle, &raw const overlapped, &raw mut returned, 1) };
        if succeeded == 0 {
            let error = WindowsError::last();
            return Err(match error.code {
                ERROR_OPERATION_ABORTED if is_interrupted => DeviceError::Interrupted,
                _ => DeviceError::from_control(error),
            });
        }
        // A `u32` fits a `usize` on every Windows that runs this driver.
        Ok(usize::try_from(returned).unwrap_or(usize::MAX))
    }
}

fn request_error(error: &io::Error) -> DeviceError {
    DeviceError::Request(WindowsError::from(error))
}

/// The length that Windows gets, never more than that of the slice.
fn length(slice: &[u8]) -> u32 {
    u32::try_from(slice.len()).unwrap_or(u32::MAX)
}
