//! The folder of the log.
#![expect(unsafe_code, reason = "the standard library creates no folder with a descriptor")]

use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{fs, io, ptr};

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::CreateDirectoryW;
use windows_sys::core::w;

use crate::args::LogArguments;

/// The folder that the arguments name, or the default.
pub(super) fn of(arguments: &LogArguments) -> PathBuf {
    let system =
        || sessionwatch_system32::folder().unwrap_or_else(|_| r"C:\Windows\System32".into());
    arguments.folder.clone().unwrap_or_else(|| system().join(r"LogFiles\SessionWatch"))
}

/// Creates a folder that only SYSTEM and Administrators may use, because the log names people.
/// Inherits nothing. A folder that exists keeps its descriptor.
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut descriptor = ptr::null_mut();
    // SAFETY: the text ends with a zero; the descriptor's size is not asked for.
    let converted = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            w!("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"),
            SDDL_REVISION_1,
            &raw mut descriptor,
            ptr::null_mut(),
        )
    };
    if converted == 0 {
        return Err(io::Error::last_os_error());
    }
    let attributes = SECURITY_ATTRIBUTES {
        nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or_default(),
        lpSecurityDescriptor: descriptor,
        bInheritHandle: 0,
    };
    let path: Vec<u16> = folder.as_os_str().encode_wide().chain([0]).collect();
    // SAFETY: the path ends with a zero; path and attributes live through the call.
    let created = unsafe { CreateDirectoryW(path.as_ptr(), &raw const attributes) };
    let error = io::Error::last_os_error();
    // SAFETY: the function above allocated the descriptor with LocalAlloc (its page), and nothing
    // uses it any more.
    unsafe { LocalFree(descriptor) };
    if created != 0 || folder.is_dir() { Ok(()) } else { Err(error) }
}
