//! The functions of `crypt32.dll`, which the registry does not list among the `KnownDLLs`.
#![expect(non_snake_case, reason = "functions of Windows, under their own names")]

use std::ffi::c_void;

use sessionwatch_system32::functions;
use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::Security::Cryptography::{
    CERT_CHAIN_CONTEXT, CERT_CHAIN_PARA, CERT_CHAIN_POLICY_PARA, CERT_CHAIN_POLICY_STATUS,
    CERT_CONTEXT, CERT_QUERY_ENCODING_TYPE, CERT_STRING_TYPE, CRYPT_INTEGER_BLOB, HCERTCHAINENGINE,
    HCERTSTORE,
};
use windows_sys::core::{BOOL, PCSTR, PWSTR};

functions! {
    /// The functions for certificates.
    #[derive(Debug)]
    pub(super) struct Certificates("crypt32.dll") in windows_sys::Win32::Security::Cryptography {
        fn CertFreeCertificateChain(*const CERT_CHAIN_CONTEXT);
        fn CertFreeCertificateContext(*const CERT_CONTEXT) -> BOOL;
        fn CertGetCertificateChain(
            HCERTCHAINENGINE, *const CERT_CONTEXT, *const FILETIME, HCERTSTORE,
            *const CERT_CHAIN_PARA, u32, *const c_void, *mut *mut CERT_CHAIN_CONTEXT,
        ) -> BOOL;
        fn CertNameToStrW(
            CERT_QUERY_ENCODING_TYPE, *const CRYPT_INTEGER_BLOB, CERT_STRING_TYPE, PWSTR, u32,
        ) -> u32;
        fn CertVerifyCertificateChainPolicy(
            PCSTR, *const CERT_CHAIN_CONTEXT, *const CERT_CHAIN_POLICY_PARA,
            *mut CERT_CHAIN_POLICY_STATUS,
        ) -> BOOL;
    }
}
