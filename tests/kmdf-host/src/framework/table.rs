//! The function table of KMDF 1.31, which has 458 entries.
//!
//! An entry that is implemented has its index, name, highest IRQL and prototype here. A call to any
//! other entry ends the run with its index, and with its name where known. Every argument that is a
//! pointer or a handle for the driver is an integer here.

use std::sync::LazyLock;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::NTSTATUS;

use crate::framework::abi::FUNCTION_COUNT;
use crate::framework::call::Call;
use crate::framework::{
    device, device_init, driver, file_object, object_calls, queue_calls, registry_key,
    request_calls, spin_lock, verifier,
};
use crate::machine::irql::{DISPATCH, PASSIVE};
use crate::watch::injection;
use crate::watch::rules::violation;

/// No limit: the call is allowed at device IRQL too.
const ANY: u8 = DISPATCH + 1;

/// The address of the table.
pub(crate) fn address() -> usize {
    static TABLE: LazyLock<[usize; FUNCTION_COUNT]> = LazyLock::new(build);
    TABLE.as_ptr() as usize
}

macro_rules! framework {
    ($($index:literal $name:ident [$highest:ident]
        ($($argument:ident: $type:ty),*) $(-> $result:ty)? = $body:path;)+) => {
        fn build() -> [usize; FUNCTION_COUNT] {
            let mut table = traps();
            $({
                extern "system" fn entry(globals: usize, $($argument: $type),*) $(-> $result)? {
                    let call = Call::enter(stringify!($name), $highest, globals);
                    injection::failure(call.name).unwrap_or_else(|| $body(&call, $($argument),*))
                }
                table[$index] = entry as *const () as usize;
            })+
            table
        }
    };
}

framework! {
    25 WdfControlDeviceInitAllocate [PASSIVE] (driver: usize, sddl: usize) -> usize
        = device_init::allocate;
    27 WdfControlFinishInitializing [DISPATCH] (device: usize) = device::finish_initializing;
    31 WdfDeviceWdmGetDeviceObject [DISPATCH] (device: usize) -> usize
        = device::wdm_get_device_object;
    39 WdfDeviceGetDriver [DISPATCH] (device: usize) -> usize = device::get_driver;
    54 WdfDeviceInitFree [DISPATCH] (init: usize) = device_init::take;
    61 WdfDeviceInitSetIoType [DISPATCH] (init: usize, io_type: u32) = device_init::set_io_type;
    62 WdfDeviceInitSetExclusive [DISPATCH] (init: usize, exclusive: u8)
        = device_init::set_exclusive;
    66 WdfDeviceInitSetDeviceType [DISPATCH] (init: usize, device_type: u32)
        = device_init::set_device_type;
    67 WdfDeviceInitAssignName [PASSIVE] (init: usize, name: usize) -> NTSTATUS
        = device_init::assign_name;
    68 WdfDeviceInitAssignSDDLString [PASSIVE] (init: usize, sddl: usize) -> NTSTATUS
        = device_init::assign_sddl;
    70 WdfDeviceInitSetCharacteristics [DISPATCH]
        (init: usize, characteristics: u32, or_in: u8) = device_init::set_characteristics;
    71 WdfDeviceInitSetFileObjectConfig [DISPATCH]
        (init: usize, config: usize, attributes: usize) = device_init::set_file_object_config;
    75 WdfDeviceCreate [PASSIVE] (init: usize, attributes: usize, device: usize) -> NTSTATUS
        = device::create;
    80 WdfDeviceCreateSymbolicLink [PASSIVE] (device: usize, link: usize) -> NTSTATUS
        = device::create_symbolic_link;
    116 WdfDriverCreate [PASSIVE] (driver_object: usize, registry_path: usize, attributes: usize,
        config: usize, driver: usize) -> NTSTATUS = driver::create;
    118 WdfDriverWdmGetDriverObject [DISPATCH] (driver: usize) -> usize
        = driver::wdm_get_driver_object;
    119 WdfDriverOpenParametersRegistryKey [PASSIVE]
        (driver: usize, access: u32, attributes: usize, key: usize) -> NTSTATUS
        = registry_key::open_parameters;
    139 WdfFileObjectGetDevice [DISPATCH] (file: usize) -> usize = file_object::get_device;
    140 WdfFileObjectWdmGetFileObject [DISPATCH] (file: usize) -> usize
        = file_object::wdm_get_file_object;
    152 WdfIoQueueCreate [DISPATCH]
        (device: usize, config: usize, attributes: usize, queue: usize) -> NTSTATUS = queue_calls::create;
    157 WdfIoQueueGetDevice [DISPATCH] (queue: usize) -> usize = queue_calls::get_device;
    158 WdfIoQueueRetrieveNextRequest [DISPATCH] (queue: usize, request: usize) -> NTSTATUS
        = queue_calls::retrieve_next;
    164 WdfIoQueuePurgeSynchronously [PASSIVE] (queue: usize) = queue_calls::purge_synchronously;
    202 WdfObjectGetTypedContextWorker [ANY] (object: usize, record: usize) -> usize
        = object_calls::get_typed_context;
    203 WdfObjectAllocateContext [DISPATCH] (object: usize, attributes: usize, context: usize)
        -> NTSTATUS = object_calls::allocate_context;
    204 WdfObjectContextGetObject [ANY] (context: usize) -> usize
        = object_calls::context_get_object;
    207 WdfObjectCreate [DISPATCH] (attributes: usize, object: usize) -> NTSTATUS
        = object_calls::create;
    208 WdfObjectDelete [DISPATCH] (object: usize) = object_calls::delete;
    231 WdfRegistryClose [PASSIVE] (key: usize) = registry_key::close;
    240 WdfRegistryQueryULong [PASSIVE] (key: usize, name: usize, value: usize) -> NTSTATUS
        = registry_key::query_ulong;
    257 WdfRequestIsCanceled [DISPATCH] (request: usize) -> u8 = request_calls::is_canceled;
    263 WdfRequestComplete [DISPATCH] (request: usize, status: NTSTATUS) = request_calls::complete;
    265 WdfRequestCompleteWithInformation [DISPATCH]
        (request: usize, status: NTSTATUS, information: usize) = request_calls::complete_with_information;
    266 WdfRequestGetParameters [DISPATCH] (request: usize, parameters: usize)
        = request_calls::get_parameters;
    269 WdfRequestRetrieveInputBuffer [DISPATCH]
        (request: usize, minimum: usize, buffer: usize, length: usize) -> NTSTATUS
        = request_calls::retrieve_input_buffer;
    270 WdfRequestRetrieveOutputBuffer [DISPATCH]
        (request: usize, minimum: usize, buffer: usize, length: usize) -> NTSTATUS
        = request_calls::retrieve_output_buffer;
    275 WdfRequestSetInformation [DISPATCH] (request: usize, information: usize)
        = request_calls::set_information;
    277 WdfRequestGetFileObject [DISPATCH] (request: usize) -> usize
        = request_calls::get_file_object;
    281 WdfRequestForwardToIoQueue [DISPATCH] (request: usize, queue: usize) -> NTSTATUS
        = request_calls::forward;
    315 WdfSpinLockCreate [DISPATCH] (attributes: usize, spin_lock: usize) -> NTSTATUS
        = spin_lock::create;
    316 WdfSpinLockAcquire [DISPATCH] (spin_lock: usize) = spin_lock::acquire;
    317 WdfSpinLockRelease [DISPATCH] (spin_lock: usize) = spin_lock::release;
    367 WdfVerifierDbgBreakPoint [ANY] () = verifier::break_point;
}

