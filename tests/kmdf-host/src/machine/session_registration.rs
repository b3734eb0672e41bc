//! Session notifications: `IoRegisterContainerNotification` and its counterpart.
//!
//! The statuses are those of the kernel. Stricter than Windows:
//! - An argument that the kernel ignores, or crashes on, ends the run.
//! - A registration that is left at unload ends the run. The kernel removes it.
//! - Driver and device objects can register, file objects cannot.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use kmdf_host_control::{Event, Rule};
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_ALREADY_COMMITTED, STATUS_INVALID_PARAMETER_1, STATUS_SUCCESS,
};
use zerocopy::FromBytes;

use crate::machine::callback::Callback;
use crate::machine::irql::{self, APC};
use crate::machine::{io_manager, load, memory};
use crate::watch::injection;
use crate::watch::rules::violation;
use crate::watch::sync::{lock, wait_until};

/// The time limit on running callbacks when a driver unregisters. Windows sets no limit.
const RUNDOWN_LIMIT: Duration = Duration::from_secs(30);
/// The bits of the six events that have one.
const KNOWN_EVENTS: u32 = 0x3F;
const FIRST: usize = 0x57D2_0000_0000;
const STEP: usize = 16;

/// `IO_SESSION_STATE_NOTIFICATION`.
#[derive(FromBytes)]
#[repr(C)]
struct SessionStateNotification {
    size: u32,
    flags: u32,
    io_object: usize,
    event_mask: u32,
    padding: u32,
    context: usize,
}

const _: () = assert!(size_of::<SessionStateNotification>() == 32);

/// One registration.
pub(crate) struct Registration {
    pub(crate) handle: usize,
    pub(crate) io_object: usize,
    pub(crate) context: usize,
    pub(crate) callback: Callback,
    event_mask: u32,
    calls: Mutex<Calls>,
    calls_changed: Condvar,
}

#[derive(Default)]
struct Calls {
    running: usize,
    ending: bool,
}

static NEXT: AtomicUsize = AtomicUsize::new(FIRST);
static REGISTRATIONS: Mutex<Vec<Arc<Registration>>> = Mutex::new(Vec::new());

impl Registration {
    /// True if the mask asks for the event. An event without a bit goes to a mask that has all
    /// unassigned bits set. Today's kernel sends no notification of event 0 (observed).
    /// The host sends one, because a driver must withstand it.
    fn wants(&self, event: Event) -> bool {
        match event.0 {
            number @ 1..=6 => self.event_mask & (1 << (number - 1)) != 0,
            _ => self.event_mask & !KNOWN_EVENTS == !KNOWN_EVENTS,
        }
    }

    /// Counts a call that begins. False when the registration is ending.
    fn begin(&self) -> bool {
        let mut calls = lock(&self.calls);
        if !calls.ending {
            calls.running += 1;
        }
        !calls.ending
    }

    /// Counts a call that has ended.
    pub(crate) fn end(&self) {
        lock(&self.calls).running -= 1;
        self.calls_changed.notify_all();
    }
}

/// The registrations whose mask asks for the event, in order. The call of each begins when the
/// iterator reaches it.
pub(crate) fn subscribers(event: Event) -> impl Iterator<Item = Arc<Registration>> {
    let registrations = lock(&REGISTRATIONS).clone();
    registrations
        .into_iter()
        .filter(move |registration| registration.wants(event) && registration.begin())
}

/// `IoRegisterContainerNotification`.
pub(crate) extern "system" fn register(
    class: u32,
    callback: usize,
    information: usize,
    length: u32,
    handle_out: usize,
) -> NTSTATUS {
    const CALL: &str = "IoRegisterContainerNotification";
    irql::require(CALL, APC);
    forbid_in_callback(CALL);
    if class != 0 {
        return STATUS_INVALID_PARAMETER_1;
    }
    let notification: SessionStateNotification =
        memory::read(CALL, "NotificationInformation", information);
    let expected = size_of::<SessionStateNotification>();
    for (what, size) in [("the length", length), ("Size", notification.size)] {
        if size as usize != expected {
            violation(CALL, Rule::WrongSize, format!("{what} is {size}, not {expected}"));
        }
    }
    if notification.flags != 0 {
        violation(CALL, Rule::BadArgument, format!("Flags is {:#x}", notification.flags));
    }
    let io_object = notification.io_object;
    check_io_object(CALL, io_object);
    let Some(callback) = Callback::new("IO_SESSION_NOTIFICATION_FUNCTION", callback) else {
        violation(CALL, Rule::NullPointer, "CallbackFunction is NULL");
    };
    if let Some(failed) = injection::failure(CALL) {
        return failed;
    }
    let registration = Arc::new(Registration {
        handle: NEXT.fetch_add(STEP, Ordering::Relaxed),
        io_object,
        context: notification.context,
        callback,
        event_mask: notification.event_mask,
        calls: Mutex::default(),
        calls_changed: Condvar::new(),
    });
    {
        let mut registrations = lock(&REGISTRATIONS);
        if registrations.iter().any(|other| other.io_object == io_object) {
            return STATUS_ALREADY_COMMITTED;
        }
        registrations.push(Arc::clone(&registration));
    }
    memory::write(CALL, "CallbackRegistration", handle_out, registration.handle);
    STATUS_SUCCESS
}

/// `IoUnregisterContainerNotification`.
pub(crate) extern "system" fn unregister(handle: usize) {
    const CALL: &str = "IoUnregisterContainerNotification";
    irql::require(CALL, APC);
    forbid_in_callback(CALL);
    let registration = {
        let mut registrations = lock(&REGISTRATIONS);
        let position = registrations.iter().position(|known| known.handle == handle);
        position.map(|position| registrations.remove(position))
    };
    let Some(registration) = registration else {
        violation(CALL, Rule::UnknownRegistration, format!("{handle:#x} is not a registration"));
    };
    lock(&registration.calls).ending = true;
    let idle = |calls: &Calls| calls.running == 0;
    if wait_until(&registration.calls, &registration.calls_changed, RUNDOWN_LIMIT, idle).is_none() {
        violation(CALL, Rule::WaitTooLong, "a callback of the registration does not return");
    }
}

/// The number of registrations that are not undone.
pub(crate) fn left() -> usize {
    lock(&REGISTRATIONS).len()
}

fn forbid_in_callback(call: &str) {
    if irql::in_session_callback() {
        violation(
            call,
            Rule::RegistrationInCallback,
            "called inside a session callback: a deadlock",
        );
    }
}

fn check_io_object(call: &str, io_object: usize) {
    if io_object == 0 {
        violation(call, Rule::NullPointer, "IoObject is NULL");
    }
    let load = load::require(call);
    if io_object != load.driver_object && !io_manager::is_device_of(load.driver_object, io_object) {
        violation(
            call,
            Rule::BadArgument,
            format!(
                "IoObject {io_object:#x} is neither the driver's DRIVER_OBJECT nor a device of it"
            ),
        );
    }
}
