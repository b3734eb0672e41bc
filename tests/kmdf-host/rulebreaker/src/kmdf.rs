//! The KMDF function table, with entries by index and hand-written structures.
#![expect(unsafe_code, reason = "calls the framework's table by index")]

use core::mem::transmute;
use core::sync::atomic::{AtomicUsize, Ordering};

/// The framework stores the address of its table here.
pub(crate) static TABLE: AtomicUsize = AtomicUsize::new(0);
/// The driver's globals.
pub(crate) static GLOBALS: AtomicUsize = AtomicUsize::new(0);

/// Indices into the table.
pub(crate) mod index {
    pub(crate) const CONTROL_DEVICE_INIT_ALLOCATE: usize = 25;
    pub(crate) const CONTROL_FINISH_INITIALIZING: usize = 27;
    pub(crate) const DEVICE_INIT_ASSIGN_NAME: usize = 67;
    pub(crate) const DEVICE_INIT_SET_FILE_OBJECT_CONFIG: usize = 71;
    pub(crate) const DEVICE_CREATE: usize = 75;
    pub(crate) const DEVICE_CREATE_SYMBOLIC_LINK: usize = 80;
    pub(crate) const DRIVER_CREATE: usize = 116;
    pub(crate) const DRIVER_OPEN_PARAMETERS: usize = 119;
    pub(crate) const FILE_OBJECT_GET_DEVICE: usize = 139;
    pub(crate) const IO_QUEUE_CREATE: usize = 152;
    pub(crate) const IO_QUEUE_RETRIEVE_NEXT_REQUEST: usize = 158;
    pub(crate) const IO_QUEUE_PURGE_SYNCHRONOUSLY: usize = 164;
    pub(crate) const OBJECT_GET_TYPED_CONTEXT: usize = 202;
    pub(crate) const OBJECT_DELETE: usize = 208;
    pub(crate) const REGISTRY_CLOSE: usize = 231;
    pub(crate) const REGISTRY_QUERY_ULONG: usize = 240;
    pub(crate) const REQUEST_IS_CANCELED: usize = 257;
    pub(crate) const REQUEST_COMPLETE: usize = 263;
    pub(crate) const REQUEST_COMPLETE_WITH_INFORMATION: usize = 265;
    pub(crate) const REQUEST_RETRIEVE_INPUT_BUFFER: usize = 269;
    pub(crate) const REQUEST_RETRIEVE_OUTPUT_BUFFER: usize = 270;
    pub(crate) const REQUEST_GET_FILE_OBJECT: usize = 277;
    pub(crate) const REQUEST_FORWARD_TO_IO_QUEUE: usize = 281;
    pub(crate) const SPIN_LOCK_CREATE: usize = 315;
    pub(crate) const SPIN_LOCK_ACQUIRE: usize = 316;
    pub(crate) const SPIN_LOCK_RELEASE: usize = 317;
    /// `WdfTimerCreate`, which the host does not implement.
    pub(crate) const TIMER_CREATE: usize = 318;
}

/// `WDF_DRIVER_CONFIG`.
#[repr(C)]
pub(crate) struct DriverConfig {
    pub(crate) size: u32,
    pub(crate) device_add: usize,
    pub(crate) unload: usize,
    pub(crate) init_flags: u32,
    pub(crate) pool_tag: u32,
}

/// `WDF_OBJECT_ATTRIBUTES`.
#[repr(C)]
pub(crate) struct Attributes {
    pub(crate) size: u32,
    pub(crate) cleanup: usize,
    pub(crate) destroy: usize,
    pub(crate) execution_level: u32,
    pub(crate) synchronization_scope: u32,
    pub(crate) parent: usize,
    pub(crate) context_size_override: usize,
    pub(crate) context_type: usize,
}

/// `WDF_OBJECT_CONTEXT_TYPE_INFO`.
#[repr(C)]
pub(crate) struct ContextType {
    pub(crate) size: u32,
    pub(crate) name: *const u8,
    pub(crate) context_size: usize,
    pub(crate) unique_type: *const ContextType,
    pub(crate) get_unique_type: usize,
}

// SAFETY: the record is constant.
unsafe impl Sync for ContextType {}

/// `WDF_IO_QUEUE_CONFIG`.
#[repr(C)]
pub(crate) struct QueueConfig {
    pub(crate) size: u32,
    pub(crate) dispatch_type: u32,
    pub(crate) power_managed: u32,
    pub(crate) allow_zero_length: u8,
    pub(crate) default_queue: u8,
    pub(crate) io_callbacks: [usize; 3],
    pub(crate) io_device_control: usize,
    pub(crate) other_callbacks: [usize; 3],
    pub(crate) io_canceled_on_queue: usize,
    pub(crate) presented_requests: u32,
    pub(crate) driver: usize,
}

/// `WDF_FILEOBJECT_CONFIG`.
#[repr(C)]
pub(crate) struct FileObjectConfig {
    pub(crate) size: u32,
    pub(crate) device_file_create: usize,
    pub(crate) file_close: usize,
    pub(crate) file_cleanup: usize,
    pub(crate) auto_forward: u32,
    pub(crate) class: u32,
}

/// `UNICODE_STRING`.
#[repr(C)]
pub(crate) struct Text {
    pub(crate) length: u16,
    pub(crate) maximum_length: u16,
    pub(crate) buffer: *const u16,
}

/// A string constant in UTF-16.
pub(crate) struct Wide<const N: usize>([u16; N]);

impl<const N: usize> Wide<N> {
    pub(crate) const fn new(text: &[u8; N]) -> Self {
        let mut units = [0; N];
        let mut index = 0;
        while index < N {
            units[index] = text[index] as u16;
            index += 1;
        }
        Self(units)
    }

    pub(crate) fn text(&self) -> Text {
        let bytes = u16::try_from(N * 2).unwrap_or(0);
        Text { length: bytes, maximum_length: bytes, buffer: self.0.as_ptr() }
    }

    pub(crate) const fn pointer(&self) -> *const u16 {
        self.0.as_ptr()
    }
}

/// The address of a value, for an argument.
pub(crate) fn address<T>(value: &T) -> usize {
    core::ptr::from_ref(value) as usize
}

/// Calls an entry of the table.
pub(crate) fn call<const N: usize>(index: usize, arguments: [usize; N]) -> usize {
    call_as(GLOBALS.load(Ordering::Relaxed), index, arguments)
}

/// Calls an entry of the table that returns a status.
pub(crate) fn status<const N: usize>(index: usize, arguments: [usize; N]) -> i32 {
    // The upper half of the register is not part of a status.
    #[expect(clippy::cast_possible_truncation, reason = "cut off on purpose")]
    let low = call(index, arguments) as u32;
    low.cast_signed()
}

/// Calls an entry of the table with any globals.
pub(crate) fn call_as<const N: usize>(
    globals: usize,
    index: usize,
    arguments: [usize; N],
) -> usize {
    type Entry = extern "system" fn(usize, usize, usize, usize, usize, usize) -> usize;
    let slot = TABLE.load(Ordering::Relaxed) + index * size_of::<usize>();
    // SAFETY: the table has 458 entries, and every index used here is below.
    let entry = unsafe { (slot as *const usize).read() };
    // SAFETY: every entry has the same calling convention, and ignores surplus arguments.
    let entry = unsafe { transmute::<usize, Entry>(entry) };
    let argument = |index: usize| arguments.get(index).copied().unwrap_or(0);
    entry(globals, argument(0), argument(1), argument(2), argument(3), argument(4))
}
