//! The client's side of a connection: `InitializeSecurityContextW`, `DecryptMessage`.
#![expect(unsafe_code, reason = "the standard library has no SSPI")]

use std::ptr;

use windows_sys::Win32::Foundation::{
    SEC_E_INCOMPLETE_MESSAGE, SEC_E_INVALID_HANDLE, SEC_E_OK, SEC_I_CONTEXT_EXPIRED,
    SEC_I_CONTINUE_NEEDED, SEC_I_INCOMPLETE_CREDENTIALS, SEC_I_RENEGOTIATE,
};
use windows_sys::Win32::Security::Authentication::Identity::{
    ISC_REQ_ALLOCATE_MEMORY, ISC_REQ_CONFIDENTIALITY, ISC_REQ_INTEGRITY,
    ISC_REQ_MANUAL_CRED_VALIDATION, ISC_REQ_REPLAY_DETECT, ISC_REQ_SEQUENCE_DETECT, ISC_REQ_STREAM,
    ISC_REQ_USE_SUPPLIED_CREDS, SCHANNEL_SHUTDOWN, SECBUFFER_APPLICATION_PROTOCOLS, SECBUFFER_DATA,
    SECBUFFER_TOKEN, SecBuffer,
};
use windows_sys::Win32::Security::Credentials::SecHandle;
use windows_sys::core::HRESULT;

use super::attributes;
use super::buffers::{Token, describe, empty, over, unused};
use super::credentials::Credentials;
use super::crypt32::Certificates;
use super::hresult::check;
use crate::facts::Facts;
use crate::package::{Client, Decrypted, Progress, Step, Unprotected};
use crate::session::SessionIdTooLong;
use crate::status::Status;

/// The requirements of each connection. The server's certificate is checked after the handshake.
const REQUIREMENTS: u32 = ISC_REQ_ALLOCATE_MEMORY
    | ISC_REQ_CONFIDENTIALITY
    | ISC_REQ_INTEGRITY
    | ISC_REQ_MANUAL_CRED_VALIDATION
    | ISC_REQ_REPLAY_DETECT
    | ISC_REQ_SEQUENCE_DETECT
    | ISC_REQ_STREAM;

/// A context of Schannel.
pub(super) struct Context<'a> {
    credentials: &'a Credentials,
    certificates: &'static Certificates,
    target: &'a [u16],
    offer: &'a [u8],
    /// `None` before the first step.
    handle: Option<SecHandle>,
    requirements: u32,
}

impl<'a> Context<'a> {
    /// A context for the server `target`, which is null-terminated.
    pub(super) const fn new(
        credentials: &'a Credentials,
        certificates: &'static Certificates,
        target: &'a [u16],
        offer: &'a [u8],
    ) -> Self {
        Self { credentials, certificates, target, offer, handle: None, requirements: REQUIREMENTS }
    }

    /// Calls `InitializeSecurityContextW` with these buffers. The first call makes the context.
    fn initialize<const N: usize>(&mut self, input: &mut [SecBuffer; N]) -> (HRESULT, Vec<u8>) {
        let input = describe(input);
        let input = if N == 0 { ptr::null() } else { &raw const input };
        let mut token = Token::new(self.credentials.sspi());
        let mut output = token.describe();
        let mut new = SecHandle::default();
        let (old, receiver) = match &self.handle {
            Some(handle) => (ptr::from_ref(handle), ptr::null_mut()),
            None => (ptr::null(), &raw mut new),
        };
        let mut attributes = 0;
        // SAFETY: credentials and context are valid, and the name is null-terminated. The
        // buffers have their lengths and outlive the call, which keeps none of them. The token
        // frees the memory that the call allocates.
        let status = unsafe {
            (self.credentials.sspi().InitializeSecurityContextW)(
                self.credentials.handle(),
                old,
                self.target.as_ptr(),
                self.requirements,
                0,
                0,
                input,
                0,
                receiver,
                &raw mut output,
                &raw mut attributes,
                ptr::null_mut(),
            )
        };
        if status >= 0 && self.handle.is_none() {
            self.handle = Some(new);
        }
        (status, token.to_vec())
    }

