//! The bind of a driver to the framework, and its end.

use std::mem::offset_of;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_DEVICE_BUSY, STATUS_INSUFFICIENT_RESOURCES, STATUS_SUCCESS,
};

use crate::framework::abi::{BindInfo, BindInfoExtension, FUNCTION_COUNT, STRUCTURE_COUNT};
use crate::framework::binding::{self, Globals};
use crate::framework::{table, unload};
use crate::machine::image::Image;
use crate::machine::io_manager::Routines;
use crate::machine::load::{self, Load};
use crate::machine::nt::{DispatchRoutine, DriverObject};
use crate::machine::{imports, memory, text};
use crate::watch::injection;
use crate::watch::rules::violation;

const COMPONENT: &str = "KmdfLibrary";
const MAJOR: u32 = 1;
const MINOR: u32 = 31;

/// `WdfVersionBind`: gives a driver the function table and its globals. `dispatch` becomes the
/// dispatch routine of its driver object.
pub(crate) fn bind(
    driver_object: usize,
    registry_path: usize,
    bind_info: usize,
    globals_out: usize,
    dispatch: DispatchRoutine,
) -> NTSTATUS {
    const CALL: &str = "WdfVersionBind";
    let info = read_bind_info(CALL, bind_info);
    let path = text::required(CALL, "RegistryPath", registry_path);
    let image = match Image::at(image_base(CALL, driver_object)) {
        Ok(image) => image,
        Err(error) => violation(CALL, Rule::HostFailure, error),
    };
    let Some(globals) = Globals::allocate() else { return STATUS_INSUFFICIENT_RESOURCES };
    let load = Load::new(image, path, driver_object);
    let Some(load) = load::begin(load) else { return STATUS_DEVICE_BUSY };
    let routines = Routines { dispatch, unload: unload::driver_unload };
    let binding = binding::begin(load, bind_info, routines, globals);
    injection::read_plan();
    imports::resolve(&binding.load.image);
    memory::write(CALL, "*FuncTable", info.function_table, table::address());
    if info.size as usize != size_of::<BindInfo>() {
        fill_extension(CALL, bind_info + size_of::<BindInfo>());
    }
    memory::write(CALL, "*ComponentGlobals", globals_out, binding.globals());
    STATUS_SUCCESS
}

/// `WdfVersionUnbind`: ends the bind, and with it the load.
pub(crate) fn unbind(registry_path: usize, bind_info: usize, globals: usize) -> NTSTATUS {
    const CALL: &str = "WdfVersionUnbind";
    let binding = binding::require(CALL);
    let path = text::required(CALL, "RegistryPath", registry_path);
    if bind_info != binding.bind_info || path != binding.load.registry_path {
        violation(CALL, Rule::BadBindInfo, "the arguments differ from those of the bind");
    }
    if globals != binding.globals() {
        violation(CALL, Rule::WrongGlobals, format!("got {globals:#x}"));
    }
    unload::end_of_load(&binding);
    STATUS_SUCCESS
}

fn read_bind_info(call: &str, address: usize) -> BindInfo {
    let info: BindInfo = memory::read(call, "BindInfo", address);
    let sizes = [size_of::<BindInfo>(), size_of::<BindInfo>() + size_of::<BindInfoExtension>()];
    if !sizes.contains(&(info.size as usize)) {
        violation(call, Rule::WrongSize, format!("WDF_BIND_INFO.Size is {}", info.size));
    }
    let component = memory::read_terminated::<u16>(call, "Component", info.component, 64);
    let component = String::from_utf16_lossy(&component);
    let fits = component == COMPONENT
        && (info.major, info.minor) == (MAJOR, MINOR)
        && info.function_count as usize == FUNCTION_COUNT;
    if !fits {
        violation(
            call,
            Rule::BadBindInfo,
            format!(
                "{component} {}.{} with {} functions; this is {COMPONENT} {MAJOR}.{MINOR} with \
                 {FUNCTION_COUNT}",
                info.major, info.minor, info.function_count
            ),
        );
    }
    info
}

fn fill_extension(call: &str, address: usize) {
    let extension: BindInfoExtension = memory::read(call, "BindInfo", address);
    memory::write_optional(call, "*ClientVersion...", extension.client_is_newer, 0_u8);
    let functions = u32::try_from(FUNCTION_COUNT).unwrap_or(0);
    memory::write_optional(call, "*FuncCountPtr", extension.function_count, functions);
    memory::write_optional(call, "*StructCountPtr", extension.structure_count, STRUCTURE_COUNT);
}

fn image_base(call: &str, driver_object: usize) -> usize {
    let offset = offset_of!(DriverObject, driver_start);
    memory::read(call, "DriverObject", driver_object.wrapping_add(offset))
}
