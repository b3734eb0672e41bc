//! The cancellation of requests, and the watch over those that the driver keeps.
//!
//! Wine calls the cancel routine of an IRP on the thread that dispatches all IRPs, and holds a lock
//! there that every completion needs. So the routine only finds the request, and a worker does the
//! rest. The lock of the queue in which the request waits decides who gets it: the cancellation or
//! somebody else.
#![expect(unsafe_code, reason = "is called with an IRP by pointer")]

use std::thread;
use std::time::Duration;

use kmdf_host_control::Rule;

use crate::framework::request;
use crate::machine::nt::{DeviceObject, Irp};
use crate::machine::{io_manager, workers};
use crate::watch::rules::violation;

/// How long the driver may keep a request that it owns. Windows sets no limit.
const COMPLETION_LIMIT: Duration = Duration::from_secs(10);
/// The time between two looks at the requests.
const INTERVAL: Duration = Duration::from_millis(250);

/// The cancel routine of every request.
pub(crate) extern "system" fn routine(_device: *mut DeviceObject, irp: *mut Irp) {
    // SAFETY: the I/O manager hands over an IRP whose memory is there, completed or not.
    let irql = unsafe { (*irp).cancel_irql };
    let request = request::of_irp(irp as usize);
    io_manager::release_cancel_spin_lock(irql);
    if let Some(request) = request {
        workers::submit(move || request.cancel());
    }
}

/// Looks for requests that the driver keeps for too long, until the process ends.
///
/// Stricter than Windows: there too, a request that waits for something belongs into a queue, but
/// a driver that keeps it goes on running.
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
