//! Writes a recording.

use std::cell::RefCell;
use std::io::{self, Write};
use std::ops::Range;

use sessionwatch_protocol::ControlCode;

use super::frame::{self, HEADER};
use crate::device::{Device, DeviceError};

/// A device that forwards requests to another one and records its replies.
///
/// The recorder writes a reply before it returns it, so the file has every event that a reader has
/// shown.
pub struct Recorder<'device, W> {
    device: &'device dyn Device,
    file: RefCell<W>,
}

impl<'device, W: Write> Recorder<'device, W> {
    /// Begins a recording of `device` in `file`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn begin(device: &'device dyn Device, mut file: W) -> io::Result<Self> {
        file.write_all(&HEADER)?;
        Ok(Self { device, file: RefCell::new(file) })
    }
}

impl<W: Write> Device for Recorder<'_, W> {
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let length = self.device.control(code, input, output)?;
        let reply = output.get(..length).unwrap_or(output);
        let mut file = self.file.borrow_mut();
        frame::write(&mut *file, code, reply)
            .and_then(|()| file.flush())
            .map_err(|error| DeviceError::Recording(error.to_string()))?;
        Ok(length)
    }

    fn extent(&self) -> Option<Range<u64>> {
        self.device.extent()
    }
}
