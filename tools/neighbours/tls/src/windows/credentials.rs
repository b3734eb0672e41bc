//! The credentials of a client without a certificate.
#![expect(unsafe_code, reason = "the standard library has no SSPI")]

use std::ffi::c_void;
use std::ptr;

use windows_sys::Win32::Security::Authentication::Identity::{
    SCH_CRED_MANUAL_CRED_VALIDATION, SCH_CRED_NO_DEFAULT_CREDS, SCH_CREDENTIALS,
    SCH_CREDENTIALS_VERSION, SCHANNEL_CRED, SCHANNEL_CRED_VERSION, SECPKG_CRED_OUTBOUND,
    UNISP_NAME_W,
};
use windows_sys::Win32::Security::Credentials::SecHandle;

use super::hresult::check;
use super::secur32::Sspi;
use crate::status::Status;

/// [`super::certificate`] checks the server's certificate, because the error of a failed handshake
/// says less. The client sends no certificate of the user.
const FLAGS: u32 = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS;

/// Credentials, with the sessions that Schannel caches for them.
pub(super) struct Credentials {
    sspi: &'static Sspi,
    handle: SecHandle,
}

impl Credentials {
    /// Acquires credentials with the system's default versions and cipher suites.
    pub(super) fn acquire(sspi: &'static Sspi) -> Result<Self, Status> {
        let newest = SCH_CREDENTIALS {
            dwVersion: SCH_CREDENTIALS_VERSION,
            dwFlags: FLAGS,
            ..SCH_CREDENTIALS::default()
        };
        // Windows 10 version 1809 introduced this structure. Only it enables TLS 1.3.
        Self::from_data(sspi, (&raw const newest).cast()).or_else(|_| {
            let older = SCHANNEL_CRED {
                dwVersion: SCHANNEL_CRED_VERSION,
                dwFlags: FLAGS,
                ..SCHANNEL_CRED::default()
            };
            Self::from_data(sspi, (&raw const older).cast())
        })
    }

    /// `data` is an `SCH_CREDENTIALS` or an `SCHANNEL_CRED`. Both begin with a version, by which
    /// the call tells them apart.
    fn from_data(sspi: &'static Sspi, data: *const c_void) -> Result<Self, Status> {
        let mut handle = SecHandle::default();
        // SAFETY: the name is a constant of the system. The structure and the handle outlive
        // the call, which keeps neither. No key function is passed.
        let status = unsafe {
            (sspi.AcquireCredentialsHandleW)(
                ptr::null(),
                UNISP_NAME_W,
                SECPKG_CRED_OUTBOUND,
                ptr::null(),
                data,
                None,
                ptr::null(),
                &raw mut handle,
                ptr::null_mut(),
            )
        };
        check(status).map(|()| Self { sspi, handle })
    }

    /// The handle, valid as long as `self` lives.
    pub(super) const fn handle(&self) -> *const SecHandle {
        &raw const self.handle
    }

    /// The functions of SSPI.
    pub(super) const fn sspi(&self) -> &'static Sspi {
        self.sspi
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        // SAFETY: the handle was acquired. Contexts borrow `self`, so none is left that uses
        // it.
        let _ = unsafe { (self.sspi.FreeCredentialsHandle)(&raw const self.handle) };
    }
}
