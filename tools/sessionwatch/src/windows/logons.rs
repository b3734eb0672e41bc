//! The logon sessions as LSA knows them, through `LsaEnumerateLogonSessions` and
//! `LsaGetLogonSessionData`.
#![expect(unsafe_code, reason = "the standard library knows of no logons")]

use std::ffi::c_void;
use std::mem::{offset_of, size_of};
use std::{io, ptr, slice};

use windows_sys::Win32::Foundation::{LUID, LocalFree, NTSTATUS};
use windows_sys::Win32::Security::Authentication::Identity::{
    LSA_UNICODE_STRING, LsaEnumerateLogonSessions, LsaFreeReturnBuffer, LsaGetLogonSessionData,
    LsaNtStatusToWinError, SECURITY_LOGON_SESSION_DATA,
};
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::PSID;

use super::memory::{List, terminated, text};
use super::stations::{failed, time};
use crate::who::{DirectoryError, Logon, LogonId, LogonType};

/// How many bytes of the structure are read: up to the logon's time, which every
/// Windows has.
const READ_BYTES: usize = offset_of!(SECURITY_LOGON_SESSION_DATA, LogonServer);

/// The logon sessions that this user may see. One that ends meanwhile is left out.
pub(super) fn logons() -> Result<Vec<Logon>, DirectoryError> {
    let (mut count, mut start) = (0, ptr::null_mut());
    // SAFETY: the variables live through the call.
    let status = unsafe { LsaEnumerateLogonSessions(&raw mut count, &raw mut start) };
    if status < 0 {
        return Err(failed("LsaEnumerateLogonSessions", &error_of(status)));
    }
    // SAFETY: the call has given so many ids, to be freed in this way.
    let list = unsafe { List::new(start, count, free) };
    Ok(list.entries().iter().filter_map(logon).collect())
}

fn logon(id: &LUID) -> Option<Logon> {
    let mut start = ptr::null_mut();
    // SAFETY: the variables live through the call.
    let status = unsafe { LsaGetLogonSessionData(id, &raw mut start) };
    if status < 0 {
        return None;
    }
    // SAFETY: the call has given a structure that begins with its size, to be freed
    // in this way, or none.
    let size = unsafe { List::new(start.cast::<u32>(), 1, free) };
    let bytes = usize::try_from(*size.entries().first()?).ok()?;
    let mut data = SECURITY_LOGON_SESSION_DATA::default();
    if bytes < READ_BYTES {
        return None;
    }
    // SAFETY: so many bytes are there, by the structure's own word, and in `data`.
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
    // SAFETY: LSA has given so many bytes, which live as long as the structure.
    text(unsafe { slice::from_raw_parts(name.Buffer, usize::from(name.Length / 2)) })
}

fn sid(sid: PSID) -> Option<String> {
    if sid.is_null() {
        return None;
    }
    let mut start = ptr::null_mut();
    // SAFETY: LSA has given this identifier, which lives as long as its structure.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut start) } == 0 {
        return None;
    }
    // SAFETY: the call has given a text, to be freed in this way.
    let _text = unsafe { List::new(start, 1, free_local) };
    // SAFETY: it is null-terminated, and lives to the end of this function.
    unsafe { terminated(start) }
}

/// # Safety
///
/// LSA has given this, and nobody has freed it.
unsafe fn free(start: *mut c_void, _count: u32) {
    // It fails for nothing that LSA has given.
    // SAFETY: by the caller's promise.
    let _ = unsafe { LsaFreeReturnBuffer(start) };
}

/// # Safety
///
/// Windows has given this to be freed so, and nobody has freed it.
unsafe fn free_local(start: *mut c_void, _count: u32) {
    // It fails for nothing that Windows has given.
    // SAFETY: by the caller's promise.
    let _ = unsafe { LocalFree(start) };
}

fn error_of(status: NTSTATUS) -> io::Error {
    // SAFETY: a conversion of a number.
    let code = unsafe { LsaNtStatusToWinError(status) };
    io::Error::from_raw_os_error(code.cast_signed())
}
