//! Facts about this machine that need calls of the Windows API.
#![expect(unsafe_code, reason = "the standard library has none of these calls")]

use std::ffi::c_void;
use std::mem::size_of;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Wdk::System::SystemInformation::NtQuerySystemInformation;
use windows_sys::Win32::Security::{
    GetTokenInformation, TOKEN_ELEVATION, TOKEN_QUERY, TokenElevation,
};
use windows_sys::Win32::Storage::FileSystem::VS_FIXEDFILEINFO;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::version::Versions;

/// `SystemCodeIntegrityInformation`, as documented with `NtQuerySystemInformation`.
const SYSTEM_CODE_INTEGRITY_INFORMATION: i32 = 103;

/// `SYSTEM_CODEINTEGRITY_INFORMATION`, as documented with `NtQuerySystemInformation`.
#[repr(C)]
struct CodeIntegrity {
    /// The size of this structure, which the caller must set.
    length: u32,
    options: u32,
}

/// The options of code integrity, which determine the drivers that may run.
pub(super) fn code_integrity() -> Option<u32> {
    let size = size_of_u32::<CodeIntegrity>();
    let mut information = CodeIntegrity { length: size, options: 0 };
    // SAFETY: the structure has the given size and lives through the call. The pointer for the
    // returned length may be null.
    let status = unsafe {
        NtQuerySystemInformation(
            SYSTEM_CODE_INTEGRITY_INFORMATION,
            (&raw mut information).cast(),
            size,
            ptr::null_mut(),
        )
    };
    (status == 0).then_some(information.options)
}

/// True if this process has the rights of an administrator. An administrator's process without
/// elevation does not have them.
pub(super) fn is_elevated() -> Option<bool> {
    // SAFETY: the call cannot fail, and returns a handle that needs no closing.
    let process = unsafe { GetCurrentProcess() };
    let mut token = ptr::null_mut();
    // SAFETY: the variable lives through the call.
    if unsafe { OpenProcessToken(process, TOKEN_QUERY, &raw mut token) } == 0 {
        return None;
    }
    // SAFETY: the call above opened the handle, and nothing else owns it.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut elevation = TOKEN_ELEVATION { TokenIsElevated: 0 };
    let mut returned = 0;
    // SAFETY: the token is open, and the structure has the given size. Both variables live
    // through the call.
    let succeeded = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenElevation,
            (&raw mut elevation).cast(),
            size_of_u32::<TOKEN_ELEVATION>(),
            &raw mut returned,
        )
    };
    (succeeded != 0).then_some(elevation.TokenIsElevated != 0)
}

/// The major and minor version of the framework's library, from its file. Microsoft's page
/// "Framework Library Versioning" names the file.
pub(super) fn framework_version() -> Option<(u16, u16)> {
    let path = sessionwatch_system32::folder().ok()?.join(r"drivers\Wdf01000.sys");
    let versions = Versions::load().ok()?;
    let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    // SAFETY: the path is null-terminated and lives through the call.
    let size = unsafe { (versions.GetFileVersionInfoSizeW)(path.as_ptr(), ptr::null_mut()) };
    // A `u32` fits a `usize` on every Windows that has this driver. A file without a version
    // has size 0, and the next call fails.
    let mut data = vec![0_u8; usize::try_from(size).ok()?];
    // SAFETY: the path is null-terminated, and the buffer has the given size.
    let succeeded =
        unsafe { (versions.GetFileVersionInfoW)(path.as_ptr(), 0, size, data.as_mut_ptr().cast()) };
    if size == 0 || succeeded == 0 {
        return None;
    }
    version_of(versions, &data)
}

/// The version in the data of a file's version resource.
fn version_of(versions: &Versions, data: &[u8]) -> Option<(u16, u16)> {
    let root = [u16::from(b'\\'), 0];
    let (mut value, mut length): (*mut c_void, u32) = (ptr::null_mut(), 0);
    // SAFETY: the data comes from `GetFileVersionInfoW`, the name is null-terminated, and the
    // variables live through the call.
    let succeeded = unsafe {
        (versions.VerQueryValueW)(
            data.as_ptr().cast(),
            root.as_ptr(),
            &raw mut value,
            &raw mut length,
        )
    };
    if succeeded == 0 || value.is_null() || length < size_of_u32::<VS_FIXEDFILEINFO>() {
        return None;
    }
    // SAFETY: the value has the size of the structure and lies within the data. Any bytes are a
    // valid structure.
    let information = unsafe { value.cast::<VS_FIXEDFILEINFO>().read_unaligned() };
    let version = information.dwFileVersionMS;
    Some((u16::try_from(version >> 16).ok()?, u16::try_from(version & 0xffff).ok()?))
}

#[expect(clippy::cast_possible_truncation, reason = "these structures have a few bytes")]
const fn size_of_u32<T>() -> u32 {
    size_of::<T>() as u32
}
