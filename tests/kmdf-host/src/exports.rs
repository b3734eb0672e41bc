//! The exports of WDFLDR.SYS, through which a driver binds to the host.
//!
//! This is the only file that imports every room. It starts the threads and the device that outlive
//! a driver, and passes the dispatch routine of `io` to the framework.
#![expect(unsafe_code, reason = "exports functions by name, and pins the module")]

use std::ptr;
use std::sync::Once;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::NTSTATUS;
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

use crate::framework::bind;
use crate::io::{cancellation, control, dispatch};
use crate::machine::{crash, workers};
use crate::watch::rules::violation;

static START: Once = Once::new();

/// Starts the control device and the workers before the first driver binds. The module stays in the
/// process, because its threads and its device outlive the driver that loaded it.
fn start() {
    let mut module = ptr::null_mut();
    // SAFETY: the address is one of this module, and the out pointer is ours.
    unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
            (start as *const ()).cast(),
            &raw mut module,
        );
    }
    crash::install();
    workers::start();
    cancellation::watch();
    control::start();
}

/// Binds a driver to the framework.
#[unsafe(no_mangle)]
extern "system" fn WdfVersionBind(
    driver_object: usize,
    registry_path: usize,
    bind_info: usize,
    globals_out: usize,
) -> NTSTATUS {
    START.call_once(start);
    bind::bind(driver_object, registry_path, bind_info, globals_out, dispatch::dispatch)
}

/// Ends a bind, and with it the load.
#[unsafe(no_mangle)]
extern "system" fn WdfVersionUnbind(
    registry_path: usize,
    bind_info: usize,
    globals: usize,
) -> NTSTATUS {
    bind::unbind(registry_path, bind_info, globals)
}

/// The host has no class extensions, but the entry library imports these names.
#[unsafe(no_mangle)]
extern "system" fn WdfVersionBindClass(
    _bind_info: usize,
    _globals: usize,
    _class: usize,
) -> NTSTATUS {
    violation("WdfVersionBindClass", Rule::Unimplemented, "class extensions");
}

/// See [`WdfVersionBindClass`].
#[unsafe(no_mangle)]
extern "system" fn WdfVersionUnbindClass(_bind_info: usize, _globals: usize, _class: usize) {
    violation("WdfVersionUnbindClass", Rule::Unimplemented, "class extensions");
}

/// See [`WdfVersionBindClass`].
#[unsafe(no_mangle)]
extern "system" fn WdfLdrQueryInterface(_interface: usize) -> NTSTATUS {
    violation("WdfLdrQueryInterface", Rule::Unimplemented, "loader interfaces");
}
