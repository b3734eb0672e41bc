//! The service's `Parameters` key.

use sessionwatch_journal::Setting;
use wdk_sys::{KEY_READ, WDFDRIVER, WDFKEY, call_unsafe_wdf_function_binding};
use widestring::U16Str;

use super::status::{Result, Status};
use super::string::unicode_string;

/// The longest name of a value, in UTF-16 units. A longer name is truncated.
const LONGEST_NAME: usize = 32;

/// The open key. Dropping it closes it.
pub(crate) struct ParametersKey {
    key: WDFKEY,
}

impl ParametersKey {
    /// Opens the key for reading. `PASSIVE_LEVEL`.
    ///
    /// # Safety
    ///
    /// `driver` is the live driver object.
    pub(super) unsafe fn open(driver: WDFDRIVER) -> Result<Self> {
        let mut key: WDFKEY = core::ptr::null_mut();
        // SAFETY: the caller passes the live driver object, the variable lives through the
        // call, and null attributes are allowed.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfDriverOpenParametersRegistryKey,
                driver,
                KEY_READ,
                core::ptr::null_mut(),
                &raw mut key,
            )
        };
        Status::check(status).map(|()| Self { key })
    }

    /// The `REG_DWORD` with this name of at most [`LONGEST_NAME`] UTF-16 units.
    /// `PASSIVE_LEVEL`.
    pub(crate) fn number(&self, name: &str) -> Setting {
        let mut units = [0; LONGEST_NAME];
        let length = name.encode_utf16().zip(&mut units).map(|(unit, to)| *to = unit).count();
        let units = units.get(..length).unwrap_or_default();
        let name = unicode_string(U16Str::from_slice(units));
        let mut number = 0;
        // SAFETY: the key is open, and name and number live through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfRegistryQueryULong,
                self.key,
                &raw const name,
                &raw mut number,
            )
        };
        match Status::check(status) {
            Ok(()) => Setting::Number(number),
            Err(Status::NOT_FOUND) => Setting::Absent,
            Err(_) => Setting::Unreadable,
        }
    }
}

impl Drop for ParametersKey {
    fn drop(&mut self) {
        // SAFETY: the key is open, and is not used after this.
        unsafe { call_unsafe_wdf_function_binding!(WdfRegistryClose, self.key) };
    }
}
