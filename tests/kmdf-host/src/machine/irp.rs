//! IRPs of Wine's I/O manager.
#![expect(unsafe_code, reason = "reads and completes IRPs by pointer")]

use std::sync::atomic::Ordering;
use std::{ptr, slice};

use windows_sys::Win32::Foundation::NTSTATUS;

use crate::machine::nt::{CancelRoutine, IRP_MJ_READ, IRP_MJ_WRITE, Irp, StackLocation};
use crate::machine::retired_irps;

/// An IRP that is ours until it is completed; completing takes the value.
pub(crate) struct PendingIrp(*mut Irp);

// SAFETY: an IRP has one owner at a time, and this value is it.
unsafe impl Send for PendingIrp {}

/// The parameters of an IRP.
#[derive(Clone, Copy)]
pub(crate) struct Parameters {
    pub(crate) major: u8,
    pub(crate) minor: u8,
    /// The union of the stack location.
    pub(crate) words: [usize; 4],
    /// The address of the file object, which identifies the open file.
    pub(crate) file: usize,
}

/// The lengths of a request's buffers and its control code.
#[derive(Clone, Copy)]
pub(crate) struct Lengths {
    pub(crate) output: usize,
    pub(crate) input: usize,
    pub(crate) code: u32,
}

impl Parameters {
    /// Reads the union of the stack location as that of a read, a write or a device control.
    pub(crate) fn lengths(&self) -> Lengths {
        let low = |word: usize| word & 0xFFFF_FFFF;
        let [first, second, third, _] = self.words;
        match self.major {
            IRP_MJ_READ => Lengths { output: low(first), input: 0, code: 0 },
            IRP_MJ_WRITE => Lengths { output: 0, input: low(first), code: 0 },
            _ => Lengths {
                output: low(first),
                input: low(second),
                code: u32::try_from(low(third)).unwrap_or(0),
            },
        }
    }
}

impl PendingIrp {
    /// Takes the IRP of a dispatch routine, which has to return `STATUS_PENDING`.
    pub(crate) fn take(irp: *mut Irp) -> Self {
        let irp = Self(irp);
        let stack = irp.stack_pointer();
        // SAFETY: the stack location is the I/O manager's and lives as long as the IRP.
        unsafe { (*stack).mark_pending() };
        irp
    }

    pub(crate) fn parameters(&self) -> Parameters {
        let stack = self.stack_pointer();
        // SAFETY: as above, and nothing writes to it while the IRP is ours.
        let stack = unsafe { &*stack };
        Parameters {
            major: stack.major_function,
            minor: stack.minor_function,
            words: stack.parameters,
            file: stack.file_object as usize,
        }
    }

    /// A copy of the first bytes of the system buffer.
    pub(crate) fn input(&self, length: usize) -> Vec<u8> {
        let buffer = self.irp().system_buffer.cast::<u8>();
        if length == 0 || buffer.is_null() {
            return Vec::new();
        }
        // SAFETY: the I/O manager made the buffer at least as long as the input.
        unsafe { slice::from_raw_parts(buffer, length) }.to_vec()
    }

    /// Completes the IRP; `output` goes into the system buffer and must fit the output length.
    pub(crate) fn complete(self, status: NTSTATUS, information: usize, output: &[u8]) {
        let irp = self.0;
        let buffer = self.irp().system_buffer.cast::<u8>();
        if !output.is_empty() && !buffer.is_null() {
            // SAFETY: the I/O manager made the buffer at least as long as the output length.
            unsafe { ptr::copy_nonoverlapping(output.as_ptr(), buffer, output.len()) };
        }
        // SAFETY: the IRP is ours.
        let fields = unsafe { &mut *irp };
        fields.status = status;
        fields.information = information;
        // A cancellation that Wine has sent already finds no routine from here on.
        fields.cancel_routine.store(0, Ordering::SeqCst);
        // SAFETY: the IRP is ours, and this value is gone afterwards.
        unsafe { retired_irps::complete(irp) };
    }

    /// Sets the routine that the I/O manager calls when the IRP is cancelled: once, with the cancel
    /// spin lock held, on the thread that dispatches.
    pub(crate) fn set_cancel_routine(&self, routine: CancelRoutine) {
        self.irp().cancel_routine.store(routine as usize, Ordering::SeqCst);
    }

    /// The address of the IRP. No other IRP gets it until some time after this one is completed.
    pub(crate) fn address(&self) -> usize {
        self.0 as usize
    }

    const fn irp(&self) -> &Irp {
        // SAFETY: the IRP is alive until it is completed.
        unsafe { &*self.0 }
    }

    const fn stack_pointer(&self) -> *mut StackLocation {
        self.irp().current_stack_location
    }
}
