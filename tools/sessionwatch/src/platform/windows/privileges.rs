//! The privileges of the service.
#![expect(unsafe_code, reason = "the crate for services has no required privileges")]

use sessionwatch_failure::WindowsError;
use windows_service::service::Service;
use windows_sys::Win32::Foundation::ERROR_INVALID_LEVEL;
use windows_sys::Win32::System::Services::{
    ChangeServiceConfig2W, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
    SERVICE_REQUIRED_PRIVILEGES_INFOW,
};

/// The one privilege of the service, as a list that ends with an empty text: to pass through
/// folders, which every user has. The service opens its device and asks LSA by being SYSTEM, which
/// takes no privilege.
const REQUIRED: &str = "SeChangeNotifyPrivilege\0\0";

/// Has the service manager take all other privileges of SYSTEM from the service. False if the
/// service manager cannot do that, as Wine's cannot.
///
/// <https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_required_privileges_infow>
pub(super) fn restrict(service: &Service) -> Result<bool, WindowsError> {
    let mut list: Vec<u16> = REQUIRED.encode_utf16().collect();
    let info = SERVICE_REQUIRED_PRIVILEGES_INFOW { pmszRequiredPrivileges: list.as_mut_ptr() };
    // SAFETY: the handle is open as long as `service`. The structure is that of this level; its
    // list ends with an empty text, and both outlive the call.
    let succeeded = unsafe {
        ChangeServiceConfig2W(
            service.raw_handle(),
            SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
            (&raw const info).cast(),
        )
    };
    match succeeded {
        0 => match WindowsError::last() {
            error if error.code == ERROR_INVALID_LEVEL => Ok(false),
            error => Err(error),
        },
        _ => Ok(true),
    }
}
