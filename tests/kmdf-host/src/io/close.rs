//! The close of a file.
//!
//! Wine sends no `IRP_MJ_CLEANUP`, so a close first does what Windows does at the cleanup.

use std::time::{Duration, Instant};

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::STATUS_SUCCESS;

use crate::framework::device::Device;
use crate::framework::request;
use crate::machine::irp::PendingIrp;
use crate::machine::load::{self, Load};
use crate::watch::rules::violation;

/// The time limit on a request that the driver holds, after the close of its handle.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
/// The time limit on a queued request, after the close of its handle. Windows sets no limit.
const WAITING_LIMIT: Duration = Duration::from_mins(1);

/// Does the work of a cleanup, which Windows sends when the last handle is closed, and of a close,
/// which Windows sends when every request is completed.
pub(crate) fn close(device: &Device, irp: PendingIrp) {
    let file = irp.parameters().file;
    let number = device.files().number(file);
    if let (Some(_), Some(load)) = (number, load::current()) {
        clean_up(device, &load, file);
        wait_for_requests(device, file);
        if let Some(files) = device.file_objects() {
            files.close(&load, device.files().object(file));
        }
    }
    irp.complete(STATUS_SUCCESS, 0, &[]);
    if let Some(number) = number {
        device.files().remove(number);
    }
}

/// Calls the driver's callback, then drops the queued requests. Laxer than Windows: the cleanup
/// waits for the callbacks that run with a request of the file. On Windows they return before
/// `DeviceIoControl` does.
fn clean_up(device: &Device, load: &Load, file: usize) {
    wait_for_presentations(device, file);
    if let Some(files) = device.file_objects() {
        files.clean_up(load, device.files().object(file));
    }
    loop {
        device.queues().iter().for_each(|queue| queue.flush(file));
        if device.files().wait_for_presentations(file, Duration::ZERO) {
            return;
        }
        wait_for_presentations(device, file);
    }
}

fn wait_for_presentations(device: &Device, file: usize) {
    if !device.files().wait_for_presentations(file, CLOSE_LIMIT) {
        let detail = format!("a callback did not return within {CLOSE_LIMIT:?} of a close");
        violation("EvtIo", Rule::WaitTooLong, detail);
    }
}

/// Waits until every request of the file is completed. Ends the run if the driver holds one for too
/// long. A queued request gets more time, because it can enter the queue after the cleanup.
fn wait_for_requests(device: &Device, file: usize) {
    let begin = Instant::now();
    while !device.files().wait_for_requests(file, CLOSE_LIMIT) {
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
