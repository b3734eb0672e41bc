//! `WDFQUEUE`: default queues, sequential or parallel.
//!
//! Requests are presented on worker threads, so the callbacks of a parallel queue really run at the
//! same time. Laxer than Windows, which presents in the thread of the caller; stricter too, since
//! the callback cannot rely on that. Manual queues are not implemented.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, OnceLock},
    time::Duration,
};

use kmdf_host_control::Rule;

use crate::{
    abi::QueueConfig,
    call::Call,
    callback::Callback,
    context::Attributes,
    device::Device,
    load::{self, Load},
    memory,
    nt::{
        IRP_MJ_DEVICE_CONTROL, IRP_MJ_INTERNAL_DEVICE_CONTROL, IRP_MJ_READ, IRP_MJ_WRITE,
        STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_DEVICE_REQUEST, STATUS_INVALID_DEVICE_STATE,
        STATUS_SUCCESS, STATUS_UNSUCCESSFUL, Status,
    },
    objects::{self, Handle, Kind},
    request::Request,
    rules::violation,
    sync::{lock, wait_until},
    workers,
};

const SEQUENTIAL: u32 = 1;
const PARALLEL: u32 = 2;
const MANUAL: u32 = 3;

/// How long a queue waits for the driver's requests when it is deleted. On Windows: for ever.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// How long the driver may keep a request after the callback that was given it. On Windows: for ever.
const COMPLETION_LIMIT: Duration = Duration::from_secs(10);

/// A default queue.
pub(crate) struct Queue {
    device: Handle,
    handle: OnceLock<Handle>,
    /// How many requests the driver may own at a time.
    limit: usize,
    allow_zero_length: bool,
    callbacks: Callbacks,
    state: Mutex<State>,
    owned_changed: Condvar,
}

struct Callbacks {
    default: Option<Callback>,
    read: Option<Callback>,
    write: Option<Callback>,
    device_control: Option<Callback>,
    internal_device_control: Option<Callback>,
}

struct State {
    accepting: bool,
    waiting: VecDeque<Arc<Request>>,
    owned: usize,
}

impl Kind for Queue {
    const NAME: &'static str = "WDFQUEUE";
    const DELETABLE: bool = false;

    fn quiesce(&self, call: &str, _handle: Handle) {
        let waiting = {
            let mut state = lock(&self.state);
            state.accepting = false;
            std::mem::take(&mut state.waiting)
        };
        for request in waiting {
            request.complete_by_framework(STATUS_INVALID_DEVICE_STATE);
        }
        if wait_until(&self.state, &self.owned_changed, DRAIN_LIMIT, |state| state.owned == 0)
            .is_none()
        {
            violation(call, Rule::NeverCompleted, "the driver still owns requests of the queue");
        }
    }
}

impl Queue {
    /// Takes a request from the I/O manager.
    pub(crate) fn arrive(self: &Arc<Self>, request: Request) {
        let request = Arc::new(request);
        let Some(callback) = self.callbacks.of(request.major()) else {
            return request.complete_by_framework(STATUS_INVALID_DEVICE_REQUEST);
        };
        if request.is_empty_transfer() && !self.allow_zero_length {
            return request.complete_by_framework(STATUS_SUCCESS);
        }
        request.set_callback(callback);
        let accepted = {
            let mut state = lock(&self.state);
            if state.accepting {
                state.waiting.push_back(Arc::clone(&request));
            }
            state.accepting
        };
        if accepted {
            self.present();
        } else {
            request.complete_by_framework(STATUS_INVALID_DEVICE_STATE);
        }
    }

    /// The driver has completed one of its requests.
    pub(crate) fn request_completed(self: &Arc<Self>) {
        lock(&self.state).owned -= 1;
        self.owned_changed.notify_all();
        self.present();
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.get().copied().unwrap_or(0)
    }

    /// Hands waiting requests to the driver, as many as it may own.
    fn present(self: &Arc<Self>) {
        loop {
            let request = {
                let mut state = lock(&self.state);
                if state.owned >= self.limit {
                    return;
                }
                let Some(request) = state.waiting.pop_front() else { return };
                state.owned += 1;
                request
            };
            let queue = Arc::clone(self);
            workers::submit(move || {
                let load = load::require("EvtIo");
                let name = request.present(&load, &queue);
                queue.expect_completion(name, &request);
            });
        }
    }

    /// Stricter than Windows: what the driver does not complete in the callback, it completes soon
    /// after. There is no manual queue here in which it could keep the request for longer.
    fn expect_completion(&self, callback: &'static str, request: &Request) {
        let completed = |_: &State| request.is_completed();
        if wait_until(&self.state, &self.owned_changed, COMPLETION_LIMIT, completed).is_none() {
            let detail = format!("the driver keeps a request for {COMPLETION_LIMIT:?}");
            violation(callback, Rule::NeverCompleted, detail);
        }
    }
}

