//! `WDFDEVICE`: a control device, its name, its link and its queues.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use kmdf_host_control::{DeviceReport, Rule};
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_DEVICE_REQUEST,
    STATUS_INVALID_SECURITY_DESCR, STATUS_SUCCESS,
};

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::context::Attributes;
use crate::framework::device_init::{self, DeviceInit, Name};
use crate::framework::file_object::FileObjects;
use crate::framework::objects::{self, Kind};
use crate::framework::open_files::OpenFiles;
use crate::framework::queue::Queue;
use crate::machine::io_manager::{self, WdmDevice};
use crate::machine::load::Load;
use crate::machine::nt::DriverObject;
use crate::machine::{memory, text};
use crate::watch::rules::violation;
use crate::watch::status::is_success;
use crate::watch::sync::lock;

/// A control device.
pub(crate) struct Device {
    wdm: WdmDevice,
    handle: OnceLock<Handle>,
    driver: Handle,
    init: DeviceInit,
    finished: AtomicBool,
    symbolic_link: Mutex<Option<String>>,
    default_queue: OnceLock<Arc<Queue>>,
    queues: Mutex<Vec<Arc<Queue>>>,
    files: OpenFiles,
}

static DEVICES: Mutex<Vec<Arc<Device>>> = Mutex::new(Vec::new());

impl Kind for Device {
    const NAME: &'static str = "WDFDEVICE";

    /// Stricter than Windows, which deletes an open device at its last close.
    fn quiesce(&self, call: &str, _handle: Handle) {
        if self.files.count() != 0 {
            violation(call, Rule::HandlesLeft, "the device is deleted while handles are open");
        }
    }

    fn dispose(&self) {
        self.withdraw_link();
        lock(&DEVICES).retain(|device| device.wdm != self.wdm);
        self.wdm.delete();
    }
}

impl Device {
    pub(crate) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    /// Deletes the link, so that programs no longer find the device.
    pub(crate) fn withdraw_link(&self) {
        if let Some(link) = lock(&self.symbolic_link).take() {
            io_manager::delete_symbolic_link(&link);
        }
    }

    pub(crate) fn default_queue(&self) -> Option<&Arc<Queue>> {
        self.default_queue.get()
    }

    /// Every queue, including the default one.
    pub(crate) fn queues(&self) -> Vec<Arc<Queue>> {
        lock(&self.queues).clone()
    }

    pub(crate) fn add_queue(&self, queue: Arc<Queue>, is_default: bool) {
        if is_default {
            self.default_queue.get_or_init(|| Arc::clone(&queue));
        }
        lock(&self.queues).push(queue);
    }

    pub(crate) fn remove_queue(&self, handle: Handle) {
        lock(&self.queues).retain(|queue| queue.handle() != handle);
    }

    /// The driver's configuration of file objects, if it set one.
    pub(crate) const fn file_objects(&self) -> Option<&FileObjects> {
        self.init.file_objects.as_ref()
    }

    /// The open files.
    pub(crate) const fn files(&self) -> &OpenFiles {
        &self.files
    }

    /// Opens a file; false when the device is exclusive and open.
    pub(crate) fn open(&self, load: &Arc<Load>, file: usize) -> bool {
        self.files.wait_until_free(file);
        if self.init.exclusive && self.files.count() != 0 {
            return false;
        }
        let device = self.handle.get().copied().unwrap_or(0);
        let object = self.file_objects().and_then(|files| files.create(load, device, file));
        self.files.insert(file, object);
        true
    }

    /// The device as the driver configured it.
    pub(crate) fn report(&self) -> DeviceReport {
        let name = match &self.init.name {
            Name::Given(name) => Some(name.clone()),
            Name::Generated | Name::Missing => None,
        };
        DeviceReport {
            name,
            symbolic_link: lock(&self.symbolic_link).clone(),
            sddl: self.init.sddl.clone(),
            device_type: self.init.device_type,
            characteristics: self.init.characteristics,
            io_type: self.init.io_type,
            exclusive: self.init.exclusive,
            finished: self.is_finished(),
            open_handles: u32::try_from(self.files.count()).unwrap_or(u32::MAX),
        }
    }
}

/// Every device of the driver.
pub(crate) fn all() -> Vec<Arc<Device>> {
    lock(&DEVICES).clone()
}

/// The device of a `DEVICE_OBJECT`.
pub(crate) fn find_wdm(address: usize) -> Option<Arc<Device>> {
    lock(&DEVICES).iter().find(|device| device.wdm.address() == address).cloned()
}

/// The device of a handle, if it is not deleted.
pub(crate) fn find(handle: Handle) -> Option<Arc<Device>> {
    lock(&DEVICES).iter().find(|device| device.handle.get() == Some(&handle)).cloned()
}

pub(crate) fn create(call: &Call, init: usize, attributes: usize, device_out: usize) -> NTSTATUS {
    let key = memory::read::<usize>(call.name, "*DeviceInit", init);
    let attributes = Attributes::read_without_parent(call, attributes);
    let driver = call.require_driver();
    let asked = device_init::get(call, key);
    let name = match &asked.name {
        Name::Generated => None,
        Name::Given(name) => Some(name.as_str()),
        Name::Missing => return STATUS_INVALID_SECURITY_DESCR,
    };
    let driver_object = call.load.driver_object as *mut DriverObject;
    let wdm = match WdmDevice::create(driver_object, name, asked.device_type, asked.characteristics)
    {
        Ok(wdm) => wdm,
        Err(status) => return status,
    };
    let device = Arc::new(Device {
        wdm,
        handle: OnceLock::new(),
        driver,
        init: asked,
        finished: AtomicBool::new(false),
        symbolic_link: Mutex::default(),
        default_queue: OnceLock::new(),
        queues: Mutex::default(),
        files: OpenFiles::default(),
    });
    let Some(handle) = objects::create(call, Arc::clone(&device), attributes, Some(driver)) else {
        wdm.delete();
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    device.handle.get_or_init(|| handle);
    lock(&DEVICES).push(device);
    device_init::take(call, key);
    memory::write(call.name, "*DeviceInit", init, 0_usize);
    memory::write(call.name, "Device", device_out, handle);
    STATUS_SUCCESS
}

pub(crate) fn create_symbolic_link(call: &Call, device: Handle, link: usize) -> NTSTATUS {
    let device = objects::resolve::<Device>(call.name, device);
    let link = text::required(call.name, "SymbolicLinkName", link);
    let Name::Given(name) = &device.init.name else {
        call.fail(Rule::BadArgument, "a link needs a device with a name");
    };
    let mut current = lock(&device.symbolic_link);
    if link.is_empty() || current.is_some() {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    let status = io_manager::create_symbolic_link(&link, name);
    if is_success(status) {
        *current = Some(link);
    }
    status
}

pub(crate) fn finish_initializing(call: &Call, device: Handle) {
    let device = objects::resolve::<Device>(call.name, device);
    device.wdm.finish_initializing();
    device.finished.store(true, Ordering::Release);
}

pub(crate) fn wdm_get_device_object(call: &Call, device: Handle) -> usize {
    objects::resolve::<Device>(call.name, device).wdm.address()
}

pub(crate) fn get_driver(call: &Call, device: Handle) -> Handle {
    objects::resolve::<Device>(call.name, device).driver
}
