//! The functions of `version.dll`, which is not one of the `KnownDLLs`.
#![expect(non_snake_case, reason = "functions of Windows, under their own names")]

use std::ffi::c_void;

use sessionwatch_system32::functions;
use windows_sys::core::{BOOL, PCWSTR};

functions! {
    /// The functions for the versions of files.
    #[derive(Debug)]
    pub(super) struct Versions("version.dll") in windows_sys::Win32::Storage::FileSystem {
        fn GetFileVersionInfoSizeW(PCWSTR, *mut u32) -> u32;
        fn GetFileVersionInfoW(PCWSTR, u32, u32, *mut c_void) -> BOOL;
        fn VerQueryValueW(*const c_void, PCWSTR, *mut *mut c_void, *mut u32) -> BOOL;
    }
}
