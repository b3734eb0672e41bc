//! Requests. Completing a request consumes its value.

use core::mem::ManuallyDrop;

use sessionwatch_journal::{HandleId, RequestId};
use sessionwatch_protocol::ControlCode;
use wdk_sys::{
    NTSTATUS, PVOID, STATUS_BUFFER_TOO_SMALL, STATUS_SUCCESS, WDFQUEUE, WDFREQUEST,
    call_unsafe_wdf_function_binding,
};

use super::status::{Failure, Result, Status};

/// A request that the driver owns. A second completion does not compile, and dropping an
/// uncompleted request completes it with an error.
pub(crate) struct Request {
    request: WDFREQUEST,
    /// True if its buffers are the I/O manager's copies. The driver does not access the
    /// buffers of other transfer methods; such a request has empty buffers.
    is_buffered: bool,
}

impl Request {
    /// Takes ownership of the request.
    ///
    /// # Safety
    ///
    /// The framework has handed over the request, it has this control code, and this is
    /// called once for it.
    pub(super) unsafe fn from_framework(request: WDFREQUEST, code: ControlCode) -> Self {
        Self { request, is_buffered: code.is_buffered() }
    }

    /// Identifies the request until it is completed.
    pub(crate) fn id(&self) -> RequestId {
        RequestId(self.request.addr() as u64)
    }

    /// Identifies the handle that the request was sent through. At most `DISPATCH_LEVEL`.
    pub(crate) fn handle(&self) -> HandleId {
        // SAFETY: the request is ours.
        let file =
            unsafe { call_unsafe_wdf_function_binding!(WdfRequestGetFileObject, self.request) };
        HandleId(file.addr() as u64)
    }

    /// Forwards the request to a queue. At most `DISPATCH_LEVEL`.
    ///
    /// # Errors
    ///
    /// The request, if the queue is closed.
    pub(super) fn forward_to(self, queue: WDFQUEUE) -> Result<(), Self> {
        let request = ManuallyDrop::new(self);
        // SAFETY: the request is ours and not cancelable. The caller passes a live queue of
        // the same device, other than the one that presented the request.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(WdfRequestForwardToIoQueue, request.request, queue)
        };
        Status::check(status).map_err(|_| ManuallyDrop::into_inner(request))
    }

    /// Passes the input to `read`, or an empty slice if there is no buffer. At most
    /// `DISPATCH_LEVEL`.
    ///
    /// Input and output are the same memory, so the input is readable only before the output
    /// is retrieved.
    pub(crate) fn with_input<T>(&self, read: impl FnOnce(&[u8]) -> T) -> Result<T, Failure> {
        if !self.is_buffered {
            return Ok(read(&[]));
        }
        let mut buffer: PVOID = core::ptr::null_mut();
        let mut length = 0;
        // SAFETY: the request is ours, and the variables live through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfRequestRetrieveInputBuffer,
                self.request,
                0,
                &raw mut buffer,
                &raw mut length,
            )
        };
        if Self::has_buffer(status)? {
            // SAFETY: the buffer has this length and lives until the request is completed.
            // The I/O manager has filled it, and no code writes to it while `self` is
            // borrowed.
            Ok(read(unsafe { core::slice::from_raw_parts(buffer.cast(), length) }))
        } else {
            Ok(read(&[]))
        }
    }

    /// The output; an empty slice if there is no buffer. At most `DISPATCH_LEVEL`.
    ///
    /// The buffer contains the input, followed by the memory's earlier content. So the completed
    /// length must include only written bytes.
    pub(crate) fn output(&mut self) -> Result<&mut [u8], Failure> {
        if !self.is_buffered {
            return Ok(&mut []);
        }
        let mut buffer: PVOID = core::ptr::null_mut();
        let mut length = 0;
        // SAFETY: the request is ours, and the variables live through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfRequestRetrieveOutputBuffer,
                self.request,
                0,
                &raw mut buffer,
                &raw mut length,
            )
        };
        if Self::has_buffer(status)? {
            // SAFETY: the buffer has this length and lives until the request is completed.
            // Its pool memory is initialized, and no other reference to it exists while
            // `self` is borrowed mutably.
            Ok(unsafe { core::slice::from_raw_parts_mut(buffer.cast(), length) })
        } else {
            Ok(&mut [])
        }
    }

    /// Completes the request with the length of its output, or with its failure. At most
    /// `DISPATCH_LEVEL`.
    pub(crate) fn complete(self, answer: Result<usize, Failure>) {
        let request = ManuallyDrop::new(self).request;
        let (status, information) = match answer {
            Ok(length) => (STATUS_SUCCESS, length),
            Err(failure) => (failure.status.code(), failure.information),
        };
        complete(request, status, information);
    }

    /// True if the request has a buffer. The framework reports a buffer of length 0 as
    /// `STATUS_BUFFER_TOO_SMALL`.
    fn has_buffer(status: NTSTATUS) -> Result<bool, Failure> {
        match status {
            STATUS_BUFFER_TOO_SMALL => Ok(false),
            status => Ok(Status::check(status).map(|()| true)?),
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        complete(self.request, Status::INTERNAL_ERROR.code(), 0);
    }
}

fn complete(request: WDFREQUEST, status: NTSTATUS, information: usize) {
    // SAFETY: the caller gives up its ownership of the request.
    unsafe {
        call_unsafe_wdf_function_binding!(
            WdfRequestCompleteWithInformation,
            request,
            status,
            information as u64,
        );
    }
}
