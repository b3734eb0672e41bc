//! Data behind a framework spin lock.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use wdk::wdf::SpinLock;

use super::context::attributes;
use super::status::{Result, StartError, Status};

/// A value that only the holder of its spin lock can reach.
///
/// The lock object's parent is the driver object, which deletes it.
pub(crate) struct Locked<T> {
    lock: SpinLock,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through a guard only, the guard holds the spin
// lock, and a spin lock has one holder at a time, so the value moves between
// threads but is never shared. The framework's handle may be used on any thread.
unsafe impl<T: Send> Sync for Locked<T> {}

// SAFETY: as above; the handle belongs to no thread.
unsafe impl<T: Send> Send for Locked<T> {}

impl<T> Locked<T> {
    /// Makes the lock. At most `DISPATCH_LEVEL`, after the driver object exists.
    pub(crate) fn new(value: T) -> Result<Self, StartError> {
        let lock = SpinLock::try_new(&mut attributes())
            .map_err(|status| Status::of_failure(status).of_call("WdfSpinLockCreate"))?;
        Ok(Self { lock, value: UnsafeCell::new(value) })
    }

    /// Waits for the lock and holds it until the guard is dropped. Called at most
    /// at `DISPATCH_LEVEL`; the holder runs at `DISPATCH_LEVEL`, so it must be
    /// short, touch no paged memory and not take the lock again.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.lock.acquire();
        Guard { locked: self, on_this_thread: PhantomData }
    }
}

/// Holds the lock; dropping it gives the lock and the IRQL before it back.
pub(crate) struct Guard<'locked, T> {
    locked: &'locked Locked<T>,
    /// The framework demands that the thread that acquired the lock releases it.
    on_this_thread: PhantomData<*mut ()>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this guard holds the lock, so nobody else has a reference.
        unsafe { &*self.locked.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this guard holds the lock, so nobody else has a reference, and
        // it is borrowed mutably, so nobody has one through it.
        unsafe { &mut *self.locked.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.locked.lock.release();
    }
}
