//! The privileges of the service, which windows-service cannot set.
#![expect(unsafe_code, reason = "passes a structure to the service manager")]

use std::io;

use windows_service::service::Service;
use windows_sys::Win32::System::Services::{
    ChangeServiceConfig2W, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
    SERVICE_REQUIRED_PRIVILEGES_INFOW,
};

/// Takes every privilege but these from the service, from its next start on.
pub(super) fn require(service: &Service, privileges: &[&str]) -> io::Result<()> {
    // A list of strings: each ends with a zero, and the list with one more.
    let mut list: Vec<u16> = Vec::new();
    for privilege in privileges {
        list.extend(privilege.encode_utf16().chain([0]));
    }
    list.push(0);
    let information =
        SERVICE_REQUIRED_PRIVILEGES_INFOW { pmszRequiredPrivileges: list.as_mut_ptr() };
    // SAFETY: the handle is open as long as `service` lives. The structure is the one of this
    // level, and it and its list live through the call, which only reads them.
    let changed = unsafe {
        ChangeServiceConfig2W(
            service.raw_handle(),
            SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
            (&raw const information).cast(),
        )
    };
    if changed == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
