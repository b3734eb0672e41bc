//! The driver's imports. A start with an unknown import fails.
//!
//! The host replaces each function that Wine lacks, or that has to be watched. The list [`PLAIN`]
//! names the functions that Wine implements well enough. Without this check, Wine starts a driver
//! whose imports it lacks, and raises an exception at their first call.

use kmdf_host_control::Rule;

use crate::machine::image::{Image, exported};
use crate::machine::{clock, debug, event_tracing, irql, pool, session_registration, sessions};
use crate::watch::rules::violation;

const CALL: &str = "WdfVersionBind";
const LOADER: &str = "WDFLDR.SYS";

/// The functions that need no watching, and that Wine implements well enough.
const PLAIN: &[&str] = &[
    "RtlCompareMemory",
    "RtlCopyUnicodeString",
    "RtlEqualUnicodeString",
    "RtlInitUnicodeString",
    "ZwClose",
    "ZwQuerySystemInformation",
    "__C_specific_handler",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "strlen",
    "wcslen",
];

/// The host's function for an import.
fn replacement(function: &str) -> Option<usize> {
    let address = match function {
        "DbgPrint" => debug::dbg_print as *const (),
        "EtwEventEnabled" | "EtwProviderEnabled" => event_tracing::is_enabled as *const (),
        "EtwRegister" => event_tracing::register as *const (),
        "EtwSetInformation" => event_tracing::set_information as *const (),
        "EtwUnregister" => event_tracing::unregister as *const (),
        "EtwWrite" => event_tracing::write as *const (),
        "EtwWriteTransfer" => event_tracing::write_transfer as *const (),
        "ExAllocatePool2" => pool::allocate_pool_2 as *const (),
        "ExFreePool" => pool::free_pool as *const (),
        "ExFreePoolWithTag" => pool::free_pool_with_tag as *const (),
        "IoGetContainerInformation" => sessions::get_container_information as *const (),
        "IoRegisterContainerNotification" => session_registration::register as *const (),
        "IoUnregisterContainerNotification" => session_registration::unregister as *const (),
        "KeBugCheckEx" => debug::bug_check as *const (),
        "KeGetCurrentIrql" => irql::get_current as *const (),
        "KeQueryInterruptTimePrecise" => clock::query_interrupt_time_precise as *const (),
        "KeQueryPerformanceCounter" => clock::query_performance_counter as *const (),
        "KeQuerySystemTimePrecise" => clock::query_system_time_precise as *const (),
        _ => return None,
    };
    Some(address as usize)
}

/// Resolves every import of the image. Ends the run if one is unknown.
pub(crate) fn resolve(image: &Image) {
    let mut unknown = Vec::new();
    for import in image.imports() {
        let resolved = if let Some(function) = replacement(&import.function) {
            import.slot.set(function)
        } else {
            let known = import.module.eq_ignore_ascii_case(LOADER)
                || PLAIN.contains(&import.function.as_str());
            let exported = exported(&import.module, &import.function);
            known && exported != 0 && import.slot.get() == exported
        };
        if !resolved {
            unknown.push(format!("{}!{}", import.module, import.function));
        }
    }
    if !unknown.is_empty() {
        violation(CALL, Rule::UnknownImport, unknown.join(", "));
    }
}
