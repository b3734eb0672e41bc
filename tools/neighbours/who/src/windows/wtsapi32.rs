//! The functions of `wtsapi32.dll`, which is not one of the `KnownDLLs`.
#![expect(non_snake_case, reason = "functions of Windows, under their own names")]

use std::ffi::c_void;

use sessionwatch_system32::functions;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::RemoteDesktop::{
    WTS_INFO_CLASS, WTS_SESSION_INFO_1W, WTS_TYPE_CLASS,
};
use windows_sys::core::{BOOL, PWSTR};

functions! {
    /// The functions of WTS.
    #[derive(Debug)]
    pub(super) struct Wts("wtsapi32.dll") in windows_sys::Win32::System::RemoteDesktop {
        fn WTSEnumerateSessionsExW(
            HANDLE, *mut u32, u32, *mut *mut WTS_SESSION_INFO_1W, *mut u32,
        ) -> BOOL;
        fn WTSFreeMemory(*mut c_void);
        fn WTSFreeMemoryExW(WTS_TYPE_CLASS, *const c_void, u32) -> BOOL;
        fn WTSQuerySessionInformationW(
            HANDLE, u32, WTS_INFO_CLASS, *mut PWSTR, *mut u32,
        ) -> BOOL;
    }
}
