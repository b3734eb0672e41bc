//! Asynchronous requests, on a handle for overlapped I/O.

#![expect(unsafe_code, reason = "system calls; nothing else here is unsafe")]

use std::fs::{File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::time::Duration;
use std::{io, ptr};

use sessionwatch_protocol::{
    ControlCode, DEVICE_PATH, READ, ReadBatch, ReadReply, ReadRequest, Record, decode_read,
};
use windows_sys::Wdk::System::IO::NtDeviceIoControlFile;
use windows_sys::Win32::Foundation::{STATUS_PENDING, WAIT_OBJECT_0};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OVERLAPPED;
use windows_sys::Win32::System::IO::{CancelIoEx, IO_STATUS_BLOCK, OVERLAPPED};
use windows_sys::Win32::System::Threading::{CreateEventW, WaitForSingleObject};
use zerocopy::IntoBytes as _;

use crate::device::{Answer, UNTOUCHED};

/// The time limit on a completion. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open handle for overlapped I/O.
pub struct OverlappedDevice {
    file: File,
}

impl OverlappedDevice {
    /// Opens the device for reading.
    ///
    /// # Errors
    ///
    /// If the system cannot open the device.
    pub fn open() -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(FILE_FLAG_OVERLAPPED);
        options.open(DEVICE_PATH).map(|file| Self { file })
    }

    /// Begins a read that is pending until record `from` exists, with room for `records` records.
    #[must_use]
    pub fn wait_for(&self, from: u64, records: usize) -> PendingRead {
        self.begin(&ReadRequest::waiting(from), records)
    }

    /// Begins a read from sequence number `from`, with room for `records` records.
    #[must_use]
    pub fn read(&self, from: u64, records: usize) -> PendingRead {
        self.begin(&ReadRequest::new(from), records)
    }

    fn begin(&self, request: &ReadRequest, records: usize) -> PendingRead {
        self.send(READ, request.as_bytes(), ReadReply::SIZE + records * Record::SIZE)
    }

    /// Begins any request, which may become a pending read, with an output buffer of `room` bytes.
    ///
    /// # Panics
    ///
    /// If the length of input or output does not fit into 32 bits.
    #[must_use]
    pub fn send(&self, code: ControlCode, input: &[u8], room: usize) -> PendingRead {
        let mut read = PendingRead {
            block: Box::new(IO_STATUS_BLOCK::default()),
            output: vec![UNTOUCHED; room],
            event: event(false),
        };
        // SAFETY: handle and event are open, and the call copies the request. Output and status
        // block keep their addresses until the request is completed. If they are dropped before
        // that, they are leaked.
        let status = unsafe {
            NtDeviceIoControlFile(
                self.file.as_raw_handle(),
                read.event.as_raw_handle(),
                None,
                ptr::null(),
                &raw mut *read.block,
                code.0,
                input.as_ptr().cast(),
                u32::try_from(input.len()).unwrap(),
                read.output.as_mut_ptr().cast(),
                u32::try_from(room).unwrap(),
            )
        };
        if status != STATUS_PENDING {
            read.block.Anonymous.Status = status;
            read.event = event(true);
        }
        read
    }

    /// Cancels all requests of this handle, if there are any: `CancelIoEx`.
    pub fn cancel_all(&self) {
        // SAFETY: the handle is open, and null selects all of its requests.
        unsafe { CancelIoEx(self.file.as_raw_handle(), ptr::null::<OVERLAPPED>()) };
    }
}

/// A manual-reset event.
fn event(is_set: bool) -> OwnedHandle {
    // SAFETY: attributes and name are optional.
    let event = unsafe { CreateEventW(ptr::null(), 1, is_set.into(), ptr::null()) };
    assert!(!event.is_null(), "{}", io::Error::last_os_error());
    // SAFETY: the handle is new, and nothing else owns it.
    unsafe { OwnedHandle::from_raw_handle(event) }
}

/// A request that the driver has received, pending or completed.
pub struct PendingRead {
    block: Box<IO_STATUS_BLOCK>,
    output: Vec<u8>,
    event: OwnedHandle,
}

impl PendingRead {
    /// True if the request is completed.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done_within(Duration::ZERO)
    }

    /// The outcome of the request.
    ///
    /// # Panics
    ///
    /// If the request is not completed in time.
    #[must_use]
    pub fn answer(&self) -> Answer {
        assert!(self.is_done_within(PATIENCE), "the read is still pending");
        // SAFETY: the request is completed, so the system no longer writes the block. Every value
        // is a valid status.
        let status = unsafe { self.block.Anonymous.Status };
        Answer {
            status: status.cast_unsigned(),
            information: self.block.Information,
            output: self.output.clone(),
        }
    }

    /// The decoded reply: its head and its records.
    ///
    /// # Panics
    ///
    /// Like [`answer`](Self::answer), or if the read failed.
    #[must_use]
    pub fn records(&self) -> (ReadReply, Vec<Record>) {
        let answer = self.answer();
        let ReadBatch { head, records } = decode_read(answer.reply()).unwrap();
        (*head, records.to_vec())
    }

    /// True if the request is completed within this time.
    #[must_use]
    pub fn is_done_within(&self, time: Duration) -> bool {
        let milliseconds = u32::try_from(time.as_millis()).unwrap();
        // SAFETY: the handle is open while `self` lives.
        let waited = unsafe { WaitForSingleObject(self.event.as_raw_handle(), milliseconds) };
        waited == WAIT_OBJECT_0
    }
}

impl Drop for PendingRead {
    fn drop(&mut self) {
        if !self.is_done() {
            // The system may still write the memory, so it must not be freed.
            Box::leak(std::mem::take(&mut self.block));
            std::mem::take(&mut self.output).leak();
        }
    }
}
