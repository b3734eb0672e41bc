//! The kernel's types, as Wine's `ntoskrnl.exe` has them.
//!
//! The layouts are those of 64-bit Windows, cut down to the fields that the host reads or writes;
//! unions appear as their offsets. They are written out because the public metadata lacks the
//! alignment of some fields of `IO_STACK_LOCATION`.

use std::ffi::c_void;
use std::mem::offset_of;
use std::sync::atomic::AtomicUsize;

use windows_sys::Win32::Foundation::{NTSTATUS, UNICODE_STRING};

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
pub(crate) const DO_BUFFERED_IO: u32 = 4;
pub(crate) const DO_DEVICE_INITIALIZING: u32 = 0x80;
const SL_PENDING_RETURNED: u8 = 1;
pub(crate) const IRP_DEALLOCATE_BUFFER: u32 = 0x20;

pub(crate) type DispatchRoutine = extern "system" fn(*mut DeviceObject, *mut Irp) -> NTSTATUS;
pub(crate) type CancelRoutine = extern "system" fn(*mut DeviceObject, *mut Irp);
pub(crate) type CompletionRoutine =
    extern "system" fn(*mut DeviceObject, *mut Irp, *mut c_void) -> NTSTATUS;
pub(crate) type InitializeRoutine =
    extern "system" fn(*mut DriverObject, *mut UNICODE_STRING) -> NTSTATUS;
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
    pub(crate) flags: u32,
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
