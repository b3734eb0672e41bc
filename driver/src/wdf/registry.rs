//! The service's `Parameters` key.

use sessionwatch_journal::Setting;
use wdk_sys::{KEY_READ, WDFDRIVER, WDFKEY, call_unsafe_wdf_function_binding};
use widestring::U16Str;

use super::status::{Result, Status};
use super::string::unicode_string;

/// The open key; dropping it closes it.
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
        // SAFETY: the caller passes the driver object; the key is written to a
        // variable that lives through the call; no attributes are needed.
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

    /// The `REG_DWORD` of this name. `PASSIVE_LEVEL`.
    pub(crate) fn number(&self, name: &'static U16Str) -> Setting {
        let name = unicode_string(name);
        let mut number = 0;
        // SAFETY: the key is open; name and number live through the call.
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
        // SAFETY: the key is open, and nobody uses it after this.
        unsafe { call_unsafe_wdf_function_binding!(WdfRegistryClose, self.key) };
    }
}
