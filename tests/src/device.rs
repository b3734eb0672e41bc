//! The driver's device, called below the Win32 layer, so that a test sees the status and the I/O
//! status block themselves.

#![expect(unsafe_code, reason = "system calls; nothing else here is unsafe")]

use std::fs::{File, OpenOptions};
use std::os::windows::io::AsRawHandle as _;
use std::{io, ptr};

use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DEVICE_PATH, DescribeReply, DescribeRequest, READ, ReadBatch, ReadReply,
    ReadRequest, Record, decode_describe, decode_read,
};
use windows_sys::Wdk::System::IO::NtDeviceIoControlFile;
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;
use zerocopy::IntoBytes as _;

/// The byte that fills an output buffer before a request.
pub(crate) const UNTOUCHED: u8 = 0x5A;

/// An open handle.
pub struct Device {
    file: File,
}

/// The outcome of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The `NTSTATUS`.
    pub status: u32,
    /// The `Information` of the I/O status block.
    pub information: usize,
    /// The whole output buffer.
    pub output: Vec<u8>,
}

impl Answer {
    /// True if no byte of the output was written.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.output.iter().all(|byte| *byte == UNTOUCHED)
    }

    /// The bytes of the reply.
    ///
    /// # Panics
    ///
    /// If the request failed, or a byte behind the reply was written.
    #[must_use]
    pub fn reply(&self) -> &[u8] {
        assert_eq!(self.status, 0, "status {:#x}", self.status);
        let (reply, rest) = self.output.split_at(self.information);
        assert!(rest.iter().all(|byte| *byte == UNTOUCHED), "a byte behind the reply was written");
        reply
    }
}

impl Device {
    /// Opens the device for reading.
    ///
    /// # Errors
    ///
    /// If the system cannot open the device.
    pub fn open() -> io::Result<Self> {
        OpenOptions::new().read(true).open(DEVICE_PATH).map(|file| Self { file })
    }

    /// Sends a request, with an output buffer of `room` bytes.
    #[must_use]
    pub fn send(&self, code: ControlCode, input: &[u8], room: usize) -> Answer {
        let mut output = vec![UNTOUCHED; room];
        let mut block = IO_STATUS_BLOCK::default();
        // SAFETY: the handle is open and synchronous. Input, output and status block have the given
        // lengths and outlive the call.
        let returned = unsafe {
            NtDeviceIoControlFile(
                self.file.as_raw_handle(),
                ptr::null_mut(),
                None,
                ptr::null(),
                &raw mut block,
                code.0,
                input.as_ptr().cast(),
                u32::try_from(input.len()).unwrap(),
                output.as_mut_ptr().cast(),
                u32::try_from(room).unwrap(),
            )
        };
        Answer { status: returned.cast_unsigned(), information: block.Information, output }
    }

    /// The driver's current describe reply.
    #[must_use]
    pub fn describe(&self) -> DescribeReply {
        let answer = self.send(DESCRIBE, DescribeRequest::new().as_bytes(), DescribeReply::SIZE);
        *decode_describe(answer.reply()).unwrap()
    }

    /// Reads at most `room` records.
    #[must_use]
    pub fn read(&self, from: u64, room: usize) -> (ReadReply, Vec<Record>) {
        let room = ReadReply::SIZE + room * Record::SIZE;
        let answer = self.send(READ, ReadRequest::new(from).as_bytes(), room);
        let ReadBatch { head, records } = decode_read(answer.reply()).unwrap();
        assert_eq!(head.from.get(), from);
        (*head, records.to_vec())
    }

    /// Reads all records from `from` on, in batches of `room`. Returns the number of lost records,
    /// and the records.
    #[must_use]
    pub fn read_all(&self, mut from: u64, room: usize) -> (u64, Vec<Record>) {
        let (mut lost, mut all) = (0, Vec::new());
        loop {
            let (head, records) = self.read(from, room);
            lost += head.lost.get();
            all.extend(records);
            from = head.next.get();
            if from >= head.end.get() {
                return (lost, all);
            }
        }
    }
}
