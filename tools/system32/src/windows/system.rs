//! The path of System32, and the search path of this process.
#![expect(unsafe_code, reason = "the standard library has neither of these calls")]

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::ptr;

use sessionwatch_failure::WindowsError;
use windows_sys::Win32::System::LibraryLoader::{
    LOAD_LIBRARY_SEARCH_SYSTEM32, SetDefaultDllDirectories,
};
use windows_sys::Win32::System::SystemInformation::GetSystemDirectoryW;

/// The path of System32. It comes from Windows, and not from the environment, which the user of
/// an elevated prompt can change beforehand.
///
/// # Errors
///
/// If Windows does not say.
pub fn folder() -> Result<PathBuf, WindowsError> {
    // SAFETY: without a buffer, the call returns the size that it needs.
    let size = unsafe { GetSystemDirectoryW(ptr::null_mut(), 0) };
    let mut path = vec![0; usize::try_from(size).unwrap_or(0)];
    // SAFETY: the buffer has the size given.
    let length = unsafe { GetSystemDirectoryW(path.as_mut_ptr(), size) };
    // Longer than the buffer: the size that the path needs now.
    match usize::try_from(length).ok().and_then(|length| path.get(..length)) {
        Some(path) if !path.is_empty() && length < size => Ok(OsString::from_wide(path).into()),
        _ => Err(WindowsError::last()),
    }
}

/// Makes System32 the only folder in which this process looks for a DLL that is loaded by its
/// name: by Windows for itself, such as the target of a forwarded export, or by a library.
///
/// Call it first in `main`. It does not concern the program's own imports, which Windows has
/// resolved by then.
pub fn search_system32_only() {
    // It fails only for flags that Windows does not know.
    // SAFETY: the call takes flags only.
    let _ = unsafe { SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) };
}
