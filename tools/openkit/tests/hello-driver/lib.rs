//! The smallest KMDF driver that can be unloaded: a driver object and nothing else.

#![no_std]

extern crate wdk_panic;

use core::ptr;

use wdk_sys::_WDF_DRIVER_INIT_FLAGS::WdfDriverInitNonPnpDriver;
use wdk_sys::ntddk::DbgPrint;
use wdk_sys::{
    NTSTATUS, PCUNICODE_STRING, PDRIVER_OBJECT, ULONG, WDF_DRIVER_CONFIG, WDFDRIVER,
    call_unsafe_wdf_function_binding,
};

/// # Safety
///
/// The kernel calls this with the arguments of `DriverEntry`.
#[unsafe(export_name = "DriverEntry")]
pub unsafe extern "system" fn driver_entry(
    driver: PDRIVER_OBJECT,
    registry_path: PCUNICODE_STRING,
) -> NTSTATUS {
    let mut config = WDF_DRIVER_CONFIG {
        Size: size_of::<WDF_DRIVER_CONFIG>() as ULONG,
        EvtDriverUnload: Some(unload),
        DriverInitFlags: WdfDriverInitNonPnpDriver as ULONG,
        ..WDF_DRIVER_CONFIG::default()
    };
    // SAFETY: the first two arguments come from the kernel, and the configuration lives through
    // the call. Attributes and the handle are optional.
    unsafe {
        call_unsafe_wdf_function_binding!(
            WdfDriverCreate,
            driver,
            registry_path,
            ptr::null_mut(),
            &raw mut config,
            ptr::null_mut()
        )
    }
}

extern "C" fn unload(_driver: WDFDRIVER) {
    // SAFETY: the text ends with a NUL and has no format specifiers.
    unsafe { DbgPrint(c"hello-driver: unloaded\n".as_ptr().cast()) };
}