impl Callbacks {
    fn read(config: &QueueConfig) -> Self {
        Self {
            default: Callback::new("EvtIoDefault", config.io_default),
            read: Callback::new("EvtIoRead", config.io_read),
            write: Callback::new("EvtIoWrite", config.io_write),
            device_control: Callback::new("EvtIoDeviceControl", config.io_device_control),
            internal_device_control: Callback::new(
                "EvtIoInternalDeviceControl",
                config.io_internal_device_control,
            ),
        }
    }

    fn any(&self) -> bool {
        let Self { default, read, write, device_control, internal_device_control } = self;
        [default, read, write, device_control, internal_device_control]
            .iter()
            .any(|callback| callback.is_some())
    }

    fn of(&self, major: u8) -> Option<Presentation> {
        let (own, form) = match major {
            IRP_MJ_READ => (self.read, Form::Transfer),
            IRP_MJ_WRITE => (self.write, Form::Transfer),
            IRP_MJ_DEVICE_CONTROL => (self.device_control, Form::Control),
            IRP_MJ_INTERNAL_DEVICE_CONTROL => (self.internal_device_control, Form::Control),
            _ => (None, Form::Default),
        };
        match (own, self.default) {
            (Some(callback), _) => Some(Presentation { callback, form }),
            (None, Some(callback)) => Some(Presentation { callback, form: Form::Default }),
            (None, None) => None,
        }
    }
}

/// How a request is handed to the driver.
#[derive(Clone, Copy)]
pub(crate) struct Presentation {
    callback: Callback,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Default,
    Transfer,
    Control,
}

impl Presentation {
    /// Calls the driver, and says which callback it was.
    pub(crate) fn present(
        self,
        load: &Load,
        queue: &Queue,
        request: Handle,
        lengths: Lengths,
    ) -> &'static str {
        let queue = queue.handle();
        let Lengths { output, input, code } = lengths;
        match self.form {
            Form::Default => self.callback.call(load, [queue, request]),
            Form::Transfer => self.callback.call(load, [queue, request, output.max(input)]),
            Form::Control => {
                self.callback.call(load, [queue, request, output, input, code as usize])
            }
        };
        self.callback.name()
    }
}

/// The lengths of a request's buffers and its control code.
#[derive(Clone, Copy)]
pub(crate) struct Lengths {
    pub(crate) output: usize,
    pub(crate) input: usize,
    pub(crate) code: u32,
}

/// Stricter than Windows: a configuration that the framework would refuse with a status ends the
/// run.
pub(crate) fn create(
    call: &Call,
    device_handle: Handle,
    config: usize,
    attributes: usize,
    queue_out: usize,
) -> Status {
    let device = objects::resolve::<Device>(call.name, device_handle);
    let config: QueueConfig = memory::read(call.name, "Config", config);
    call.check_size::<QueueConfig>("WDF_IO_QUEUE_CONFIG", config.size);
    let callbacks = Callbacks::read(&config);
    let limit = match config.dispatch_type {
        SEQUENTIAL if config.presented_requests == 0 => 1,
        PARALLEL if config.presented_requests > 0 => config.presented_requests as usize,
        MANUAL => call.fail(Rule::Unimplemented, "a manual queue"),
        other => call.fail(
            Rule::BadArgument,
            format!("DispatchType {other} with {} requests", config.presented_requests),
        ),
    };
    if !callbacks.any() {
        call.fail(Rule::BadArgument, "the queue has no callback");
    }
    if config.default_queue == 0 {
        call.fail(Rule::Unimplemented, "a queue that is not the default one");
    }
    if device.is_finished() {
        return STATUS_INVALID_DEVICE_STATE;
    }
    let attributes = Attributes::read(call, attributes);
    if attributes.parent.is_some_and(|parent| parent != device_handle) {
        call.fail(Rule::BadArgument, "the queue's parent is not its device");
    }
    let queue = Arc::new(Queue {
        device: device_handle,
        handle: OnceLock::new(),
        limit,
        allow_zero_length: config.allow_zero_length != 0,
        callbacks,
        state: Mutex::new(State { accepting: true, waiting: VecDeque::new(), owned: 0 }),
        owned_changed: Condvar::new(),
    });
    if device.default_queue().is_some() {
        return STATUS_UNSUCCESSFUL;
    }
    let Some(handle) = objects::create(call, Arc::clone(&queue), attributes, Some(device_handle))
    else {
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    queue.handle.get_or_init(|| handle);
    device.set_default_queue(queue);
    memory::write_optional(call.name, "Queue", queue_out, handle);
    STATUS_SUCCESS
}

pub(crate) fn get_device(call: &Call, queue: Handle) -> Handle {
    objects::resolve::<Queue>(call.name, queue).device
}
