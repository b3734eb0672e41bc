//! The functions of Wine's I/O manager that the host uses.
#![expect(unsafe_code, reason = "declares and wraps the functions of ntoskrnl.exe")]

use std::ptr;
use std::sync::Mutex;

use windows_sys::Win32::Foundation::{NTSTATUS, UNICODE_STRING};

use crate::machine::nt::{
    DO_BUFFERED_IO, DO_DEVICE_INITIALIZING, DeviceObject, DispatchRoutine, DriverObject,
    InitializeRoutine, Irp, UnloadRoutine,
};
use crate::machine::text::Text;
use crate::watch::status::is_success;
use crate::watch::sync::lock;

#[link(name = "ntoskrnl.exe", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "system" {
    fn IoCreateDriver(name: *mut UNICODE_STRING, initialize: InitializeRoutine) -> NTSTATUS;
    fn IoCreateDevice(
        driver: *mut DriverObject,
        extension_size: u32,
        name: *mut UNICODE_STRING,
        device_type: u32,
        characteristics: u32,
        exclusive: u8,
        device: *mut *mut DeviceObject,
    ) -> NTSTATUS;
    fn IoDeleteDevice(device: *mut DeviceObject);
    fn IoCreateSymbolicLink(link: *mut UNICODE_STRING, name: *mut UNICODE_STRING) -> NTSTATUS;
    fn IoDeleteSymbolicLink(link: *mut UNICODE_STRING) -> NTSTATUS;
    fn IofCompleteRequest(irp: *mut Irp, boost: i8);
    fn IoFreeIrp(irp: *mut Irp);
    fn IoReleaseCancelSpinLock(irql: u8);
}

/// A device object of Wine's I/O manager, by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WdmDevice(usize);

/// Every live device with its driver object.
static DEVICES: Mutex<Vec<(WdmDevice, usize)>> = Mutex::new(Vec::new());

impl WdmDevice {
    /// Makes a device. It has no security descriptor, because Wine keeps none for a device.
    pub(crate) fn create(
        driver: *mut DriverObject,
        name: Option<&str>,
        device_type: u32,
        characteristics: u32,
    ) -> Result<Self, NTSTATUS> {
        let mut name = name.map(Text::new);
        let name = name.as_mut().map_or(ptr::null_mut(), Text::pointer);
        let mut device = ptr::null_mut();
        // SAFETY: the driver object came from the I/O manager, the rest is ours and outlives the
        // call.
        let status = unsafe {
            IoCreateDevice(driver, 0, name, device_type, characteristics, 0, &raw mut device)
        };
        if !is_success(status) {
            return Err(status);
        }
        // SAFETY: the device is new, and nothing else uses it yet.
        unsafe { (*device).flags |= DO_BUFFERED_IO | DO_DEVICE_INITIALIZING };
        let device = Self(device as usize);
        lock(&DEVICES).push((device, driver as usize));
        Ok(device)
    }

    /// The address of the `DEVICE_OBJECT`.
    pub(crate) const fn address(self) -> usize {
        self.0
    }

    /// Lets programs open the device.
    pub(crate) fn finish_initializing(self) {
        let device = self.0 as *mut DeviceObject;
        // SAFETY: the device is alive: its owner deletes it at the end only.
        unsafe { (*device).flags &= !DO_DEVICE_INITIALIZING };
    }

    pub(crate) fn delete(self) {
        lock(&DEVICES).retain(|(device, _)| *device != self);
        // SAFETY: the owner calls this once.
        unsafe { IoDeleteDevice(self.0 as *mut DeviceObject) };
    }
}

/// True if a live device of the driver has this address.
pub(crate) fn is_device_of(driver_object: usize, address: usize) -> bool {
    lock(&DEVICES).contains(&(WdmDevice(address), driver_object))
}

/// The routines that a `DRIVER_OBJECT` gets from the framework.
#[derive(Clone, Copy)]
pub(crate) struct Routines {
    pub(crate) dispatch: DispatchRoutine,
    pub(crate) unload: UnloadRoutine,
}

impl Routines {
    /// Points the driver object at the dispatch routine, and at the unload routine if the driver
    /// can be unloaded.
    pub(crate) fn install(self, driver_object: usize, can_unload: bool) {
        let driver = driver_object as *mut DriverObject;
        // SAFETY: the image was started with this address, and its owner waits for the start.
        let driver = unsafe { &mut *driver };
        driver.major_function = [Some(self.dispatch); 28];
        driver.driver_unload = can_unload.then_some(self.unload);
    }
}

/// Makes a link, and replaces an existing one: Wine keeps the links of processes that have ended.
/// Windows returns a collision instead.
pub(crate) fn create_symbolic_link(link: &str, name: &str) -> NTSTATUS {
    delete_symbolic_link(link);
    let (mut link, mut name) = (Text::new(link), Text::new(name));
    // SAFETY: both strings outlive the call, which copies them.
    unsafe { IoCreateSymbolicLink(link.pointer(), name.pointer()) }
}

pub(crate) fn delete_symbolic_link(link: &str) {
    let mut link = Text::new(link);
    // SAFETY: the string outlives the call.
    unsafe { IoDeleteSymbolicLink(link.pointer()) };
}

/// Makes a driver object of the host's own.
pub(crate) fn create_driver(name: &str, initialize: InitializeRoutine) -> NTSTATUS {
    let mut name = Text::new(name);
    // SAFETY: the string outlives the call, which copies it.
    unsafe { IoCreateDriver(name.pointer(), initialize) }
}

/// # Safety
/// The IRP is ours to complete, and nothing uses it afterwards.
pub(crate) unsafe fn complete_request(irp: *mut Irp) {
    // SAFETY: as the caller promises.
    unsafe { IofCompleteRequest(irp, 0) };
}

/// # Safety
/// The IRP is ours, and nothing uses it afterwards.
pub(crate) unsafe fn free_irp(irp: *mut Irp) {
    // SAFETY: as the caller promises.
    unsafe { IoFreeIrp(irp) };
}

/// Releases the lock that a cancel routine is called with. The IRP has the IRQL to return to.
pub(crate) fn release_cancel_spin_lock(irql: u8) {
    // SAFETY: takes a number; the lock is held by this thread.
    unsafe { IoReleaseCancelSpinLock(irql) };
}
