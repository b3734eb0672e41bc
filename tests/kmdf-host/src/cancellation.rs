//! The driver's requests that are not completed yet, and what happens when one is cancelled.
//!
//! Wine calls the cancel routine of an IRP on the thread that dispatches all IRPs, and holds a lock
//! there that every completion needs. So the routine only finds the request; the rest happens on
//! a worker. Whether the cancellation or somebody else gets the request is decided under the lock of
//! the queue it is in.
#![expect(unsafe_code, reason = "is called with an IRP by pointer")]

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use kmdf_host_control::Rule;

use crate::nt::{self, DeviceObject, Irp};
use crate::request::Request;
use crate::rules::violation;
use crate::sync::lock;
use crate::workers;

/// How long the driver may keep a request that it owns. On Windows: for ever.
const COMPLETION_LIMIT: Duration = Duration::from_secs(10);
/// How often that is looked at.
const INTERVAL: Duration = Duration::from_millis(250);

/// By the address of the IRP.
static LIVE: LazyLock<Mutex<HashMap<usize, Arc<Request>>>> = LazyLock::new(Mutex::default);

/// Notes a request, which can be cancelled from now on.
pub(crate) fn begin(irp: usize, request: Arc<Request>) {
    lock(&LIVE).insert(irp, request);
}

/// Forgets a request that is being completed.
pub(crate) fn end(irp: usize) {
    lock(&LIVE).remove(&irp);
}

/// The cancel routine of every request.
pub(crate) extern "system" fn routine(_device: *mut DeviceObject, irp: *mut Irp) {
    // SAFETY: the I/O manager hands over an IRP whose memory is there, completed or not.
    let irql = unsafe { (*irp).cancel_irql };
    let request = lock(&LIVE).get(&(irp as usize)).cloned();
    nt::release_cancel_spin_lock(irql);
    if let Some(request) = request {
        workers::submit(move || request.cancel());
    }
}

/// Looks for requests that the driver owns for too long, for as long as the process lives.
///
/// Stricter than Windows: there, a request that waits for something belongs into a queue too, but
/// nobody ends a driver that keeps it.
pub(crate) fn watch() {
    workers::spawn(|| {
        loop {
            thread::sleep(INTERVAL);
            let live: Vec<_> = lock(&LIVE).values().cloned().collect();
            for (by, since) in live.iter().filter_map(|request| request.held_by_driver()) {
                if since.elapsed() > COMPLETION_LIMIT {
                    let detail = format!("the driver keeps a request for {COMPLETION_LIMIT:?}");
                    violation(by, Rule::NeverCompleted, detail);
                }
            }
        }
    });
}

/// The requests of a file that are not completed yet.
pub(crate) fn of_file(file: usize) -> Vec<Arc<Request>> {
    lock(&LIVE).values().filter(|request| request.file() == file).cloned().collect()
}
