//! `NetSessionEnum` and `NetSessionGetInfo`.
#![expect(unsafe_code, reason = "the standard library has no network management")]

use std::ops::Range;
use std::{iter, ptr};

use sessionwatch_failure::WindowsError;
use sessionwatch_system32::LoadError;
use windows_sys::Win32::Foundation::{ERROR_INVALID_DATA, ERROR_MORE_DATA};
use windows_sys::Win32::NetworkManagement::NetManagement::{
    MAX_PREFERRED_LENGTH, NERR_Success as NERR_SUCCESS,
};
use windows_sys::Win32::Storage::FileSystem::{SESSION_INFO_1, SESSION_INFO_2, SESSION_INFO_502};
use windows_sys::core::PCWSTR;

use super::netapi32::NetApi;
use super::text::terminated;
use crate::listing::{Page, SessionServer};
use crate::query::{Level, Query, unc};
use crate::session::{Session, UserFlags};

/// The errors of `lmerr.h`. Their texts are in `netmsg.dll`, not among the system's.
const LAN_MANAGER_ERRORS: Range<u32> = 2100..3000;

/// The network management functions of this system.
#[derive(Clone, Copy, Debug)]
pub struct NetworkManagement(&'static NetApi);

impl NetworkManagement {
    /// Loads the DLL of the functions from System32.
    ///
    /// # Errors
    ///
    /// If Windows lacks one of them.
    pub fn new() -> Result<Self, LoadError> {
        NetApi::load().map(Self)
    }
}

impl SessionServer for NetworkManagement {
    fn page(&self, query: &Query, level: Level, resume: u32) -> Result<Page, WindowsError> {
        let names = Names::of(query);
        let mut buffer = Buffer { api: self.0, start: ptr::null_mut() };
        let (mut read, mut total, mut resume) = (0, 0, resume);
        // SAFETY: each name is null or null-terminated. The variables outlive the call. The
        // owner of the buffer frees it, whatever the call returns.
        let status = unsafe {
            (self.0.NetSessionEnum)(
                names.server(),
                names.client(),
                names.user(),
                level.number(),
                &raw mut buffer.start,
                MAX_PREFERRED_LENGTH,
                &raw mut read,
                &raw mut total,
                &raw mut resume,
            )
        };
        let next = match status {
            NERR_SUCCESS => None,
            ERROR_MORE_DATA => Some(resume),
            code => return Err(error(code)),
        };
        Ok(Page { sessions: buffer.sessions(level, read)?, next })
    }

    fn one(&self, query: &Query, level: Level) -> Result<Session, WindowsError> {
        let names = Names::of(query);
        let mut buffer = Buffer { api: self.0, start: ptr::null_mut() };
        // SAFETY: as above.
        let status = unsafe {
            (self.0.NetSessionGetInfo)(
                names.server(),
                names.client(),
                names.user(),
                level.number(),
                &raw mut buffer.start,
            )
        };
        if status != NERR_SUCCESS {
            return Err(error(status));
        }
        buffer.sessions(level, 1)?.pop().ok_or_else(|| error(ERROR_INVALID_DATA))
    }
}

/// The names of a query, null-terminated. A null pointer means any client, any user or this
/// computer.
struct Names([Option<Vec<u16>>; 3]);

impl Names {
    fn of(query: &Query) -> Self {
        let computer = |name: &Option<String>| name.as_deref().map(unc);
        let names = [computer(&query.server), computer(&query.client), query.user.clone()];
        Self(names.map(|name| Some(name?.encode_utf16().chain(iter::once(0)).collect())))
    }

    fn server(&self) -> PCWSTR {
        pointer(self.0[0].as_ref())
    }

    fn client(&self) -> PCWSTR {
        pointer(self.0[1].as_ref())
    }

    fn user(&self) -> PCWSTR {
        pointer(self.0[2].as_ref())
    }
}

fn pointer(name: Option<&Vec<u16>>) -> PCWSTR {
    name.map_or(ptr::null(), Vec::as_ptr)
}

/// A buffer from one of the functions, which `drop` frees.
///
/// # Invariants
///
/// `start` is null, or it owns a buffer that only `drop` frees.
struct Buffer {
    api: &'static NetApi,
    start: *mut u8,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if !self.start.is_null() {
            // An error leaves nothing to do.
            // SAFETY: the pointer owns the buffer, by the invariant.
            let _ = unsafe { (self.api.NetApiBufferFree)(self.start.cast()) };
        }
    }
}

impl Buffer {
    /// Reads `count` structures of a level. Both must be those of the call that filled the
    /// buffer.
    fn sessions(&self, level: Level, count: u32) -> Result<Vec<Session>, WindowsError> {
        if count != 0 && self.start.is_null() {
            return Err(error(ERROR_INVALID_DATA));
        }
        Ok(match level {
            Level::One => self.structures(count).map(|info| from_1(&info)).collect(),
            Level::Two => self.structures(count).map(|info| from_2(&info)).collect(),
            Level::FiveHundredTwo => self.structures(count).map(|info| from_502(&info)).collect(),
        })
    }

    /// Reads `count` structures of the type that the call filled the buffer with.
    fn structures<T: Copy>(&self, count: u32) -> impl Iterator<Item = T> {
        let first: *const T = self.start.cast_const().cast();
        (0..count as usize).map(move |place| {
            // SAFETY: the call wrote `count` structures of numbers and pointers, and the buffer
            // lives as long as `self`.
            unsafe { first.wrapping_add(place).read_unaligned() }
        })
    }
}

fn from_1(info: &SESSION_INFO_1) -> Session {
    Session {
        cname: text(info.sesi1_cname),
        username: text(info.sesi1_username),
        num_opens: info.sesi1_num_opens,
        time: info.sesi1_time,
        idle_time: info.sesi1_idle_time,
        user_flags: UserFlags::from_bits_retain(info.sesi1_user_flags),
        cltype_name: None,
        transport: None,
    }
}

fn from_2(info: &SESSION_INFO_2) -> Session {
    Session {
        cname: text(info.sesi2_cname),
        username: text(info.sesi2_username),
        num_opens: info.sesi2_num_opens,
        time: info.sesi2_time,
        idle_time: info.sesi2_idle_time,
        user_flags: UserFlags::from_bits_retain(info.sesi2_user_flags),
        cltype_name: text(info.sesi2_cltype_name),
        transport: None,
    }
}

fn from_502(info: &SESSION_INFO_502) -> Session {
    Session {
        cname: text(info.sesi502_cname),
        username: text(info.sesi502_username),
        num_opens: info.sesi502_num_opens,
        time: info.sesi502_time,
        idle_time: info.sesi502_idle_time,
        user_flags: UserFlags::from_bits_retain(info.sesi502_user_flags),
        cltype_name: text(info.sesi502_cltype_name),
        transport: text(info.sesi502_transport),
    }
}

/// A text of a structure; `None` if the server gave none.
fn text(pointer: *const u16) -> Option<String> {
    // SAFETY: the text is null or null-terminated, and lies in the buffer of its structure,
    // whose owner is alive.
    unsafe { terminated(pointer) }
}

fn error(code: u32) -> WindowsError {
    if LAN_MANAGER_ERRORS.contains(&code) {
        return WindowsError { code, message: String::new() };
    }
    WindowsError::from_code(code)
}
