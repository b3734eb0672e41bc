//! The logon sessions of LSA, through `LsaEnumerateLogonSessions` and
//! `LsaGetLogonSessionData`.
#![expect(unsafe_code, reason = "the standard library has no logons")]

use std::ffi::c_void;
use std::mem::{offset_of, size_of};
use std::{ptr, slice};

use sessionwatch_failure::WindowsError;
use windows_sys::Win32::Foundation::{LUID, LocalFree, NTSTATUS};
use windows_sys::Win32::Security::Authentication::Identity::{
    LSA_UNICODE_STRING, LsaNtStatusToWinError, SECURITY_LOGON_SESSION_DATA,
};
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::PSID;

use super::failed;
use super::memory::{List, terminated, text};
use super::secur32::Lsa;
use super::stations::time;
use crate::directory::DirectoryError;
use crate::logon::{Logon, LogonId, LogonType};

/// The size of the part of the structure that is read. It ends with the logon's time, which every
/// version of Windows has.
const READ_BYTES: usize = offset_of!(SECURITY_LOGON_SESSION_DATA, LogonServer);

/// The logon sessions that this user may see. A session that ends meanwhile is left out.
pub(super) fn logons(lsa: &Lsa) -> Result<Vec<Logon>, DirectoryError> {
    let (mut count, mut start) = (0, ptr::null_mut());
    // SAFETY: the variables live through the call.
    let status = unsafe { (lsa.LsaEnumerateLogonSessions)(&raw mut count, &raw mut start) };
    if status < 0 {
        return Err(failed("LsaEnumerateLogonSessions", error_of(status)));
    }
    // SAFETY: the call has returned this number of ids, which `free` frees.
    let list = unsafe { List::new(start, count, free) };
    Ok(list.entries().iter().filter_map(|id| logon(lsa, id)).collect())
}

fn logon(lsa: &Lsa, id: &LUID) -> Option<Logon> {
    let mut start = ptr::null_mut();
    // SAFETY: the variables live through the call.
    let status = unsafe { (lsa.LsaGetLogonSessionData)(id, &raw mut start) };
    if status < 0 {
        return None;
    }
    // SAFETY: the call has returned null, or a structure that begins with its size. `free`
    // frees it.
    let size = unsafe { List::new(start.cast::<u32>(), 1, free) };
    let bytes = usize::try_from(*size.entries().first()?).ok()?;
    let mut data = SECURITY_LOGON_SESSION_DATA::default();
    if bytes < READ_BYTES {
        return None;
    }
    // SAFETY: the structure has at least this number of bytes, by its own size, and `data` has
    // room for them.
    unsafe {
        ptr::copy_nonoverlapping(
            start.cast::<u8>(),
            (&raw mut data).cast::<u8>(),
            bytes.min(size_of::<SECURITY_LOGON_SESSION_DATA>()),
        );
    }
    let logon_id = &data.LogonId;
    Some(Logon {
        logon_id: LogonId(
            u64::from(logon_id.HighPart.cast_unsigned()) << 32 | u64::from(logon_id.LowPart),
        ),
        user: name(&data.UserName),
        domain: name(&data.LogonDomain),
        sid: sid(data.Sid),
        logon_type: LogonType(data.LogonType),
        package: name(&data.AuthenticationPackage),
        session_id: data.Session,
        logon_time: time(data.LogonTime),
    })
}

fn name(name: &LSA_UNICODE_STRING) -> Option<String> {
    if name.Buffer.is_null() {
        return None;
    }
    // SAFETY: the text has this number of bytes, and lives as long as the structure.
    text(unsafe { slice::from_raw_parts(name.Buffer, usize::from(name.Length / 2)) })
}

fn sid(sid: PSID) -> Option<String> {
    if sid.is_null() {
        return None;
    }
    let mut start = ptr::null_mut();
    // SAFETY: LSA has returned this identifier, which lives as long as its structure.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut start) } == 0 {
        return None;
    }
    // SAFETY: the call has returned a text, which `free_local` frees.
    let _text = unsafe { List::new(start, 1, free_local) };
    // SAFETY: it is null-terminated, and lives to the end of this function.
    unsafe { terminated(start) }
}

/// # Safety
///
/// `start` is memory of LSA, and nobody has freed it.
unsafe fn free(start: *mut c_void, _count: u32) {
    // LSA made the memory, so its DLL is loaded.
    let Ok(lsa) = Lsa::load() else { return };
    // It does not fail for memory of LSA.
    // SAFETY: by the caller's promise.
    let _ = unsafe { (lsa.LsaFreeReturnBuffer)(start) };
}

/// # Safety
///
/// `start` is memory that `LocalFree` frees, and nobody has freed it.
unsafe fn free_local(start: *mut c_void, _count: u32) {
    // The call does not fail for such memory.
    // SAFETY: by the caller's promise.
    let _ = unsafe { LocalFree(start) };
}

fn error_of(status: NTSTATUS) -> WindowsError {
    // SAFETY: a conversion of a number.
    WindowsError::from_code(unsafe { LsaNtStatusToWinError(status) })
}
