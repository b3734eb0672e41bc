//! The calls that a driver makes for its queues.

use std::sync::Arc;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_DEVICE_STATE, STATUS_NO_MORE_ENTRIES,
    STATUS_SUCCESS, STATUS_UNSUCCESSFUL,
};

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::context::Attributes;
use crate::framework::device::Device;
use crate::framework::objects;
use crate::framework::queue::Queue;
use crate::framework::queue_config::{Config, Dispatch};
use crate::machine::{irql, memory};

pub(crate) fn create(
    call: &Call,
    device_handle: Handle,
    config: usize,
    attributes: usize,
    queue_out: usize,
) -> NTSTATUS {
    let device = objects::resolve::<Device>(call.name, device_handle);
    let config = Config::read(call, config);
    let is_default = config.is_default;
    if !is_default && queue_out == 0 {
        call.fail(Rule::NullPointer, "Queue is NULL, and the queue is not the default one");
    }
    if is_default && device.is_finished() {
        return STATUS_INVALID_DEVICE_STATE;
    }
    let attributes = Attributes::read(call, attributes);
    if attributes.parent.is_some_and(|parent| parent != device_handle) {
        call.fail(Rule::BadArgument, "the queue's parent is not its device");
    }
    if is_default && device.default_queue().is_some() {
        return STATUS_UNSUCCESSFUL;
    }
    let queue = Queue::new(device_handle, config);
    let Some(handle) = objects::create(call, Arc::clone(&queue), attributes, Some(device_handle))
    else {
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    queue.set_handle(handle);
    device.add_queue(queue, is_default);
    memory::write_optional(call.name, "Queue", queue_out, handle);
    STATUS_SUCCESS
}

pub(crate) fn get_device(call: &Call, queue: Handle) -> Handle {
    objects::resolve::<Queue>(call.name, queue).device()
}

/// Gives the driver the oldest request of the queue.
pub(crate) fn retrieve_next(call: &Call, queue: Handle, request_out: usize) -> NTSTATUS {
    memory::write(call.name, "OutRequest", request_out, 0_usize);
    let queue = objects::resolve::<Queue>(call.name, queue);
    if matches!(queue.dispatch(), Dispatch::Parallel(_)) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    let Some(request) = queue.retrieve(call) else { return STATUS_NO_MORE_ENTRIES };
    let Some(handle) = request.give_to_driver(&call.load, call.name) else {
        request.complete_by_framework(STATUS_INSUFFICIENT_RESOURCES);
        queue.request_left();
        return STATUS_NO_MORE_ENTRIES;
    };
    call.load.counters.requests_retrieved.add();
    memory::write(call.name, "OutRequest", request_out, handle);
    STATUS_SUCCESS
}

/// Rejects requests from now on, drops the queued ones, and returns when the driver has completed
/// its own.
///
/// Stricter than Windows: a call inside a callback that got a request ends the run at once. The
/// documentation forbids it, because the call can wait for itself.
pub(crate) fn purge_synchronously(call: &Call, queue: Handle) {
    let queue = objects::resolve::<Queue>(call.name, queue);
    if irql::in_queue_callback() {
        call.fail(Rule::WaitInQueueCallback, "called inside a callback of a queue");
    }
    queue.purge(call.name);
}
