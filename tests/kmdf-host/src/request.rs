//! `WDFREQUEST`.
//!
//! The driver works on a guarded copy of the system buffer, which is taken away at completion: an
//! overrun and a use after completion fault. The part of the copy behind the input is filled with a
//! pattern, so that a driver that returns bytes it never wrote is seen to do so.

use std::sync::{Arc, Mutex, OnceLock};

use kmdf_host_control::{Completion, Rule};

use crate::{
    abi::RequestParameters,
    call::Call,
    completions,
    context::Attributes,
    device::Device,
    guarded::Block,
    irp::{Parameters, PendingIrp},
    load::Load,
    memory,
    nt::{
        IRP_MJ_DEVICE_CONTROL, IRP_MJ_INTERNAL_DEVICE_CONTROL, IRP_MJ_READ, IRP_MJ_WRITE,
        STATUS_BUFFER_TOO_SMALL, STATUS_DEVICE_BUSY, STATUS_INSUFFICIENT_RESOURCES,
        STATUS_INVALID_DEVICE_REQUEST, STATUS_PENDING, STATUS_SUCCESS, Status, failure, is_success,
    },
    objects::{self, Handle, Kind},
    queue::{Lengths, Presentation, Queue},
    rules::violation,
    sync::lock,
};

/// What output bytes hold before the driver writes them.
const UNWRITTEN: u8 = 0xA5;
const METHOD_MASK: u32 = 3;
const METHOD_BUFFERED: u32 = 0;
const METHOD_NEITHER: u32 = 3;

/// A request on its way through the driver.
pub(crate) struct Request {
    parameters: Parameters,
    lengths: Lengths,
    device: Arc<Device>,
    queue: OnceLock<Arc<Queue>>,
    callback: OnceLock<Presentation>,
    state: Mutex<State>,
}

struct State {
    /// Gone once the request is completed.
    irp: Option<PendingIrp>,
    buffer: Option<Block>,
    information: usize,
}

impl Kind for Request {
    const NAME: &'static str = "WDFREQUEST";
    const DELETABLE: bool = false;
}

impl Request {
    pub(crate) fn new(device: &Arc<Device>, irp: PendingIrp) -> Self {
        let parameters = irp.parameters();
        let lengths = lengths(&parameters);
        let buffer = make_buffer(&irp, lengths);
        Self {
            parameters,
            lengths,
            device: Arc::clone(device),
            queue: OnceLock::new(),
            callback: OnceLock::new(),
            state: Mutex::new(State { irp: Some(irp), buffer, information: 0 }),
        }
    }

    pub(crate) const fn major(&self) -> u8 {
        self.parameters.major
    }

    /// Whether this is a read or write of no bytes.
    pub(crate) const fn is_empty_transfer(&self) -> bool {
        matches!(self.parameters.major, IRP_MJ_READ | IRP_MJ_WRITE)
            && self.lengths.output == 0
            && self.lengths.input == 0
    }

    pub(crate) fn set_callback(&self, callback: Presentation) {
        self.callback.get_or_init(|| callback);
    }

    /// Hands the request to the driver, and says by which callback.
    pub(crate) fn present(self: &Arc<Self>, load: &Arc<Load>, queue: &Arc<Queue>) -> &'static str {
        const CALL: &str = "EvtIo";
        let Some(callback) = self.callback.get().copied() else { return CALL };
        self.queue.get_or_init(|| Arc::clone(queue));
        let call = Call { name: CALL, load: Arc::clone(load) };
        let attributes = Attributes::default();
        let body = Arc::clone(self);
        let Some(handle) = objects::create(&call, body, attributes, Some(queue.handle())) else {
            self.complete_by_framework(STATUS_INSUFFICIENT_RESOURCES);
            queue.request_completed();
            return CALL;
        };
        load.counters.requests_presented.add();
        callback.present(load, queue, handle, self.lengths)
    }

    /// Whether the IRP was given back.
    pub(crate) fn is_completed(&self) -> bool {
        lock(&self.state).irp.is_none()
    }

    /// Completes a request that the driver never saw.
    pub(crate) fn complete_by_framework(&self, status: Status) {
        self.finish("EvtIo", status, 0);
    }

    /// Gives the IRP back; false if that was done before.
    fn finish(&self, call: &str, status: Status, information: usize) -> bool {
        let (irp, buffer) = {
            let mut state = lock(&self.state);
            let Some(irp) = state.irp.take() else { return false };
            (irp, state.buffer.take())
        };
        if buffer.as_ref().is_some_and(|buffer| !buffer.is_intact()) {
            violation(
                call,
                Rule::PoolOverrun,
                "bytes beside the request's buffer were overwritten",
            );
        }
        // The I/O manager copies for everything but an error.
        let is_error = status.cast_unsigned() >> 30 == 3;
        let returned = if is_error { 0 } else { information.min(self.lengths.output) };
        let output = buffer.map_or_else(Vec::new, |buffer| buffer.copy_out(returned));
        irp.complete(status, information, &output);
        self.device.request_completed(self.parameters.file);
        true
    }

    /// How much information a success may carry.
    const fn highest_information(&self) -> usize {
        match self.parameters.major {
            IRP_MJ_WRITE => self.lengths.input,
            _ => self.lengths.output,
        }
    }

    fn buffer(&self) -> Option<usize> {
        lock(&self.state).buffer.as_ref().map(Block::address)
    }
}

