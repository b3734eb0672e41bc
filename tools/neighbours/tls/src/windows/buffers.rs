//! The buffers of SSPI, in and out.
#![expect(unsafe_code, reason = "SSPI allocates memory that its caller frees")]

use std::{ptr, slice};

use windows_sys::Win32::Security::Authentication::Identity::{
    SECBUFFER_EMPTY, SECBUFFER_EXTRA, SECBUFFER_TOKEN, SECBUFFER_VERSION, SecBuffer, SecBufferDesc,
};

use super::secur32::Sspi;

/// A buffer of type `kind` over `bytes`. Calls read it; those whose documentation says so write
/// to it.
///
/// A buffer of more than 4 GiB would be cut; no caller has one.
pub(super) fn over(kind: u32, bytes: *mut [u8]) -> SecBuffer {
    SecBuffer {
        BufferType: kind,
        cbBuffer: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        pvBuffer: bytes.cast(),
    }
}

/// A buffer without content.
pub(super) const fn empty() -> SecBuffer {
    SecBuffer { BufferType: SECBUFFER_EMPTY, cbBuffer: 0, pvBuffer: ptr::null_mut() }
}

/// The description of `buffers`, valid until they move.
pub(super) fn describe<const N: usize>(buffers: &mut [SecBuffer; N]) -> SecBufferDesc {
    SecBufferDesc {
        ulVersion: SECBUFFER_VERSION,
        cBuffers: u32::try_from(N).unwrap_or(u32::MAX),
        pBuffers: buffers.as_mut_ptr(),
    }
}

/// The number of bytes at the end that a call did not use, out of `given`: the size of the extra
/// buffer, if there is one. The result is at most `given`.
pub(super) fn unused(buffers: &[SecBuffer], given: usize) -> usize {
    let extra = buffers.iter().find(|buffer| buffer.BufferType == SECBUFFER_EXTRA);
    extra.map_or(0, |buffer| usize::try_from(buffer.cbBuffer).map_or(given, |size| size.min(given)))
}

/// A token that a call allocates and `drop` frees.
pub(super) struct Token {
    sspi: &'static Sspi,
    buffers: [SecBuffer; 1],
}

impl Token {
    pub(super) const fn new(sspi: &'static Sspi) -> Self {
        Self { sspi, buffers: [SecBuffer { BufferType: SECBUFFER_TOKEN, ..empty() }] }
    }

    /// Describes the buffer to one call with `ISC_REQ_ALLOCATE_MEMORY`.
    pub(super) fn describe(&mut self) -> SecBufferDesc {
        describe(&mut self.buffers)
    }

    /// Copies the bytes that the call wrote.
    pub(super) fn to_vec(&self) -> Vec<u8> {
        let [SecBuffer { cbBuffer, pvBuffer, .. }] = self.buffers;
        match usize::try_from(cbBuffer) {
            Ok(length) if length != 0 && !pvBuffer.is_null() => {
                // SAFETY: the call allocated `length` bytes there and filled them.
                unsafe { slice::from_raw_parts(pvBuffer.cast::<u8>(), length) }.to_vec()
            }
            _ => Vec::new(),
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let [SecBuffer { pvBuffer, .. }] = self.buffers;
        if !pvBuffer.is_null() {
            // SAFETY: a call allocated this memory, and nothing else holds the pointer.
            let _ = unsafe { (self.sspi.FreeContextBuffer)(pvBuffer) };
        }
    }
}
