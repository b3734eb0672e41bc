//! The work of the kit's entry library: binds, runs `DriverEntry`, and replaces the unload routine.
#![expect(unsafe_code, reason = "is the image's entry point and fills in the DRIVER_OBJECT")]

use core::mem::transmute;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::kmdf::{GLOBALS, TABLE, Wide};
use crate::stages;

const OFFSET_OF_UNLOAD: usize = 104;
const OFFSET_OF_DISPLACE_UNLOAD: usize = 48;

/// `WDF_BIND_INFO`.
#[repr(C)]
struct BindInfo {
    size: u32,
    component: *const u16,
    version: [u32; 3],
    function_count: u32,
    function_table: *const AtomicUsize,
    module: usize,
}

// SAFETY: the structure is constant.
unsafe impl Sync for BindInfo {}

static COMPONENT: Wide<12> = Wide::new(b"KmdfLibrary\0");
static BIND_INFO: BindInfo = BindInfo {
    size: 48,
    component: COMPONENT.pointer(),
    version: [1, 31, 0],
    function_count: 458,
    function_table: &raw const TABLE,
    module: 0,
};

/// The framework's unload routine.
static FRAMEWORK_UNLOAD: AtomicUsize = AtomicUsize::new(0);

#[link(name = "WDFLDR.SYS", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "system" {
    fn WdfVersionBind(
        driver: usize,
        registry_path: usize,
        info: *const BindInfo,
        globals: *mut usize,
    ) -> i32;
    fn WdfVersionUnbind(registry_path: usize, info: *const BindInfo, globals: usize) -> i32;
}

/// The entry point of the image.
#[unsafe(no_mangle)]
extern "system" fn FxDriverEntry(driver: usize, registry_path: usize) -> i32 {
    stages::keep_registry_path(registry_path);
    let path = stages::registry_path();
    // SAFETY: every pointer leads to data that lives as long as the driver.
    let status = unsafe { WdfVersionBind(driver, path, &raw const BIND_INFO, GLOBALS.as_ptr()) };
    if status < 0 {
        return status;
    }
    let status = stages::driver_entry(driver);
    if status < 0 {
        unbind();
        return status;
    }
    let displace = (GLOBALS.load(Ordering::Relaxed) + OFFSET_OF_DISPLACE_UNLOAD) as *const u8;
    // SAFETY: the globals are 56 bytes long.
    if unsafe { displace.read() } != 0 {
        let unload = (driver + OFFSET_OF_UNLOAD) as *mut usize;
        // SAFETY: the field lies within the DRIVER_OBJECT, which is ours to fill in.
        let framework = unsafe { ptr::replace(unload, driver_unload as *const () as usize) };
        FRAMEWORK_UNLOAD.store(framework, Ordering::Relaxed);
    }
    status
}

extern "system" fn driver_unload(driver: usize) {
    let framework = FRAMEWORK_UNLOAD.load(Ordering::Relaxed);
    // SAFETY: the framework put this address where an unload routine belongs.
    let framework = unsafe { transmute::<usize, extern "system" fn(usize)>(framework) };
    framework(driver);
    unbind();
}

fn unbind() {
    let globals = GLOBALS.load(Ordering::Relaxed);
    // SAFETY: the same arguments as at the bind.
    unsafe { WdfVersionUnbind(stages::registry_path(), &raw const BIND_INFO, globals) };
}
