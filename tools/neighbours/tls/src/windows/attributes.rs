//! The facts of a connection: `QueryContextAttributesW`.
#![expect(unsafe_code, reason = "the standard library has no SSPI")]

use std::ptr::{self, NonNull};

use windows_sys::Win32::Security::Authentication::Identity::{
    SECPKG_ATTR_APPLICATION_PROTOCOL, SECPKG_ATTR_CIPHER_INFO, SECPKG_ATTR_CONNECTION_INFO,
    SECPKG_ATTR_REMOTE_CERT_CONTEXT, SECPKG_ATTR_SESSION_INFO,
    SecApplicationProtocolNegotiationStatus_Success, SecPkgContext_ApplicationProtocol,
    SecPkgContext_CipherInfo, SecPkgContext_ConnectionInfo, SecPkgContext_SessionInfo,
};
use windows_sys::Win32::Security::Credentials::SecHandle;
use windows_sys::Win32::Security::Cryptography::CERT_CONTEXT;

use super::certificate::ServerCertificate;
use super::crypt32::Certificates;
use super::hresult::check;
use super::secur32::Sspi;
use crate::alpn::ApplicationProtocol;
use crate::facts::{Facts, Protocol};
use crate::session::{SessionIdTooLong, SessionInfo};
use crate::status::Status;

/// The facts of a context. A fact that the system does not report is `None`.
pub(super) fn facts(
    sspi: &Sspi,
    certificates: &'static Certificates,
    context: &SecHandle,
    target: &[u16],
) -> Result<Facts, SessionIdTooLong> {
    let connection = query::<SecPkgContext_ConnectionInfo>(sspi, context).ok();
    let cipher = query::<SecPkgContext_CipherInfo>(sspi, context).ok();
    let protocol = query::<SecPkgContext_ApplicationProtocol>(sspi, context).ok();
    let certificate = query::<RemoteCertificate>(sspi, context)
        .ok()
        .and_then(|RemoteCertificate(certificate)| NonNull::new(certificate))
        // SAFETY: the call returned a reference to the certificate, and we own it.
        .map(|certificate| unsafe { ServerCertificate::from_raw(certificates, certificate) });
    let session = match query::<SecPkgContext_SessionInfo>(sspi, context) {
        Ok(info) => Ok(SessionInfo::new(info.dwFlags, info.cbSessionId, info.rgbSessionId)?),
        Err(status) => Err(status),
    };
    Ok(Facts {
        protocol: connection.map(|connection| Protocol(connection.dwProtocol)),
        cipher_suite: cipher.and_then(|cipher| text(&cipher.szCipherSuite)),
        alpn: protocol.and_then(|protocol| agreed(&protocol)),
        certificate: certificate.map(|certificate| certificate.examine(target)),
        session,
    })
}

/// The facts without a context: none.
pub(super) const fn none(reason: Status) -> Facts {
    Facts {
        protocol: None,
        cipher_suite: None,
        alpn: None,
        certificate: None,
        session: Err(reason),
    }
}

/// A structure that an attribute fills.
///
/// # Safety
///
/// `NUMBER` is the attribute that fills exactly this structure, and any bits are a valid value
/// of it.
unsafe trait Attribute: Default {
    const NUMBER: u32;
}

// SAFETY: `schannel.h` pairs this structure with this attribute.
unsafe impl Attribute for SecPkgContext_SessionInfo {
    const NUMBER: u32 = SECPKG_ATTR_SESSION_INFO;
}

// SAFETY: `schannel.h` pairs this structure with this attribute.
unsafe impl Attribute for SecPkgContext_ConnectionInfo {
    const NUMBER: u32 = SECPKG_ATTR_CONNECTION_INFO;
}

// SAFETY: `schannel.h` pairs this structure with this attribute.
unsafe impl Attribute for SecPkgContext_CipherInfo {
    const NUMBER: u32 = SECPKG_ATTR_CIPHER_INFO;
}

// SAFETY: `schannel.h` pairs this structure with this attribute; `sspi.h` declares it.
unsafe impl Attribute for SecPkgContext_ApplicationProtocol {
    const NUMBER: u32 = SECPKG_ATTR_APPLICATION_PROTOCOL;
}

/// Receives the pointer to the server's certificate.
#[repr(transparent)]
struct RemoteCertificate(*mut CERT_CONTEXT);

impl Default for RemoteCertificate {
    fn default() -> Self {
        Self(ptr::null_mut())
    }
}

// SAFETY: the attribute writes a `PCCERT_CONTEXT`, and this type wraps one.
unsafe impl Attribute for RemoteCertificate {
    const NUMBER: u32 = SECPKG_ATTR_REMOTE_CERT_CONTEXT;
}

fn query<A: Attribute>(sspi: &Sspi, context: &SecHandle) -> Result<A, Status> {
    let mut answer = A::default();
    // SAFETY: the context is valid, and the attribute fills this structure, by the promise of
    // the trait.
    check(unsafe { (sspi.QueryContextAttributesW)(context, A::NUMBER, (&raw mut answer).cast()) })?;
    Ok(answer)
}

/// A text up to its null, or to the end of its array; `None` if it is empty.
fn text(units: &[u16]) -> Option<String> {
    let length = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    let text = String::from_utf16_lossy(units.get(..length)?);
    (!text.is_empty()).then_some(text)
}

fn agreed(protocol: &SecPkgContext_ApplicationProtocol) -> Option<ApplicationProtocol> {
    if protocol.ProtoNegoStatus != SecApplicationProtocolNegotiationStatus_Success {
        return None;
    }
    ApplicationProtocol::new(protocol.ProtocolId.get(..protocol.ProtocolIdSize.into())?)
}
