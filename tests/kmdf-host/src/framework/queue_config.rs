//! `WDF_IO_QUEUE_CONFIG`: the dispatch type of a queue, and its callbacks.

use kmdf_host_control::Rule;

use crate::framework::abi::{Handle, QueueConfig};
use crate::framework::call::Call;
use crate::machine::callback::Callback;
use crate::machine::irp::Lengths;
use crate::machine::load::Load;
use crate::machine::nt::{
    IRP_MJ_DEVICE_CONTROL, IRP_MJ_INTERNAL_DEVICE_CONTROL, IRP_MJ_READ, IRP_MJ_WRITE,
};
use crate::machine::{irql, memory};

const SEQUENTIAL: u32 = 1;
const PARALLEL: u32 = 2;
const MANUAL: u32 = 3;
/// `WdfUseDefault`, the last value of a tri-state.
const USE_DEFAULT: u32 = 2;

/// A configuration, read and checked.
pub(crate) struct Config {
    pub(crate) dispatch: Dispatch,
    pub(crate) is_default: bool,
    pub(crate) allow_zero_length: bool,
    pub(crate) callbacks: Callbacks,
    /// The callback for a request that is cancelled in the queue, if the driver had it before.
    pub(crate) canceled_on_queue: Option<Callback>,
}

/// The dispatch type of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dispatch {
    /// One request after the other.
    Sequential,
    /// Up to this number of requests at a time.
    Parallel(usize),
    /// A request whenever the driver retrieves one.
    Manual,
}

impl Dispatch {
    /// The limit on presented requests that the driver has not completed.
    pub(crate) const fn limit(self) -> usize {
        match self {
            Self::Sequential => 1,
            Self::Parallel(limit) => limit,
            Self::Manual => 0,
        }
    }
}

impl Config {
    /// Reads a configuration. Stricter than Windows: one that the framework rejects with a status
    /// ends the run.
    pub(crate) fn read(call: &Call, address: usize) -> Self {
        let config: QueueConfig = memory::read(call.name, "Config", address);
        call.check_size::<QueueConfig>("WDF_IO_QUEUE_CONFIG", config.size);
        let callbacks = Callbacks::read(&config);
        let dispatch = match (config.dispatch_type, config.presented_requests) {
            (SEQUENTIAL, 0) => Dispatch::Sequential,
            (PARALLEL, limit) if limit > 0 => Dispatch::Parallel(limit as usize),
            (MANUAL, 0) => Dispatch::Manual,
            (other, limit) => call.fail(
                Rule::BadArgument,
                format!("DispatchType {other} with {limit} presented requests"),
            ),
        };
        match (dispatch, callbacks.any()) {
            (Dispatch::Manual, true) => {
                call.fail(Rule::BadArgument, "a manual queue presents to no callback");
            }
            (Dispatch::Sequential | Dispatch::Parallel(_), false) => {
                call.fail(Rule::BadArgument, "the queue has no callback");
            }
            _ => {}
        }
        if config.power_managed > USE_DEFAULT {
            call.fail(Rule::BadArgument, format!("PowerManaged {}", config.power_managed));
        }
        Self {
            dispatch,
            is_default: config.default_queue != 0,
            allow_zero_length: config.allow_zero_length != 0,
            callbacks,
            canceled_on_queue: Callback::new("EvtIoCanceledOnQueue", config.io_canceled_on_queue),
        }
    }
}

/// The callbacks for requests, by their type.
pub(crate) struct Callbacks {
    default: Option<Callback>,
    read: Option<Callback>,
    write: Option<Callback>,
    device_control: Option<Callback>,
    internal_device_control: Option<Callback>,
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

    pub(crate) fn of(&self, major: u8) -> Option<Presentation> {
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

/// The callback for a request, and the arguments that it takes.
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
    /// The callback's name.
    pub(crate) const fn name(self) -> &'static str {
        self.callback.name()
    }

    /// Calls the callback.
    pub(crate) fn present(self, load: &Load, queue: Handle, request: Handle, lengths: Lengths) {
        let Lengths { output, input, code } = lengths;
        irql::as_queue_callback(|| match self.form {
            Form::Default => self.callback.call(load, [queue, request]),
            Form::Transfer => self.callback.call(load, [queue, request, output.max(input)]),
            Form::Control => {
                self.callback.call(load, [queue, request, output, input, code as usize])
            }
        });
    }
}
