//! `WDFDEVICE_INIT`: the configuration of a control device before its creation.
//!
//! Stricter than Windows: values that the framework ignores or rejects end the run.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard};

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_INVALID_DEVICE_REQUEST, STATUS_SUCCESS};

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::driver::Driver;
use crate::framework::file_object::FileObjects;
use crate::framework::objects;
use crate::machine::nt::{FILE_DEVICE_SECURE_OPEN, FILE_DEVICE_UNKNOWN};
use crate::machine::security::is_sddl;
use crate::machine::text;
use crate::watch::sync::lock;

/// `WdfDeviceIoNeither..=WdfDeviceIoDirect`.
const IO_TYPES: std::ops::RangeInclusive<u32> = 1..=3;
const IO_TYPE_BUFFERED: u32 = 2;

/// The configuration so far.
#[derive(Clone)]
pub(crate) struct DeviceInit {
    pub(crate) name: Name,
    pub(crate) sddl: String,
    pub(crate) device_type: u32,
    pub(crate) characteristics: u32,
    pub(crate) io_type: u32,
    pub(crate) exclusive: bool,
    pub(crate) file_objects: Option<FileObjects>,
}

/// The name of a device.
#[derive(Clone)]
pub(crate) enum Name {
    /// The I/O manager generates one.
    Generated,
    Given(String),
    /// The driver removed the generated one.
    Missing,
}

type Table = HashMap<usize, DeviceInit>;

const FIRST: usize = 0x57D1_0000_0000;
const STEP: usize = 16;

static NEXT: AtomicUsize = AtomicUsize::new(FIRST);
static INITS: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

/// Allocates an init. Returns NULL for a descriptor that cannot be parsed, as the framework does.
pub(crate) fn allocate(call: &Call, driver: Handle, sddl: usize) -> usize {
    objects::resolve::<Driver>(call.name, driver);
    let sddl = text::required(call.name, "SDDLString", sddl);
    if !is_sddl(&sddl) {
        return 0;
    }
    let init = DeviceInit {
        name: Name::Generated,
        sddl,
        device_type: FILE_DEVICE_UNKNOWN,
        characteristics: FILE_DEVICE_SECURE_OPEN,
        io_type: IO_TYPE_BUFFERED,
        exclusive: false,
        file_objects: None,
    };
    let key = NEXT.fetch_add(STEP, Ordering::Relaxed);
    lock(&INITS).insert(key, init);
    key
}

pub(crate) fn assign_name(call: &Call, key: usize, name: usize) -> NTSTATUS {
    let name = text::read(call.name, "DeviceName", name).map_or(Name::Missing, Name::Given);
    change(call, key, |init| init.name = name);
    STATUS_SUCCESS
}

pub(crate) fn assign_sddl(call: &Call, key: usize, sddl: usize) -> NTSTATUS {
    let Some(sddl) = text::read(call.name, "SDDLString", sddl) else {
        drop(require(call, key));
        return STATUS_INVALID_DEVICE_REQUEST;
    };
    if !is_sddl(&sddl) {
        call.fail(Rule::BadArgument, format!("not a security descriptor: {sddl}"));
    }
    change(call, key, |init| init.sddl = sddl);
    STATUS_SUCCESS
}

pub(crate) fn set_io_type(call: &Call, key: usize, io_type: u32) {
    if !IO_TYPES.contains(&io_type) {
        call.fail(Rule::BadArgument, format!("I/O type {io_type}"));
    }
    change(call, key, |init| init.io_type = io_type);
}

pub(crate) fn set_device_type(call: &Call, key: usize, device_type: u32) {
    change(call, key, |init| init.device_type = device_type);
}

/// The framework keeps `FILE_DEVICE_SECURE_OPEN` in any case.
pub(crate) fn set_characteristics(call: &Call, key: usize, characteristics: u32, or_in: u8) {
    change(call, key, |init| {
        let kept = if or_in == 0 { FILE_DEVICE_SECURE_OPEN } else { init.characteristics };
        init.characteristics = kept | characteristics;
    });
}

pub(crate) fn set_exclusive(call: &Call, key: usize, exclusive: u8) {
    change(call, key, |init| init.exclusive = exclusive != 0);
}

pub(crate) fn set_file_object_config(call: &Call, key: usize, config: usize, attributes: usize) {
    let file_objects = FileObjects::read(call, config, attributes);
    change(call, key, |init| init.file_objects = Some(file_objects));
}

/// A copy of the configuration.
pub(crate) fn get(call: &Call, key: usize) -> DeviceInit {
    let inits = require(call, key);
    inits.get(&key).cloned().unwrap_or_else(|| call.fail(Rule::HostFailure, "lost an init"))
}

/// Ends an init, because the driver frees it or creates a device from it.
pub(crate) fn take(call: &Call, key: usize) {
    require(call, key).remove(&key);
}

/// The number of inits that are neither used nor freed.
pub(crate) fn left() -> usize {
    lock(&INITS).len()
}

fn change(call: &Call, key: usize, change: impl FnOnce(&mut DeviceInit)) {
    if let Some(init) = require(call, key).get_mut(&key) {
        change(init);
    }
}

fn require(call: &Call, key: usize) -> MutexGuard<'static, Table> {
    let inits = lock(&INITS);
    if key == 0 {
        call.fail(Rule::NullPointer, "DeviceInit is NULL");
    }
    if !inits.contains_key(&key) {
        let issued = FIRST..NEXT.load(Ordering::Relaxed);
        let rule = if issued.contains(&key) { Rule::StaleDeviceInit } else { Rule::BadPointer };
        call.fail(rule, format!("{key:#x} is not a live WDFDEVICE_INIT"));
    }
    inits
}
