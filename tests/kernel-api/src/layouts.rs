//! Structures, enumerations and constants.

use core::mem::offset_of;

use windows_sys::Wdk::System::SystemServices as metadata;
use windows_sys::Win32::Foundation as foundation;
use windows_sys::Win32::System::Diagnostics::Etw as etw;
use windows_sys::Win32::System::Registry as registry;

/// Asserts that both have the same size and alignment, and these fields at the same offsets.
macro_rules! same_layout {
    ($ours:path, $theirs:path { $($field:ident)* }) => {
        const _: () = {
            assert!(size_of::<$ours>() == size_of::<$theirs>(), stringify!($ours));
            assert!(align_of::<$ours>() == align_of::<$theirs>(), stringify!($ours));
            $(assert!(
                offset_of!($ours, $field) == offset_of!($theirs, $field),
                concat!(stringify!($ours), ": ", stringify!($field))
            );)*
        };
    };
}

same_layout!(wdk_sys::IO_SESSION_STATE_NOTIFICATION, metadata::IO_SESSION_STATE_NOTIFICATION {
    Size Flags IoObject EventMask Context
});
same_layout!(wdk_sys::IO_SESSION_STATE_INFORMATION, metadata::IO_SESSION_STATE_INFORMATION {
    SessionId SessionState LocalSession
});
same_layout!(wdk_sys::IO_SESSION_CONNECT_INFO, metadata::IO_SESSION_CONNECT_INFO {
    SessionId LocalSession
});
same_layout!(wdk_sys::UNICODE_STRING, foundation::UNICODE_STRING { Length MaximumLength Buffer });
same_layout!(wdk_sys::EVENT_DESCRIPTOR, etw::EVENT_DESCRIPTOR {
    Id Version Channel Level Opcode Task Keyword
});
// A time is an integer in the metadata, and a union in the headers.
const _: () = assert!(size_of::<wdk_sys::LARGE_INTEGER>() == size_of::<i64>());

/// Asserts that constants of this name have the same value.
macro_rules! same_value {
    ($($theirs:ident::$name:ident)*) => {
        $(const _: () = assert!(wdk_sys::$name as i64 == $theirs::$name as i64, stringify!($name));)*
    };
}

same_value! {
    metadata::IO_SESSION_STATE_ALL_EVENTS
    metadata::IO_SESSION_STATE_CREATION_EVENT
    metadata::IO_SESSION_STATE_TERMINATION_EVENT
    metadata::IO_SESSION_STATE_CONNECT_EVENT
    metadata::IO_SESSION_STATE_DISCONNECT_EVENT
    metadata::IO_SESSION_STATE_LOGON_EVENT
    metadata::IO_SESSION_STATE_LOGOFF_EVENT
    metadata::IO_SESSION_MAX_PAYLOAD_SIZE
    foundation::STATUS_SUCCESS
    foundation::STATUS_CANCELLED
    foundation::STATUS_INSUFFICIENT_RESOURCES
    foundation::STATUS_INTERNAL_ERROR
    foundation::STATUS_OBJECT_NAME_NOT_FOUND
    registry::KEY_READ
    metadata::FILE_DEVICE_SECURE_OPEN
}

/// Asserts that constants of this name have the same value, in an enumeration of the headers.
macro_rules! same_choice {
    ($ours:ident { $($name:ident)* }) => {
        $(const _: () = assert!(wdk_sys::$ours::$name == metadata::$name, stringify!($name));)*
    };
}

same_choice!(_IO_CONTAINER_NOTIFICATION_CLASS { IoSessionStateNotification });
same_choice!(_IO_CONTAINER_INFORMATION_CLASS { IoSessionStateInformation });
same_choice!(_IO_SESSION_STATE {
    IoSessionStateCreated IoSessionStateInitialized IoSessionStateConnected
    IoSessionStateDisconnected IoSessionStateDisconnectedLoggedOn IoSessionStateLoggedOn
    IoSessionStateLoggedOff IoSessionStateTerminated
});
same_choice!(_IO_SESSION_EVENT {
    IoSessionEventIgnore IoSessionEventCreated IoSessionEventTerminated IoSessionEventConnected
    IoSessionEventDisconnected IoSessionEventLogon IoSessionEventLogoff
});
