//! Session notifications of the I/O manager.
//!
//! Facts that shape this file, from the documentation page of each function. Facts that no
//! page promises are marked "observed".
//!
//! - `IoRegisterContainerNotification`: at most `APC_LEVEL`. The function copies the
//!   structure. An I/O object has at most one registration.
//! - `IO_SESSION_STATE_NOTIFICATION`: a registration with a driver object covers all
//!   sessions.
//! - `IO_SESSION_NOTIFICATION_FUNCTION`: at most `APC_LEVEL`.
//! - `IoUnregisterContainerNotification`: at most `APC_LEVEL`. It waits for running
//!   callbacks (observed). So a callback must not call it, and its caller must not hold a
//!   lock that a callback acquires.

use core::ffi::c_void;
use core::marker::PhantomPinned;
use core::mem::offset_of;
use core::pin::Pin;
use core::sync::atomic::{AtomicPtr, Ordering};

use wdk_sys::_IO_CONTAINER_NOTIFICATION_CLASS::IoSessionStateNotification;
use wdk_sys::ntddk::{IoRegisterContainerNotification, IoUnregisterContainerNotification};
use wdk_sys::{
    IO_SESSION_STATE_ALL_EVENTS, IO_SESSION_STATE_NOTIFICATION, NTSTATUS, PVOID, STATUS_SUCCESS,
    ULONG,
};

use super::callbacks::Callbacks;
use super::context::size_field;
use super::driver::Driver;
use super::session_call::SessionCall;
use super::status::{Result, StartError, Status};

// The bindings come from headers: the kit's on Windows, MinGW's elsewhere. A registration
// with another size than the kernel's, 32, fails (`IoRegisterContainerNotification`).
const _: () = {
    assert!(size_of::<IO_SESSION_STATE_NOTIFICATION>() == 32);
    assert!(offset_of!(IO_SESSION_STATE_NOTIFICATION, IoObject) == 8);
    assert!(offset_of!(IO_SESSION_STATE_NOTIFICATION, EventMask) == 16);
    assert!(offset_of!(IO_SESSION_STATE_NOTIFICATION, Context) == 24);
    assert!(IO_SESSION_STATE_ALL_EVENTS == u32::MAX);
};

type NotificationFunction =
    unsafe extern "C" fn(PVOID, PVOID, ULONG, PVOID, PVOID, ULONG) -> NTSTATUS;

/// The registration for the events of all sessions, or none yet.
///
/// # Invariants
///
/// While the handle is not null, the I/O manager calls [`notified`] with the registered
/// value. The handle becomes null before that value is dropped: the value owns the
/// registration, is pinned, and drops the registration first.
pub(crate) struct SessionRegistration {
    handle: AtomicPtr<c_void>,
    _pinned: PhantomPinned,
}

impl SessionRegistration {
    /// No registration.
    pub(crate) const fn none() -> Self {
        Self { handle: AtomicPtr::new(core::ptr::null_mut()), _pinned: PhantomPinned }
    }

    /// Registers `callbacks`, which owns this registration, for the mask's events of all
    /// sessions. The first notification may come before this returns. `PASSIVE_LEVEL`.
    pub(crate) fn register<C: Callbacks>(
        &self,
        driver: &Driver<C>,
        callbacks: Pin<&C>,
        event_mask: u32,
    ) -> Result<(), StartError> {
        let mut notification = IO_SESSION_STATE_NOTIFICATION {
            Size: size_field::<IO_SESSION_STATE_NOTIFICATION>(),
            IoObject: driver.object().cast(),
            EventMask: event_mask,
            Context: core::ptr::from_ref(callbacks.get_ref()).cast_mut().cast(),
            ..IO_SESSION_STATE_NOTIFICATION::default()
        };
        // SAFETY: the header declares the callback without its parameters. The kernel takes
        // the actual type from the notification class.
        let function = unsafe {
            core::mem::transmute::<NotificationFunction, unsafe extern "C" fn() -> NTSTATUS>(
                notified::<C>,
            )
        };
        let mut handle: PVOID = core::ptr::null_mut();
        // SAFETY: the structure is filled as documented, and the call copies it. The value
        // does not move until it is unregistered. Some headers declare the last argument as
        // PVOID, others as PVOID *; it is the address of the handle.
        let status = unsafe {
            IoRegisterContainerNotification(
                IoSessionStateNotification,
                Some(function),
                (&raw mut notification).cast(),
                size_field::<IO_SESSION_STATE_NOTIFICATION>(),
                (&raw mut handle).cast(),
            )
        };
        Status::check(status)
            .map_err(|status| status.of_call("IoRegisterContainerNotification"))?;
        self.handle.store(handle, Ordering::Release);
        Ok(())
    }

    /// True while registered.
    pub(crate) fn is_registered(&self) -> bool {
        !self.handle.load(Ordering::Acquire).is_null()
    }

    /// Unregisters, if registered. When this returns, no callback runs and none will.
    /// `PASSIVE_LEVEL`, with no lock held, not from a callback.
    pub(crate) fn unregister(&self) {
        let handle = self.handle.swap(core::ptr::null_mut(), Ordering::AcqRel);
        if !handle.is_null() {
            // SAFETY: the handle is a registration's, and the swap returns it to one caller
            // only.
            unsafe { IoUnregisterContainerNotification(handle) };
        }
    }
}

impl Drop for SessionRegistration {
    fn drop(&mut self) {
        self.unregister();
    }
}

/// `IO_SESSION_NOTIFICATION_FUNCTION`. At most `APC_LEVEL` (observed: `PASSIVE_LEVEL`, in a system
/// thread). The I/O manager ignores the returned status (observed).
unsafe extern "C" fn notified<C: Callbacks>(
    session: PVOID,
    _io_object: PVOID,
    event: ULONG,
    context: PVOID,
    payload: PVOID,
    payload_length: ULONG,
) -> NTSTATUS {
    let call = SessionCall { session, event, payload, payload_length };
    // SAFETY: the context is the registered value. It lives until it is unregistered, which
    // waits for this call (observed; the page promises only that the handle is invalid
    // afterwards).
    let callbacks: &C = unsafe { &*context.cast::<C>() };
    callbacks.session_changed(&call);
    STATUS_SUCCESS
}
