//! The table of callbacks: maps each one to the function that serves it.

use sessionwatch_protocol::ControlCode;

use crate::service::Service;
use crate::start;
use crate::wdf::trace::Tracing;
use crate::wdf::{
    Callbacks, ContextType, Driver, DriverValue, Request, Result, SessionCall, StartError,
};

static SERVICE: ContextType<Service> = ContextType::new(c"sessionwatch::Service", &SERVICE);

impl DriverValue for Service {
    fn context_type() -> &'static ContextType<Self> {
        &SERVICE
    }

    fn unload(&self) {
        self.stop();
    }
}

impl Callbacks for Service {
    fn start(driver: &Driver<Self>, tracing: &Tracing) -> Result<(), StartError> {
        start::start(driver, tracing)
    }

    fn start_failed(error: StartError) {
        start::failed(error);
    }

    fn session_changed(&self, call: &SessionCall) {
        self.record(call);
    }

    fn device_control(&self, request: Request, code: ControlCode) {
        self.answer(request, code);
    }

    fn request_cancelled(&self, request: Request) {
        self.read_cancelled(request);
    }
}
