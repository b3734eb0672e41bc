//! `WDFFILEOBJECT`: one for each open file, if the driver asked for them.
//!
//! `EvtDeviceFileCreate` is not implemented, because Wine lets every open succeed.

use std::sync::Arc;

use kmdf_host_control::Rule;

use crate::framework::abi::{FileObjectConfig, Handle};
use crate::framework::call::Call;
use crate::framework::context::Attributes;
use crate::framework::objects::{self, Kind};
use crate::machine::callback::Callback;
use crate::machine::load::Load;
use crate::machine::memory;

/// `WdfFileObjectNotRequired`.
const NOT_REQUIRED: u32 = 1;
/// `WdfFileObjectWdfCannotUseFsContexts`, the last value.
const CANNOT_USE_FS_CONTEXTS: u32 = 4;
/// `WdfFileObjectCanBeOptional`.
const CAN_BE_OPTIONAL: u32 = 0x8000_0000;
/// `WdfUseDefault`, the last value of a tri-state.
const USE_DEFAULT: u32 = 2;
/// `WdfSynchronizationScopeQueue`.
const SCOPE_QUEUE: u32 = 3;

/// The configuration of file objects: their callbacks and attributes.
#[derive(Clone)]
pub(crate) struct FileObjects {
    cleanup: Option<Callback>,
    close: Option<Callback>,
    attributes: Attributes,
    wanted: bool,
}

/// An open file.
pub(crate) struct FileObject {
    device: Handle,
    /// The address of the `FILE_OBJECT`.
    wdm: usize,
}

impl Kind for FileObject {
    const NAME: &'static str = "WDFFILEOBJECT";

    fn deletable(&self) -> bool {
        false
    }
}

impl FileObjects {
    /// Reads a configuration. Stricter than Windows: one that the framework silently ignores ends
    /// the run.
    pub(crate) fn read(call: &Call, config: usize, attributes: usize) -> Self {
        let config: FileObjectConfig = memory::read(call.name, "FileObjectConfig", config);
        call.check_size::<FileObjectConfig>("WDF_FILEOBJECT_CONFIG", config.size);
        let class = config.class & !CAN_BE_OPTIONAL;
        if !(NOT_REQUIRED..=CANNOT_USE_FS_CONTEXTS).contains(&class) {
            call.fail(Rule::BadArgument, format!("FileObjectClass {:#x}", config.class));
        }
        if config.auto_forward > USE_DEFAULT {
            call.fail(Rule::BadArgument, format!("AutoForward {}", config.auto_forward));
        }
        if config.device_file_create != 0 {
            call.fail(Rule::Unimplemented, "EvtDeviceFileCreate");
        }
        let attributes = Attributes::read_without_parent(call, attributes);
        if attributes.synchronization_scope == SCOPE_QUEUE {
            call.fail(Rule::BadArgument, "the scope of a file object is not a queue");
        }
        Self {
            cleanup: Callback::new("EvtFileCleanup", config.file_cleanup),
            close: Callback::new("EvtFileClose", config.file_close),
            attributes,
            wanted: class != NOT_REQUIRED,
        }
    }

    /// Makes the object of an open file. `None` if the driver wants no objects.
    pub(crate) fn create(&self, load: &Arc<Load>, device: Handle, wdm: usize) -> Option<Handle> {
        if !self.wanted {
            return None;
        }
        let call = Call { name: "IRP_MJ_CREATE", load: Arc::clone(load) };
        let body = Arc::new(FileObject { device, wdm });
        objects::create(&call, body, self.attributes.clone(), Some(device))
    }

    /// Calls `EvtFileCleanup`: the last handle is closed.
    pub(crate) fn clean_up(&self, load: &Load, object: Option<Handle>) {
        if let (Some(cleanup), Some(object)) = (self.cleanup, object) {
            cleanup.call(load, [object]);
        }
    }

    /// Calls `EvtFileClose` and deletes the object: every request of the file is completed.
    pub(crate) fn close(&self, load: &Load, object: Option<Handle>) {
        let Some(object) = object else { return };
        if let Some(close) = self.close {
            close.call(load, [object]);
        }
        objects::delete("IRP_MJ_CLOSE", load, object);
    }
}

pub(crate) fn get_device(call: &Call, object: Handle) -> Handle {
    objects::resolve::<FileObject>(call.name, object).device
}

pub(crate) fn wdm_get_file_object(call: &Call, object: Handle) -> usize {
    objects::resolve::<FileObject>(call.name, object).wdm
}
