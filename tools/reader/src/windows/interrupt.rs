//! Windows events. A thread uses one to end the requests of another thread.
#![expect(unsafe_code, reason = "the standard library has no events")]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::sync::Arc;
use std::time::Duration;
use std::{io, ptr};

use windows_sys::Win32::Foundation::{HANDLE, WAIT_FAILED, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, SetEvent, WaitForMultipleObjects, WaitForSingleObject,
};

/// Interrupts requests. Once the interrupt is set, every request of the devices that share it
/// fails as interrupted, including a pending one. Clones share the state.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<Event>);

impl Interrupt {
    /// An interrupt that is not set.
    ///
    /// # Errors
    ///
    /// If Windows cannot create an event.
    pub fn new() -> io::Result<Self> {
        Event::new().map(|event| Self(Arc::new(event)))
    }

    /// Sets the interrupt, which stays set.
    pub fn set(&self) {
        // The call fails only for a handle that is not an event.
        let _ = self.0.set();
    }

    /// True once the interrupt is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.is_set_within(Duration::ZERO)
    }

    /// Waits at most this long until the interrupt is set. Returns true if it is set.
    #[must_use]
    pub fn is_set_within(&self, time: Duration) -> bool {
        self.0.is_set_within(time)
    }

    pub(super) fn event(&self) -> &Event {
        &self.0
    }
}

/// A manual-reset event: once set, it stays set.
#[derive(Debug)]
pub(super) struct Event(OwnedHandle);

impl Event {
    /// An event that is not set.
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: the pointers to the attributes and the name are null.
        let handle = unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call above created the handle, and nothing else owns it.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    fn set(&self) -> io::Result<()> {
        // SAFETY: the handle is open as long as `self` lives.
        if unsafe { SetEvent(self.handle()) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    fn is_set_within(&self, time: Duration) -> bool {
        // `INFINITE` is the largest number, and no wait here is that long.
        let milliseconds = u32::try_from(time.as_millis()).unwrap_or(INFINITE);
        // SAFETY: the handle is open as long as `self` lives.
        unsafe { WaitForSingleObject(self.handle(), milliseconds) == WAIT_OBJECT_0 }
    }

    pub(super) fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }
}

/// Waits until one of the events is set, and returns its index: the lowest, if several are set.
pub(super) fn wait_for_any<const N: usize>(events: [&Event; N]) -> io::Result<usize> {
    let handles = events.map(Event::handle);
    let count = u32::try_from(N).map_err(io::Error::other)?;
    // SAFETY: the array has this number of handles, each open as long as its event lives.
    let ended = unsafe { WaitForMultipleObjects(count, handles.as_ptr(), 0, INFINITE) };
    if ended == WAIT_FAILED {
        return Err(io::Error::last_os_error());
    }
    usize::try_from(ended - WAIT_OBJECT_0).map_err(io::Error::other)
}
