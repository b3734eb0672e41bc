//! The functions of `secur32.dll`, which is not one of the `KnownDLLs`.
#![expect(non_snake_case, reason = "functions of Windows, under their own names")]

use std::ffi::c_void;

use sessionwatch_system32::functions;
use windows_sys::Win32::Foundation::{LUID, NTSTATUS};
use windows_sys::Win32::Security::Authentication::Identity::SECURITY_LOGON_SESSION_DATA;

functions! {
    /// The functions of LSA.
    #[derive(Debug)]
    pub(super) struct Lsa("secur32.dll")
        in windows_sys::Win32::Security::Authentication::Identity
    {
        fn LsaEnumerateLogonSessions(*mut u32, *mut *mut LUID) -> NTSTATUS;
        fn LsaFreeReturnBuffer(*const c_void) -> NTSTATUS;
        fn LsaGetLogonSessionData(*const LUID, *mut *mut SECURITY_LOGON_SESSION_DATA) -> NTSTATUS;
    }
}
