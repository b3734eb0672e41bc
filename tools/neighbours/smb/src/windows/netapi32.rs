//! The functions of `netapi32.dll`, which is not one of the `KnownDLLs`.
#![expect(non_snake_case, reason = "functions of Windows, under their own names")]

use std::ffi::c_void;

use sessionwatch_system32::functions;
use windows_sys::core::PCWSTR;

/// The declarations of `windows-sys`, which has them in two modules.
mod declared {
    pub(super) use windows_sys::Win32::NetworkManagement::NetManagement::NetApiBufferFree;
    pub(super) use windows_sys::Win32::Storage::FileSystem::{NetSessionEnum, NetSessionGetInfo};
}

functions! {
    /// The functions for the sessions of an SMB server.
    #[derive(Debug)]
    pub(super) struct NetApi("netapi32.dll") in self::declared {
        fn NetApiBufferFree(*const c_void) -> u32;
        fn NetSessionEnum(
            PCWSTR, PCWSTR, PCWSTR, u32, *mut *mut u8, u32, *mut u32, *mut u32, *mut u32,
        ) -> u32;
        fn NetSessionGetInfo(PCWSTR, PCWSTR, PCWSTR, u32, *mut *mut u8) -> u32;
    }
}
