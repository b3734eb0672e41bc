//! A request: a value that is completed by moving it.

use core::mem::ManuallyDrop;

use sessionwatch_journal::{HandleId, RequestId};
use sessionwatch_protocol::ControlCode;
use wdk_sys::{
    NTSTATUS, PVOID, STATUS_BUFFER_TOO_SMALL, STATUS_SUCCESS, WDFQUEUE, WDFREQUEST,
    call_unsafe_wdf_function_binding,
};

use super::status::{Failure, Result, Status};

/// A request that the driver owns. It is completed once: a second time does not
/// compile, and dropping it unanswered completes it with an error.
pub(crate) struct Request {
    request: WDFREQUEST,
    /// Whether its buffers are the I/O manager's copies. Those of other transfer
    /// methods are not looked at: the request then has none.
    is_buffered: bool,
}

impl Request {
    /// Takes the request over.
    ///
    /// # Safety
    ///
    /// The framework has handed the request, of this control code, to the driver,
    /// and this is called once for it.
    pub(super) unsafe fn from_framework(request: WDFREQUEST, code: ControlCode) -> Self {
        Self { request, is_buffered: code.is_buffered() }
    }

    /// Names the request, until it is completed.
    pub(crate) fn id(&self) -> RequestId {
        RequestId(self.request.addr() as u64)
    }

    /// Names the handle that the request came by. At most `DISPATCH_LEVEL`.
    pub(crate) fn handle(&self) -> HandleId {
        // SAFETY: the request is ours.
        let file =
            unsafe { call_unsafe_wdf_function_binding!(WdfRequestGetFileObject, self.request) };
        HandleId(file.addr() as u64)
    }

    /// Gives the request to a queue. At most `DISPATCH_LEVEL`.
    ///
    /// # Errors
    ///
    /// The request, where the queue takes no more.
    pub(super) fn forward_to(self, queue: WDFQUEUE) -> Result<(), Self> {
        let request = ManuallyDrop::new(self);
        // SAFETY: the request is ours and not cancelable; the caller passes a
        // live queue of the same device, which is not the one that it came from.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(WdfRequestForwardToIoQueue, request.request, queue)
        };
        Status::check(status).map_err(|_| ManuallyDrop::into_inner(request))
    }

    /// Shows the input to `read`, empty where there is none.
    /// At most `DISPATCH_LEVEL`.
    ///
    /// Input and output are the same memory, so the input can be looked at only
    /// before the output is asked for.
    pub(crate) fn with_input<T>(&self, read: impl FnOnce(&[u8]) -> T) -> Result<T, Failure> {
        if !self.is_buffered {
            return Ok(read(&[]));
        }
        let mut buffer: PVOID = core::ptr::null_mut();
        let mut length = 0;
        // SAFETY: the request is ours; the variables live through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfRequestRetrieveInputBuffer,
                self.request,
                0,
                &raw mut buffer,
                &raw mut length,
            )
        };
        if Self::is_there(status)? {
            // SAFETY: the buffer has this length and lives until the request is
            // completed, and the I/O manager has filled it; nobody writes to it
            // while `self` is borrowed.
            Ok(read(unsafe { core::slice::from_raw_parts(buffer.cast(), length) }))
        } else {
            Ok(read(&[]))
        }
    }

    /// The output, empty where there is none. At most `DISPATCH_LEVEL`.
    ///
    /// It holds what came in, and behind it whatever the memory held before:
    /// what is not written must not be counted in the answer.
    pub(crate) fn output(&mut self) -> Result<&mut [u8], Failure> {
        if !self.is_buffered {
            return Ok(&mut []);
        }
        let mut buffer: PVOID = core::ptr::null_mut();
        let mut length = 0;
        // SAFETY: the request is ours; the variables live through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfRequestRetrieveOutputBuffer,
                self.request,
                0,
                &raw mut buffer,
                &raw mut length,
            )
        };
        if Self::is_there(status)? {
            // SAFETY: the buffer has this length and lives until the request is
            // completed; its memory came from the pool with some content; nobody
            // else reaches it while `self` is borrowed mutably.
            Ok(unsafe { core::slice::from_raw_parts_mut(buffer.cast(), length) })
        } else {
            Ok(&mut [])
        }
    }

    /// Completes the request with the length of its output, or with what is wrong
    /// with it. At most `DISPATCH_LEVEL`.
    pub(crate) fn complete(self, answer: Result<usize, Failure>) {
        let request = ManuallyDrop::new(self).request;
        let (status, information) = match answer {
            Ok(length) => (STATUS_SUCCESS, length),
            Err(failure) => (failure.status.code(), failure.information),
        };
        complete(request, status, information);
    }

    /// Whether there is a buffer; a length of 0 comes as "too small".
    fn is_there(status: NTSTATUS) -> Result<bool, Failure> {
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
    // SAFETY: the request was ours, and the caller gives it up.
    unsafe {
        call_unsafe_wdf_function_binding!(
            WdfRequestCompleteWithInformation,
            request,
            status,
            information as u64,
        );
    }
}
