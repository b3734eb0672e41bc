//! Unhandled exceptions of the processor, and panics of the host. Both end the run.
#![expect(unsafe_code, reason = "installs a handler and reads the exception record")]

use std::panic;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::EXCEPTION_ACCESS_VIOLATION;
use windows_sys::Win32::System::Diagnostics::Debug::{
    EXCEPTION_POINTERS, SetUnhandledExceptionFilter,
};

use crate::machine::{guarded, irql, load};
use crate::watch::rules::violation;

pub(crate) fn install() {
    // SAFETY: the filter has the right type and lives as long as the process.
    unsafe { SetUnhandledExceptionFilter(Some(filter)) };
    panic::set_hook(Box::new(|information| {
        violation("the host", Rule::HostFailure, information.to_string());
    }));
}

unsafe extern "system" fn filter(exception: *const EXCEPTION_POINTERS) -> i32 {
    // SAFETY: the system hands over valid pointers.
    let record = unsafe { (*exception).ExceptionRecord };
    // SAFETY: as above.
    let record = unsafe { &*record };
    let place = describe(record.ExceptionAddress as usize);
    let detail = if record.ExceptionCode == EXCEPTION_ACCESS_VIOLATION {
        let [kind, address, ..] = record.ExceptionInformation;
        let doing = ["reading", "writing"].get(kind).copied().unwrap_or("executing");
        let known = if irql::is_paged_out(address) {
            "paged memory, at DISPATCH_LEVEL"
        } else {
            guarded::describe(address).unwrap_or("which is no block of the host")
        };
        format!("access violation at {place}, {doing} {address:#x}, {known}")
    } else {
        format!("exception {:#x} at {place}", record.ExceptionCode)
    };
    violation("the processor", Rule::Crash, detail);
}

/// An address as an offset into the driver's image, if it lies there.
fn describe(address: usize) -> String {
    load::current()
        .and_then(|load| load.image.offset(address))
        .map_or_else(|| format!("{address:#x}"), |offset| format!("image+{offset:#x}"))
}
