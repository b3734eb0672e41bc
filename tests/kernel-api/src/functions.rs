//! The driver's imports from the kernel, and its callback for the kernel.

use wdk_sys::ntddk as headers;
use windows_sys::Wdk::System::SystemServices as metadata;

use crate::shape::{Function, shape};

macro_rules! same {
    ($($function:ident($($parameter:tt)*))*) => {
        $(const _: () = assert!(
            shape(headers::$function as unsafe extern "C" fn($($parameter)*) -> _)
                .is(shape(metadata::$function as unsafe extern "system" fn($($parameter)*) -> _)),
            concat!(stringify!($function), " has two different declarations")
        );)*
    };
}

same! {
    EtwRegister(_, _, _, _)
    EtwUnregister(_)
    EtwWriteTransfer(_, _, _, _, _, _)
    ExAllocatePool2(_, _, _)
    ExFreePool(_)
    IoGetContainerInformation(_, _, _, _)
    IoRegisterContainerNotification(_, _, _, _, _)
    IoUnregisterContainerNotification(_)
    KeBugCheckEx(_, _, _, _, _)
    KeQueryInterruptTimePrecise(_)
    KeQuerySystemTimePrecise(_)
    RtlCopyUnicodeString(_, _)
}

/// The type of the driver's notification callback, as in `session_notification.rs`.
type Notified = unsafe extern "C" fn(
    wdk_sys::PVOID,
    wdk_sys::PVOID,
    wdk_sys::ULONG,
    wdk_sys::PVOID,
    wdk_sys::PVOID,
    wdk_sys::ULONG,
) -> wdk_sys::NTSTATUS;

const _: () = assert!(
    <Notified as Function>::SHAPE
        .is(<metadata::IO_SESSION_NOTIFICATION_FUNCTION as Function>::SHAPE),
    "the notification callback has two different declarations"
);
