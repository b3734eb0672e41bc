//! The KMDF 1.31 structures that cross the table, as 64-bit clients lay them out.
//!
//! Pointers and handles are integers here, because nothing that a driver passes is trusted.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A handle of any object.
pub(crate) type Handle = usize;

/// The number of entries in the function table of KMDF 1.31.
pub(crate) const FUNCTION_COUNT: usize = 458;
/// The number of entries in the structure table.
pub(crate) const STRUCTURE_COUNT: u32 = 81;

macro_rules! structures {
    ($($(#[$doc:meta])* $name:ident ($size:literal) { $($field:ident: $type:ty,)+ })+) => {$(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
        pub(crate) struct $name { $(pub(crate) $field: $type,)+ }

        const _: () = assert!(size_of::<$name>() == $size);
    )+};
}

structures! {
    /// `WDF_DRIVER_CONFIG`.
    DriverConfig(32) {
        size: u32,
        padding: u32,
        device_add: usize,
        unload: usize,
        init_flags: u32,
        pool_tag: u32,
    }
    /// `WDF_OBJECT_ATTRIBUTES`.
    ObjectAttributes(56) {
        size: u32,
        padding: u32,
        cleanup: usize,
        destroy: usize,
        execution_level: u32,
        synchronization_scope: u32,
        parent: usize,
        context_size_override: usize,
        context_type: usize,
    }
    /// `WDF_OBJECT_CONTEXT_TYPE_INFO`.
    ContextTypeInfo(40) {
        size: u32,
        padding: u32,
        name: usize,
        context_size: usize,
        unique_type: usize,
        get_unique_type: usize,
    }
    /// `WDF_IO_QUEUE_CONFIG`.
    QueueConfig(96) {
        size: u32,
        dispatch_type: u32,
        power_managed: u32,
        allow_zero_length: u8,
        default_queue: u8,
        padding: [u8; 2],
        io_default: usize,
        io_read: usize,
        io_write: usize,
        io_device_control: usize,
        io_internal_device_control: usize,
        io_stop: usize,
        io_resume: usize,
        io_canceled_on_queue: usize,
        presented_requests: u32,
        padding_2: u32,
        driver: usize,
    }
    /// `WDF_FILEOBJECT_CONFIG`.
    FileObjectConfig(40) {
        size: u32,
        padding: u32,
        device_file_create: usize,
        file_close: usize,
        file_cleanup: usize,
        auto_forward: u32,
        class: u32,
    }
    /// `WDF_REQUEST_PARAMETERS`, with its union as four words.
    RequestParameters(40) {
        size: u16,
        minor_function: u8,
        padding: u8,
        kind: u32,
        words: [usize; 4],
    }
    /// `WDF_BIND_INFO`.
    BindInfo(48) {
        size: u32,
        padding: u32,
        component: usize,
        major: u32,
        minor: u32,
        build: u32,
        function_count: u32,
        function_table: usize,
        module: usize,
    }
    /// The part of `WDF_BIND_INFO2` behind [`BindInfo`].
    BindInfoExtension(40) {
        minimum_version: usize,
        client_is_newer: usize,
        function_count: usize,
        structure_count: usize,
        structure_table: usize,
    }
    /// `WDF_DRIVER_GLOBALS`.
    DriverGlobals(56) {
        driver: usize,
        driver_flags: u32,
        driver_tag: u32,
        driver_name: [u8; 32],
        displace_driver_unload: u8,
        padding: [u8; 7],
    }
}
