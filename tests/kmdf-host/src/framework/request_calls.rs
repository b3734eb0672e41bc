//! The calls that a driver makes for a request that it holds.

use std::sync::Arc;

use kmdf_host_control::{Completion, Rule};
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_BUFFER_TOO_SMALL, STATUS_DEVICE_BUSY, STATUS_INSUFFICIENT_RESOURCES,
    STATUS_INTERNAL_ERROR, STATUS_INVALID_DEVICE_REQUEST, STATUS_PENDING, STATUS_SUCCESS,
};

use crate::framework::abi::{Handle, RequestParameters};
use crate::framework::call::Call;
use crate::framework::objects;
use crate::framework::queue::Queue;
use crate::framework::request::{METHOD_BUFFERED, METHOD_MASK, Request};
use crate::machine::irp::Lengths;
use crate::machine::memory;
use crate::machine::nt::{
    IRP_MJ_DEVICE_CONTROL, IRP_MJ_INTERNAL_DEVICE_CONTROL, IRP_MJ_READ, IRP_MJ_WRITE,
};
use crate::watch::completions;
use crate::watch::status::{
    STATUS_WDF_BUSY, STATUS_WDF_INTERNAL_ERROR, STATUS_WDF_NOT_ENOUGH_MAP_REGISTERS,
    STATUS_WDF_PAUSED, is_framework_error, is_success,
};

const METHOD_NEITHER: u32 = 3;

pub(crate) fn complete(call: &Call, handle: Handle, status: NTSTATUS) {
    let request = resolve_to_complete(call, handle);
    let information = request.information();
    complete_request(call, handle, &request, status, information);
}

pub(crate) fn complete_with_information(
    call: &Call,
    handle: Handle,
    status: NTSTATUS,
    information: usize,
) {
    let request = resolve_to_complete(call, handle);
    complete_request(call, handle, &request, status, information);
}

pub(crate) fn set_information(call: &Call, handle: Handle, information: usize) {
    owned(call, handle).set_information(information);
}

/// The request to complete. A stale handle belongs to a request that is completed already.
fn resolve_to_complete(call: &Call, handle: Handle) -> Arc<Request> {
    if objects::is_stale(handle) {
        call.fail(Rule::CompletedTwice, format!("request {handle:#x} is completed already"));
    }
    owned(call, handle)
}

/// A request that the driver holds. The driver may not use a queued request, because the framework
/// may be completing it.
pub(crate) fn owned(call: &Call, handle: Handle) -> Arc<Request> {
    let request = objects::resolve::<Request>(call.name, handle);
    if request.held_by_driver().is_none() {
        call.fail(Rule::RequestNotOwned, format!("request {handle:#x} waits in a queue"));
    }
    request
}

fn complete_request(
    call: &Call,
    handle: Handle,
    request: &Request,
    status: NTSTATUS,
    information: usize,
) {
    if status == STATUS_PENDING {
        call.fail(Rule::BadArgument, "a request is not completed with STATUS_PENDING");
    }
    let highest = request.highest_information();
    if is_success(status) && information > highest {
        call.fail(
            Rule::InformationTooLarge,
            format!("Information is {information}, the buffer has {highest} bytes"),
        );
    }
    let queue = request.queue();
    objects::delete(call.name, &call.load, handle);
    completions::note(Completion {
        code: request.lengths().code,
        status: status.cast_unsigned(),
        information: information as u64,
    });
    if !request.complete_by_driver(call.name, map_status(status), information) {
        call.fail(Rule::CompletedTwice, "the request was completed by another thread");
    }
    call.load.counters.requests_completed.add();
    if let Some(queue) = queue {
        queue.request_left();
    }
}

/// Maps the framework's own statuses, which never leave it, to those of Windows.
fn map_status(status: NTSTATUS) -> NTSTATUS {
    match status {
        STATUS_WDF_PAUSED | STATUS_WDF_BUSY => STATUS_DEVICE_BUSY,
        STATUS_WDF_INTERNAL_ERROR => STATUS_INTERNAL_ERROR,
        STATUS_WDF_NOT_ENOUGH_MAP_REGISTERS => STATUS_INSUFFICIENT_RESOURCES,
        _ if is_framework_error(status) => STATUS_INVALID_DEVICE_REQUEST,
        _ => status,
    }
}

