//! The registry, as far as a driver reads it.
#![expect(unsafe_code, reason = "calls advapi32")]

use std::ptr;

use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_SUCCESS, NTSTATUS, STATUS_OBJECT_NAME_NOT_FOUND,
    STATUS_OBJECT_TYPE_MISMATCH, STATUS_UNSUCCESSFUL,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_QUERY_VALUE, KEY_READ, KEY_SET_VALUE, REG_DWORD,
    REG_OPTION_NON_VOLATILE, RegCloseKey, RegCreateKeyExW, RegOpenKeyExW, RegQueryValueExW,
};

use crate::machine::text::Text;

/// An open key.
pub(crate) struct Key(HKEY);

// SAFETY: a registry handle may be used from any thread.
unsafe impl Send for Key {}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once.
        unsafe { RegCloseKey(self.0) };
    }
}

impl Key {
    /// Opens a key by its path below `HKEY_LOCAL_MACHINE`. Access for writing creates a missing
    /// one.
    pub(crate) fn open(path: &str, access: u32) -> Result<Self, NTSTATUS> {
        let path = Text::new(path);
        let path = path.wide().as_ptr();
        let mut key = ptr::null_mut();
        let error = if access & KEY_SET_VALUE == 0 {
            let rights = KEY_READ | KEY_QUERY_VALUE;
            // SAFETY: the path ends with a zero, and the out pointer is ours.
            unsafe { RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, rights, &raw mut key) }
        } else {
            // SAFETY: as above; the optional arguments may be NULL.
            unsafe {
                RegCreateKeyExW(
                    HKEY_LOCAL_MACHINE,
                    path,
                    0,
                    ptr::null(),
                    REG_OPTION_NON_VOLATILE,
                    KEY_READ | KEY_SET_VALUE,
                    ptr::null(),
                    &raw mut key,
                    ptr::null_mut(),
                )
            }
        };
        match error {
            ERROR_SUCCESS => Ok(Self(key)),
            ERROR_FILE_NOT_FOUND => Err(STATUS_OBJECT_NAME_NOT_FOUND),
            _ => Err(STATUS_UNSUCCESSFUL),
        }
    }

    /// Reads a value of type `REG_DWORD`.
    pub(crate) fn query_dword(&self, name: &str) -> Result<u32, NTSTATUS> {
        let name = Text::new(name);
        let (mut kind, mut value, mut size) = (0, 0_u32, 4);
        // SAFETY: the name ends with a zero, and value and size belong together.
        let error = unsafe {
            RegQueryValueExW(
                self.0,
                name.wide().as_ptr(),
                ptr::null(),
                &raw mut kind,
                (&raw mut value).cast(),
                &raw mut size,
            )
        };
        match error {
            ERROR_FILE_NOT_FOUND => Err(STATUS_OBJECT_NAME_NOT_FOUND),
            _ if kind != REG_DWORD => Err(STATUS_OBJECT_TYPE_MISMATCH),
            ERROR_SUCCESS => Ok(value),
            _ => Err(STATUS_UNSUCCESSFUL),
        }
    }
}