fn lengths(parameters: &Parameters) -> Lengths {
    let low = |word: usize| word & 0xFFFF_FFFF;
    let [first, second, third, _] = parameters.words;
    match parameters.major {
        IRP_MJ_READ => Lengths { output: low(first), input: 0, code: 0 },
        IRP_MJ_WRITE => Lengths { output: 0, input: low(first), code: 0 },
        _ => Lengths {
            output: low(first),
            input: low(second),
            code: u32::try_from(low(third)).unwrap_or(0),
        },
    }
}

fn make_buffer(irp: &PendingIrp, lengths: Lengths) -> Option<Block> {
    if lengths.code & METHOD_MASK != METHOD_BUFFERED {
        return None;
    }
    let block = Block::new(lengths.input.max(lengths.output), UNWRITTEN)?;
    block.copy_in(&irp.input(lengths.input));
    Some(block)
}

pub(crate) fn complete(call: &Call, handle: Handle, status: Status) {
    let request = resolve_to_complete(call, handle);
    let information = lock(&request.state).information;
    complete_request(call, handle, &request, status, information);
}

pub(crate) fn complete_with_information(
    call: &Call,
    handle: Handle,
    status: Status,
    information: usize,
) {
    let request = resolve_to_complete(call, handle);
    complete_request(call, handle, &request, status, information);
}

pub(crate) fn set_information(call: &Call, handle: Handle, information: usize) {
    let request = objects::resolve::<Request>(call.name, handle);
    lock(&request.state).information = information;
}

/// A request that is gone was completed: that is what ends it.
fn resolve_to_complete(call: &Call, handle: Handle) -> Arc<Request> {
    if objects::is_stale(handle) {
        call.fail(Rule::CompletedTwice, format!("request {handle:#x} is completed already"));
    }
    objects::resolve(call.name, handle)
}

fn complete_request(
    call: &Call,
    handle: Handle,
    request: &Request,
    status: Status,
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
    objects::delete(call.name, &call.load, handle);
    completions::note(Completion {
        code: request.lengths.code,
        status: status.cast_unsigned(),
        information: information as u64,
    });
    if !request.finish(call.name, map_status(status), information) {
        call.fail(Rule::CompletedTwice, "the request was completed by another thread");
    }
    call.load.counters.requests_completed.add();
    if let Some(queue) = request.queue.get() {
        queue.request_completed();
    }
}

/// The framework's own statuses do not leave it.
fn map_status(status: Status) -> Status {
    const PAUSED: Status = failure(0xC020_0203);
    const BUSY: Status = failure(0xC020_0204);
    const INTERNAL_ERROR: Status = failure(0xC020_0201);
    const NOT_ENOUGH_MAP_REGISTERS: Status = failure(0xC020_0214);
    match status {
        PAUSED | BUSY => STATUS_DEVICE_BUSY,
        INTERNAL_ERROR => failure(0xC000_00E5),
        NOT_ENOUGH_MAP_REGISTERS => STATUS_INSUFFICIENT_RESOURCES,
        _ if status.cast_unsigned() >> 16 == 0xC020 => STATUS_INVALID_DEVICE_REQUEST,
        _ => status,
    }
}

pub(crate) fn retrieve_input_buffer(
    call: &Call,
    handle: Handle,
    minimum: usize,
    buffer_out: usize,
    length_out: usize,
) -> Status {
    let request = objects::resolve::<Request>(call.name, handle);
    if request.major() == IRP_MJ_READ {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    retrieve(call, &request, request.lengths.input, minimum, buffer_out, length_out)
}

pub(crate) fn retrieve_output_buffer(
    call: &Call,
    handle: Handle,
    minimum: usize,
    buffer_out: usize,
    length_out: usize,
) -> Status {
    let request = objects::resolve::<Request>(call.name, handle);
    if request.major() == IRP_MJ_WRITE {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    retrieve(call, &request, request.lengths.output, minimum, buffer_out, length_out)
}

fn retrieve(
    call: &Call,
    request: &Request,
    length: usize,
    minimum: usize,
    buffer_out: usize,
    length_out: usize,
) -> Status {
    memory::write(call.name, "*Buffer", buffer_out, 0_usize);
    memory::write_optional(call.name, "*Length", length_out, 0_usize);
    match request.lengths.code & METHOD_MASK {
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
    let request = objects::resolve::<Request>(call.name, handle);
    let size = memory::read::<u16>(call.name, "Parameters", parameters_out);
    call.check_size::<RequestParameters>("WDF_REQUEST_PARAMETERS", size.into());
    let Lengths { output, input, code } = request.lengths;
    let words = match request.major() {
        IRP_MJ_DEVICE_CONTROL | IRP_MJ_INTERNAL_DEVICE_CONTROL => [output, input, code as usize, 0],
        _ => request.parameters.words,
    };
    let parameters = RequestParameters {
        size,
        minor_function: request.parameters.minor,
        padding: 0,
        kind: request.major().into(),
        words,
    };
    memory::write(call.name, "Parameters", parameters_out, parameters);
}
