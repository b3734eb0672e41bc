//! The sessions of SMB servers, through `NetSessionEnum` and `NetSessionGetInfo`.
#![expect(unsafe_code, reason = "the standard library has no network management")]

use std::iter;
use std::ops::Range;
use std::ptr;

use sessionwatch_failure::WindowsError;
use windows_sys::Win32::Foundation::{ERROR_INVALID_DATA, ERROR_MORE_DATA};
use windows_sys::Win32::NetworkManagement::NetManagement::{
    MAX_PREFERRED_LENGTH, NERR_Success as NERR_SUCCESS, NetApiBufferFree,
};
use windows_sys::Win32::Storage::FileSystem::{
    NetSessionEnum, NetSessionGetInfo, SESSION_INFO_1, SESSION_INFO_2, SESSION_INFO_502,
};
use windows_sys::core::PCWSTR;

use super::text::terminated;
use crate::{Level, Page, Query, Session, SessionServer, UserFlags, unc};

/// The errors that `lmerr.h` keeps for itself; Windows has the texts elsewhere.
const LAN_MANAGER_ERRORS: Range<u32> = 2100..3000;

/// The network management functions of Windows.
#[derive(Clone, Copy, Debug, Default)]
pub struct NetworkManagement;

impl SessionServer for NetworkManagement {
    fn page(&self, query: &Query, level: Level, resume: u32) -> Result<Page, WindowsError> {
        let names = Names::of(query);
        let mut buffer = Buffer(ptr::null_mut());
        let (mut read, mut total, mut resume) = (0, 0, resume);
        // SAFETY: each name is null or ends with a zero; the variables live through
        // the call, and the buffer that it makes is freed with its owner, whatever
        // the call returns.
        let status = unsafe {
            NetSessionEnum(
                names.server(),
                names.client(),
                names.user(),
                level.number(),
                &raw mut buffer.0,
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
        let mut buffer = Buffer(ptr::null_mut());
        // SAFETY: as above.
        let status = unsafe {
            NetSessionGetInfo(
                names.server(),
                names.client(),
                names.user(),
                level.number(),
                &raw mut buffer.0,
            )
        };
        if status != NERR_SUCCESS {
            return Err(error(status));
        }
        buffer.sessions(level, 1)?.pop().ok_or_else(|| error(ERROR_INVALID_DATA))
    }
}

/// The names of a query, as Windows takes them. Which is null stands for any, and
/// for this computer.
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

/// A buffer that the functions have made, or null where they made none.
struct Buffer(*mut u8);

impl Drop for Buffer {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the buffer is one that the functions have made, and nobody
            // has freed it. There is nothing to be done about a failure.
            let _ = unsafe { NetApiBufferFree(self.0.cast()) };
        }
    }
}

impl Buffer {
    /// The structures of this level in it, so many as the call has said.
    fn sessions(&self, level: Level, count: u32) -> Result<Vec<Session>, WindowsError> {
        if count != 0 && self.0.is_null() {
            return Err(error(ERROR_INVALID_DATA));
        }
        Ok(match level {
            Level::One => self.structures(count).map(|info| from_1(&info)).collect(),
            Level::Two => self.structures(count).map(|info| from_2(&info)).collect(),
            Level::FiveHundredTwo => self.structures(count).map(|info| from_502(&info)).collect(),
        })
    }

    /// What is in it, of a type that the call has filled it with.
    fn structures<T: Copy>(&self, count: u32) -> impl Iterator<Item = T> {
        let first: *const T = self.0.cast_const().cast();
        (0..count as usize).map(move |place| {
            // SAFETY: the call has put so many structures there, which hold
            // numbers and pointers, and the buffer lives as long as `self`.
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

/// A text of a structure, or none where the server gave none.
fn text(pointer: *const u16) -> Option<String> {
    // SAFETY: the texts of a structure are null or end with a zero; they lie in its
    // buffer, which its owner still holds.
    unsafe { terminated(pointer) }
}

fn error(code: u32) -> WindowsError {
    if LAN_MANAGER_ERRORS.contains(&code) {
        return WindowsError { code, message: String::new() };
    }
    WindowsError::from_code(code)
}
