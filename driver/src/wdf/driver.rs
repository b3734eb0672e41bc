//! The framework's driver object, and the service in its context.

use core::pin::Pin;

use wdk_sys::_WDF_DRIVER_INIT_FLAGS::WdfDriverInitNonPnpDriver;
use wdk_sys::{
    PCUNICODE_STRING, PDRIVER_OBJECT, WDF_DRIVER_CONFIG, WDFDRIVER, WDFOBJECT,
    call_unsafe_wdf_function_binding,
};

use super::context::{ContextType, Slot, attributes, size_field};
use super::registry::ParametersKey;
use super::status::{Result, StartError, Status};
use crate::service::Service;

/// The tag of what the framework allocates for this driver: `SWch` in a debugger.
const POOL_TAG: u32 = u32::from_le_bytes(*b"SWch");

static SERVICE: ContextType = ContextType::new::<Service>(c"sessionwatch::Service", &SERVICE);

/// The framework's driver object. The framework deletes it, after
/// [`Service::stop`] or when `DriverEntry` has failed, and the service with it.
pub(crate) struct Driver {
    driver: WDFDRIVER,
}

impl Driver {
    /// Makes the driver object, as a driver without devices of its own to drive.
    ///
    /// # Safety
    ///
    /// The arguments are those of `DriverEntry`, which calls this, once, at
    /// `PASSIVE_LEVEL`.
    pub(super) unsafe fn create(
        object: PDRIVER_OBJECT,
        path: PCUNICODE_STRING,
    ) -> Result<Self, StartError> {
        let mut attributes = attributes();
        attributes.ContextTypeInfo = SERVICE.as_ptr();
        attributes.EvtDestroyCallback = Some(destroyed);
        let mut config = WDF_DRIVER_CONFIG {
            Size: size_field::<WDF_DRIVER_CONFIG>(),
            EvtDriverUnload: Some(unload),
            DriverInitFlags: WdfDriverInitNonPnpDriver.cast_unsigned(),
            DriverPoolTag: POOL_TAG,
            ..WDF_DRIVER_CONFIG::default()
        };
        let mut driver: WDFDRIVER = core::ptr::null_mut();
        // SAFETY: object and path come from DriverEntry; the other pointers lead
        // to initialized variables that live through the call.
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
            .map(|()| Self { driver })
            .map_err(|status| status.of_call("WdfDriverCreate"))
    }

    /// Moves the service to where it stays until the driver object is destroyed.
    pub(crate) fn install(&self, service: Service) -> Result<Pin<&Service>, StartError> {
        const NO_PLACE: StartError =
            Status::INTERNAL_ERROR.of_call("WdfObjectGetTypedContextWorker");
        // SAFETY: the driver object lives as long as this value can be used.
        let slot = unsafe { slot(self.driver) }.ok_or(NO_PLACE)?;
        // SAFETY: DriverEntry is the only one to set it, and unload, which
        // empties it, does not run before DriverEntry has returned.
        let service = unsafe { slot.set(service) }.map_err(|_| NO_PLACE)?;
        // SAFETY: the slot's memory stays where it is, and `destroyed` drops the
        // value there.
        Ok(unsafe { Pin::new_unchecked(service) })
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

/// The service of a driver object, from its installation to its end.
///
/// # Safety
///
/// `driver` is the live driver object, and lives as long as `'service`.
pub(super) unsafe fn service<'service>(driver: WDFDRIVER) -> Option<&'service Service> {
    // SAFETY: passed on to the caller.
    unsafe { slot(driver) }.and_then(Slot::get)
}

/// # Safety
///
/// As for [`service`].
unsafe fn slot<'slot>(driver: WDFDRIVER) -> Option<&'slot Slot<Service>> {
    // SAFETY: the caller passes the live driver object; its context of the type
    // SERVICE is a slot of a service, and made nowhere else.
    unsafe { Slot::of(driver.cast(), &SERVICE) }
}

/// `EvtDriverUnload`. `PASSIVE_LEVEL`; every object is still alive.
extern "C" fn unload(driver: WDFDRIVER) {
    // SAFETY: the framework passes the driver object, alive through this call.
    if let Some(service) = unsafe { service(driver) } {
        service.stop();
    }
}

/// `EvtDestroyCallback` of the driver object: the last that is heard of it, when
/// device and queue are gone and no callback can come. `PASSIVE_LEVEL`.
extern "C" fn destroyed(driver: WDFOBJECT) {
    // SAFETY: the framework passes the driver object, whose context is still there.
    if let Some(slot) = unsafe { slot(driver.cast()) } {
        // SAFETY: all who had a reference, the callbacks, have ended.
        unsafe { slot.empty() };
    }
}
