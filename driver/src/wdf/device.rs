//! The control device: the only object of the driver with a name.

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

/// A control device that no program can open yet. Dropping it deletes it.
pub(crate) struct ControlDevice {
    device: WDFDEVICE,
}

impl ControlDevice {
    /// Creates the device, its symbolic link, its default queue, and the queue `pending`.
    /// `PASSIVE_LEVEL`.
    ///
    /// Requests are presented at `PASSIVE_LEVEL`, because a read copies up to the size of
    /// its caller's buffer, too much for `DISPATCH_LEVEL`. The framework adds
    /// `FILE_DEVICE_SECURE_OPEN`, so `security` (in SDDL) also protects names below the
    /// device's.
    pub(crate) fn create<C: Callbacks>(
        driver: &Driver<C>,
        name: &'static U16Str,
        link: &'static U16Str,
        security: &'static U16Str,
        pending: &PendingQueue,
    ) -> Result<Self, StartError> {
        let mut init = DeviceInit::allocate(driver, security)?;
        init.assign_name(name)?;
        init.request_file_objects();
        let device = init.create()?;
        device.link(link)?;
        pending.create::<C>(device.device)?;
        queue::create_default::<C>(device.device)?;
        Ok(device)
    }

    /// Lets programs open the device. From here on the framework owns it, and deletes it
    /// when the driver is unloaded. At most `DISPATCH_LEVEL`.
    pub(crate) fn open(self) {
        // SAFETY: the device exists and has its queues.
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
        // SAFETY: the device is alive and was never opened, so this value owns it.
        unsafe { call_unsafe_wdf_function_binding!(WdfObjectDelete, self.device.cast()) };
    }
}

/// The `WDFDEVICE_INIT` from which a device is created. Dropping it frees it.
struct DeviceInit {
    /// Null once the framework owns it.
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

    /// Requests a file object for each handle, which identifies the handle. There are no
    /// callbacks: the framework handles create and close.
    fn request_file_objects(&mut self) {
        let mut config = WDF_FILEOBJECT_CONFIG {
            Size: size_field::<WDF_FILEOBJECT_CONFIG>(),
            AutoForwardCleanupClose: WdfUseDefault,
            FileObjectClass: WdfFileObjectWdfCannotUseFsContexts,
            ..WDF_FILEOBJECT_CONFIG::default()
        };
        // SAFETY: the structure is ours, the configuration lives through the call, and null
        // attributes are allowed.
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
        // SAFETY: the structure is ours. If the call succeeds, the framework takes it over
        // and sets the pointer to null; otherwise it stays ours.
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
            // SAFETY: the structure is ours, because no device was created from it.
            unsafe { call_unsafe_wdf_function_binding!(WdfDeviceInitFree, self.init) };
        }
    }
}
