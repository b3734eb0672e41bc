//! The framework's driver object, with the driver's value in its context.

use core::marker::PhantomData;
use core::pin::Pin;

use wdk_sys::_WDF_DRIVER_INIT_FLAGS::WdfDriverInitNonPnpDriver;
use wdk_sys::{
    PCUNICODE_STRING, PDRIVER_OBJECT, WDF_DRIVER_CONFIG, WDFDRIVER, WDFOBJECT,
    call_unsafe_wdf_function_binding,
};

use super::context::{ContextType, Slot, attributes, size_field};
use super::registry::ParametersKey;
use super::status::{Result, StartError, Status};

/// The pool tag of the framework's allocations for this driver: `SWch` in a debugger.
const POOL_TAG: u32 = u32::from_le_bytes(*b"SWch");

/// The driver's own value. It lives in the context of the framework's driver object, from
/// [`Driver::install`] until the object is destroyed, and is shared by all threads.
pub(crate) trait DriverValue: Sync + Sized + 'static {
    /// The framework's description of the value's context in the driver object.
    fn context_type() -> &'static ContextType<Self>;

    /// The driver is being unloaded; every object is still alive. `PASSIVE_LEVEL`.
    fn unload(&self);
}

/// The framework's driver object. The framework deletes it, and the value with it, after
/// [`DriverValue::unload`] or when `DriverEntry` has failed.
pub(crate) struct Driver<C> {
    driver: WDFDRIVER,
    callbacks: PhantomData<C>,
}

impl<C: DriverValue> Driver<C> {
    /// Creates the driver object of a non-PnP driver. `PASSIVE_LEVEL`.
    ///
    /// # Safety
    ///
    /// `DriverEntry` calls this, once, with its arguments.
    pub(super) unsafe fn create(
        object: PDRIVER_OBJECT,
        path: PCUNICODE_STRING,
    ) -> Result<Self, StartError> {
        let mut attributes = attributes();
        attributes.ContextTypeInfo = C::context_type().as_ptr();
        attributes.EvtDestroyCallback = Some(destroyed::<C>);
        let mut config = WDF_DRIVER_CONFIG {
            Size: size_field::<WDF_DRIVER_CONFIG>(),
            EvtDriverUnload: Some(unload::<C>),
            DriverInitFlags: WdfDriverInitNonPnpDriver.cast_unsigned(),
            DriverPoolTag: POOL_TAG,
            ..WDF_DRIVER_CONFIG::default()
        };
        let mut driver: WDFDRIVER = core::ptr::null_mut();
        // SAFETY: object and path come from DriverEntry. The other pointers lead to
        // initialized variables that live through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfDriverCreate,
                object,
                path,
                &raw mut attributes,
                &raw mut config,
                &raw mut driver,
            )
        };
        Status::check(status)
            .map(|()| Self { driver, callbacks: PhantomData })
            .map_err(|status| status.of_call("WdfDriverCreate"))
    }

    /// Moves the value into the driver object's context, where it stays until the object is
    /// destroyed.
    pub(crate) fn install(&self, value: C) -> Result<Pin<&C>, StartError> {
        const NO_CONTEXT: StartError =
            Status::INTERNAL_ERROR.of_call("WdfObjectGetTypedContextWorker");
        // SAFETY: the driver object outlives the returned reference.
        let slot = unsafe { slot::<C>(self.driver) }.ok_or(NO_CONTEXT)?;
        // SAFETY: only DriverEntry sets the slot. Only `destroyed` empties it, and the
        // driver object is not destroyed while DriverEntry runs.
        let value = unsafe { slot.set(value) }.map_err(|_| NO_CONTEXT)?;
        // SAFETY: the slot's memory does not move, and `destroyed` drops the value in place.
        Ok(unsafe { Pin::new_unchecked(value) })
    }

    /// Opens the service's `Parameters` key. `PASSIVE_LEVEL`.
    pub(crate) fn parameters(&self) -> Result<ParametersKey> {
        // SAFETY: the handle is that of the live driver object.
        unsafe { ParametersKey::open(self.driver) }
    }

    /// The I/O manager's object. At most `DISPATCH_LEVEL`.
    pub(super) fn object(&self) -> PDRIVER_OBJECT {
        // SAFETY: the handle is that of the live driver object.
        unsafe { call_unsafe_wdf_function_binding!(WdfDriverWdmGetDriverObject, self.driver) }
    }

    pub(super) const fn handle(&self) -> WDFDRIVER {
        self.driver
    }
}

/// The value of a driver object, while one is installed.
///
/// # Safety
///
/// `driver` is the live driver object that [`Driver::<C>::create`] made, and outlives
/// `'value`.
pub(super) unsafe fn value_of<'value, C: DriverValue>(driver: WDFDRIVER) -> Option<&'value C> {
    // SAFETY: the caller has the same obligation.
    unsafe { slot(driver) }.and_then(Slot::get)
}

/// # Safety
///
/// As for [`value_of`].
unsafe fn slot<'slot, C: DriverValue>(driver: WDFDRIVER) -> Option<&'slot Slot<C>> {
    // SAFETY: the caller passes the live driver object.
    unsafe { Slot::of(driver.cast(), C::context_type()) }
}

/// `EvtDriverUnload`. `PASSIVE_LEVEL`; every object is still alive.
extern "C" fn unload<C: DriverValue>(driver: WDFDRIVER) {
    // SAFETY: the framework passes the driver object, alive through this call.
    if let Some(value) = unsafe { value_of::<C>(driver) } {
        value.unload();
    }
}

/// `EvtDestroyCallback` of the driver object: the last callback, after device and queues are
/// deleted. `PASSIVE_LEVEL`.
extern "C" fn destroyed<C: DriverValue>(driver: WDFOBJECT) {
    // SAFETY: the framework passes the driver object, whose context is still valid.
    if let Some(slot) = unsafe { slot::<C>(driver.cast()) } {
        // SAFETY: every callback that had a reference has ended.
        unsafe { slot.empty() };
    }
}
