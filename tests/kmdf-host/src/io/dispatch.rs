//! The dispatch of opens, closes and requests to a device.
//!
//! Wine dispatches on one thread, so the routine marks every IRP pending and leaves long work to
//! other threads.
//!
//! Laxer than Windows:
//! - `CloseHandle` does not wait for the close.
//! - Wine lets every open succeed. A rejected open returns a handle on which every request fails.

use std::sync::Arc;

use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_ACCESS_DENIED, STATUS_INVALID_DEVICE_REQUEST, STATUS_NO_SUCH_DEVICE,
    STATUS_PENDING, STATUS_SUCCESS,
};

use crate::framework::device::{self, Device};
use crate::framework::request::Request;
use crate::framework::unload;
use crate::io::{cancellation, close};
use crate::machine::irp::PendingIrp;
use crate::machine::nt::{
    DeviceObject, IRP_MJ_CLOSE, IRP_MJ_CREATE, IRP_MJ_DEVICE_CONTROL,
    IRP_MJ_INTERNAL_DEVICE_CONTROL, IRP_MJ_READ, IRP_MJ_SHUTDOWN, IRP_MJ_WRITE, Irp,
};
use crate::machine::{load, workers};

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
        (Some(device), IRP_MJ_CLOSE) => workers::spawn(move || close::close(&device, irp)),
        (
            Some(device),
            IRP_MJ_READ | IRP_MJ_WRITE | IRP_MJ_DEVICE_CONTROL | IRP_MJ_INTERNAL_DEVICE_CONTROL,
        ) => arrive(&device, irp),
        (Some(_), IRP_MJ_SHUTDOWN) => irp.complete(STATUS_SUCCESS, 0, &[]),
        (Some(_), _) => irp.complete(STATUS_INVALID_DEVICE_REQUEST, 0, &[]),
    }
    STATUS_PENDING
}

/// Rejects the opens that the I/O manager of Windows rejects without a call of the driver.
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

fn arrive(device: &Arc<Device>, irp: PendingIrp) {
    let file = irp.parameters().file;
    if !device.files().request_arrived(file) {
        return irp.complete(STATUS_NO_SUCH_DEVICE, 0, &[]);
    }
    if let Some(queue) = device.default_queue() {
        irp.set_cancel_routine(cancellation::routine);
        queue.arrive(&Request::begin(device, irp));
    } else {
        irp.complete(STATUS_INVALID_DEVICE_REQUEST, 0, &[]);
        device.files().request_completed(file);
    }
}
