//! A server's certificate: its subject, and the trust of this machine.
#![expect(unsafe_code, reason = "the standard library has no certificates")]

use std::ptr::{self, NonNull};

use windows_sys::Win32::Security::Cryptography::{
    AUTHTYPE_SERVER, CERT_CHAIN_CONTEXT, CERT_CHAIN_PARA, CERT_CHAIN_POLICY_PARA,
    CERT_CHAIN_POLICY_SSL, CERT_CHAIN_POLICY_STATUS, CERT_CONTEXT, CERT_X500_NAME_STR,
    HTTPSPolicyCallbackData, HTTPSPolicyCallbackData_0, X509_ASN_ENCODING,
};

use super::crypt32::Certificates;
use crate::facts::Certificate;
use crate::status::Status;

/// A reference to a certificate, which `drop` frees.
pub(super) struct ServerCertificate {
    functions: &'static Certificates,
    context: NonNull<CERT_CONTEXT>,
}

impl ServerCertificate {
    /// Takes over a reference to a certificate.
    ///
    /// # Safety
    ///
    /// The caller owns the reference and gives it up.
    pub(super) const unsafe fn from_raw(
        functions: &'static Certificates,
        context: NonNull<CERT_CONTEXT>,
    ) -> Self {
        Self { functions, context }
    }

    /// The subject, and the trust in it as the certificate of the server `name`, which is
    /// null-terminated.
    pub(super) fn examine(&self, name: &[u16]) -> Certificate {
        Certificate::new(&self.subject(), self.verify(name))
    }

    fn subject(&self) -> String {
        // SAFETY: the certificate is valid as long as `self`.
        let context = unsafe { self.context.as_ref() };
        // SAFETY: its decoded information is valid as long as the certificate.
        let Some(information) = (unsafe { context.pCertInfo.as_ref() }) else {
            return String::new();
        };
        let to_text = |buffer: *mut u16, size: u32| {
            // SAFETY: the name outlives the call. The buffer has `size` units, or is null with
            // size 0.
            unsafe {
                (self.functions.CertNameToStrW)(
                    X509_ASN_ENCODING,
                    &raw const information.Subject,
                    CERT_X500_NAME_STR,
                    buffer,
                    size,
                )
            }
        };
        let needed = to_text(ptr::null_mut(), 0);
        let mut text = vec![0; usize::try_from(needed).unwrap_or(0)];
        to_text(text.as_mut_ptr(), needed);
        // The last unit is the null.
        text.pop();
        String::from_utf16_lossy(&text)
    }

    /// Checks that the chain of issuers ends in a root that this machine trusts, that every
    /// certificate of it is valid now, and that this one is issued for `name`. Revocation is not
    /// checked: that would contact other servers.
    fn verify(&self, name: &[u16]) -> Result<(), Status> {
        let chain = Chain::of(self)?;
        let mut name = name.to_vec();
        let mut server = HTTPSPolicyCallbackData {
            Anonymous: HTTPSPolicyCallbackData_0 {
                cbSize: size_of_u32::<HTTPSPolicyCallbackData>(),
            },
            dwAuthType: AUTHTYPE_SERVER,
            fdwChecks: 0,
            pwszServerName: name.as_mut_ptr(),
        };
        let parameters = CERT_CHAIN_POLICY_PARA {
            cbSize: size_of_u32::<CERT_CHAIN_POLICY_PARA>(),
            dwFlags: 0,
            pvExtraPolicyPara: (&raw mut server).cast(),
        };
        let mut status = CERT_CHAIN_POLICY_STATUS {
            cbSize: size_of_u32::<CERT_CHAIN_POLICY_STATUS>(),
            ..CERT_CHAIN_POLICY_STATUS::default()
        };
        // SAFETY: the chain is valid as long as `chain`. The structures have their sizes, and
        // outlive the call, as does the name, which is null-terminated.
        let is_checked = unsafe {
            (self.functions.CertVerifyCertificateChainPolicy)(
                CERT_CHAIN_POLICY_SSL,
                chain.context.as_ptr(),
                &raw const parameters,
                &raw mut status,
            )
        };
        match (is_checked, status.dwError) {
            (0, _) => Err(last_error()),
            (_, 0) => Ok(()),
            (_, error) => Err(Status(error)),
        }
    }
}

impl Drop for ServerCertificate {
    fn drop(&mut self) {
        // SAFETY: `self` owns the reference, and nothing uses it afterwards.
        unsafe { (self.functions.CertFreeCertificateContext)(self.context.as_ptr()) };
    }
}

/// The chain of a certificate's issuers, which `drop` frees.
struct Chain {
    functions: &'static Certificates,
    context: NonNull<CERT_CHAIN_CONTEXT>,
}

impl Chain {
    /// Builds the chain from this machine's stores and the certificates that the server sent.
    fn of(certificate: &ServerCertificate) -> Result<Self, Status> {
        // SAFETY: the certificate is valid as long as it is borrowed.
        let sent = unsafe { certificate.context.as_ref() }.hCertStore;
        let parameters = CERT_CHAIN_PARA {
            cbSize: size_of_u32::<CERT_CHAIN_PARA>(),
            ..CERT_CHAIN_PARA::default()
        };
        let mut chain = ptr::null_mut();
        // SAFETY: the certificate and its store are valid. The structure has its size. The
        // variables outlive the call.
        let is_built = unsafe {
            (certificate.functions.CertGetCertificateChain)(
                ptr::null_mut(),
                certificate.context.as_ptr(),
                ptr::null(),
                sent,
                &raw const parameters,
                0,
                ptr::null(),
                &raw mut chain,
            )
        };
        match NonNull::new(chain) {
            Some(context) if is_built != 0 => {
                Ok(Self { functions: certificate.functions, context })
            }
            _ => Err(last_error()),
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // SAFETY: `self` owns the chain, and nothing uses it afterwards.
        unsafe { (self.functions.CertFreeCertificateChain)(self.context.as_ptr()) };
    }
}

fn last_error() -> Status {
    Status(std::io::Error::last_os_error().raw_os_error().map_or(0, i32::cast_unsigned))
}

/// The size of a structure, in the type of its own size field.
fn size_of_u32<T>() -> u32 {
    // These structures have a few dozen bytes.
    u32::try_from(size_of::<T>()).unwrap_or(u32::MAX)
}
