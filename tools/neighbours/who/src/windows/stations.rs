//! The sessions of WTS, through `WTSEnumerateSessionsExW` and
//! `WTSQuerySessionInformationW`.
#![expect(unsafe_code, reason = "the standard library has no sessions")]

use std::ffi::c_void;
use std::mem::size_of;
use std::{ptr, slice};

use sessionwatch_failure::{WindowsError, code};
use sessionwatch_reader::time::SystemTime;
use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CLIENT_ADDRESS, WTS_CURRENT_SERVER_HANDLE, WTS_INFO_CLASS, WTS_SESSION_INFO_1W,
    WTS_SESSIONSTATE_LOCK, WTS_SESSIONSTATE_UNLOCK, WTSClientAddress, WTSClientName, WTSDomainName,
    WTSINFOEX_LEVEL1_W, WTSINFOEXW, WTSSessionInfoEx, WTSTypeSessionInfoLevel1, WTSUserName,
};

use super::failed;
use super::memory::{List, terminated, text};
use super::wtsapi32::Wts;
use crate::directory::DirectoryError;
use crate::session::{ConnectState, Session, client_address};

/// `ERROR_CTX_WINSTATION_NOT_FOUND` of `winerror.h`.
const ERROR_CTX_WINSTATION_NOT_FOUND: u32 = 7022;

/// The sessions that WTS lists.
pub(super) fn sessions(wts: &Wts) -> Result<Vec<Session>, DirectoryError> {
    let (mut level, mut start, mut count) = (1, ptr::null_mut(), 0);
    // SAFETY: the variables live through the call; the handle is that of this machine.
    let succeeded = unsafe {
        (wts.WTSEnumerateSessionsExW)(
            WTS_CURRENT_SERVER_HANDLE,
            &raw mut level,
            0,
            &raw mut start,
            &raw mut count,
        )
    };
    if succeeded == 0 {
        return Err(failed("WTSEnumerateSessionsExW", WindowsError::last()));
    }
    // SAFETY: the call has returned this number of entries, which `free_list` frees.
    let list = unsafe { List::new(start, count, free_list) };
    Ok(list.entries().iter().map(listed).collect())
}

fn listed(entry: &WTS_SESSION_INFO_1W) -> Session {
    // SAFETY: each name is null or null-terminated as long as the list lives.
    let text = |start: *const u16| unsafe { terminated(start) };
    Session {
        station: text(entry.pSessionName),
        user: text(entry.pUserName),
        domain: text(entry.pDomainName),
        ..Session::of(entry.SessionId, ConnectState(entry.State.cast_unsigned()))
    }
}

/// Everything that WTS says about a session.
pub(super) fn session(
    wts: &'static Wts,
    session_id: u32,
) -> Result<Option<Session>, DirectoryError> {
    let answer = match Answer::of(wts, session_id, WTSSessionInfoEx) {
        Err(error)
            if [code::FILE_NOT_FOUND, ERROR_CTX_WINSTATION_NOT_FOUND].contains(&error.code) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(failed("WTSQuerySessionInformationW", error)),
        Ok(answer) => answer,
    };
    // SAFETY: the structure consists of numbers.
    let known = unsafe { answer.structure::<WTSINFOEXW>() };
    let Some(known) = known.filter(|known| known.Level == 1) else { return Ok(None) };
    // SAFETY: the level says that the union holds this structure.
    let known: WTSINFOEX_LEVEL1_W = unsafe { known.Data.WTSInfoExLevel1 };
    if known.SessionId != session_id {
        return Ok(None);
    }
    // The structure cuts names short, so they are asked for one by one.
    let answer = |class| Answer::of(wts, session_id, class).ok();
    Ok(Some(Session {
        station: text(&known.WinStationName),
        user: answer(WTSUserName).and_then(|user| user.text()),
        domain: answer(WTSDomainName).and_then(|domain| domain.text()),
        client_name: answer(WTSClientName).and_then(|name| name.text()),
        client_address: answer(WTSClientAddress)
            // SAFETY: the structure consists of numbers.
            .and_then(|address| unsafe { address.structure::<WTS_CLIENT_ADDRESS>() })
            .and_then(|address| client_address(address.AddressFamily, &address.Address)),
        logon_time: time(known.LogonTime),
        disconnect_time: time(known.DisconnectTime),
        last_input_time: time(known.LastInputTime),
        current_time: time(known.CurrentTime),
        locked: match known.SessionFlags.cast_unsigned() {
            WTS_SESSIONSTATE_LOCK => Some(true),
            WTS_SESSIONSTATE_UNLOCK => Some(false),
            _ => None,
        },
        ..Session::of(session_id, ConnectState(known.SessionState.cast_unsigned()))
    }))
}

/// A `LARGE_INTEGER` time; `None` for 0.
pub(super) fn time(time: i64) -> Option<SystemTime> {
    u64::try_from(time).ok().filter(|time| *time != 0).map(SystemTime)
}

/// An answer of `WTSQuerySessionInformationW`.
///
/// # Invariants
///
/// `start` is not null and has `length` bytes until it is freed.
struct Answer {
    wts: &'static Wts,
    start: *mut u16,
    length: usize,
}

impl Answer {
    fn of(wts: &'static Wts, session_id: u32, class: WTS_INFO_CLASS) -> Result<Self, WindowsError> {
        let (mut start, mut length) = (ptr::null_mut(), 0);
        // SAFETY: the variables live through the call; the handle is that of this machine.
        let succeeded = unsafe {
            (wts.WTSQuerySessionInformationW)(
                WTS_CURRENT_SERVER_HANDLE,
                session_id,
                class,
                &raw mut start,
                &raw mut length,
            )
        };
        if succeeded == 0 {
            return Err(WindowsError::last());
        }
        if start.is_null() {
            return Err(WindowsError { code: 0, message: String::new() });
        }
        // A `u32` fits a `usize` on every Windows that has this driver.
        Ok(Self { wts, start, length: usize::try_from(length).unwrap_or(0) })
    }

    fn text(&self) -> Option<String> {
        // SAFETY: the memory has this number of bytes, by the invariant, and begins at a unit.
        text(unsafe { slice::from_raw_parts(self.start, self.length / 2) })
    }

    /// The answer as a structure, if it is long enough.
    ///
    /// # Safety
    ///
    /// Any bytes are a `T`.
    unsafe fn structure<T: Copy>(&self) -> Option<T> {
        if self.length < size_of::<T>() {
            return None;
        }
        // SAFETY: the answer is long enough, and any bytes are a `T` by the caller's promise.
        Some(unsafe { self.start.cast::<T>().read_unaligned() })
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // SAFETY: WTS has allocated this, and nobody has freed it.
        unsafe { (self.wts.WTSFreeMemory)(self.start.cast()) };
    }
}

/// # Safety
///
/// `start` is a list of WTS with `count` sessions, and nobody has freed it.
unsafe fn free_list(start: *mut c_void, count: u32) {
    // WTS made the list, so its DLL is loaded.
    let Ok(wts) = Wts::load() else { return };
    // It does not fail for a list of WTS.
    // SAFETY: by the caller's promise.
    let _ = unsafe { (wts.WTSFreeMemoryExW)(WTSTypeSessionInfoLevel1, start, count) };
}