/// The names of entries that are not implemented, for their traps.
const UNIMPLEMENTED: &[(usize, &str)] = &[
    (13, "WdfCollectionCreate"),
    (26, "WdfControlDeviceInitSetShutdownNotification"),
    (63, "WdfDeviceInitSetPowerNotPageable"),
    (72, "WdfDeviceInitSetRequestAttributes"),
    (74, "WdfDeviceInitSetIoInCallerContextCallback"),
    (77, "WdfDeviceCreateDeviceInterface"),
    (90, "WdfDeviceGetFileObject"),
    (91, "WdfDeviceEnqueueRequest"),
    (92, "WdfDeviceGetDefaultQueue"),
    (93, "WdfDeviceConfigureRequestDispatching"),
    (117, "WdfDriverGetRegistryPath"),
    (121, "WdfDriverRegisterTraceInfo"),
    (122, "WdfDriverRetrieveVersionString"),
    (123, "WdfDriverIsVersionAvailable"),
    (153, "WdfIoQueueGetState"),
    (154, "WdfIoQueueStart"),
    (155, "WdfIoQueueStop"),
    (156, "WdfIoQueueStopSynchronously"),
    (159, "WdfIoQueueRetrieveRequestByFileObject"),
    (160, "WdfIoQueueFindRequest"),
    (161, "WdfIoQueueRetrieveFoundRequest"),
    (162, "WdfIoQueueDrainSynchronously"),
    (163, "WdfIoQueueDrain"),
    (165, "WdfIoQueuePurge"),
    (166, "WdfIoQueueReadyNotify"),
    (192, "WdfMemoryCreate"),
    (194, "WdfMemoryGetBuffer"),
    (201, "WdfDriverMiniportUnload"),
    (205, "WdfObjectReferenceActual"),
    (206, "WdfObjectDereferenceActual"),
    (255, "WdfRequestMarkCancelable"),
    (256, "WdfRequestUnmarkCancelable"),
    (267, "WdfRequestRetrieveInputMemory"),
    (268, "WdfRequestRetrieveOutputMemory"),
    (280, "WdfRequestGetRequestorMode"),
    (283, "WdfRequestRequeue"),
    (285, "WdfRequestWdmGetIrp"),
    (308, "WdfStringCreate"),
    (312, "WdfWaitLockCreate"),
    (313, "WdfWaitLockAcquire"),
    (314, "WdfWaitLockRelease"),
    (318, "WdfTimerCreate"),
    (319, "WdfTimerStart"),
    (320, "WdfTimerStop"),
    (368, "WdfVerifierKeBugCheck"),
    (379, "WdfWorkItemCreate"),
    (380, "WdfWorkItemEnqueue"),
    (382, "WdfWorkItemFlush"),
    (393, "WdfRequestMarkCancelableEx"),
];

extern "system" fn trap<const INDEX: usize>() {
    let known = UNIMPLEMENTED.iter().find(|(index, _)| *index == INDEX);
    let name = known.map_or_else(|| format!("table entry {INDEX}"), |(_, name)| (*name).into());
    violation(&name, Rule::Unimplemented, format!("the host does not implement entry {INDEX}"));
}

/// A trap for every entry. Each is its own function, because no argument has its index.
fn traps() -> [usize; FUNCTION_COUNT] {
    macro_rules! sixteen {
        ($table:ident: $($row:literal)+) => {$(
            sixteen!(@ $table $row: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        )+};
        (@ $table:ident $row:literal: $($column:literal)+) => {$(
            if let Some(entry) = $table.get_mut($row * 16 + $column) {
                *entry = trap::<{ $row * 16 + $column }> as *const () as usize;
            }
        )+};
    }
    let mut table = [0; FUNCTION_COUNT];
    sixteen!(table: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28);
    table
}
