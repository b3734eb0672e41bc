//! A server's certificate: whose it is, and whether this machine trusts it.
#![expect(unsafe_code, reason = "the standard library knows no certificates")]

use std::ptr::{self, NonNull};

use windows_sys::Win32::Security::Cryptography::{
    AUTHTYPE_SERVER, CERT_CHAIN_CONTEXT, CERT_CHAIN_PARA, CERT_CHAIN_POLICY_PARA,
    CERT_CHAIN_POLICY_SSL, CERT_CHAIN_POLICY_STATUS, CERT_CONTEXT, CERT_X500_NAME_STR,
    CertFreeCertificateChain, CertFreeCertificateContext, CertGetCertificateChain, CertNameToStrW,
    CertVerifyCertificateChainPolicy, HTTPSPolicyCallbackData, HTTPSPolicyCallbackData_0,
    X509_ASN_ENCODING,
};

use crate::facts::Certificate;
use crate::status::Status;

/// A certificate, given back when dropped.
pub(super) struct ServerCertificate(NonNull<CERT_CONTEXT>);

impl ServerCertificate {
    /// From a reference to a certificate.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, who gives it away.
    pub(super) const unsafe fn from_raw(certificate: NonNull<CERT_CONTEXT>) -> Self {
        Self(certificate)
    }

    /// What is to be said of it as the certificate of the server of this name, which
    /// ends with a zero.
    pub(super) fn examine(&self, name: &[u16]) -> Certificate {
        Certificate::new(&self.subject(), self.verify(name))
    }

    fn subject(&self) -> String {
        // SAFETY: the certificate is there as long as `self`, and whole.
        let context = unsafe { self.0.as_ref() };
        // SAFETY: what it was decoded to is there as long as itself.
        let Some(information) = (unsafe { context.pCertInfo.as_ref() }) else {
            return String::new();
        };
        let to_text = |buffer: *mut u16, size: u32| {
            // SAFETY: the name lives through the call; the buffer has so many units,
            // or is none and 0 says so.
            unsafe {
                CertNameToStrW(
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
        // The last is a zero.
        text.pop();
        String::from_utf16_lossy(&text)
    }

    /// Whether the chain of its issuers ends in a root that this machine trusts, all
    /// are valid now, and it is the server's of this name. Revocation is not looked
    /// up: that would ask others over the network.
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
        // SAFETY: the chain is there as long as `chain`; the structures say their
        // sizes and live through the call, as does the name, which ends with a zero.
        let is_checked = unsafe {
            CertVerifyCertificateChainPolicy(
                CERT_CHAIN_POLICY_SSL,
                chain.0.as_ptr(),
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
        // SAFETY: the reference is ours, and this is its end.
        unsafe { CertFreeCertificateContext(self.0.as_ptr()) };
    }
}

/// The chain of a certificate's issuers, given back when dropped.
struct Chain(NonNull<CERT_CHAIN_CONTEXT>);

impl Chain {
    /// Built from this machine's stores and what the server sent along.
    fn of(certificate: &ServerCertificate) -> Result<Self, Status> {
        // SAFETY: the certificate is there as long as it is borrowed.
        let sent = unsafe { certificate.0.as_ref() }.hCertStore;
        let parameters = CERT_CHAIN_PARA {
            cbSize: size_of_u32::<CERT_CHAIN_PARA>(),
            ..CERT_CHAIN_PARA::default()
        };
        let mut chain = ptr::null_mut();
        // SAFETY: the certificate and its store are there; the structure says its
        // size; the variable lives through the call.
        let is_built = unsafe {
            CertGetCertificateChain(
                ptr::null_mut(),
                certificate.0.as_ptr(),
                ptr::null(),
                sent,
                &raw const parameters,
                0,
                ptr::null(),
                &raw mut chain,
            )
        };
        match NonNull::new(chain) {
            Some(chain) if is_built != 0 => Ok(Self(chain)),
            _ => Err(last_error()),
        }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // SAFETY: the chain is ours, and this is its end.
        unsafe { CertFreeCertificateChain(self.0.as_ptr()) };
    }
}

fn last_error() -> Status {
    Status(std::io::Error::last_os_error().raw_os_error().map_or(0, i32::cast_unsigned))
}

/// The size of a structure, as those of Windows want it.
fn size_of_u32<T>() -> u32 {
    // Each of them has some dozen bytes.
    u32::try_from(size_of::<T>()).unwrap_or(u32::MAX)
}
