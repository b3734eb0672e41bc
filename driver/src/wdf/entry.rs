//! `DriverEntry`: the function that the framework's entry point calls.

use wdk_sys::{DRIVER_OBJECT, NTSTATUS, PCUNICODE_STRING, STATUS_SUCCESS};

use super::callbacks::Callbacks;
use super::driver::Driver;
use super::trace::Tracing;

/// Exports `DriverEntry` for a driver that implements
/// [`Callbacks`](crate::wdf::Callbacks). Used once in an image.
macro_rules! driver_entry {
    ($callbacks:ty) => {
        /// `DriverEntry`. `PASSIVE_LEVEL`.
        ///
        /// # Safety
        ///
        /// The system calls this, once, with the driver's object and the path of its
        /// service key.
        // No other function of this image has this name, which makes the export sound.
        #[expect(unsafe_code, reason = "the kernel calls this function by its name")]
        #[unsafe(export_name = "DriverEntry")]
        unsafe extern "system" fn driver_entry(
            driver: &mut wdk_sys::DRIVER_OBJECT,
            registry_path: wdk_sys::PCUNICODE_STRING,
        ) -> wdk_sys::NTSTATUS {
            // SAFETY: the arguments are DriverEntry's own.
            unsafe { $crate::wdf::enter::<$callbacks>(driver, registry_path) }
        }
    };
}

pub(crate) use driver_entry;

/// Starts the driver. `PASSIVE_LEVEL`.
///
/// If it fails, the framework's entry point unbinds from the framework, which destroys the
/// driver object and its value.
///
/// # Safety
///
/// `DriverEntry` calls this, once, with its arguments.
pub(crate) unsafe fn enter<C: Callbacks>(
    driver: &mut DRIVER_OBJECT,
    registry_path: PCUNICODE_STRING,
) -> NTSTATUS {
    // SAFETY: this is DriverEntry. The value is dropped at its end, or with the driver's
    // value.
    let tracing = unsafe { Tracing::register() };
    // SAFETY: the arguments are DriverEntry's own.
    let driver = unsafe { Driver::<C>::create(driver, registry_path) };
    match driver.and_then(|driver| C::start(&driver, &tracing)) {
        Ok(()) => STATUS_SUCCESS,
        Err(error) => {
            C::start_failed(error);
            error.status.code()
        }
    }
}
