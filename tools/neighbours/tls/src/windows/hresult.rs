//! The statuses that SSPI returns.

use windows_sys::core::HRESULT;

use crate::status::Status;

/// The status as an error, if it is one.
pub(super) fn check(status: HRESULT) -> Result<(), Status> {
    if status < 0 { Err(Status(status.cast_unsigned())) } else { Ok(()) }
}