pub(crate) fn retrieve_input_buffer(
    call: &Call,
    handle: Handle,
    minimum: usize,
    buffer_out: usize,
    length_out: usize,
) -> NTSTATUS {
    let request = owned(call, handle);
    if request.major() == IRP_MJ_READ {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    retrieve(call, &request, request.lengths().input, minimum, buffer_out, length_out)
}

pub(crate) fn retrieve_output_buffer(
    call: &Call,
    handle: Handle,
    minimum: usize,
    buffer_out: usize,
    length_out: usize,
) -> NTSTATUS {
    let request = owned(call, handle);
    if request.major() == IRP_MJ_WRITE {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    retrieve(call, &request, request.lengths().output, minimum, buffer_out, length_out)
}

fn retrieve(
    call: &Call,
    request: &Request,
    length: usize,
    minimum: usize,
    buffer_out: usize,
    length_out: usize,
) -> NTSTATUS {
    memory::write(call.name, "*Buffer", buffer_out, 0_usize);
    memory::write_optional(call.name, "*Length", length_out, 0_usize);
    match request.lengths().code & METHOD_MASK {
        METHOD_BUFFERED => {}
        METHOD_NEITHER => return STATUS_INVALID_DEVICE_REQUEST,
        _ => call.fail(Rule::Unimplemented, "buffers of a direct control code"),
    }
    if length == 0 || length < minimum {
        return STATUS_BUFFER_TOO_SMALL;
    }
    let Some(address) = request.buffer() else { return STATUS_INSUFFICIENT_RESOURCES };
    memory::write(call.name, "*Buffer", buffer_out, address);
    memory::write_optional(call.name, "*Length", length_out, length);
    STATUS_SUCCESS
}

pub(crate) fn get_parameters(call: &Call, handle: Handle, parameters_out: usize) {
    let request = owned(call, handle);
    let size = memory::read::<u16>(call.name, "Parameters", parameters_out);
    call.check_size::<RequestParameters>("WDF_REQUEST_PARAMETERS", size.into());
    let Lengths { output, input, code } = request.lengths();
    let words = match request.major() {
        IRP_MJ_DEVICE_CONTROL | IRP_MJ_INTERNAL_DEVICE_CONTROL => [output, input, code as usize, 0],
        _ => request.parameters().words,
    };
    let parameters = RequestParameters {
        size,
        minor_function: request.parameters().minor,
        padding: 0,
        kind: request.major().into(),
        words,
    };
    memory::write(call.name, "Parameters", parameters_out, parameters);
}

/// Returns 1 if the request is cancelled.
pub(crate) fn is_canceled(call: &Call, handle: Handle) -> u8 {
    owned(call, handle).is_cancelled().into()
}

/// The file object of a request; NULL unless the driver asked for file objects.
pub(crate) fn get_file_object(call: &Call, handle: Handle) -> Handle {
    let request = owned(call, handle);
    request.device().files().object(request.file()).unwrap_or(0)
}

/// Puts a request into another queue of its device.
///
/// Stricter than Windows: a call that the framework rejects with `STATUS_INVALID_DEVICE_REQUEST`
/// ends the run.
pub(crate) fn forward(call: &Call, handle: Handle, destination: Handle) -> NTSTATUS {
    let request = owned(call, handle);
    let destination = objects::resolve::<Queue>(call.name, destination);
    let Some(source) = request.queue() else {
        call.fail(Rule::BadArgument, "the request came out of no queue");
    };
    if Arc::ptr_eq(&source, &destination) {
        call.fail(Rule::BadArgument, "the request is forwarded to the queue it came out of");
    }
    if source.device() != destination.device() {
        call.fail(Rule::BadArgument, "the queue belongs to another device");
    }
    if !destination.take_forwarded(&request) {
        return STATUS_WDF_BUSY;
    }
    call.load.counters.requests_forwarded.add();
    source.request_left();
    STATUS_SUCCESS
}
