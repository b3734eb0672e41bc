//! One load of a driver: from `WdfVersionBind` to `WdfVersionUnbind`.
//!
//! Laxer than Windows: the host carries one driver at a time; a second one is refused at its bind.

use std::mem::offset_of;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use kmdf_host_control::Rule;
use zerocopy::{FromZeros, IntoBytes};

use crate::abi::DriverGlobals;
use crate::counters::Counters;
use crate::guarded::Block;
use crate::image::Image;
use crate::memory;
use crate::nt::DriverObject;
use crate::objects::Handle;
use crate::rules::violation;
use crate::sync::lock;

/// What is known of the driver that is loaded.
pub(crate) struct Load {
    pub(crate) image: Image,
    /// `\Registry\Machine\...\Services\<name>`.
    pub(crate) registry_path: String,
    pub(crate) driver_object: usize,
    pub(crate) bind_info: usize,
    pub(crate) counters: Counters,
    globals: Block,
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, Default)]
struct Stage {
    driver: Handle,
    unloading: bool,
    unload_done: bool,
}

static CURRENT: Mutex<Option<Arc<Load>>> = Mutex::new(None);

impl Load {
    pub(crate) fn new(
        image: Image,
        registry_path: String,
        driver_object: usize,
        bind_info: usize,
    ) -> Option<Self> {
        let globals = Block::new(size_of::<DriverGlobals>(), 0)?;
        let counters = Counters::default();
        let stage = Mutex::default();
        Some(Self { image, registry_path, driver_object, bind_info, counters, globals, stage })
    }

    /// The address of the driver's `WDF_DRIVER_GLOBALS`.
    pub(crate) fn globals(&self) -> usize {
        self.globals.address()
    }

    /// The last part of the registry path.
    pub(crate) fn service_name(&self) -> &str {
        self.registry_path.rsplit('\\').next().unwrap_or_default()
    }

    /// The framework's driver object, or 0 before it is created.
    pub(crate) fn driver(&self) -> Handle {
        lock(&self.stage).driver
    }

    /// Fills in the globals as `WdfDriverCreate` does.
    pub(crate) fn set_driver(&self, driver: Handle, flags: u32, tag: u32, displace_unload: bool) {
        lock(&self.stage).driver = driver;
        let mut name = [0; 32];
        let service = self.service_name().as_bytes();
        name.iter_mut().take(31).zip(service).for_each(|(to, from)| *to = *from);
        let globals = DriverGlobals {
            driver,
            driver_flags: flags,
            driver_tag: tag,
            driver_name: name,
            displace_driver_unload: u8::from(displace_unload),
            padding: [0; 7],
        };
        self.globals.copy_in(globals.as_bytes());
    }

    /// Takes the driver out of the globals again.
    pub(crate) fn clear_driver(&self) {
        lock(&self.stage).driver = 0;
        self.globals.copy_in(DriverGlobals::new_zeroed().as_bytes());
    }

    pub(crate) fn begin_unload(&self) {
        lock(&self.stage).unloading = true;
    }

    pub(crate) fn end_unload(&self) {
        lock(&self.stage).unload_done = true;
    }

    pub(crate) fn is_unloading(&self) -> bool {
        lock(&self.stage).unloading
    }

    /// Whether the entry library has put its own unload routine over the framework's, which it does
    /// after `DriverEntry` succeeded.
    pub(crate) fn entry_is_over(&self) -> bool {
        let offset = offset_of!(DriverObject, driver_unload);
        let routine: usize =
            memory::read("DriverEntry", "the DRIVER_OBJECT", self.driver_object + offset);
        self.image.offset(routine).is_some()
    }

    /// Whether the framework's unload has run. A bind that ends without it had a `DriverEntry`
    /// that failed.
    pub(crate) fn unload_is_done(&self) -> bool {
        lock(&self.stage).unload_done
    }
}

/// Makes this the load that runs, unless there is one.
pub(crate) fn begin(load: Load) -> Option<Arc<Load>> {
    let mut current = lock(&CURRENT);
    if current.is_some() {
        return None;
    }
    let load = Arc::new(load);
    *current = Some(Arc::clone(&load));
    Some(load)
}

pub(crate) fn end() {
    *lock(&CURRENT) = None;
}

pub(crate) fn current() -> Option<Arc<Load>> {
    lock(&CURRENT).clone()
}

/// The load that runs; the driver calls, so there is one.
pub(crate) fn require(call: &str) -> Arc<Load> {
    current().unwrap_or_else(|| violation(call, Rule::WrongGlobals, "no driver is bound"))
}

/// The hash of the image that is loaded. Must not wait: it is asked for while the process ends.
pub(crate) fn image_sha256() -> Option<String> {
    let current = CURRENT.try_lock().map_or_else(
        |error| match error {
            TryLockError::Poisoned(poisoned) => PoisonError::into_inner(poisoned).clone(),
            TryLockError::WouldBlock => None,
        },
        |current| current.clone(),
    );
    current.map(|load| load.image.sha256.clone())
}
