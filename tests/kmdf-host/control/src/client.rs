//! The client side of the host's control device.
#![expect(unsafe_code, reason = "Win32 calls, and nothing else")]

use std::fs::{File, OpenOptions};
use std::os::windows::io::AsRawHandle;
use std::{io, ptr};

use windows_sys::Win32::System::IO::DeviceIoControl;

use crate::{CONTROL_CODE, Command, DEVICE_PATH, Reply};

/// Room for the outcomes of [`Client::BATCH`] events.
const REPLY_BYTES: u32 = 1 << 20;

/// An open handle to the host. The host exists from the first start of a driver on.
#[derive(Debug)]
pub struct Client {
    device: File,
}

impl Client {
    /// The most events for one command.
    pub const BATCH: usize = 2000;

    /// Opens the host's device.
    ///
    /// # Errors
    /// If no driver was started in this prefix yet, or its process has ended.
    pub fn open() -> io::Result<Self> {
        let device = OpenOptions::new().read(true).write(true).open(DEVICE_PATH)?;
        Ok(Self { device })
    }

    /// Sends a command and waits for its reply.
    ///
    /// # Errors
    /// If the host does not reply: usually, a driver broke a rule and its process ended.
    pub fn send(&self, command: &Command) -> io::Result<Reply> {
        let input = serde_json::to_vec(command)?;
        let input_length = u32::try_from(input.len()).map_err(io::Error::other)?;
        let mut output = vec![0_u8; REPLY_BYTES as usize];
        let mut written = 0;
        // SAFETY: both buffers are live and as long as stated, and the handle is not overlapped.
        let done = unsafe {
            DeviceIoControl(
                self.device.as_raw_handle(),
                CONTROL_CODE,
                input.as_ptr().cast(),
                input_length,
                output.as_mut_ptr().cast(),
                REPLY_BYTES,
                &raw mut written,
                ptr::null_mut(),
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        let reply = output.get(..written as usize).unwrap_or_default();
        Ok(serde_json::from_slice(reply)?)
    }
}
