//! One session notification: its parameters, read as far as they are sound.
//!
//! Facts that shape this file, each from its documentation page:
//!
//! - `IO_SESSION_NOTIFICATION_FUNCTION`: the page does not say how long the session object is
//!   valid, so it is used during the call only.
//! - `IoGetContainerInformation`: at most `APC_LEVEL`.

use core::mem::offset_of;

use sessionwatch_journal::{ConnectInfo, Information, Payload};
use wdk_sys::_IO_CONTAINER_INFORMATION_CLASS::IoSessionStateInformation;
use wdk_sys::ntddk::IoGetContainerInformation;
use wdk_sys::{IO_SESSION_STATE_INFORMATION, NT_SUCCESS, PVOID};

use super::context::size_field;

// The bindings come from headers: the kit's on Windows, MinGW's elsewhere.
const _: () = {
    assert!(size_of::<IO_SESSION_STATE_INFORMATION>() == 12);
    assert!(offset_of!(IO_SESSION_STATE_INFORMATION, SessionState) == 4);
    assert!(offset_of!(IO_SESSION_STATE_INFORMATION, LocalSession) == 8);
};

/// One call of the notification callback.
pub(crate) struct SessionCall {
    pub(super) session: PVOID,
    pub(super) event: u32,
    pub(super) payload: PVOID,
    pub(super) payload_length: u32,
}

impl SessionCall {
    /// The event code, unchecked.
    pub(crate) const fn event(&self) -> u32 {
        self.event
    }

    /// The payload, read if its pointer and length are sound. The memory may be paged: at
    /// most `APC_LEVEL`.
    pub(crate) fn payload(&self) -> Payload {
        Payload::from_notification(self.event, self.payload.is_null(), self.payload_length, || {
            // SAFETY: `from_notification` calls this only if the pointer is not null and the
            // length is at least the array's. The read assumes no alignment.
            unsafe { self.payload.cast::<[u8; ConnectInfo::SIZE]>().read_unaligned() }
        })
    }

    /// The kernel's information on the session. Inside the callback it has the state after
    /// the event (observed). At most `APC_LEVEL`.
    pub(crate) fn information(&self) -> Option<Information> {
        // The parameter is optional in the header, so the kernel might take null as another
        // session than the event's.
        if self.session.is_null() {
            return None;
        }
        let mut information = IO_SESSION_STATE_INFORMATION::default();
        // SAFETY: the session object is valid during the callback, and this value does not
        // outlive the callback. The structure has the given length.
        let status = unsafe {
            IoGetContainerInformation(
                IoSessionStateInformation,
                self.session,
                (&raw mut information).cast(),
                size_field::<IO_SESSION_STATE_INFORMATION>(),
            )
        };
        NT_SUCCESS(status).then(|| Information {
            session_id: information.SessionId,
            state: information.SessionState.cast_unsigned(),
            local_session: information.LocalSession,
        })
    }
}
