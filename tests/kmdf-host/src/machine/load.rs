//! One load of a driver: from its bind to the end of its unload.
//!
//! Laxer than Windows: the host carries one driver at a time, and rejects the bind of a second one.

use std::mem::offset_of;
use std::sync::{Arc, Mutex};

use kmdf_host_control::Rule;

use crate::machine::image::Image;
use crate::machine::memory;
use crate::machine::nt::DriverObject;
use crate::watch::counters::Counters;
use crate::watch::rules::violation;
use crate::watch::sync::lock;
use crate::watch::verdict;

/// The driver that is loaded.
pub(crate) struct Load {
    pub(crate) image: Image,
    /// `\Registry\Machine\...\Services\<name>`.
    pub(crate) registry_path: String,
    pub(crate) driver_object: usize,
    pub(crate) counters: Counters,
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Unloading,
    Unloaded,
}

static CURRENT: Mutex<Option<Arc<Load>>> = Mutex::new(None);

impl Load {
    pub(crate) fn new(image: Image, registry_path: String, driver_object: usize) -> Self {
        let counters = Counters::default();
        Self { image, registry_path, driver_object, counters, stage: Mutex::new(Stage::Running) }
    }

    /// The last part of the registry path.
    pub(crate) fn service_name(&self) -> &str {
        self.registry_path.rsplit('\\').next().unwrap_or_default()
    }

    pub(crate) fn begin_unload(&self) {
        *lock(&self.stage) = Stage::Unloading;
    }

    pub(crate) fn end_unload(&self) {
        *lock(&self.stage) = Stage::Unloaded;
    }

    /// True once the unload has begun.
    pub(crate) fn is_unloading(&self) -> bool {
        *lock(&self.stage) != Stage::Running
    }

    /// True once the framework's unload has run. If a bind ends without it, `DriverEntry` failed.
    pub(crate) fn unload_is_done(&self) -> bool {
        *lock(&self.stage) == Stage::Unloaded
    }

    /// True once the entry library has replaced the framework's unload routine by its own. It does
    /// so after `DriverEntry` has succeeded.
    pub(crate) fn entry_is_over(&self) -> bool {
        let offset = offset_of!(DriverObject, driver_unload);
        let routine: usize =
            memory::read("DriverEntry", "the DRIVER_OBJECT", self.driver_object + offset);
        self.image.offset(routine).is_some()
    }
}

/// Makes this the current load, unless there is one.
pub(crate) fn begin(load: Load) -> Option<Arc<Load>> {
    let mut current = lock(&CURRENT);
    if current.is_some() {
        return None;
    }
    verdict::set_image(Some(load.image.sha256.clone()));
    let load = Arc::new(load);
    *current = Some(Arc::clone(&load));
    Some(load)
}

pub(crate) fn end() {
    *lock(&CURRENT) = None;
    verdict::set_image(None);
}

pub(crate) fn current() -> Option<Arc<Load>> {
    lock(&CURRENT).clone()
}

/// The current load. Ends the run if there is none, because then the caller is not bound.
pub(crate) fn require(call: &str) -> Arc<Load> {
    current().unwrap_or_else(|| violation(call, Rule::WrongGlobals, "no driver is bound"))
}
