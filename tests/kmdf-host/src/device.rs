//! `WDFDEVICE`: a control device, its name, its link and its open handles.

use std::{
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use kmdf_host_control::{DeviceReport, Rule};

use crate::{
    call::Call,
    context::Attributes,
    device_init::{self, DeviceInit, Name},
    memory,
    nt::{
        self, DriverObject, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_DEVICE_REQUEST,
        STATUS_INVALID_SECURITY_DESCR, STATUS_SUCCESS, Status, WdmDevice, is_success,
    },
    objects::{self, Handle, Kind},
    queue::Queue,
    rules::violation,
    sync::{lock, wait_until},
    text,
};

/// A control device.
pub(crate) struct Device {
    wdm: WdmDevice,
    driver: Handle,
    init: DeviceInit,
    finished: AtomicBool,
    symbolic_link: Mutex<Option<String>>,
    default_queue: OnceLock<Arc<Queue>>,
    files: Mutex<Files>,
    files_changed: Condvar,
}

/// For each open file, how many requests are on their way.
#[derive(Default)]
struct Files(HashMap<usize, usize>);

static DEVICES: Mutex<Vec<Arc<Device>>> = Mutex::new(Vec::new());

impl Kind for Device {
    const NAME: &'static str = "WDFDEVICE";

    /// Laxer than Windows: there, a device that is deleted while open goes away at the last close.
    fn quiesce(&self, call: &str, _handle: Handle) {
        if self.open_handles() != 0 {
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

    /// Takes the link away, so that nobody finds the device any more.
    pub(crate) fn withdraw_link(&self) {
        if let Some(link) = lock(&self.symbolic_link).take() {
            nt::delete_symbolic_link(&link);
        }
    }

    pub(crate) fn default_queue(&self) -> Option<&Arc<Queue>> {
        self.default_queue.get()
    }

    /// Makes a queue the default one; false if there is one.
    pub(crate) fn set_default_queue(&self, queue: Arc<Queue>) -> bool {
        self.default_queue.set(queue).is_ok()
    }

    /// Notes an open handle; false when the device is exclusive and open.
    pub(crate) fn open(&self, file: usize) -> bool {
        let mut files = lock(&self.files);
        if self.init.exclusive && !files.0.is_empty() {
            return false;
        }
        files.0.insert(file, 0);
        true
    }

    pub(crate) fn close(&self, file: usize) {
        lock(&self.files).0.remove(&file);
        self.files_changed.notify_all();
    }

    /// Notes a request that is on its way; false for a file whose open was refused.
    pub(crate) fn request_arrived(&self, file: usize) -> bool {
        let mut files = lock(&self.files);
        let count = files.0.get_mut(&file);
        count.map(|count| *count += 1).is_some()
    }

    pub(crate) fn request_completed(&self, file: usize) {
        if let Some(count) = lock(&self.files).0.get_mut(&file) {
            *count = count.saturating_sub(1);
        }
        self.files_changed.notify_all();
    }

    /// Waits until no request of the file is on its way.
    pub(crate) fn wait_for_requests(&self, file: usize, limit: Duration) -> bool {
        wait_until(&self.files, &self.files_changed, limit, |files| {
            files.0.get(&file).is_none_or(|count| *count == 0)
        })
        .is_some()
    }

    /// Waits until no handle is open.
    pub(crate) fn wait_for_handles(&self, limit: Duration) -> bool {
        wait_until(&self.files, &self.files_changed, limit, |files| files.0.is_empty()).is_some()
    }

    fn open_handles(&self) -> usize {
        lock(&self.files).0.len()
    }

    /// What the driver asked for.
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
            open_handles: u32::try_from(self.open_handles()).unwrap_or(u32::MAX),
        }
    }
}

/// The devices of the driver.
pub(crate) fn all() -> Vec<Arc<Device>> {
    lock(&DEVICES).clone()
}

/// The device of a `DEVICE_OBJECT`.
pub(crate) fn find_wdm(address: usize) -> Option<Arc<Device>> {
    lock(&DEVICES).iter().find(|device| device.wdm.0 == address).cloned()
}

pub(crate) fn create(call: &Call, init: usize, attributes: usize, device_out: usize) -> Status {
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
        driver,
        init: asked,
        finished: AtomicBool::new(false),
        symbolic_link: Mutex::default(),
        default_queue: OnceLock::new(),
        files: Mutex::default(),
        files_changed: Condvar::new(),
    });
    let Some(handle) = objects::create(call, Arc::clone(&device), attributes, Some(driver)) else {
        wdm.delete();
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    lock(&DEVICES).push(device);
    device_init::take(call, key);
    memory::write(call.name, "*DeviceInit", init, 0_usize);
    memory::write(call.name, "Device", device_out, handle);
    STATUS_SUCCESS
}

pub(crate) fn create_symbolic_link(call: &Call, device: Handle, link: usize) -> Status {
    let device = objects::resolve::<Device>(call.name, device);
    let link = text::required(call.name, "SymbolicLinkName", link);
    let Name::Given(name) = &device.init.name else {
        call.fail(Rule::BadArgument, "a link needs a device with a name");
    };
    let mut current = lock(&device.symbolic_link);
    if link.is_empty() || current.is_some() {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    let status = nt::create_symbolic_link(&link, name);
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
    objects::resolve::<Device>(call.name, device).wdm.0
}

pub(crate) fn get_driver(call: &Call, device: Handle) -> Handle {
    objects::resolve::<Device>(call.name, device).driver
}
