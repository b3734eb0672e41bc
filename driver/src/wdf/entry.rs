//! `DriverEntry`: the function that the framework's entry point calls.

use wdk_sys::{DRIVER_OBJECT, NTSTATUS, PCUNICODE_STRING, STATUS_SUCCESS};

use super::driver::Driver;
use super::trace::Tracing;
use crate::start;

/// Starts the driver. `PASSIVE_LEVEL`.
///
/// When it fails, the framework's entry point unbinds from the framework, which
/// destroys what the driver object holds.
///
/// # Safety
///
/// The system calls this, once, with the driver's object and the path of its
/// service key.
// No other function of this image has this name, which makes the export sound.
#[unsafe(export_name = "DriverEntry")]
unsafe extern "system" fn driver_entry(
    driver: &mut DRIVER_OBJECT,
    registry_path: PCUNICODE_STRING,
) -> NTSTATUS {
    // SAFETY: this is DriverEntry; the value goes at its end, or with the service.
    let tracing = unsafe { Tracing::register() };
    // SAFETY: the arguments are DriverEntry's own.
    let driver = unsafe { Driver::create(driver, registry_path) };
    match driver.and_then(|driver| start::start(&driver, &tracing)) {
        Ok(()) => STATUS_SUCCESS,
        Err(error) => {
            start::failed(error);
            error.status.code()
        }
    }
}
