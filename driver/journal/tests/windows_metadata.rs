//! Compares the constants and layouts of the journal and the contract with Microsoft's
//! metadata (`windows-sys`).

use std::mem::{offset_of, size_of};

use sessionwatch_journal::ConnectInfo;
use sessionwatch_protocol::{EventKind, Rejection, SessionState};
use windows_sys::Wdk::System::SystemServices as wdk;
use windows_sys::Win32::Foundation as win32;

#[test]
fn events_and_states_have_the_kernels_values() {
    let events = [
        (EventKind::IGNORE, wdk::IoSessionEventIgnore),
        (EventKind::CREATED, wdk::IoSessionEventCreated),
        (EventKind::TERMINATED, wdk::IoSessionEventTerminated),
        (EventKind::CONNECTED, wdk::IoSessionEventConnected),
        (EventKind::DISCONNECTED, wdk::IoSessionEventDisconnected),
        (EventKind::LOGON, wdk::IoSessionEventLogon),
        (EventKind::LOGOFF, wdk::IoSessionEventLogoff),
    ];
    assert_eq!(events.len(), usize::try_from(wdk::IoSessionEventMax).unwrap());
    for (ours, theirs) in events {
        assert_eq!(ours.0, theirs.cast_unsigned(), "{ours}");
    }
    let states = [
        (SessionState::CREATED, wdk::IoSessionStateCreated),
        (SessionState::INITIALIZED, wdk::IoSessionStateInitialized),
        (SessionState::CONNECTED, wdk::IoSessionStateConnected),
        (SessionState::DISCONNECTED, wdk::IoSessionStateDisconnected),
        (SessionState::DISCONNECTED_LOGGED_ON, wdk::IoSessionStateDisconnectedLoggedOn),
        (SessionState::LOGGED_ON, wdk::IoSessionStateLoggedOn),
        (SessionState::LOGGED_OFF, wdk::IoSessionStateLoggedOff),
        (SessionState::TERMINATED, wdk::IoSessionStateTerminated),
    ];
    assert_eq!(states.len() + 1, usize::try_from(wdk::IoSessionStateMax).unwrap());
    for (ours, theirs) in states {
        assert_eq!(ours.0, theirs.cast_unsigned(), "{ours}");
    }
}

#[test]
fn rejections_have_the_status_and_error_codes_of_windows() {
    for (rejection, status, error) in [
        (
            Rejection::UnknownCode,
            win32::STATUS_INVALID_DEVICE_REQUEST,
            win32::ERROR_INVALID_FUNCTION,
        ),
        (Rejection::Truncated, win32::STATUS_INFO_LENGTH_MISMATCH, win32::ERROR_BAD_LENGTH),
        (Rejection::Oversized, win32::STATUS_INVALID_BUFFER_SIZE, win32::ERROR_INVALID_USER_BUFFER),
        (Rejection::Misaligned, win32::STATUS_DATATYPE_MISALIGNMENT_ERROR, win32::ERROR_NOACCESS),
        (
            Rejection::UnknownVersion,
            win32::STATUS_REVISION_MISMATCH,
            win32::ERROR_REVISION_MISMATCH,
        ),
        (Rejection::InvalidField, win32::STATUS_INVALID_PARAMETER, win32::ERROR_INVALID_PARAMETER),
        (
            Rejection::TooManyPendingReads,
            win32::STATUS_QUOTA_EXCEEDED,
            win32::ERROR_NOT_ENOUGH_QUOTA,
        ),
        (
            Rejection::OutputTooSmall { needed: 112 },
            win32::STATUS_BUFFER_TOO_SMALL,
            win32::ERROR_INSUFFICIENT_BUFFER,
        ),
    ] {
        assert_eq!(rejection.ntstatus(), status.cast_unsigned(), "{rejection}");
        assert_eq!(rejection.win32_error(), error, "{rejection}");
    }
}

#[test]
fn connect_information_has_the_metadatas_layout() {
    assert_eq!(size_of::<wdk::IO_SESSION_CONNECT_INFO>(), ConnectInfo::SIZE);
    assert_eq!(offset_of!(wdk::IO_SESSION_CONNECT_INFO, SessionId), 0);
    assert_eq!(offset_of!(wdk::IO_SESSION_CONNECT_INFO, LocalSession), 4);
    let info = ConnectInfo::from_bytes([0x78, 0x56, 0x34, 0x12, 1, 0xEE, 0xEE, 0xEE]);
    assert_eq!(info, ConnectInfo { session_id: 0x1234_5678, local_session: 1 });
    assert_eq!(wdk::IO_SESSION_MAX_PAYLOAD_SIZE.cast_unsigned(), ConnectInfo::MAXIMUM_PAYLOAD);
}

/// The driver asserts the same of its own bindings when it is compiled.
#[test]
fn the_structures_of_the_calls_have_the_layout_that_the_driver_asserts() {
    assert_eq!(size_of::<wdk::IO_SESSION_STATE_NOTIFICATION>(), 32);
    assert_eq!(offset_of!(wdk::IO_SESSION_STATE_NOTIFICATION, IoObject), 8);
    assert_eq!(offset_of!(wdk::IO_SESSION_STATE_NOTIFICATION, EventMask), 16);
    assert_eq!(offset_of!(wdk::IO_SESSION_STATE_NOTIFICATION, Context), 24);
    assert_eq!(wdk::IO_SESSION_STATE_ALL_EVENTS, u32::MAX);
    assert_eq!(size_of::<wdk::IO_SESSION_STATE_INFORMATION>(), 12);
    assert_eq!(offset_of!(wdk::IO_SESSION_STATE_INFORMATION, SessionState), 4);
    assert_eq!(offset_of!(wdk::IO_SESSION_STATE_INFORMATION, LocalSession), 8);
    assert_eq!((wdk::IoSessionStateNotification, wdk::IoSessionStateInformation), (0, 0));
}
