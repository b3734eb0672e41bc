//! The control device: the one object of the driver that has a name.

use wdk_sys::_WDF_EXECUTION_LEVEL::WdfExecutionLevelPassive;
use wdk_sys::_WDF_FILEOBJECT_CLASS::WdfFileObjectWdfCannotUseFsContexts;
use wdk_sys::_WDF_TRI_STATE::WdfUseDefault;
use wdk_sys::{
    PWDFDEVICE_INIT, WDF_FILEOBJECT_CONFIG, WDFDEVICE, call_unsafe_wdf_function_binding,
};
use widestring::U16Str;

use super::callbacks::Callbacks;
use super::context::{attributes, size_field};
use super::driver::Driver;
use super::queue::{self, PendingQueue};
use super::status::{Result, StartError, Status};
use super::string::unicode_string;

/// A control device that is not open to anybody yet; dropping it deletes it.
pub(crate) struct ControlDevice {
    device: WDFDEVICE,
}

impl ControlDevice {
    /// Makes the device, its symbolic link and its queues, of which `pending` is
    /// one. `PASSIVE_LEVEL`.
    ///
    /// Requests are buffered and handed over at `PASSIVE_LEVEL`: a read copies
    /// as much as its caller's buffer holds, which is no work for
    /// `DISPATCH_LEVEL`. The framework adds `FILE_DEVICE_SECURE_OPEN`, so that
    /// `security` (in SDDL) also guards names below the device's.
    pub(crate) fn create<C: Callbacks>(
        driver: &Driver<C>,
        name: &'static U16Str,
        link: &'static U16Str,
        security: &'static U16Str,
        pending: &PendingQueue,
    ) -> Result<Self, StartError> {
        let mut init = DeviceInit::allocate(driver, security)?;
        init.assign_name(name)?;
        init.tell_handles_apart();
        let device = init.create()?;
        device.link(link)?;
        pending.create::<C>(device.device)?;
        queue::create_default::<C>(device.device)?;
        Ok(device)
    }

    /// Lets callers open the device. From here on the framework owns it, and
    /// deletes it when the driver is unloaded. At most `DISPATCH_LEVEL`.
    pub(crate) fn open(self) {
        // SAFETY: the device is made and has its queue.
        unsafe { call_unsafe_wdf_function_binding!(WdfControlFinishInitializing, self.device) };
        core::mem::forget(self);
    }

    fn link(&self, link: &'static U16Str) -> Result<(), StartError> {
        let link = unicode_string(link);
        // SAFETY: the device is alive, and the string lives through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfDeviceCreateSymbolicLink,
                self.device,
                &raw const link,
            )
        };
        Status::check(status).map_err(|status| status.of_call("WdfDeviceCreateSymbolicLink"))
    }
}

impl Drop for ControlDevice {
    fn drop(&mut self) {
        // SAFETY: the device is alive, was never opened, and is ours to delete.
        unsafe { call_unsafe_wdf_function_binding!(WdfObjectDelete, self.device.cast()) };
    }
}

/// What a device is made from; dropping it frees it.
struct DeviceInit {
    /// Null once the framework has taken it over.
    init: PWDFDEVICE_INIT,
}

impl DeviceInit {
    fn allocate<C: Callbacks>(
        driver: &Driver<C>,
        security: &'static U16Str,
    ) -> Result<Self, StartError> {
        let security = unicode_string(security);
        // SAFETY: the driver object is alive, and the string lives through the call.
        let init = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfControlDeviceInitAllocate,
                driver.handle(),
                &raw const security,
            )
        };
        if init.is_null() {
            return Err(Status::INSUFFICIENT_RESOURCES.of_call("WdfControlDeviceInitAllocate"));
        }
        Ok(Self { init })
    }

    fn assign_name(&mut self, name: &'static U16Str) -> Result<(), StartError> {
        let name = unicode_string(name);
        // SAFETY: the structure is ours, and the string lives through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(WdfDeviceInitAssignName, self.init, &raw const name)
        };
        Status::check(status).map_err(|status| status.of_call("WdfDeviceInitAssignName"))
    }

    /// Asks for an object for each handle, without callbacks: opening and
    /// closing is the framework's.
    fn tell_handles_apart(&mut self) {
        let mut config = WDF_FILEOBJECT_CONFIG {
            Size: size_field::<WDF_FILEOBJECT_CONFIG>(),
            AutoForwardCleanupClose: WdfUseDefault,
            FileObjectClass: WdfFileObjectWdfCannotUseFsContexts,
            ..WDF_FILEOBJECT_CONFIG::default()
        };
        // SAFETY: the structure is ours, and the configuration lives through the
        // call; no attributes are wanted.
        unsafe {
            call_unsafe_wdf_function_binding!(
                WdfDeviceInitSetFileObjectConfig,
                self.init,
                &raw mut config,
                core::ptr::null_mut(),
            );
        }
    }

    fn create(mut self) -> Result<ControlDevice, StartError> {
        let mut attributes = attributes();
        attributes.ExecutionLevel = WdfExecutionLevelPassive;
        let mut device: WDFDEVICE = core::ptr::null_mut();
        // SAFETY: the structure is ours; the framework takes it over and sets the
        // pointer to null if it succeeds, and leaves it to us if not.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfDeviceCreate,
                &raw mut self.init,
                &raw mut attributes,
                &raw mut device,
            )
        };
        Status::check(status)
            .map(|()| ControlDevice { device })
            .map_err(|status| status.of_call("WdfDeviceCreate"))
    }
}

impl Drop for DeviceInit {
    fn drop(&mut self) {
        if !self.init.is_null() {
            // SAFETY: the structure is ours: no device was made from it.
            unsafe { call_unsafe_wdf_function_binding!(WdfDeviceInitFree, self.init) };
        }
    }
}
