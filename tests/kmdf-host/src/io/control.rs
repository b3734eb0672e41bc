//! `\\.\KmdfHost`: the device over which tests send commands while a driver runs.
//!
//! One buffered control code carries JSON both ways. Each command runs on a thread of its own, so
//! the host answers while the driver's callbacks run.
#![expect(unsafe_code, reason = "fills in the host's own DRIVER_OBJECT")]

use std::process;

use kmdf_host_control::{CONTROL_CODE, Command, LoadReport, RaiseReport, Reply, Rule};
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_BUFFER_TOO_SMALL, STATUS_INVALID_DEVICE_REQUEST, STATUS_PENDING,
    STATUS_SUCCESS,
};

use crate::framework::device;
use crate::machine::io_manager::{self, WdmDevice};
use crate::machine::irp::PendingIrp;
use crate::machine::nt::{
    DeviceObject, DriverObject, FILE_DEVICE_UNKNOWN, IRP_MJ_CLEANUP, IRP_MJ_CLOSE, IRP_MJ_CREATE,
    IRP_MJ_DEVICE_CONTROL, Irp,
};
use crate::machine::{clock, event_tracing, load, sessions, workers};
use crate::watch::rules::violation;
use crate::watch::status::is_success;
use crate::watch::{completions, verdict};

const DRIVER_NAME: &str = r"\Driver\KmdfHost";
const LINK_NAME: &str = r"\??\KmdfHost";
/// The clocks count in units of 100 ns.
const UNITS_PER_MILLISECOND: u64 = 10_000;

/// Creates the device.
pub(crate) fn start() {
    let status = io_manager::create_driver(DRIVER_NAME, initialize);
    if !is_success(status) {
        violation("the host", Rule::HostFailure, format!("no control device: {status:#x}"));
    }
}

extern "system" fn initialize(
    driver: *mut DriverObject,
    _registry_path: *mut windows_sys::Win32::Foundation::UNICODE_STRING,
) -> NTSTATUS {
    // SAFETY: the I/O manager made the object and waits for this call.
    unsafe { (*driver).major_function = [Some(dispatch); 28] };
    // The name carries the process id, because the last process that ran a driver may still have
    // its device. Wine starts the next process before the last has ended, and the last may never
    // end: observed in a wait for a lock that one of its threads held when Wine killed it.
    let name = format!(r"\Device\KmdfHost{}", process::id());
    let device = match WdmDevice::create(driver, Some(&name), FILE_DEVICE_UNKNOWN, 0) {
        Ok(device) => device,
        Err(status) => return status,
    };
    let status = io_manager::create_symbolic_link(LINK_NAME, &name);
    if is_success(status) {
        device.finish_initializing();
    } else {
        device.delete();
    }
    status
}

extern "system" fn dispatch(_device: *mut DeviceObject, irp: *mut Irp) -> NTSTATUS {
    let irp = PendingIrp::take(irp);
    let parameters = irp.parameters();
    match parameters.major {
        IRP_MJ_CREATE | IRP_MJ_CLEANUP | IRP_MJ_CLOSE => irp.complete(STATUS_SUCCESS, 0, &[]),
        IRP_MJ_DEVICE_CONTROL => {
            let [output, input, code, _] = parameters.words.map(|word| word & 0xFFFF_FFFF);
            if code == CONTROL_CODE as usize {
                workers::spawn(move || answer(irp, input, output));
            } else {
                irp.complete(STATUS_INVALID_DEVICE_REQUEST, 0, &[]);
            }
        }
        _ => irp.complete(STATUS_INVALID_DEVICE_REQUEST, 0, &[]),
    }
    STATUS_PENDING
}

fn answer(irp: PendingIrp, input: usize, output: usize) {
    let reply = match serde_json::from_slice(&irp.input(input)) {
        Ok(command) => carry_out(command),
        Err(error) => Reply::Refused { reason: error.to_string() },
    };
    let reply = serde_json::to_vec(&reply).unwrap_or_default();
    if reply.len() > output {
        irp.complete(STATUS_BUFFER_TOO_SMALL, 0, &[]);
    } else {
        irp.complete(STATUS_SUCCESS, reply.len(), &reply);
    }
}

fn carry_out(command: Command) -> Reply {
    match command {
        Command::Ping => Reply::Pong,
        Command::Raise { order, events } => match sessions::raise(order, &events) {
            Ok(outcomes) => Reply::Raised(RaiseReport { outcomes }),
            Err(reason) => Reply::Refused { reason },
        },
        Command::AdvanceClocks { by_ms } => {
            clock::advance(by_ms.saturating_mul(UNITS_PER_MILLISECOND));
            Reply::Advanced { now: clock::now() }
        }
        Command::Device => match device::all().first() {
            Some(device) => Reply::Device(device.report()),
            None => Reply::Refused { reason: "the driver has no device".into() },
        },
        Command::Queues => Reply::Queues {
            queues: device::all()
                .iter()
                .flat_map(|device| device.queues())
                .map(|queue| queue.report())
                .collect(),
        },
        Command::Listen { listener } => {
            Reply::Listening { providers: event_tracing::listen(listener) }
        }
        Command::Completions => Reply::Completions { completions: completions::all() },
        Command::Loads => Reply::Loads(LoadReport {
            running: load::current().map(|load| load.counters.read()),
            verdicts: verdict::all(),
        }),
    }
}
