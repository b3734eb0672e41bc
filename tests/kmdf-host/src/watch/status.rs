//! `NTSTATUS`: the result of a call.
//!
//! Windows' own values come from `windows-sys`. The framework's own, which no metadata carries,
//! are here as `wdfstatus.h` defines them.

use windows_sys::Win32::Foundation::NTSTATUS;

/// `FACILITY_DRIVER_FRAMEWORK` with the severity of an error: the upper half of every status here.
const FRAMEWORK_ERROR: u32 = 0xC020;

pub(crate) const STATUS_WDF_INTERNAL_ERROR: NTSTATUS = framework_error(0x0201);
pub(crate) const STATUS_WDF_PAUSED: NTSTATUS = framework_error(0x0203);
pub(crate) const STATUS_WDF_BUSY: NTSTATUS = framework_error(0x0204);
pub(crate) const STATUS_WDF_NOT_ENOUGH_MAP_REGISTERS: NTSTATUS = framework_error(0x0214);

const fn framework_error(code: u32) -> NTSTATUS {
    (FRAMEWORK_ERROR << 16 | code).cast_signed()
}

/// `NT_SUCCESS`.
pub(crate) const fn is_success(status: NTSTATUS) -> bool {
    status >= 0
}

/// True for an error of the framework itself, as opposed to one of Windows.
pub(crate) const fn is_framework_error(status: NTSTATUS) -> bool {
    status.cast_unsigned() >> 16 == FRAMEWORK_ERROR
}
