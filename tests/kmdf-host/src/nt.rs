//! The kernel types and functions of Wine's `ntoskrnl.exe` that the host uses.
//!
//! The layouts are those of 64-bit Windows, cut down to the fields that are read or written here;
//! unions appear as their offsets. They are written out because the public metadata lacks the
//! alignment of some fields of `IO_STACK_LOCATION`.
#![expect(unsafe_code, reason = "declares and wraps the functions of ntoskrnl.exe")]

use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::AtomicUsize;

use windows_sys::Win32::Foundation::{NTSTATUS, UNICODE_STRING};

use crate::status::is_success;

pub(crate) const IRP_MJ_CREATE: u8 = 0;
pub(crate) const IRP_MJ_CLOSE: u8 = 2;
pub(crate) const IRP_MJ_READ: u8 = 3;
pub(crate) const IRP_MJ_WRITE: u8 = 4;
pub(crate) const IRP_MJ_DEVICE_CONTROL: u8 = 14;
pub(crate) const IRP_MJ_INTERNAL_DEVICE_CONTROL: u8 = 15;
pub(crate) const IRP_MJ_SHUTDOWN: u8 = 16;
pub(crate) const IRP_MJ_CLEANUP: u8 = 18;

pub(crate) const FILE_DEVICE_UNKNOWN: u32 = 0x22;
pub(crate) const FILE_DEVICE_SECURE_OPEN: u32 = 0x100;
const DO_BUFFERED_IO: u32 = 4;
const DO_DEVICE_INITIALIZING: u32 = 0x80;
const SL_PENDING_RETURNED: u8 = 1;
pub(crate) const IRP_DEALLOCATE_BUFFER: u32 = 0x20;

pub(crate) type DispatchRoutine = extern "system" fn(*mut DeviceObject, *mut Irp) -> NTSTATUS;
pub(crate) type CancelRoutine = extern "system" fn(*mut DeviceObject, *mut Irp);
pub(crate) type CompletionRoutine =
    extern "system" fn(*mut DeviceObject, *mut Irp, *mut c_void) -> NTSTATUS;
pub(crate) type UnloadRoutine = extern "system" fn(*mut DriverObject);

/// `DRIVER_OBJECT`.
#[repr(C)]
pub(crate) struct DriverObject {
    kind: i16,
    size: i16,
    device_object: *mut DeviceObject,
    flags: u32,
    pub(crate) driver_start: *mut c_void,
    driver_size: u32,
    driver_section: *mut c_void,
    driver_extension: *mut DriverExtension,
    driver_name: UNICODE_STRING,
    hardware_database: *mut c_void,
    fast_io_dispatch: *mut c_void,
    driver_init: usize,
    driver_start_io: usize,
    pub(crate) driver_unload: Option<UnloadRoutine>,
    pub(crate) major_function: [Option<DispatchRoutine>; 28],
}

/// `DRIVER_EXTENSION`, up to the field that is written.
#[repr(C)]
pub(crate) struct DriverExtension {
    driver_object: *mut DriverObject,
    pub(crate) add_device: usize,
}

/// `DEVICE_OBJECT`, up to the fields that are written.
#[repr(C)]
pub(crate) struct DeviceObject {
    kind: i16,
    size: u16,
    reference_count: i32,
    driver_object: *mut DriverObject,
    next_device: *mut DeviceObject,
    attached_device: *mut DeviceObject,
    current_irp: *mut Irp,
    timer: *mut c_void,
    flags: u32,
}

/// `IRP`.
#[repr(C)]
pub(crate) struct Irp {
    kind: i16,
    size: u16,
    mdl_address: *mut c_void,
    pub(crate) flags: u32,
    pub(crate) system_buffer: *mut c_void,
    thread_list_entry: [usize; 2],
    pub(crate) status: NTSTATUS,
    pub(crate) information: usize,
    pub(crate) requestor_mode: i8,
    pending_returned: u8,
    stack_count: i8,
    current_location: i8,
    cancel: u8,
    pub(crate) cancel_irql: u8,
    apc_environment: i8,
    allocation_flags: u8,
    user_status_block: *mut c_void,
    user_event: *mut c_void,
    overlay: [usize; 2],
    pub(crate) cancel_routine: AtomicUsize,
    user_buffer: *mut c_void,
    driver_context: [usize; 4],
    thread: *mut c_void,
    auxiliary_buffer: *mut c_void,
    list_entry: [usize; 2],
    pub(crate) current_stack_location: *mut StackLocation,
    original_file_object: *mut c_void,
    tail_rest: [usize; 1],
}

/// `IO_STACK_LOCATION`; `parameters` is the union, in units of its alignment.
#[repr(C)]
pub(crate) struct StackLocation {
    pub(crate) major_function: u8,
    pub(crate) minor_function: u8,
    flags: u8,
    pub(crate) control: u8,
    pub(crate) parameters: [usize; 4],
    device_object: *mut DeviceObject,
    pub(crate) file_object: *mut c_void,
    pub(crate) completion_routine: Option<CompletionRoutine>,
    pub(crate) context: *mut c_void,
}

