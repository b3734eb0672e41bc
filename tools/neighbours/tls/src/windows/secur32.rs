//! The functions of `secur32.dll`, which is not one of the `KnownDLLs`.
#![expect(non_snake_case, reason = "functions of Windows, under their own names")]

use std::ffi::c_void;

use sessionwatch_system32::functions;
use windows_sys::Win32::Security::Authentication::Identity::{
    ISC_REQ_FLAGS, SEC_GET_KEY_FN, SECPKG_ATTR, SECPKG_CRED, SecBufferDesc,
};
use windows_sys::Win32::Security::Credentials::SecHandle;
use windows_sys::core::{HRESULT, PCWSTR};

functions! {
    /// The functions of SSPI.
    #[derive(Debug)]
    pub(super) struct Sspi("secur32.dll")
        in windows_sys::Win32::Security::Authentication::Identity
    {
        fn AcquireCredentialsHandleW(
            PCWSTR, PCWSTR, SECPKG_CRED, *const c_void, *const c_void, SEC_GET_KEY_FN,
            *const c_void, *mut SecHandle, *mut i64,
        ) -> HRESULT;
        fn ApplyControlToken(*const SecHandle, *const SecBufferDesc) -> HRESULT;
        fn DecryptMessage(*const SecHandle, *const SecBufferDesc, u32, *mut u32) -> HRESULT;
        fn DeleteSecurityContext(*const SecHandle) -> HRESULT;
        fn FreeContextBuffer(*mut c_void) -> HRESULT;
        fn FreeCredentialsHandle(*const SecHandle) -> HRESULT;
        fn InitializeSecurityContextW(
            *const SecHandle, *const SecHandle, *const u16, ISC_REQ_FLAGS, u32, u32,
            *const SecBufferDesc, u32, *mut SecHandle, *mut SecBufferDesc, *mut u32, *mut i64,
        ) -> HRESULT;
        fn QueryContextAttributesW(*const SecHandle, SECPKG_ATTR, *mut c_void) -> HRESULT;
    }
}
