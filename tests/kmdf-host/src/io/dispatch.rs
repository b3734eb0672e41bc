//! The I/O manager's side of a device: opens, closes, requests.
//!
//! Wine dispatches on one thread and sends no `IRP_MJ_CLEANUP`. So everything is marked pending and
//! goes on elsewhere, and a close first does what Windows does at cleanup. Laxer than Windows:
//! `CloseHandle` does not wait for the close, and since Wine does not ask the driver whether an open
//! succeeds, an open that is refused gives a handle all the same, on which every request fails.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_ACCESS_DENIED, STATUS_INVALID_DEVICE_REQUEST, STATUS_NO_SUCH_DEVICE,
    STATUS_PENDING, STATUS_SUCCESS,
};

use crate::framework::device::{self, Device};
use crate::framework::request::{self, Request};
use crate::framework::unload;
use crate::io::cancellation;
use crate::machine::irp::PendingIrp;
use crate::machine::load::{self, Load};
use crate::machine::nt::{
    DeviceObject, IRP_MJ_CLOSE, IRP_MJ_CREATE, IRP_MJ_DEVICE_CONTROL,
    IRP_MJ_INTERNAL_DEVICE_CONTROL, IRP_MJ_READ, IRP_MJ_SHUTDOWN, IRP_MJ_WRITE, Irp,
};
use crate::machine::workers;
use crate::watch::rules::violation;

/// How long the requests of a handle may take after the handle was closed.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
/// How long a request may wait in a queue after its handle was closed. On Windows: for ever.
const WAITING_LIMIT: Duration = Duration::from_mins(1);

/// The dispatch routine of the driver, for every major function.
pub(crate) extern "system" fn dispatch(device: *mut DeviceObject, irp: *mut Irp) -> NTSTATUS {
    let irp = PendingIrp::take(irp);
    let parameters = irp.parameters();
    match (device::find_wdm(device as usize), parameters.major) {
        (None, _) => irp.complete(STATUS_NO_SUCH_DEVICE, 0, &[]),
        (Some(device), IRP_MJ_CREATE) => {
            let status = open(&device, parameters.file);
            irp.complete(status, 0, &[]);
        }
        (Some(device), IRP_MJ_CLOSE) => workers::spawn(move || close(&device, irp)),
        (
            Some(device),
            IRP_MJ_READ | IRP_MJ_WRITE | IRP_MJ_DEVICE_CONTROL | IRP_MJ_INTERNAL_DEVICE_CONTROL,
        ) => arrive(&device, irp),
        (Some(_), IRP_MJ_SHUTDOWN) => irp.complete(STATUS_SUCCESS, 0, &[]),
        (Some(_), _) => irp.complete(STATUS_INVALID_DEVICE_REQUEST, 0, &[]),
    }
    STATUS_PENDING
}

/// Refuses what the I/O manager of Windows refuses before the driver hears of it.
fn open(device: &Device, file: usize) -> NTSTATUS {
    let Some(load) = load::current() else { return STATUS_NO_SUCH_DEVICE };
    if !device.is_finished() {
        unload::check_finished(&load);
    }
    if load.is_unloading() || !device.is_finished() {
        return STATUS_NO_SUCH_DEVICE;
    }
    if !device.open(&load, file) {
        return STATUS_ACCESS_DENIED;
    }
    load.counters.opens.add();
    STATUS_SUCCESS
}

/// What Windows does at the cleanup, when the last handle is closed, and at the close, when no
/// request is on its way any more.
fn close(device: &Device, irp: PendingIrp) {
    let file = irp.parameters().file;
    let number = device.file_number(file);
    if let (Some(_), Some(load)) = (number, load::current()) {
        clean_up(device, &load, file);
        wait_for_requests(device, file);
        if let Some(files) = device.file_objects() {
            files.close(&load, device.file_object(file));
        }
    }
    irp.complete(STATUS_SUCCESS, 0, &[]);
    if let Some(number) = number {
        device.close(number);
    }
}

/// First the driver's callback, then the requests that wait. Laxer than Windows: the callbacks that
/// were given a request of the file before are waited for, since there they would have run before
/// `DeviceIoControl` returned.
fn clean_up(device: &Device, load: &Load, file: usize) {
    wait_for_presentations(device, file);
    if let Some(files) = device.file_objects() {
        files.clean_up(load, device.file_object(file));
    }
    loop {
        device.queues().iter().for_each(|queue| queue.flush(file));
        if device.wait_for_presentations(file, Duration::ZERO) {
            return;
        }
        wait_for_presentations(device, file);
    }
}

fn wait_for_presentations(device: &Device, file: usize) {
    if !device.wait_for_presentations(file, CLOSE_LIMIT) {
        let detail = format!("a callback did not return within {CLOSE_LIMIT:?} of a close");
        violation("EvtIo", Rule::WaitTooLong, detail);
    }
}

/// Waits as long as requests of the file wait in queues, into which they can come after the cleanup;
/// but not for the driver.
fn wait_for_requests(device: &Device, file: usize) {
    let begin = Instant::now();
    while !device.wait_for_requests(file, CLOSE_LIMIT) {
        let live = request::live();
        let of_file = live.iter().filter(|request| request.file() == file);
        let mut held = of_file.filter_map(|request| request.held_by_driver());
        if let Some((by, _)) = held.find(|(_, since)| since.elapsed() > CLOSE_LIMIT) {
            let detail = format!("a request was not completed within {CLOSE_LIMIT:?} of the close");
            violation(by, Rule::NeverCompleted, detail);
        }
        if begin.elapsed() > WAITING_LIMIT {
            let detail = format!("a request waits for {WAITING_LIMIT:?} after the close");
            violation("IRP_MJ_CLOSE", Rule::WaitTooLong, detail);
        }
    }
}

fn arrive(device: &Arc<Device>, irp: PendingIrp) {
    let file = irp.parameters().file;
    if !device.request_arrived(file) {
        return irp.complete(STATUS_NO_SUCH_DEVICE, 0, &[]);
    }
    if let Some(queue) = device.default_queue() {
        irp.set_cancel_routine(cancellation::routine);
        queue.arrive(&Request::begin(device, irp));
    } else {
        irp.complete(STATUS_INVALID_DEVICE_REQUEST, 0, &[]);
        device.request_completed(file);
    }
}
