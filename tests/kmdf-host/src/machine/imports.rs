//! The driver's imports: each is known, or the start fails.
//!
//! A function that Wine lacks, or that has to be watched, is replaced by one of the host's. The
//! others must be on the list of those that Wine implements well enough. Wine itself would
//! start a driver with imports it lacks, and raise an exception at their first call.

use kmdf_host_control::Rule;

use crate::machine::image::{Image, exported};
use crate::machine::{clock, debug, event_tracing, irql, pool, session_registration, sessions};
use crate::watch::rules::violation;

const CALL: &str = "WdfVersionBind";
const LOADER: &str = "WDFLDR.SYS";

/// What Wine's own export does is good enough, and needs no watching.
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

/// Replaces what has to be replaced; ends the run if something is left unresolved.
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