const _: () = {
    assert!(offset_of!(DriverObject, driver_start) == 24);
    assert!(offset_of!(DriverObject, driver_name) == 56);
    assert!(offset_of!(DriverObject, driver_unload) == 104);
    assert!(offset_of!(DriverObject, major_function) == 112);
    assert!(size_of::<DriverObject>() == 336);
    assert!(offset_of!(DeviceObject, driver_object) == 8);
    assert!(offset_of!(DeviceObject, flags) == 48);
    assert!(offset_of!(Irp, system_buffer) == 24);
    assert!(offset_of!(Irp, status) == 48);
    assert!(offset_of!(Irp, requestor_mode) == 64);
    assert!(offset_of!(Irp, flags) == 16);
    assert!(offset_of!(Irp, cancel) == 68);
    assert!(offset_of!(Irp, cancel_irql) == 69);
    assert!(offset_of!(Irp, cancel_routine) == 104);
    assert!(offset_of!(Irp, user_buffer) == 112);
    assert!(offset_of!(Irp, current_stack_location) == 184);
    assert!(size_of::<Irp>() == 208);
    assert!(offset_of!(StackLocation, parameters) == 8);
    assert!(offset_of!(StackLocation, file_object) == 48);
    assert!(offset_of!(StackLocation, completion_routine) == 56);
    assert!(size_of::<StackLocation>() == 72);
};

impl StackLocation {
    /// Marks the IRP pending, as `IoMarkIrpPending` does.
    pub(crate) const fn mark_pending(&mut self) {
        self.control |= SL_PENDING_RETURNED;
    }
}

type DriverInitialize = extern "system" fn(*mut DriverObject, *mut UNICODE_STRING) -> NTSTATUS;

#[link(name = "ntoskrnl.exe", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "system" {
    fn IoCreateDriver(name: *mut UNICODE_STRING, initialize: DriverInitialize) -> NTSTATUS;
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

/// A counted string that owns its characters.
pub(crate) struct Text {
    characters: Vec<u16>,
    string: UNICODE_STRING,
}

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        let mut characters: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let bytes = u16::try_from(characters.len() * 2).unwrap_or(u16::MAX - 1);
        let string = UNICODE_STRING {
            Length: bytes - 2,
            MaximumLength: bytes,
            Buffer: characters.as_mut_ptr(),
        };
        Self { characters, string }
    }

    const fn pointer(&mut self) -> *mut UNICODE_STRING {
        &raw mut self.string
    }

    /// The characters with their closing zero.
    pub(crate) fn wide(&self) -> &[u16] {
        &self.characters
    }
}

/// A device object of Wine's I/O manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WdmDevice(pub(crate) usize);

impl WdmDevice {
    /// Makes a device without a security descriptor: Wine has none to give to a device.
    pub(crate) fn create(
        driver: *mut DriverObject,
        name: Option<&str>,
        device_type: u32,
        characteristics: u32,
    ) -> Result<Self, NTSTATUS> {
        let mut name = name.map(Text::new);
        let name = name.as_mut().map_or(ptr::null_mut(), Text::pointer);
        let mut device = ptr::null_mut();
        // SAFETY: the driver object came from the I/O manager, the rest is ours and outlives the call.
        let status = unsafe {
            IoCreateDevice(driver, 0, name, device_type, characteristics, 0, &raw mut device)
        };
        if !is_success(status) {
            return Err(status);
        }
        // SAFETY: the device was just made and nobody else has it yet.
        unsafe { (*device).flags |= DO_BUFFERED_IO | DO_DEVICE_INITIALIZING };
        Ok(Self(device as usize))
    }

    /// Lets the device be opened.
    pub(crate) fn finish_initializing(self) {
        let device = self.0 as *mut DeviceObject;
        // SAFETY: the device is alive: its owner deletes it at the end only.
        unsafe { (*device).flags &= !DO_DEVICE_INITIALIZING };
    }

    pub(crate) fn delete(self) {
        // SAFETY: the owner calls this once.
        unsafe { IoDeleteDevice(self.0 as *mut DeviceObject) };
    }
}

/// Makes a link. One that is there already is replaced: Wine keeps the links of processes that have
/// ended. On Windows that would be a collision.
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
pub(crate) fn create_driver(name: &str, initialize: DriverInitialize) -> NTSTATUS {
    let mut name = Text::new(name);
    // SAFETY: the string outlives the call, which copies it.
    unsafe { IoCreateDriver(name.pointer(), initialize) }
}

/// # Safety
/// The IRP is ours to complete, and is not touched afterwards.
pub(crate) unsafe fn complete_request(irp: *mut Irp) {
    // SAFETY: as the caller promises.
    unsafe { IofCompleteRequest(irp, 0) };
}

/// # Safety
/// The IRP is ours, and nobody uses it any more.
pub(crate) unsafe fn free_irp(irp: *mut Irp) {
    // SAFETY: as the caller promises.
    unsafe { IoFreeIrp(irp) };
}

/// Releases the lock that is held when a cancel routine is called; the IRP says to which IRQL.
pub(crate) fn release_cancel_spin_lock(irql: u8) {
    // SAFETY: takes a number; the lock is held by this thread.
    unsafe { IoReleaseCancelSpinLock(irql) };
}
