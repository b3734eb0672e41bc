//! The buffers that SSPI takes and gives.
#![expect(unsafe_code, reason = "SSPI gives memory that it wants back")]

use std::ptr;
use std::slice;

use windows_sys::Win32::Security::Authentication::Identity::{
    FreeContextBuffer, SECBUFFER_EMPTY, SECBUFFER_EXTRA, SECBUFFER_TOKEN, SECBUFFER_VERSION,
    SecBuffer, SecBufferDesc,
};

/// A buffer of this type over these bytes, which a call reads or, where it is
/// documented so, changes in place.
///
/// What is longer than 4 GiB is cut; nothing here is.
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

/// The description of these buffers, good as long as they stay where they are.
pub(super) fn describe<const N: usize>(buffers: &mut [SecBuffer; N]) -> SecBufferDesc {
    SecBufferDesc {
        ulVersion: SECBUFFER_VERSION,
        cBuffers: u32::try_from(N).unwrap_or(u32::MAX),
        pBuffers: buffers.as_mut_ptr(),
    }
}

/// How many bytes at the end of so many a call did not use, by the buffer in which
/// it says so. It never says more than it was given.
pub(super) fn unused(buffers: &[SecBuffer], given: usize) -> usize {
    let extra = buffers.iter().find(|buffer| buffer.BufferType == SECBUFFER_EXTRA);
    extra.map_or(0, |buffer| usize::try_from(buffer.cbBuffer).map_or(given, |size| size.min(given)))
}

/// A token that a call allocates, given back when dropped.
pub(super) struct Token([SecBuffer; 1]);

impl Token {
    pub(super) const fn new() -> Self {
        Self([SecBuffer { BufferType: SECBUFFER_TOKEN, ..empty() }])
    }

    /// For a call with `ISC_REQ_ALLOCATE_MEMORY`, once.
    pub(super) fn describe(&mut self) -> SecBufferDesc {
        describe(&mut self.0)
    }

    /// A copy of what the call left in it.
    pub(super) fn to_vec(&self) -> Vec<u8> {
        let [SecBuffer { cbBuffer, pvBuffer, .. }] = self.0;
        match usize::try_from(cbBuffer) {
            Ok(length) if length != 0 && !pvBuffer.is_null() => {
                // SAFETY: the call has allocated so many bytes there and filled them.
                unsafe { slice::from_raw_parts(pvBuffer.cast::<u8>(), length) }.to_vec()
            }
            _ => Vec::new(),
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let [SecBuffer { pvBuffer, .. }] = self.0;
        if !pvBuffer.is_null() {
            // SAFETY: a call has allocated it, and this is the only place that has it.
            let _ = unsafe { FreeContextBuffer(pvBuffer) };
        }
    }
}
