//! The cancellation of requests, and the time limit on those that the driver holds.
//!
//! Wine calls the cancel routine of an IRP on the thread that dispatches all IRPs, and holds a lock
//! there that every completion needs. So the routine only finds the request, and a worker does the
//! rest. The lock of the queue that has the request decides whether the cancellation gets it.
#![expect(unsafe_code, reason = "is called with an IRP by pointer")]

use std::thread;
use std::time::Duration;

use kmdf_host_control::Rule;

use crate::framework::request;
use crate::machine::nt::{DeviceObject, Irp};
use crate::machine::{io_manager, workers};
use crate::watch::rules::violation;

/// The time limit on a request that the driver holds. Windows sets no limit.
const COMPLETION_LIMIT: Duration = Duration::from_secs(10);
/// The time between two checks.
const INTERVAL: Duration = Duration::from_millis(250);

/// The cancel routine of every request.
pub(crate) extern "system" fn routine(_device: *mut DeviceObject, irp: *mut Irp) {
    // SAFETY: the I/O manager passes an IRP whose memory is not freed, completed or not.
    let irql = unsafe { (*irp).cancel_irql };
    let request = request::of_irp(irp as usize);
    io_manager::release_cancel_spin_lock(irql);
    if let Some(request) = request {
        workers::submit(move || request.cancel());
    }
}

/// Checks for requests that the driver holds for too long, until the process ends.
///
/// Stricter than Windows: a pending request belongs in a queue there too, but Windows lets a driver
/// hold it.
pub(crate) fn watch() {
    workers::spawn(|| {
        loop {
            thread::sleep(INTERVAL);
            let live = request::live();
            for (by, since) in live.iter().filter_map(|request| request.held_by_driver()) {
                if since.elapsed() > COMPLETION_LIMIT {
                    let detail = format!("the driver keeps a request for {COMPLETION_LIMIT:?}");
                    violation(by, Rule::NeverCompleted, detail);
                }
            }
        }
    });
}