    fn begin(&mut self) -> (HRESULT, Vec<u8>) {
        if self.offer.is_empty() {
            return self.initialize(&mut []);
        }
        let mut offer = self.offer.to_vec();
        self.initialize(&mut [over(SECBUFFER_APPLICATION_PROTOCOLS, &raw mut *offer)])
    }
}

impl Client for Context<'_> {
    fn step(&mut self, input: &[u8]) -> Result<Step, Status> {
        let mut input = input.to_vec();
        let given = input.len();
        let mut buffers = [over(SECBUFFER_TOKEN, &raw mut *input), empty()];
        let (status, output) =
            if self.handle.is_none() { self.begin() } else { self.initialize(&mut buffers) };
        let progress = match status {
            SEC_E_OK => Progress::Done,
            SEC_I_CONTINUE_NEEDED => Progress::Continues,
            SEC_E_INCOMPLETE_MESSAGE => Progress::Incomplete,
            SEC_I_INCOMPLETE_CREDENTIALS => {
                // From now on, the call uses the supplied credentials, which have no certificate.
                self.requirements |= ISC_REQ_USE_SUPPLIED_CREDS;
                Progress::CertificateWanted
            }
            other => return Err(Status(other.cast_unsigned())),
        };
        let unused = match progress {
            Progress::Done | Progress::Continues => unused(&buffers, given),
            Progress::Incomplete | Progress::CertificateWanted => given,
        };
        Ok(Step { progress, output, unused })
    }

    fn unprotect(&mut self, data: &mut [u8]) -> Result<Unprotected, Status> {
        let handle = self.handle.as_ref().ok_or(NO_CONTEXT)?;
        let given = data.len();
        let mut buffers = [over(SECBUFFER_DATA, &raw mut *data), empty(), empty(), empty()];
        let message = describe(&mut buffers);
        // SAFETY: the context is valid. The buffers have their lengths and outlive the call;
        // the first is writable.
        let status = unsafe {
            (self.credentials.sspi().DecryptMessage)(handle, &raw const message, 0, ptr::null_mut())
        };
        let content = match status {
            SEC_E_OK => Decrypted::Data,
            SEC_I_RENEGOTIATE => Decrypted::Handshake,
            SEC_I_CONTEXT_EXPIRED => Decrypted::Closed,
            SEC_E_INCOMPLETE_MESSAGE => Decrypted::Incomplete,
            other => return Err(Status(other.cast_unsigned())),
        };
        let unused = match content {
            Decrypted::Incomplete => given,
            _ => unused(&buffers, given),
        };
        Ok(Unprotected { content, unused })
    }

    fn close(&mut self) -> Result<Vec<u8>, Status> {
        let handle = self.handle.as_ref().ok_or(NO_CONTEXT)?;
        let mut shutdown = SCHANNEL_SHUTDOWN.to_ne_bytes();
        let mut buffers = [over(SECBUFFER_TOKEN, &raw mut shutdown)];
        let control = describe(&mut buffers);
        // SAFETY: the context is valid. The buffer has its length and outlives the call.
        check(unsafe { (self.credentials.sspi().ApplyControlToken)(handle, &raw const control) })?;
        let (status, farewell) = self.initialize(&mut []);
        check(status).map(|()| farewell)
    }

    fn facts(&self) -> Result<Facts, SessionIdTooLong> {
        let Some(handle) = &self.handle else { return Ok(attributes::none(NO_CONTEXT)) };
        attributes::facts(self.credentials.sspi(), self.certificates, handle, self.target)
    }
}

/// `SEC_E_INVALID_HANDLE`: no context exists before the first step.
const NO_CONTEXT: Status = Status(SEC_E_INVALID_HANDLE.cast_unsigned());

impl Drop for Context<'_> {
    fn drop(&mut self) {
        if let Some(handle) = &self.handle {
            // SAFETY: the context is valid, and nothing uses it afterwards.
            let _ = unsafe { (self.credentials.sspi().DeleteSecurityContext)(handle) };
        }
    }
}
