//! `WDFDRIVER`: the driver that is loaded.

use std::sync::Arc;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_SUCCESS};

use crate::framework::abi::{DriverConfig, Handle};
use crate::framework::binding;
use crate::framework::call::Call;
use crate::framework::context::Attributes;
use crate::framework::objects::{self, Kind};
use crate::machine::callback::Callback;
use crate::machine::{memory, text};

const NON_PNP_DRIVER: u32 = 1;
const NO_DISPATCH_OVERRIDE: u32 = 2;

pub(crate) struct Driver {
    pub(crate) unload: Option<Callback>,
}

impl Kind for Driver {
    const NAME: &'static str = "WDFDRIVER";

    fn deletable(&self) -> bool {
        false
    }
}

/// Creates the driver. Stricter than Windows: it must be a non-PnP driver that leaves its dispatch
/// table to the framework.
pub(crate) fn create(
    call: &Call,
    driver_object: usize,
    registry_path: usize,
    attributes: usize,
    config: usize,
    driver_out: usize,
) -> NTSTATUS {
    if driver_object != call.load.driver_object {
        call.fail(Rule::BadArgument, "this is not the DRIVER_OBJECT the image was started with");
    }
    let path = text::required(call.name, "RegistryPath", registry_path);
    if path != call.load.registry_path {
        call.fail(Rule::BadArgument, format!("the registry path is {path}"));
    }
    let config: DriverConfig = memory::read(call.name, "DriverConfig", config);
    call.check_size::<DriverConfig>("WDF_DRIVER_CONFIG", config.size);
    if config.init_flags & !NO_DISPATCH_OVERRIDE != NON_PNP_DRIVER {
        call.fail(Rule::BadArgument, format!("DriverInitFlags {:#x}", config.init_flags));
    }
    if config.init_flags & NO_DISPATCH_OVERRIDE != 0 {
        call.fail(Rule::Unimplemented, "WdfDriverInitNoDispatchOverride");
    }
    if config.device_add != 0 {
        call.fail(Rule::BadArgument, "a non-PnP driver has no EvtDriverDeviceAdd");
    }
    let binding = binding::require(call.name);
    if binding.driver() != 0 {
        call.fail(Rule::SecondDriver, "the driver object exists");
    }
    let attributes = Attributes::read_without_parent(call, attributes);
    let unload = Callback::new("EvtDriverUnload", config.unload);
    let driver = Arc::new(Driver { unload });
    let Some(handle) = objects::create(call, driver, attributes, None) else {
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    let tag = match config.pool_tag {
        0 => default_tag(call.load.service_name()),
        tag => tag,
    };
    binding.set_driver(handle, config.init_flags, tag, unload.is_some());
    binding.routines.install(driver_object, unload.is_some());
    memory::write_optional(call.name, "Driver", driver_out, handle);
    STATUS_SUCCESS
}

pub(crate) fn wdm_get_driver_object(call: &Call, driver: Handle) -> usize {
    objects::resolve::<Driver>(call.name, driver);
    call.load.driver_object
}

/// The default pool tag: the first four characters of the name, without a leading `wdf`.
fn default_tag(service: &str) -> u32 {
    let name = service.as_bytes();
    let name = match name {
        [w, d, f, rest @ ..] if [w, d, f].map(u8::to_ascii_lowercase) == *b"wdf" => rest,
        _ => name,
    };
    let mut tag = [b' '; 4];
    tag.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
    u32::from_le_bytes(tag)
}
